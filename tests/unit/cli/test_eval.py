"""`ragstone eval` as its user meets it, with fakes in place of both models."""

import json
from pathlib import Path
from typing import Any

import pytest

from ragstone.evaluation.records import Metric
from ragstone.evaluation.runs.files import read_report
from ragstone.testing.fakes import ScriptedChat

SUITES = """
[suites.rules]
title = {en = "Rules", zh = "规则"}
files = ["cases.jsonl"]
plugin = "library"
system = "retrieve"
scorers = ["retrieval"]
baseline = "baseline.json"
[suites.rules.gate.metrics."recall@5"]
margin = 0.3

[suites.bare]
files = ["cases.jsonl"]
plugin = "library"
scorers = ["abstention"]

[suites.spoken]
files = ["cases.jsonl"]
system = "recorded"
recordings = "answers.jsonl"
scorers = ["abstention"]
[suites.spoken.gate.metrics."abstention.right"]
margin = 0.25
"""
QUESTIONS = {
    "en": ("How long may I keep a book?", "21 days", "en/loans.md", "A book may be kept for 21 days."),
    "zh": ("一本书可以借多少天？", "21天", "zh/loans.md", "每本书可以借21天。"),
}


def lines(house: Any, name: str, rows: list[dict[str, Any]]) -> None:
    house.write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def cases(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(count):
        language = "zh" if number % 2 else "en"
        question, reference, document, quote = QUESTIONS[language]
        found.append(
            {
                "id": f"{language}-{number}",
                "question": f"{question} {number}",
                "language": language,
                "reference": reference,
                "evidence": [{"document": document, "quote": quote}],
                "split": "dev" if number < 4 else "test",
            }
        )
    return found


def answers(rows: list[dict[str, Any]], refused: int = 0) -> list[dict[str, Any]]:
    return [
        {"id": row["id"], "text": f"{row['reference']}.", "contexts": ["x"], "abstained": number < refused}
        for number, row in enumerate(rows)
    ]


@pytest.fixture
def rules(house: Any) -> Any:
    """The house with suites of 40 cases, and answers of another system."""
    rows = cases(40)
    house.monkeypatch.setenv("COLUMNS", "200")
    house.write("suites.toml", SUITES)
    lines(house, "cases.jsonl", rows)
    lines(house, "answers.jsonl", answers(rows))
    lines(house, "worse.jsonl", answers(rows, refused=30))
    return house


def recorded(house: Any, file: str, out: str) -> Path:
    """The report of a run of recorded answers."""
    shown = house.run("eval", "run", "suites.toml#spoken", "--answers", file, "--out", out)
    assert shown.code == 0, shown.err
    return Path(out) / "report.json"


def test_the_suites_of_the_plugins(house: Any) -> None:
    shown = house.run("eval", "suites")
    assert shown.code == 0
    assert "customer-service/retrieval" in shown.out


def test_the_scorers_and_the_metrics_of_one(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = Metric(name="tone", goal="zero", low=-1.0, needs_llm=True, languages=("zh",), source="[source]")
    length = Metric(name="words", kind="description", high=None)

    class Fake:
        metrics = (metric, length)

    def load(name: str, resources: Any) -> Any:
        from ragstone.errors import PluginError

        if name == "bad":
            raise PluginError("It does not load. Mend it.")
        return Fake()

    monkeypatch.setattr("ragstone.cli.evaluating.list_scorers", lambda settings: ["bad", "good"])
    monkeypatch.setattr("ragstone.cli.evaluating.load_scorer", load)
    every = house.run("eval", "scorers").out
    assert "It does not load. Mend it." in every
    assert "good yes zh en tone, words" in every
    one = house.run("eval", "scorers", "good").out
    assert "tone near zero yes zh [source]" in one
    assert "words a description no en zh" in one


def test_files_are_checked(rules: Any) -> None:
    shown = rules.run("eval", "validate", "cases.jsonl").out
    assert "cases.jsonl: 40 cases (20 en, 20 zh, 4 dev, 36 test; 0 not answerable; 40 clusters)" in shown
    assert "40 recorded answers" in rules.run("eval", "validate", "answers.jsonl", "--answers").out
    suites = rules.run("eval", "validate", "suites.toml").out
    assert suites.count("40 cases") == 3
    assert "rules: 40 cases" in suites


def test_the_schemas(house: Any) -> None:
    assert "question" in json.loads(house.run("eval", "schema").out)["properties"]
    assert "contexts" in json.loads(house.run("eval", "schema", "--answers").out)["properties"]


def test_import_writes_cases_and_answers_and_names_what_it_left_out(house: Any) -> None:
    rows = "\n".join(f"{number},几本书？,五本" for number in range(12))
    house.write("faq.csv", f"id,prompt,answer\n{rows}\n" + "\n".join(f"bad{number},,x" for number in range(12)))
    shown = house.run("eval", "import", "csv", "faq.csv", "--out", "made", "--column", "prompt=question")
    assert shown.code == 0, shown.err
    assert "cases.jsonl: 12 cases" in shown.out
    assert "answers.jsonl: 12 recorded answers" in shown.out
    assert shown.out.count("left out: faq.csv:") == 10
    assert "… and 2 more" in shown.out
    assert house.run("eval", "validate", "made/cases.jsonl").code == 0


def test_import_without_answers(house: Any) -> None:
    house.write("faq.csv", "id,question\n1,How many books?\n")
    shown = house.run("eval", "import", "csv", "faq.csv", "--out", "made", "--language", "en")
    assert "recorded answers" not in shown.out
    assert not Path("made/answers.jsonl").exists()


def test_a_run_of_retrieval_tells_means_and_what_to_do_next(rules: Any) -> None:
    shown = rules.run("eval", "run", "suites.toml#rules", "--out", "out")
    assert shown.code == 0, shown.err
    assert "All cases Metric Mean 95 % interval Cases Missing recall@5 1.000 [" in shown.out
    assert "Language: zh" in shown.out
    assert "ragstone eval baseline out/report.json" in shown.out
    assert rules.chat.requests == []
    report = read_report(Path("out/report.json"))
    assert len(report.outcomes) == 40
    assert report.provenance.system == "retrieve"


def test_a_run_asks_each_question_once(rules: Any) -> None:
    rules.chat = ScriptedChat("FOUND\nA book may be kept for 21 days. [1]")
    part = ("eval", "run", "suites.toml#bare", "--language", "en", "--limit", "3", "--split", "test")
    assert rules.run(*part).code == 0
    asked = len(rules.chat.requests)
    assert asked == 3
    assert rules.run(*part, "--concurrency", "2").code == 0
    assert rules.run(*part, "--replay").code == 0
    assert len(rules.chat.requests) == asked
    assert rules.run(*part, "--no-cache").code == 0
    assert len(rules.chat.requests) == 2 * asked
    assert len(list(Path(".ragstone/evals/bare").iterdir())) == 4


def test_replaying_what_was_never_asked_fails_each_case(rules: Any) -> None:
    shown = rules.run("eval", "run", "suites.toml#bare", "--replay", "--limit", "2")
    assert "The system failed on 2 of 2 cases" in shown.out
    assert "Run once without replay" in shown.out


def test_an_endpoint_is_asked_with_the_contexts_of_a_recording(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragstone.types import Answer

    given: list[Any] = []

    def system(chat: Any, *, contexts: Any) -> Any:
        given.append((chat, len(contexts)))

        async def answer(question: Any) -> Answer:
            return Answer(text="21天。", language="zh")

        return answer

    monkeypatch.setattr("ragstone.evaluation.runs.session.endpoint_system", system)
    options = ("--system", "endpoint", "--answers", "answers.jsonl", "--limit", "2", "--out", "out")
    shown = rules.run("eval", "run", "suites.toml#bare", *options)
    assert shown.code == 0, shown.err
    assert given == [(rules.chat, 40)] * 2
    assert read_report(Path("out/report.json")).provenance.system == "endpoint"


def test_a_judge_is_named_and_lent_from_the_cache(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragstone.evaluation.records import Score

    lent: list[Any] = []

    class Judge:
        metrics = (Metric(name="judged", needs_llm=True),)

        def __init__(self, resources: Any) -> None:
            self.resources = resources

        async def score(self, case: Any, answer: Any) -> Any:
            lent.append((await self.resources.judge(), self.resources.embedder, self.resources.settings))
            return {"judged": Score(value=1.0)}

    monkeypatch.setattr("ragstone.evaluation.runs.session.load_scorer", lambda name, resources: Judge(resources))
    assert rules.run("eval", "run", "suites.toml#spoken", "--limit", "1", "--out", "out").code == 0
    assert rules.run("eval", "run", "suites.toml#spoken", "--limit", "1", "--no-cache").code == 0
    assert lent[0][0] is not rules.chat  # through the cache
    assert lent[1][0] is rules.chat
    assert lent[0][1] is rules.embedder
    report = read_report(Path("out/report.json"))
    assert report.provenance.judge == lent[0][2].models.chat


def test_missing_and_spare_recordings_are_told(rules: Any) -> None:
    rows = answers(cases(40))[1:]
    lines(rules, "some.jsonl", [*rows, {"id": "other", "text": "x"}])
    shown = rules.run("eval", "run", "suites.toml#spoken", "--answers", "some.jsonl", "--out", "out")
    assert "1 cases have no recorded answer and count as failed." in shown.out
    assert "1 recorded answers belong to none of the cases." in shown.out
    assert "The system failed on 1 of 40 cases" in shown.out


def test_compare_names_what_is_worse(rules: Any) -> None:
    base, worse = recorded(rules, "answers.jsonl", "a"), recorded(rules, "worse.jsonl", "b")
    shown = rules.run("eval", "compare", str(base), str(worse))
    assert shown.code == 0
    assert "abstention.right 1.000 0.250 −0.750 [" in shown.out
    assert "abstention.over_refusal 0.000 0.750 +0.750" in shown.out
    assert "worse" in shown.out
    same = rules.run("eval", "compare", str(base), str(base)).out
    assert same.count(" unclear") >= 3
    assert "better" in rules.run("eval", "compare", str(worse), str(base)).out


def test_compare_names_what_only_one_run_has(rules: Any) -> None:
    base = recorded(rules, "answers.jsonl", "a")
    part = ("--split", "test", "--out", "b", "--scorer", "retrieval", "--scorer", "abstention")
    assert rules.run("eval", "run", "suites.toml#spoken", *part).code == 0
    shown = rules.run("eval", "compare", str(base), "b/report.json").out
    assert "metrics are in one run only" in shown
    assert "4 cases are in the base only: en-0" in shown


def test_the_gate_passes_fails_and_is_unsure(rules: Any) -> None:
    base, worse = recorded(rules, "answers.jsonl", "a"), recorded(rules, "worse.jsonl", "b")
    rows = ("--suite", "suites.toml#spoken")
    passed = rules.run("eval", "gate", str(base), str(base), *rows)
    assert passed.code == 0, passed.out
    assert "✓ PASS All 1 checks passed" in passed.out
    failed = rules.run("eval", "gate", str(base), str(worse), *rows, "--out", "out")
    assert failed.code == 1
    assert "✗ FAIL 1 of 1 checks failed: abstention.right (all)." in failed.out
    assert "Look first at en-0" in failed.out
    assert {path.name for path in Path("out").iterdir()} == {f"gate.{kind}" for kind in ("html", "md", "xml", "json")}
    assert json.loads(Path("out/gate.json").read_text("utf-8"))["verdict"] == "FAIL"
    unsure = rules.run("eval", "gate", str(base), str(base), "--margin", "abstention.right=0.02")
    assert unsure.code == 3
    assert "? INCONCLUSIVE Not decided, which is no PASS" in unsure.out
    assert "clusters of cases would decide it" in unsure.out


def test_the_gate_runs_a_suite_against_its_baseline(rules: Any) -> None:
    first = rules.run("eval", "gate", "suites.toml#rules")
    assert first.code == 3
    assert "there is no baseline yet" in first.out
    path = first.out.partition("Report: ")[2].split()[0]
    kept = rules.run("eval", "baseline", path, "--out", "baseline.json")
    assert "baseline.json: 40 cases, no texts. Commit it." in kept.out
    assert "How long" not in Path("baseline.json").read_text("utf-8")
    second = rules.run("eval", "gate", "suites.toml#rules", "--replay")
    assert second.code == 0, second.out


def test_a_baseline_goes_where_the_suite_wants_it(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragstone.cli import releasing

    assert rules.run("eval", "run", "suites.toml#rules", "--out", "out").code == 0
    load = releasing.load_suite
    monkeypatch.setattr(releasing, "load_suite", lambda name, allowed: load(f"suites.toml#{name}", allowed))
    assert rules.run("eval", "baseline", "out/report.json").code == 0
    assert read_report(Path("baseline.json")).suite == "rules"


def test_the_gate_is_tested_on_the_users_data(rules: Any) -> None:
    base, worse = recorded(rules, "answers.jsonl", "a"), recorded(rules, "worse.jsonl", "b")
    shown = rules.run("eval", "selftest", str(base), "--suite", "suites.toml#spoken", "--resamples", "100")
    assert shown.code == 0, shown.out
    assert "✓ trusted" in shown.out
    assert "abstention.right 20 points of the range" in shown.out
    assert "100 resamples, one run." in shown.out
    two = rules.run("eval", "selftest", str(base), str(worse), "--margin", "abstention.right=0.1", "--resamples", "100")
    assert "two runs" in two.out
    assert "5 points of the range" in two.out


def test_a_gate_that_errs_too_often_is_refused(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragstone.evaluation.gate.selftest import SelfTest, Share

    base = recorded(rules, "answers.jsonl", "a")
    share = Share(hits=20, n=100, value=0.2, low=0.13, high=0.29)
    bad = SelfTest(suite="s", status="refused", reason="It blocks.", runs="one run", alpha=0.05, resamples=100,
                   false_fail=share, inconclusive=share, passed=share, power=(), notes=("A note.",))  # fmt: skip
    monkeypatch.setattr("ragstone.cli.releasing.selftest", lambda *_: bad)
    shown = rules.run("eval", "selftest", str(base), "--suite", "suites.toml#spoken")
    assert shown.code == 1
    assert "✗ refused It blocks." in shown.out
    assert "A note." in shown.out


def test_calibration_against_people(rules: Any) -> None:
    rows = cases(40)
    lines(rules, "half.jsonl", answers(rows, refused=18))
    report = recorded(rules, "half.jsonl", "a")
    people = [{"id": row["id"], "label": int(number >= 20)} for number, row in enumerate(rows)]
    lines(rules, "labels.jsonl", [*people[:38], {"id": "gone", "label": 1}])
    command = ("eval", "calibrate", str(report), "labels.jsonl", "--metric", "abstention.right", "--out", "known.jsonl")
    shown = rules.run(*command)
    assert shown.code == 0, shown.err
    assert "abstention.right against people" in shown.out
    assert "kappa 0." in shown.out
    assert "38 labelled cases in 38 clusters, 18 of them positive; a score of 0.500 or more means yes." in shown.out
    assert "1 labelled cases have no score." in shown.out
    assert "Rogan-Gladen: people would say yes to" in shown.out
    assert "prediction-powered" in shown.out
    assert rules.run(*command).code == 0  # renews its own line
    assert len(Path("known.jsonl").read_text("utf-8").splitlines()) == 1


def test_a_calibration_vouches_for_a_metric_or_not(rules: Any) -> None:
    rows = cases(40)
    report = recorded(rules, "worse.jsonl", "b")
    wrong = [{"id": row["id"], "label": number % 2} for number, row in enumerate(rows)]
    lines(rules, "labels.jsonl", wrong)
    command = ("eval", "calibrate", str(report), "labels.jsonl", "--metric", "abstention.right", "--out", "known.jsonl")
    assert "No Rogan-Gladen correction: the judge is not shown to be better" in rules.run(*command).out
    gate = ("eval", "gate", str(report), str(report), "--margin", "abstention.right=0.3")
    assert rules.run(*gate).code == 0
    doubted = rules.run(*gate, "--calibrations", "known.jsonl")
    assert doubted.code == 3
    assert "the judge is not shown to be better than chance" in doubted.out


def test_a_judge_that_was_never_calibrated_is_in_doubt(rules: Any) -> None:
    from ragstone.evaluation.runs.files import write_report

    path = recorded(rules, "answers.jsonl", "a")
    report = read_report(path)
    judged = tuple(metric.model_copy(update={"needs_llm": True}) for metric in report.metrics)
    write_report(path, report.model_copy(update={"metrics": judged}))
    lines(rules, "labels.jsonl", [{"id": row["id"], "label": n % 2} for n, row in enumerate(cases(40))])
    metric = ("--metric", "abstention.over_refusal", "--out", "known.jsonl")
    lines(rules, "half.jsonl", answers(cases(40), refused=20))
    half = recorded(rules, "half.jsonl", "d")
    assert rules.run("eval", "calibrate", str(half), "labels.jsonl", *metric).code == 0
    gate = ("eval", "gate", str(path), str(path), "--margin", "abstention.right=0.3", "--calibrations", "known.jsonl")
    shown = rules.run(*gate)
    assert shown.code == 3
    assert "its judge was never compared with people" in shown.out


def test_a_report_in_every_form(rules: Any) -> None:
    base, worse = recorded(rules, "answers.jsonl", "a"), recorded(rules, "worse.jsonl", "b")
    alone = rules.run("eval", "report", str(base))
    assert "abstention.right 1.000" in alone.out
    assert "PASS" not in alone.out
    names = {"--html": "r.html", "--markdown": "r.md", "--junit": "r.xml", "--json": "r.json"}
    options = [part for pair in names.items() for part in pair]
    ruled = ("--baseline", str(base), "--suite", "suites.toml#spoken")
    shown = rules.run("eval", "report", str(worse), *ruled, *options)
    assert shown.code == 0, shown.err
    assert all(Path(name).stat().st_size > 100 for name in names.values())
    assert "FAIL" in rules.run("eval", "report", str(worse), *ruled).out
    unruled = rules.run("eval", "report", str(worse), "--baseline", str(base), "--html", "s.html")
    assert "No verdict. The gate's rules are not known" in unruled.out
    assert Path("s.html").exists()
