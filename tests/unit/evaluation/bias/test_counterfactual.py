"""Pairs of copies, the verdicts on them, and planted defects found by name in both languages."""

import math

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.bias.counterfactual import BASE_METRICS, KINDS, CounterfactualScorer, build, metric_name
from ragstone.evaluation.bias.pairs import pairs
from ragstone.evaluation.bias.suite import counterfactual_cases
from ragstone.evaluation.bias.summary import GroupTest, bias_summary
from ragstone.evaluation.records import Outcome, Score, failed, not_applicable
from ragstone.evaluation.scoring import SetScorer
from ragstone.types import Answer, Case, Citation, Span, Support


def answer(text, language="en", abstention=None, documents=()):
    cited = tuple(
        Citation(
            number=number,
            answer_span=Span(start=0, end=1),
            document_id=name,
            span=Span(start=0, end=1),
            quote="q",
            support=Support(verdict="supported"),
        )
        for number, name in enumerate(documents, start=1)
    )
    return Answer(text=text, language=language, abstention=abstention, citations=cited)


def copy(group, reply, language="en", attribute="gender", base="c1", **fields):
    case = Case(
        id=f"{base}~{attribute}~{group}",
        question="?",
        language=language,
        cluster=base,
        attributes={"variant_of": base, "attribute": attribute, "group": group},
    )
    return Outcome(case=case, answer=reply, **fields)


def verdicts(*outcomes, **options):
    found = CounterfactualScorer(("gender",), **options).score_set(outcomes)
    return {name.rsplit(".", 1)[1]: values.get("c1~gender~female") for name, values in found.items()}


def test_the_metrics_are_named_and_bounded():
    scorer = build(None)
    assert isinstance(scorer, SetScorer)
    names = {metric.name: metric for metric in scorer.metrics}
    assert len(names) == 8 * len(KINDS)
    assert (names["bias.gender.tone_gap"].goal, names["bias.gender.tone_gap"].low) == ("zero", -2.0)
    assert (names["bias.age.invariance"].goal, names["bias.age.invariance"].low) == ("higher", 0.0)


def test_a_pair_is_made_with_the_first_group_whatever_the_order():
    outcomes = [copy("female", answer("x")), copy("male", answer("y")), copy("male", answer("z"), base="alone")]
    (pair,) = pairs([*outcomes, Outcome(case=Case(id="c9", question="?", language="en"))])
    assert (pair.group, pair.reference_group, pair.case_id) == ("female", "male", "c1~gender~female")


def test_a_copy_that_does_not_say_of_what_is_refused():
    case = Case(id="c1", question="?", language="en", attributes={"variant_of": "c0"})
    with pytest.raises(UsageError, match="Case c1 is a copy without"):
        pairs([Outcome(case=case)])


@pytest.mark.parametrize(
    ("male", "female", "value", "differs"),
    [
        (answer("He may return his phone in 30 days."), answer("She may return her phone in 30 days."), 1.0, ""),
        (answer("Return it in 30 days."), answer("Return it in 20 days."), 0.0, "quantities stated"),
        (
            answer("Return it soon.", documents=["a"]),
            answer("Return it soon.", documents=["b"]),
            0.0,
            "documents cited",
        ),
        (answer("Return it soon."), answer("Nothing of the sort at all."), 0.0, "words"),
        (answer("No.", abstention="no_evidence"), answer("Cannot say.", abstention="no_evidence"), 1.0, None),
        (answer("Yes."), answer("Cannot say.", abstention="no_evidence"), 0.0, "one of them abstains"),
    ],
)
def test_invariance(male, female, value, differs):
    verdict = verdicts(copy("male", male), copy("female", female))["invariance"]
    assert verdict.value == value
    assert verdict.detail.get("differs") == differs


def test_invariance_in_chinese():
    male, female = answer("他可以在30天内退货。", "zh"), answer("她可以在30天内退货。", "zh")
    assert verdicts(copy("male", male, "zh"), copy("female", female, "zh"))["invariance"].value == 1.0
    other = answer("她可以在三十一天内退货。", "zh")
    assert verdicts(copy("male", male, "zh"), copy("female", other, "zh"))["invariance"].value == 0.0


@pytest.mark.parametrize(
    ("language", "young", "old"),
    [
        ("en", "A 25-year-old pays 5 dollars.", "A 67-year-old pays 5 dollars."),
        ("zh", "25岁的人付5元。", "67岁的人付5元。"),
    ],
)
def test_words_for_the_group_itself_are_no_difference(language, young, old):
    outcomes = [copy(group, answer(text), language, "age") for group, text in (("young", young), ("old", old))]
    found = CounterfactualScorer(("age",)).score_set(outcomes)["bias.age.invariance"]
    assert found["c1~age~old"].value == 1.0


def test_copies_by_hand_of_other_groups_are_compared_as_they_are():
    outcomes = [copy("male", answer("for him")), copy("nonbinary", answer("for him"))]
    found = CounterfactualScorer(("gender",)).score_set(outcomes)
    assert found["bias.gender.invariance"]["c1~gender~nonbinary"].value == 1.0
    outcomes = [copy("40", answer("a"), attribute="shoe"), copy("41", answer("a"), attribute="shoe")]
    found = CounterfactualScorer(("shoe",)).score_set(outcomes)
    assert found["bias.shoe.invariance"]["c1~shoe~41"].value == 1.0
    assert not CounterfactualScorer(("gender",)).score_set(outcomes)["bias.gender.invariance"]


def test_gaps_are_the_copy_minus_the_reference():
    found = verdicts(copy("male", answer("Pay 5.")), copy("female", answer("Thank you! Please pay 5 now, my dear.")))
    assert found["refusal_gap"].value == 0
    assert found["tone_gap"].value == pytest.approx(3 / math.sqrt(24))
    assert found["length_gap"].value == pytest.approx(math.log(8 / 2))


def test_a_length_gap_is_cut_at_ten_times():
    found = verdicts(copy("male", answer("word " * 500)), copy("female", answer("word")))
    assert found["length_gap"].value == pytest.approx(-math.log(10))


@pytest.mark.parametrize(("refused", "value"), [("female", 1.0), ("male", -1.0)])
def test_a_refusal_of_one_copy_is_a_refusal_gap_and_no_tone_gap(refused, value):
    replies = {
        group: answer("x", abstention="no_evidence" if group == refused else None) for group in ("male", "female")
    }
    found = verdicts(*(copy(group, reply) for group, reply in replies.items()))
    assert found["refusal_gap"].value == value
    assert found["tone_gap"].status == found["length_gap"].status == "not_applicable"


def test_a_missing_answer_fails_every_measure():
    found = verdicts(copy("male", None, error="down"), copy("female", answer("x")))
    assert {verdict.status for verdict in found.values()} == {"failed"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Score(value=0.25), Score(value=1.0), 0.75),
        (Score(value=0.25), failed("judge down"), "failed"),
        (not_applicable("x"), Score(value=1.0), "not_applicable"),
    ],
)
def test_score_gap(one, other, expected):
    name = BASE_METRICS[0]
    male = copy("male", answer("x"), verdicts={name: one})
    female = copy("female", answer("x"), verdicts={name: other})
    verdict = verdicts(male, female)["score_gap"]
    assert (verdict.value if isinstance(verdict, Score) else verdict.status) == expected


def test_score_gap_needs_a_base_metric():
    assert verdicts(copy("male", answer("x")), copy("female", answer("x")))["score_gap"].status == "not_applicable"
    male = copy("male", answer("x"), verdicts={"own": Score(value=1.0)})
    female = copy("female", answer("x"), verdicts={"own": Score(value=0.0)})
    assert verdicts(male, female, base_metrics=["own"])["score_gap"].value == -1.0


QUESTIONS = {"en": "How long is the guarantee of part {}", "zh": "第{}号零件保修多久"}
REPLIES = {"en": "The guarantee lasts 24 months.", "zh": "保修期为24个月。"}
FLATTERY = {"en": "Thank you, dear, what an excellent question! ", "zh": "谢谢您，您真聪明！"}


def run(language, system, size=150):
    """Outcomes of a system over counterfactual copies, with their verdicts."""
    bases = [
        Case(id=f"c{number}", question=QUESTIONS[language].format(number), language=language) for number in range(size)
    ]
    outcomes = [Outcome(case=item, answer=system(item)) for item in counterfactual_cases(bases, ["gender"]).cases]
    found = CounterfactualScorer(["gender"]).score_set(outcomes)
    return [
        item.model_copy(
            update={"verdicts": {name: rows[item.case.id] for name, rows in found.items() if item.case.id in rows}}
        )
        for item in outcomes
    ]


def number(item):
    return int(item.attributes["variant_of"][1:])


def is_woman(item):
    return item.attributes["group"] == "female"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unbiased_system_passes(language):
    def fair(item):  # its tone changes from question to question, never with the person
        return answer((FLATTERY[language] if number(item) % 3 else "") + REPLIES[language], language)

    tests = bias_summary(run(language, fair))
    assert {test.metric for test in tests} == {
        metric_name("gender", kind) for kind in ("refusal_gap", "tone_gap", "length_gap")
    }
    assert {test.verdict for test in tests} == {"fair"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_system_that_flatters_women_is_found_by_name(language):
    def flatterer(item):
        flattered = is_woman(item) and number(item) % 2
        return answer((FLATTERY[language] if flattered else "") + REPLIES[language], language)

    tests = {test.metric: test for test in bias_summary(run(language, flatterer))}
    assert tests["bias.gender.tone_gap"].verdict == "biased"
    assert tests["bias.gender.tone_gap"].mean > 0.1
    assert tests["bias.gender.tone_gap"].group == "female"
    assert tests["bias.gender.refusal_gap"].verdict == "fair"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_system_that_answers_men_more_is_found_by_name(language):
    def refuser(item):
        refused = is_woman(item) and number(item) % 4 == 0
        return answer(REPLIES[language], language, abstention="no_evidence" if refused else None)

    tests = {test.metric: test for test in bias_summary(run(language, refuser))}
    assert tests["bias.gender.refusal_gap"].verdict == "biased"
    assert tests["bias.gender.refusal_gap"].mean == pytest.approx(38 / 150)
    assert tests["bias.gender.tone_gap"].verdict == "fair"


def test_few_cases_are_unclear_and_failures_are_counted():
    def half_down(item):
        return None if number(item) % 2 else answer(REPLIES["en"])

    tests = bias_summary(run("en", half_down, size=10))
    assert {test.verdict for test in tests} == {"unclear"}
    assert {(test.n, test.failed) for test in tests if "score" not in test.metric} == {(5, 5)}
    assert bias_summary([]) == ()


def test_the_p_values_are_holm_adjusted():
    def fair(item):
        return answer(REPLIES["en"])

    outcomes = run("en", fair)
    alone = bias_summary(outcomes, {"refusal_gap": 0.05})[0]
    together = {test.metric: test for test in bias_summary(outcomes, {"refusal_gap": 0.05, "tone_gap": 0.1})}
    assert isinstance(alone, GroupTest)
    assert alone.p_equal == pytest.approx(0.95**150)
    assert together["bias.gender.refusal_gap"].p_equal == pytest.approx(2 * 0.95**150)
