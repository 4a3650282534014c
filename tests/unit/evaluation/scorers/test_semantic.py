"""The cosine of answer and reference."""

from types import SimpleNamespace
from typing import Any

import pytest

from ragstone.errors import LanguageMismatchError
from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.scorers.semantic import build
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Answer, Case, Language

REFERENCES: dict[Language, tuple[str, str, str]] = {
    "en": ("Within 30 days.", "You have within 30 days.", "Blue paint"),
    "zh": ("30天内可以退货。", "三十天内可以退货的。", "蓝色油漆"),
}


def resources(embedder: Any, force: bool = False) -> Any:
    return SimpleNamespace(
        embedder=embedder, settings=SimpleNamespace(models=SimpleNamespace(allow_language_mismatch=force))
    )


async def verdict(case: Case, text: str, embedder: Any = None) -> Score | Unscored:
    scorer = build(resources(embedder or HashEmbedder()))
    verdicts = await scorer.score(case, Answer(text=text, language=case.language))
    assert list(verdicts) == ["semantic_similarity"] == [metric.name for metric in scorer.metrics]
    return verdicts["semantic_similarity"]


async def value(case: Case, text: str) -> float:
    found = await verdict(case, text)
    assert isinstance(found, Score)
    return found.value


@pytest.mark.parametrize("language", REFERENCES)
class TestSemantic:
    async def test_nearer_texts_score_higher(self, language: Language) -> None:
        reference, near, far = REFERENCES[language]
        case = Case(id="c", question="?", language=language, reference=reference)
        assert await value(case, reference) == pytest.approx(1.0, abs=1e-6)
        assert -1.0 <= await value(case, far) < await value(case, near) < 1.0

    async def test_embeds_both_as_passages(self, language: Language) -> None:
        reference, near, _ = REFERENCES[language]
        embedder = HashEmbedder()
        await verdict(Case(id="c", question="?", language=language, reference=reference), near, embedder)
        assert embedder.embedded == [near, reference]

    async def test_where_it_says_nothing(self, language: Language) -> None:
        reference = REFERENCES[language][0]
        unanswerable = Case(id="c", question="?", language=language, reference=reference, answerable=False)
        for case in (unanswerable, Case(id="c", question="?", language=language)):
            found = await verdict(case, reference)
            assert isinstance(found, Unscored)
            assert found.status == "not_applicable"

    async def test_an_empty_answer_fails(self, language: Language) -> None:
        found = await verdict(Case(id="c", question="?", language=language, reference=REFERENCES[language][0]), " ")
        assert isinstance(found, Unscored)
        assert found.status == "failed"


class EnglishOnly(HashEmbedder):
    """Refuses every language but English, unless forced."""

    def require_languages(self, wanted: Any, force: bool = False) -> None:
        if wanted != {"en"} and not force:
            raise LanguageMismatchError("It does not know zh.")


async def test_refuses_a_language_that_the_embedder_does_not_know() -> None:
    case = Case(id="c", question="?", language="zh", reference="30天")
    with pytest.raises(LanguageMismatchError):
        await build(resources(EnglishOnly())).score(case, Answer(text="30天", language="zh"))
    forced = await build(resources(EnglishOnly(), force=True)).score(case, Answer(text="30天", language="zh"))
    assert isinstance(forced["semantic_similarity"], Score)
