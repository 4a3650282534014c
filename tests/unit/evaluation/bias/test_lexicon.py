"""The lexicons are whole, parallel, and the same attributes in both languages."""

import pytest
from pydantic import ValidationError

from ragstone.errors import UsageError
from ragstone.evaluation.bias.lexicon import ATTRIBUTES, Attribute, first_group, load_lexicon
from ragstone.evaluation.bias.swapping import counterfactual_text, groups_in


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_attribute_is_there(language):
    lexicon = load_lexicon(language)
    assert set(lexicon.attributes) == set(ATTRIBUTES)
    assert all("{who}" in template and "{question}" in template for template in lexicon.templates)
    assert all("{who}" in template and "{question}" in template for template in lexicon.name_templates)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_swapping_a_group_to_another_leaves_no_word_of_the_first(language, attribute):
    entry = load_lexicon(language).attribute(attribute)
    for first, second in zip(entry.groups, entry.groups[1:], strict=False):
        for row in entry.words:
            text = f"x {row[entry.groups.index(first)]} x" if language == "en" else row[entry.groups.index(first)]
            swapped = counterfactual_text(text, attribute, first, second, language)
            shared = row[entry.groups.index(first)] == row[entry.groups.index(second)]
            assert shared or (swapped != text and first not in groups_in(swapped, attribute, language))


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(UsageError, match=r"No attribute is called 'height'.*gender, ethnicity"):
        load_lexicon("en").attribute("height")
    with pytest.raises(UsageError, match=r"No group is called 'x'\. Groups are: male, female"):
        counterfactual_text("he", "gender", "male", "x", "en")
    with pytest.raises(UsageError, match="only for en and zh"):
        load_lexicon("other")


@pytest.mark.parametrize(
    "broken",
    [
        {"words": [["he"]]},
        {"names": {"male": ["John"]}},
        {"names": {"male": ["John"], "female": []}},
        {"groups": ["male"]},
    ],
)
def test_rows_that_are_not_parallel_are_refused(broken):
    whole = {"groups": ["male", "female"], "who": {"male": ["a man"], "female": ["a woman"]}, "about": []}
    Attribute.model_validate(whole)
    with pytest.raises(ValidationError):
        Attribute.model_validate({**whole, **broken})


@pytest.mark.parametrize(
    ("attribute", "present", "first"),
    [
        ("gender", ("female", "male"), "male"),
        ("ethnicity", ("zhuang", "han"), "han"),
        ("ethnicity", ("hispanic", "black"), "black"),
        ("shoe_size", ("40", "41"), "40"),
    ],
)
def test_the_first_group_is_the_one_of_the_lexicons(attribute, present, first):
    assert first_group(attribute, present) == first
