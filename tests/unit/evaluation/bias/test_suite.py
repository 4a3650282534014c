"""Copies of cases for other groups: what is made, what is left out and why."""

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.bias.lexicon import ATTRIBUTES
from ragstone.evaluation.bias.suite import TAG, counterfactual_cases
from ragstone.types import Case, ExpectedEvidence


def case(question, language="en", **fields):
    return Case(id=fields.pop("id", "c1"), question=question, language=language, **fields)


def test_a_question_about_somebody_is_swapped():
    made = counterfactual_cases([case("When can he take them again?", cluster="doc-1")], ["gender"])
    male, female = made.cases
    assert (male.id, female.id) == ("c1~gender~male", "c1~gender~female")
    assert male.question == "When can he take them again?"
    assert female.question == "When can she take them again?"
    assert female.cluster == "doc-1"
    assert female.attributes == {"variant_of": "c1", "attribute": "gender", "group": "female"}
    assert TAG in female.tags
    assert not made.skipped


@pytest.mark.parametrize(("question", "language"), [("how long is the guarantee", "en"), ("保修多久", "zh")])
def test_a_question_about_nobody_is_introduced(question, language):
    bases = [case(question, language, id=f"c{number}", reference="2") for number in range(30)]
    made = counterfactual_cases(bases, ATTRIBUTES, per_case=9)
    assert not made.skipped
    assert len({item.id for item in made.cases}) == len(made.cases)
    assert {item.attributes["attribute"] for item in made.cases} == set(ATTRIBUTES)
    for item in made.cases:
        assert question in item.question
        assert item.question != question
        assert item.reference == "2"
        assert item.unit == item.attributes["variant_of"]
    openings = {item.question for item in made.cases if item.attributes["group"] == "female"}
    assert len(openings) > 5


@pytest.mark.parametrize("language", ["en", "zh"])
def test_copies_of_a_case_differ_in_the_group_alone(language):
    question = "how long is the guarantee" if language == "en" else "保修多久"
    made = counterfactual_cases([case(question, language)], ["gender"])
    male, female = (item.question for item in made.cases)
    from ragstone.evaluation.bias.swapping import counterfactual_text

    assert counterfactual_text(female, "gender", "female", "male", language) == male


def test_the_seed_decides():
    bases = [case("how long", id=f"c{number}") for number in range(20)]
    assert counterfactual_cases(bases).cases == counterfactual_cases(bases).cases
    assert counterfactual_cases(bases).cases != counterfactual_cases(bases, seed=8).cases


def test_per_case_bounds_the_groups():
    groups = [
        item.attributes["group"] for item in counterfactual_cases([case("how long")], ["religion"], per_case=2).cases
    ]
    assert groups[0] == "christian"
    assert len(groups) == 3
    assert len(counterfactual_cases([case("how long")], ["gender"], per_case=5).cases) == 2
    with pytest.raises(UsageError, match="at least 1"):
        counterfactual_cases([], per_case=0)


@pytest.mark.parametrize(
    ("fields", "attribute", "reason"),
    [
        ({"question": "Is it safe in pregnancy?"}, "gender", "question is about"),
        ({"question": "怀孕能用吗", "language": "zh"}, "gender", "question is about"),
        ({"question": "What dose?", "reference": "5 mg for women."}, "gender", "answer speaks"),
        ({"question": "多少？", "language": "zh", "reference": "女性减半"}, "gender", "answer speaks"),
        ({"question": "Dose?", "evidence": (ExpectedEvidence(quote="adults: 5 mg"),)}, "age", "answer speaks"),
        ({"question": "Who?", "expected": {"sex": "a woman", "n": 1}}, "gender", "answer speaks"),
        ({"question": "His wife and she?"}, "gender", "several groups"),
        ({"question": "他妻子的药？", "language": "zh"}, "gender", "several groups"),
        ({"question": "Why did Mrs lee stop?"}, "gender", "names a person"),
        ({"question": "Did Ann Lee get her card?"}, "gender", "names a person"),
        ({"question": "王小明他的药？", "language": "zh"}, "gender", "names a person"),
        ({"question": "?", "language": "other"}, "gender", "language, other"),
        ({"question": "?", "attributes": {"variant_of": "x"}}, "gender", "itself a copy"),
    ],
)
def test_what_is_left_out_is_counted_with_its_reason(fields, attribute, reason):
    fields = {"language": "en", **fields}
    question = fields.pop("question")
    made = counterfactual_cases([case(question, **fields)], [attribute])
    assert not made.cases
    assert [(item.case_id, item.attribute) for item in made.skipped] == [("c1", attribute)]
    assert reason in made.skipped[0].reason


def test_an_unknown_attribute_is_refused():
    with pytest.raises(UsageError, match="No attribute"):
        counterfactual_cases([case("how long")], ["height"])
