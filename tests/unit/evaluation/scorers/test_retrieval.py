"""The expected quotes in what was found: ranks, the ranking of quotes, and the verdicts."""

import random

import pytest
import pytrec_eval

from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.scorers.retrieval import RetrievalScorer, build, first_ranks, quote_ranking
from ragstone.types import Answer, Case, Evidence, ExpectedEvidence, Passage, Span

NAMES = {
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "precision@5": "P_5",
    "mrr": "recip_rank",
    "map": "map",
    "ndcg@10": "ndcg_cut_10",
}
TEXTS = {
    "en": ("Shoes may be returned\nwithin 30 days.", "returned within 30 days", "within 60 days"),
    "zh": ("鞋子可以在\n30天内退货。", "可以在30天内退货", "60天内退货"),
}


def passage(text: str, document: str = "d") -> Passage:
    return Passage(document_id=document, span=Span(start=0, end=len(text)), text=text, language="en")


def answer(*texts: str, text: str = "", abstention: str | None = None, document: str = "d") -> Answer:
    evidence = tuple(Evidence(passage=passage(content, document)) for content in texts)
    return Answer.model_validate({"text": text, "language": "en", "abstention": abstention, "evidence": evidence})


def case(*quotes: str, answerable: bool = True, document: str = "d") -> Case:
    expected = tuple(ExpectedEvidence(document=document, quote=quote) for quote in quotes)
    return Case(id="c", question="?", language="en", answerable=answerable, evidence=expected)


async def values(asked: Case, said: Answer) -> dict[str, float]:
    verdicts = await RetrievalScorer().score(asked, said)
    assert set(verdicts) == set(NAMES) == {metric.name for metric in RetrievalScorer.metrics}
    return {name: verdict.value for name, verdict in verdicts.items() if isinstance(verdict, Score)}


async def problem(asked: Case, said: Answer) -> tuple[str, str]:
    verdicts = (await RetrievalScorer().score(asked, said)).values()
    (only,) = {(verdict.status, verdict.reason) for verdict in verdicts if isinstance(verdict, Unscored)}
    assert len(verdicts) == len(NAMES)
    return only


@pytest.mark.parametrize("language", TEXTS)
class TestRelevance:
    def test_white_space_does_not_count(self, language: str) -> None:
        text, quote, other = TEXTS[language]
        expected = case(quote, other).evidence
        assert first_ranks([passage("—"), passage(text), passage(text)], expected) == [2, None]

    def test_the_document_must_be_the_expected_one(self, language: str) -> None:
        text, quote, _ = TEXTS[language]
        assert first_ranks([passage(text, "e")], case(quote).evidence) == [None]
        assert first_ranks([passage(text, "e")], case(quote, document="").evidence) == [1], "any document"
        assert first_ranks([passage(text, "")], case(quote).evidence) == [1], "a recording that names none"

    def test_a_quote_of_white_space_is_never_found(self, language: str) -> None:
        assert first_ranks([passage(TEXTS[language][0])], case(" ").evidence) == [None]


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([2], ["other-1", "quote-0"]),
        ([None, 1], ["quote-1"]),
        ([4, 1], ["quote-1", "other-2", "other-3", "quote-0"]),
        ([1, 1, 4], ["quote-0", "quote-1", "other-3", "quote-2"]),
        ([2, 2, 3], ["other-1", "quote-0", "quote-1", "quote-2"]),
        ([None], []),
    ],
)
def test_ranking_of_quotes(ranks: list[int | None], expected: list[str]) -> None:
    assert quote_ranking(ranks) == expected


async def test_equal_to_pytrec_eval_where_a_passage_holds_one_quote() -> None:
    chance = random.Random(7)
    quotes = ["alpha", "甲句", "gamma", "丁句"]
    for _ in range(1000):
        wanted = chance.sample(quotes, chance.randint(1, 4))
        found = [chance.choice([*quotes, "nothing", "无关"]) for _ in range(chance.randint(0, 15))]
        qrels = {"q": dict.fromkeys(wanted, 1)}
        run = {f"{text}-{rank}": 100.0 - rank for rank, text in enumerate(found)}
        for text in wanted:
            if text in found:
                run[text] = run.pop(f"{text}-{found.index(text)}")
        reference = pytrec_eval.RelevanceEvaluator(qrels, set(NAMES.values())).evaluate({"q": run})["q"]
        ours = await values(case(*wanted), answer(*found))
        assert {NAMES[name]: value for name, value in ours.items()} == pytest.approx(reference, abs=1e-9)


async def test_one_passage_with_all_quotes_is_perfect() -> None:
    found = await values(case("30 days", "30天"), answer("30 days 30天"))
    assert found == {"recall@5": 1, "recall@10": 1, "precision@5": 0.4, "mrr": 1, "map": 1, "ndcg@10": 1}


async def test_recall_counts_passages_not_places() -> None:
    found = await values(case("甲", "b", "c"), answer("-", "-", "-", "-", "甲 b c"))
    assert found["recall@5"] == 1.0
    assert found["precision@5"] == pytest.approx(1 / 5)


async def test_finds_late_and_half() -> None:
    verdicts = await RetrievalScorer().score(case("30天", "never"), answer(*["—"] * 6, "30天"))
    assert {name: verdict.value for name, verdict in verdicts.items() if isinstance(verdict, Score)} == pytest.approx(
        {
            "recall@5": 0,
            "recall@10": 0.5,
            "precision@5": 0,
            "mrr": 1 / 7,
            "map": 1 / 14,
            "ndcg@10": (1 / 3) / (1 + 1 / 1.584962500721156),
        }
    )
    assert isinstance(verdicts["mrr"], Score)
    assert verdicts["mrr"].detail == {"ranks": [7, None], "passages": 7}


async def test_nothing_found_is_zero() -> None:
    for said in (answer(), answer(text="I found nothing.", abstention="no_evidence"), answer(" ")):
        assert set((await values(case("30天"), said)).values()) == {0.0}


async def test_where_it_says_nothing() -> None:
    assert await problem(case(answerable=False), answer("x")) == (
        "not_applicable",
        "The case is unanswerable: there is nothing to find.",
    )
    assert await problem(case(), answer("x")) == ("not_applicable", "The case names no evidence.")
    status, reason = await problem(case("30天"), answer(text="30天"))
    assert status == "failed"
    assert "lists no passages" in reason


def test_needs_no_resource() -> None:
    scorer = build(None)  # type: ignore[arg-type]
    assert {metric.needs_llm for metric in scorer.metrics} == {False}
    assert all(metric.source and {"en", "zh"} <= set(metric.languages) for metric in scorer.metrics)
