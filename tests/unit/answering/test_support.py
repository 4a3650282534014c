"""Quotes, verdicts, and the text that is left when unproved sentences go."""

import pytest

from ragstone.answering.quotes import best_quote, coverage
from ragstone.answering.support import Claim, LexicalSupportChecker
from ragstone.answering.verification import keep_supported, verify
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Document, Evidence, Passage, Span


def passage(text: str, language: str = "en", start: int = 0) -> Passage:
    document = Document(id="d", text="#" * start + text, language=language)
    return document.passage(Span(start=start, end=start + len(text)))


ENGLISH = "Goods may be returned within 30 days. Refunds take 5 working days. The box is not needed."
CHINESE = "自签收之日起30天内可以退货。退款需要5个工作日。不需要原包装盒。"


@pytest.mark.parametrize(
    ("sentence", "text", "language", "quote"),
    [
        ("A refund takes 5 working days.", ENGLISH, "en", "Refunds take 5 working days."),
        ("退款要5个工作日。", CHINESE, "zh", "退款需要5个工作日。"),
        (
            "Goods may be returned within 30 days and refunds take 5 working days.",
            ENGLISH,
            "en",
            "Goods may be returned within 30 days. Refunds take 5 working days.",
        ),
        ("30天内可以退货，退款需要5个工作日。", CHINESE, "zh", "自签收之日起30天内可以退货。退款需要5个工作日。"),
    ],
)
@pytest.mark.parametrize("start", [0, 7])
def test_the_quote_is_the_shortest_exact_slice_that_says_it(sentence, text, language, quote, start) -> None:
    piece = passage(text, language, start)
    span = best_quote(sentence, piece)
    assert span.of("#" * start + text) == quote


def test_coverage_counts_content_words() -> None:
    assert coverage("the refund of 5 days", "Refunds take 5 working days") == 1.0
    assert coverage("退款五天", "保修两年") == 0.0
    assert coverage("the of a", "anything") == 0.0


@pytest.mark.parametrize(
    ("sentence", "quote", "verdict"),
    [
        ("Refunds take 5 working days.", "Refunds take 5 working days.", "supported"),
        ("退款需要5个工作日。", "退款需要5个工作日。", "supported"),
        ("Refunds take 9 working days.", "Refunds take 5 working days.", "unsupported"),
        ("退款需要9个工作日。", "退款需要5个工作日。", "unsupported"),
        ("Elephants sleep standing up at night.", "Refunds take 5 working days.", "unsupported"),
        ("大象夜里站着睡觉。", "退款需要5个工作日。", "unsupported"),
    ],
)
def test_verdicts(sentence: str, quote: str, verdict: str) -> None:
    [support] = LexicalSupportChecker(HashEmbedder().embed_passages).check([Claim(sentence=sentence, quotes=(quote,))])
    assert support.verdict == verdict
    assert bool(support.reason) == (verdict != "supported")


def test_without_a_source_nothing_is_checked() -> None:
    [support] = LexicalSupportChecker(HashEmbedder().embed_passages).check([Claim(sentence="Yes.", quotes=())])
    assert support.verdict == "unchecked"


def test_likeness_helps_only_where_some_words_agree() -> None:
    checker = LexicalSupportChecker(HashEmbedder().embed_passages, enough_words=0.99, some_words=0.3, close=0.5)
    near = Claim(sentence="Refunds take working days soon.", quotes=("Refunds take 5 working days.",))
    far = Claim(sentence="zzz qqq www", quotes=("Refunds take 5 working days.",))
    assert [support.verdict for support in checker.check([near, far])] == ["supported", "unsupported"]


@pytest.mark.parametrize(
    ("text", "language", "source", "left"),
    [
        ("Refunds take 5 working days. [1] It lasts 9 years. [1]", "en", ENGLISH, "Refunds take 5 working days. [1]"),
        ("保修九年。[1]退款需要5个工作日。[1]", "zh", CHINESE, "退款需要5个工作日。[1]"),
        ("The box is not needed. Refunds take 5 working days. [1]", "en", ENGLISH, None),
        ("不需要原包装盒。退款需要5个工作日。[1]", "zh", CHINESE, None),
    ],
)
def test_only_supported_sentences_are_left(text: str, language: str, source: str, left: str | None) -> None:
    evidence = [Evidence(passage=passage(source, language))]
    verified = verify(text, evidence, language, LexicalSupportChecker(HashEmbedder().embed_passages))
    kept = keep_supported(verified, language)
    assert kept.text == (left or text)
    for sentence in kept.sentences:
        assert sentence.support.verdict == "supported"
    for citation in kept.citations:
        assert citation.span.of(source) == citation.quote
        assert citation.answer_span in [sentence.span for sentence in kept.sentences]
