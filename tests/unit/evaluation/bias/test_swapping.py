"""The text about somebody else: the group changes, grammar and everything else stay."""

import pytest

from ragstone.evaluation.bias import english
from ragstone.evaluation.bias.swapping import counterfactual_text, groups_in, is_about

TO_MALE = [
    ("She lost her card.", "He lost his card."),
    ("I gave her the card.", "I gave him the card."),
    ("I told her.", "I told him."),
    ("Ask her to call me.", "Ask him to call me."),
    ("Let her know today, help her take it.", "Let him know today, help him take it."),
    ("Her husband stays.", "His husband stays."),
    ("The tablets helped her pain.", "The tablets helped his pain."),
    ("We gave her 5 mg.", "We gave him 5 mg."),
    ("Her 2 children and her husband.", "His 2 children and his husband."),
    ("The doctor saw her quickly; her daily dose is high.", "The doctor saw him quickly; his daily dose is high."),
    ("The bag is hers, she said herself.", "The bag is his, he said himself."),
    ("SHE IS A WOMAN.", "HE IS A MAN."),
    (
        "An actress, the waitresses' tips, two women, three wives.",
        "An actor, the waiters' tips, two men, three husbands.",
    ),
    ("Mrs Lee's daughter and Miss Chan", "Mr Lee's son and Mr Chan"),
    ("The saleswoman is not woman-made.", "The salesman is not woman-made."),
    ("Margaret met another lady.", "Richard met another gentleman."),
]
TO_FEMALE = [
    ("He lost his card.", "She lost her card."),
    ("The card is his.", "The card is hers."),
    ("His is blue and his own.", "Hers is blue and her own."),
    ("I told him that he himself may.", "I told her that she herself may."),
    ("Mr Jones is a man and an uncle.", "Ms Jones is a woman and an aunt."),
    ("An 82-year-old man, himself", "An 82-year-old woman, herself"),
    ("Other history: this chisel, the manual, a theme.", "Other history: this chisel, the manual, a theme."),
    ("he's late, he'd say", "she's late, she'd say"),
]
CHINESE = [
    ("他说他们的妻子迟到了。", "male", "female", "她说她们的妻子迟到了。"),
    ("先生，男士和男孩", "male", "female", "女士，女士和女孩"),
    ("女士的女儿", "female", "male", "先生的儿子"),
    ("阿托伐他汀和其他药，患者他可以吃吗", "male", "female", "阿托伐他汀和其他药，患者她可以吃吗"),
    ("男女都可以，子女也行", "female", "male", "男女都可以，子女也行"),
    ("王秀英来了，志强企业", "female", "male", "王建国来了，志强企业"),
    ("王建国，建国以来", "male", "female", "王秀英，建国以来"),
]
OTHERS = [
    ("age", "old", "young", "en", "An 82-year-old, elderly patient", "A 40-year-old, young patient"),
    ("age", "old", "young", "en", "a 30-year-old, 99 years old", "a 30-year-old, 99 years old"),
    ("age", "young", "old", "en", "A 25 year old and an old oak", "A 67 year old and an old oak"),
    ("age", "old", "young", "zh", "一名70岁的老人和12岁的孩子", "一名28岁的年轻人和12岁的孩子"),
    ("ethnicity", "white", "asian", "en", "a white man with a white paper", "an Asian man with a white paper"),
    ("ethnicity", "black", "white", "en", "Black people. A Black student.", "White people. A white student."),
    ("ethnicity", "white", "black", "en", "Emily Walsh wrote", "Lakisha Washington wrote"),
    ("ethnicity", "han", "tibetan", "zh", "一名汉族学生，汉人", "一名藏族学生，藏人"),
    ("religion", "jewish", "muslim", "en", "two Jews and a Jewish woman", "two Muslims and a Muslim woman"),
    ("religion", "none", "christian", "zh", "无神论者去文化馆", "基督徒去教堂"),
    ("disability", "none", "blind", "en", "a non-disabled person", "a blind person"),
    ("disability", "none", "deaf", "zh", "一名健全人", "一名聋人"),
    ("nationality", "british", "american", "en", "a British customer, Britons", "an American customer, Americans"),
    ("nationality", "chinese", "indian", "zh", "中国人和中国籍", "印度人和印度籍"),
    ("region", "london", "glasgow", "en", "a Londoner from London", "a Glaswegian from Glasgow"),
    ("region", "shanghai", "henan", "zh", "上海人", "河南人"),
    (
        "social_status",
        "high",
        "low",
        "en",
        "a company director and a rich client",
        "a warehouse worker and a poor client",
    ),
    ("social_status", "high", "low", "zh", "城市户口的白领", "农村户口的农民工"),
]


@pytest.mark.parametrize(("text", "expected"), TO_MALE)
def test_from_female_to_male(text, expected):
    assert counterfactual_text(text, "gender", "female", "male", "en") == expected


@pytest.mark.parametrize(("text", "expected"), TO_FEMALE)
def test_from_male_to_female(text, expected):
    assert counterfactual_text(text, "gender", "male", "female", "en") == expected


@pytest.mark.parametrize(("text", "one", "other", "expected"), CHINESE)
def test_chinese_gender(text, one, other, expected):
    assert counterfactual_text(text, "gender", one, other, "zh") == expected


@pytest.mark.parametrize(("attribute", "one", "other", "language", "text", "expected"), OTHERS)
def test_other_attributes(attribute, one, other, language, text, expected):
    assert counterfactual_text(text, attribute, one, other, language) == expected


def test_a_group_to_itself_changes_nothing():
    assert counterfactual_text("he", "gender", "male", "male", "en") == "he"


@pytest.mark.parametrize(
    ("text", "language", "groups"),
    [
        ("how long is the guarantee", "en", set()),
        ("my sister and her son", "en", {"male", "female"}),
        ("他汀和其他", "zh", set()),
        ("她儿子", "zh", {"male", "female"}),
        ("女士", "zh", {"female"}),
    ],
)
def test_which_groups_a_text_names(text, language, groups):
    assert groups_in(text, "gender", language) == groups


def test_an_age_out_of_range_names_no_group():
    assert groups_in("a 50-year-old", "age", "en") == set()
    assert groups_in("70岁", "age", "zh") == {"old"}


@pytest.mark.parametrize(
    ("text", "attribute", "language", "about"),
    [
        ("is it safe in Pregnancy", "gender", "en", True),
        ("how do I undress the sofa", "gender", "en", False),
        ("孕期能吃吗", "gender", "zh", True),
        ("能吃吗", "gender", "zh", False),
        ("a 5 year old", "age", "en", True),
        ("message about storage", "age", "en", False),
        ("65岁以上", "age", "zh", True),
    ],
)
def test_whether_a_text_is_about_the_attribute(text, attribute, language, about):
    assert is_about(text, attribute, language) is about


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("hour", "an"),
        ("university", "a"),
        ("European", "a"),
        ("82-year-old", "an"),
        ("18", "an"),
        ("118", "a"),
        ("one", "a"),
    ],
)
def test_articles(word, expected):
    assert english.article(word) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("woman", "women"), ("wife", "wives"), ("lady", "ladies"), ("boy", "boys"), ("waitress", "waitresses"),
     ("bank manager", "bank managers"), ("blind person", "blind people")],
)  # fmt: skip
def test_plurals(noun, expected):
    assert english.plural(noun) == expected
