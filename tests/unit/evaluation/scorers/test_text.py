"""Overlap of answer and reference, equal to the packages that define each measure."""

import random
import re
import string
import unicodedata
from collections import Counter

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.scorers import text
from ragstone.evaluation.scorers.tokens import RougeTokenizer, answer_tokens
from ragstone.types import Answer, Case, Evidence, Language, Passage, Span

NAMES = ["exact_match", "token_f1", "bleu", "rouge1", "rouge2", "rougel", "chrf"]
WORDS = ["the", "a", "shoes", "may", "be", "within", "30", "£19.99", "don't", "E-17", "refund,", "paid.", "Yes!", "ok"]
HAN = [*"鞋子可以在三十天内退货，不收费。运", "30天", "E-17", "元", "NBA", " "]
PAIRS = 1000
_CHARACTERS = map(chr, range(0x110000))
MARKS = str.maketrans(
    dict.fromkeys(one for one in _CHARACTERS if unicodedata.category(one)[0] == "P" or one in string.punctuation)
)


def random_text(chance: random.Random, language: Language) -> str:
    size = chance.randint(0, 14)
    if language == "zh":
        return "".join(chance.choice(HAN) for _ in range(size))
    return " ".join(chance.choice(WORDS) for _ in range(size))


def random_pairs(language: Language) -> list[tuple[str, str]]:
    """Half of the pairs share most of their words."""
    chance = random.Random(f"pairs-{language}")
    pairs: list[tuple[str, str]] = []
    for number in range(PAIRS):
        reference = random_text(chance, language)
        copy = reference + random_text(chance, language)[:4]
        pairs.append((copy if number % 2 else random_text(chance, language), reference))
    return pairs


def mlqa_words(content: str, language: Language) -> list[str]:
    """MLQA's normalisation, step by step: lower, punctuation, articles, words."""
    bare = content.lower().translate(MARKS)
    if language == "en":
        return re.sub(r"\b(a|an|the)\b", " ", bare).split()
    words, latin = [], ""
    for character in [*bare, "\u4e00"]:
        if re.match("[\u4e00-\u9fa5]", character):
            words += [*latin.split(), character]
            latin = ""
        else:
            latin += character
    return words[:-1]


@pytest.mark.parametrize("language", ["en", "zh"])
class TestEqualToReferences:
    def test_exact_match_and_f1(self, language: Language) -> None:
        exact = 0
        for answer, reference in random_pairs(language):
            ours, theirs = mlqa_words(answer, language), mlqa_words(reference, language)
            shared = (Counter(ours) & Counter(theirs)).total()
            precision, recall = shared / max(len(ours), 1), shared / max(len(theirs), 1)
            expected = 2 * precision * recall / (precision + recall) if shared else 0.0
            assert text.token_f1(answer, reference, language) == pytest.approx(expected, abs=1e-9)
            assert text.exact_match(answer, reference, language) == (ours == theirs)
            exact += ours == theirs
        assert exact > 10

    def test_sacrebleu(self, language: Language) -> None:
        tokenizer = "zh" if language == "zh" else "13a"
        for answer, reference in random_pairs(language):
            bleu = sacrebleu.sentence_bleu(answer, [reference], tokenize=tokenizer, use_effective_order=True).score
            chrf = sacrebleu.sentence_chrf(answer, [reference]).score
            assert text.bleu(answer, reference, language) == pytest.approx(bleu / 100, abs=1e-9)
            assert text.chrf(answer, reference, language) == pytest.approx(chrf / 100, abs=1e-9)

    @pytest.mark.parametrize("kind", ["rouge1", "rouge2", "rougeL"])
    def test_rouge_score(self, language: Language, kind: str) -> None:
        """The package's own tokenizer, once each Chinese character is spelt as a Latin word."""

        def spelt(content: str) -> str:
            return re.sub("[\u4e00-\u9fff]", lambda match: f" han{ord(match.group())} ", content)

        scorer = RougeScorer([kind])
        for answer, reference in random_pairs(language):
            expected = scorer.score(spelt(reference), spelt(answer))[kind].fmeasure
            assert text.rouge(kind)(answer, reference, language) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("language", "content", "expected"),
    [
        ("en", "The shoes, a pair!", ["shoes", "pair"]),
        ("en", "“Don’t” pay $19.99", ["dont", "pay", "1999"]),
        ("en", "see 退货 page", ["see", "退", "货", "page"]),
        ("zh", "满99元，包邮。", ["满", "99", "元", "包", "邮"]),
        ("zh", "A 级《NBA》", ["a", "级", "nba"]),
        ("other", "A la carte", ["a", "la", "carte"]),
    ],
)
def test_answer_tokens(language: Language, content: str, expected: list[str]) -> None:
    assert answer_tokens(content, language) == expected


def test_rouge_tokens() -> None:
    assert RougeTokenizer().tokenize("E-17 退货, OK!") == ["e", "17", "退", "货", "ok"]


@pytest.mark.parametrize(
    ("language", "answer", "reference", "expected"),
    [
        ("en", "You have 30 days.", "30 days", 1.0),
        ("en", "You have days.", "30 days, 30 nights", 1 / 3),
        ("zh", "可以30天内退货", "30天", 1.0),
        ("zh", "可以退货", "退换", 1 / 2),
        ("zh", "可以退货", "。", 0.0),
    ],
)
def test_token_recall(language: Language, answer: str, reference: str, expected: float) -> None:
    assert text.token_recall(answer, reference, language) == pytest.approx(expected)


REFERENCES: dict[Language, str] = {"en": "Within 30 days.", "zh": "30天内可以退货。"}


def answer(content: str, abstained: bool = False, passages: int = 1) -> Answer:
    passage = Passage(document_id="d", span=Span(start=0, end=1), text="x", language="en")
    evidence = (Evidence(passage=passage),) * passages
    return Answer(text=content, language="en", abstention="model_declined" if abstained else None, evidence=evidence)


async def scored(case: Case, said: Answer) -> dict[str, float]:
    scorer = text.build(None)  # type: ignore[arg-type]
    verdicts = await scorer.score(case, said)
    assert list(verdicts) == NAMES == [metric.name for metric in scorer.metrics]
    return {name: verdict.value for name, verdict in verdicts.items() if isinstance(verdict, Score)}


@pytest.mark.parametrize("language", REFERENCES)
class TestScorer:
    async def test_the_reference_itself_is_perfect_whatever_it_cites(self, language: Language) -> None:
        case = Case(id="c", question="?", language=language, reference=REFERENCES[language])
        marked = REFERENCES[language][:-1] + " [1]" + REFERENCES[language][-1]
        for content in (REFERENCES[language], marked):
            assert await scored(case, answer(content)) == dict.fromkeys(NAMES, 1.0)

    async def test_a_number_in_brackets_that_names_no_passage_stays(self, language: Language) -> None:
        case = Case(id="c", question="?", language=language, reference=REFERENCES[language])
        for marker in ("[0]", "[2]"):
            found = await scored(case, answer(REFERENCES[language] + marker))
            assert 0 < found["token_f1"] < 1

    async def test_an_abstention_earns_nothing(self, language: Language) -> None:
        case = Case(id="c", question="?", language=language, reference=REFERENCES[language])
        assert await scored(case, answer(REFERENCES[language], abstained=True)) == dict.fromkeys(NAMES, 0.0)

    async def test_where_it_says_nothing(self, language: Language) -> None:
        for case in (
            Case(id="c", question="?", language=language, reference=REFERENCES[language], answerable=False),
            Case(id="c", question="?", language=language, reference=" "),
        ):
            verdicts = await text.TextScorer().score(case, answer("x"))
            statuses = [verdict.status for verdict in verdicts.values() if isinstance(verdict, Unscored)]
            assert statuses == ["not_applicable"] * len(NAMES)
