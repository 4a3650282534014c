"""Flow files: what is read, and everything that is wrong with them."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.errors import FlowError, PluginError
from ragstone.sdk.flows import Flow, Knowledge, load_flows, read_flow

Edit = Callable[..., Path]


def problems(path: Path) -> list[str]:
    """What is wrong with a file, each line without the folder."""
    with pytest.raises(FlowError) as raised:
        read_flow(path)
    assert isinstance(raised.value, PluginError)
    assert str(raised.value).count("\n") == len(raised.value.problems)
    return [problem.removeprefix(f"{path.parent}/") for problem in raised.value.problems]


def line_of(path: Path, text: str) -> int:
    return path.read_text(encoding="utf-8").split(text)[0].count("\n") + 1


def test_a_folder_is_read_by_id(flows: dict[str, Flow]) -> None:
    assert list(flows) == ["heater", "printer", "return"]
    heater = flows["heater"]
    assert (heater.version, heater.title.of("en"), heater.title.of("zh")) == (3, "The heater stays cold", "取暖器不热")
    assert heater.title.of("other") == heater.title.en
    assert heater.when
    assert (heater.when.of("zh"), heater.when.of("other")) == (("不热", "没有热气"), ("no heat", "stays cold"))
    knowledge = heater.steps["lamp"].model_dump()["knowledge"]
    assert (
        knowledge[1]
        == Knowledge(
            corpus="town/heaters", document="zh/heater.md", quote="指示灯闪烁表示过热。", language="zh"
        ).model_dump()
    )


def test_no_folder_means_no_flows(tmp_path: Path) -> None:
    assert load_flows(tmp_path / "none") == {}


def test_yes_no_dates_and_times_are_words(edited: Edit) -> None:
    path = edited("printer", ("It prints.", "2026-01-31"), ("可以打印了。", "1:30 以后"))
    done = read_flow(path).steps["done"].model_dump()
    assert done["text"] == {"en": "2026-01-31", "zh": "1:30 以后"}


def test_importing_the_sdk_loads_no_yaml() -> None:
    code = "import sys, ragstone.sdk.flows; print('yaml' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("version: 3\n", "", "schema", "field 'version' is missing. Give it a whole number"),
        ("version: 3", "version: three", "version", "field 'version': Input should be a valid integer"),
        ("version: 3", "version: true", "version", "field 'version'"),
        ("schema: 1", "schema: 2", "schema", "field 'schema': Input should be 1"),
        (", zh: 取暖器不热", "", "title", "field 'title.zh' is missing. Write the Chinese words"),
        ("{en: Plug it in., ", "{", "text: {zh: 请插上", "step 'plug': field 'text.en' is missing. Write the Eng"),
        ("  zh: [不热, 没有热气]\n", "", "when", "field 'when.zh' is missing"),
        ("zh: 常亮", "zh: ' '", "steady", "step 'lamp': field 'zh': String should match pattern"),
        ("en: [blinking, flashing], ", "", "also", "step 'lamp': field 'answers.blinking.also.en' is missing"),
        ("    else: cool\n", "", "hot:", "step 'hot': field 'else' is missing. Name the step to go to when no"),
        (", then: thermostat", "", "steady", "step 'lamp': field 'answers.steady.then' is missing. Name the"),
        ("    no: plug\n", "", "plugged:", "step 'plugged': field 'no' is missing. Name the step that follows a no"),
        (", no: model}", "}", "helped: {yes: solved}", "step 'cool': field 'helped.no' is missing"),
        ("kind: text", "kind: talk", "kind: talk", "step 'model': field 'kind' should be one of 'choice', 'yes_no'"),
        ("    kind: text\n", "", "model:\n", "step 'model': field 'kind' is missing. Say what kind"),
        ("max: 600", "max: 600\n    colour: red", "colour", "step 'minutes': field 'colour' is not known here"),
        ("max: 600", "max: -1", "minutes:", "step 'minutes': field 'minutes': 'min' is above 'max'"),
        ("max: 600", "max: lots", "max", "step 'minutes': field 'max': it should be a number"),
        ("    then: lamp\n", "", "plug:", "step 'plug': field 'plug': an instruction needs 'then' or 'helped'"),
        ("then: lamp", "then: lamb", "lamb", "step 'plug': field 'then' leads to 'lamb', which is no step. Steps: la"),
        ("start: lamp", "start: lamb", "start", "field 'start' leads to 'lamb', which is no step"),
        ("is: blinking", "is: blinkin", "- when", "step 'hot': 'blinkin' is no answer to 'lamp'. Answers: blinking,"),
        ("is: blinking", "at_least: 2", "- when", "step 'hot': 'lamp' is no number, so it has no 'at_least'"),
        ("is: blinking", "is: true", "- when", "it should be a word or a number"),
        ("      off: {", "      Off: {", "Off: {", "step 'lamp': field 'Off': String should match pattern"),
        ("is: blinking", "like: x", "- when", "field 'like' is not known here"),
        ("is: blinking", "is: off, in: [off]", "- when", "a condition is a 'variable' with one of is, in, at_least"),
        ("at_least: 30", "is: long", "- when", "step 'hot': 'long' is no value of 'minutes', which is a number"),
        ("[HX-1, HX-2]", "[HX-1, 2]", "- when: {variable: mo", "'2' is no value of 'model', which is a text"),
        ("variable: minutes, at", "variable: hours, at", "- when", "step 'hot': no question sets the variable 'hours'"),
        ("variable: model", "variable: lamp # twice", "# twice", "is filled by questions of two"),
        ("then: recall", "then: person", "recall:", "step 'recall': it is unreachable: no step leads to it"),
        ("[HX-1, HX-2]", "[]", "- when: {variable: model", "step 'known-fault': field 'in'"),
        ("  cool:\n", "  plug:\n", "plug:\n    kind: instruction\n    text: {en: Let", "'plug' is given twice"),
        ("version: 3", "version: 3\nversion: 4", "version: 4", "'version' is given twice"),
        ("version: 3", "version: 3\n? [a]\n: b", "? [a]", "field '?' is not known here"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_step(edited: Edit, old: str, new: str, at: str, message: str) -> None:
    path = edited("heater", (old, new))
    found = problems(path)
    assert any(message in problem for problem in found), found
    line = line_of(path, at) if at != "schema" else 1
    assert any(problem.startswith(f"{path.name}:{line}:") and message in problem for problem in found), found


def test_yes_and_no_are_words_in_conditions(edited: Edit) -> None:
    found = "".join(problems(edited("printer", ("is: yes", "is: true"))))
    assert "field 'is': it should be a word or a number. Write yes or no for a yes-no question" in found
    (found,) = problems(edited("printer", ("is: yes", "is: maybe")))
    assert "'maybe' is no answer to 'paper'. Answers: yes, no" in found


def test_a_step_with_a_broken_link_is_not_called_a_dead_end_too(edited: Edit) -> None:
    (found,) = problems(edited("heater", ("then: lamp", "then: lamb")))
    assert "leads to 'lamb', which is no step" in found


def test_dead_ends_and_cycles_are_told_apart(edited: Edit) -> None:
    path = edited("printer", ("yes: done", "yes: fill"), ("then: person", "then: try"))
    found = problems(path)
    cycle = [step for step in ("enough", "fill", "paper", "tries", "try") if f"step '{step}': " in "\n".join(found)]
    assert cycle == ["enough", "fill", "paper", "tries", "try"]
    assert sum("cycle without an exit" in problem for problem in found) == 4
    assert sum("it is a dead end: no outcome (resolved, handoff, answer)" in problem for problem in found) == 1
    assert sum("unreachable" in problem for problem in found) == 2


def test_every_fault_of_a_file_is_listed_in_its_order(edited: Edit) -> None:
    path = edited(
        "heater",
        ("version: 3\n", ""),
        (", zh: 请插上插头。", ""),
        ("then: lamp", "then: plug"),
        ("    else: cool\n", ""),
        ("variable: model, in", "variable: modell, in"),
    )
    found = problems(path)
    patterns = [
        r":1: field 'version' is missing",
        r"step 'plug': field 'text.zh' is missing",
        r"step 'plug': it stands in a cycle without an exit",
        r"step 'hot': field 'else' is missing",
        r"step 'cool': it is unreachable",
        r"step 'known-fault': no question sets the variable 'modell'",
    ]
    assert len(found) == len(patterns), found
    assert sorted(pattern for pattern in patterns if re.search(pattern, "\n".join(found))) == sorted(patterns)
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("name", "old", "new", "step", "message"),
    [
        # Decisions that go round without a question in between.
        (
            "printer",
            "cases:",
            "cases:\n      - {when: {variable: tries, is: 1}, then: enough}",
            "enough",
            "some answers lead round from it for ever",
        ),
        # A case that never holds, because the case before takes all, or no answer is like that.
        ("return", "at_most: 14.5", "at_most: -1", "yes-you-can", "no answers lead to it"),
        ("return", "days, is: 0", "days, at_least: 0", "yes-you-can", "no answers lead to it"),
        ("heater", "in: [HX-1, HX-2]", "in: ['']", "recall", "no answers lead to it"),
    ],
)
def test_conditions_are_walked(edited: Edit, name: str, old: str, new: str, step: str, message: str) -> None:
    found = problems(edited(name, (old, new)))
    assert any(f"step '{step}': " in problem and message in problem for problem in found), found


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    count = 16
    questions = "".join(
        f"  q{at}: {{kind: yes_no, variable: q{at}, text: {{en: a, zh: 一}}, yes: q{at + 1}, no: q{at + 1}}}\n"
        for at in range(count)
    )
    tests = ", ".join(f"{{variable: q{at}, is: yes}}" for at in range(count))
    path = tmp_path / "wide.yaml"
    path.write_text(
        f"schema: 1\nid: wide\nversion: 1\ntitle: {{en: a, zh: 一}}\nstart: q0\nsteps:\n{questions}"
        f"  q{count}: {{kind: decide, cases: [{{when: {{all: [{tests}]}}, then: end}}], else: end}}\n"
        "  end: {kind: resolved, text: {en: a, zh: 一}}\n",
        encoding="utf-8",
    )
    assert "too many combinations" in problems(path)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: it should hold the fields schema, id, version"),
        (b"- a\n", ":1: it should hold the fields"),
        (b"a: [1\nb: 2\n", ":2: it is not YAML"),
        (b"a: \x00", "it is not YAML: it holds characters that YAML forbids"),
        ("标题: 问".encode("gb18030"), "it is not UTF-8 text. Save it as UTF-8"),
        (b"a: &x 1\nb: *x\n", "it has an alias (*name). Write the values out"),
        (b"a: " + b"[" * 600, "nested too deeply"),
        (b"steps: 1\n", "field 'steps'"),
        (b"steps: {a: }\n", "step 'a': field 'a'"),
        ("steps: {步: {kind: resolved}}\n".encode(), "step '步': field '步': String should match pattern"),
    ],
)  # fmt: skip
def test_what_is_no_flow(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    assert any(message in problem for problem in problems(path)), problems(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "a.yaml:1: it cannot be read (No such file or directory)" in problems(tmp_path / "a.yaml")[0]


def test_a_folder_names_the_problems_of_all_its_files(edited: Edit, tmp_path: Path) -> None:
    edited("printer", ("version: 1\n", ""))
    edited("heater", ("start: lamp", "start: lamb"))
    copy = edited("return").rename(tmp_path / "again.yaml")
    edited("return")
    (tmp_path / "old.yml").write_text("", encoding="utf-8")
    (tmp_path / "README.md").write_text("Not a flow.", encoding="utf-8")
    with pytest.raises(FlowError) as raised:
        load_flows(tmp_path)
    found = "\n".join(raised.value.problems)
    assert "heater.yaml" in found
    assert "printer.yaml:1: field 'version' is missing" in found
    assert f"return.yaml: its id 'return' is that of {copy.name} too" in found
    assert "old.yml: flow files end in .yaml. Rename it" in found
    assert "README" not in found
