"""The two tools with the real embedder and the real small model, over the samples that they ship."""

from pathlib import Path
from typing import Any

import pytest

from ragstone.answering.engine import Engine, open_engine
from ragstone.index.building import build_index
from ragstone.sdk import Quote
from ragstone.sdk.locations import corpus_folder
from ragstone.sdk.registry import load_plugin
from ragstone.settings import PathSettings, Settings, load_settings
from ragstone_translate.checks import facts

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    host = load_settings()
    paths = PathSettings(models=host.paths.models, data=tmp_path_factory.mktemp("data"), corpora=Path("nowhere"))
    made = host.model_copy(update={"paths": paths, "plugins": ("summarise", "translate")})
    engine = Engine(made, None)  # pyright: ignore[reportArgumentType]
    for corpus in ("summarise/sample", "translate/sample"):
        build_index(corpus, made, engine.embedder)
    return made


async def run(settings: Settings, name: str, inputs: list[dict[str, Any]]) -> list[Any]:
    """The task of a plugin, on one server for all inputs."""
    plugin = load_plugin(name, settings)
    (task,) = plugin.tasks
    async with open_engine(settings) as engine:
        context = engine.context(plugin)
        return [await task.run(task.input(corpus=f"{name}/sample", **each), context) for each in inputs]


def is_exact(quote: Quote, corpus: str, settings: Settings) -> bool:
    text = (corpus_folder(corpus, settings) / "documents" / quote.document_id).read_text(encoding="utf-8")
    return quote.span.of(text) == quote.text


async def test_summaries_are_proved_by_exact_quotes(settings: Settings) -> None:
    wanted = [
        {"document": "en/borrowing.md", "sentences": 2},
        {"topic": "押金", "language": "zh", "sentences": 2},
        {"topic": "piano lessons", "language": "en"},
        {"topic": "钢琴课", "language": "zh"},
    ]
    english, chinese, *strange = await run(settings, "summarise", wanted)
    for summary in (english, chinese):
        assert summary.abstention is None
        assert 1 <= len(summary.sentences) <= 2
        for line in summary.sentences:
            assert line.support.verdict == "supported"
            assert line.quotes
            assert all(is_exact(quote, "summarise/sample", settings) for quote in line.quotes)
    assert [summary.abstention for summary in strange] == ["low_relevance"] * 2


async def test_translations_are_official_or_keep_their_facts(settings: Settings) -> None:
    wanted = [
        {"text": "Broken drill bits up to 8 mm are free. The library has 3 cats.", "to": "zh"},
        {"text": "会员每次最多可借4小时。图书馆有3只猫。", "to": "en"},
    ]
    for given, done in zip(wanted, await run(settings, "translate", wanted), strict=True):
        assert len(done.lines) == 2
        assert done.untranslated == sum(line.how == "untranslated" for line in done.lines)
        for line in done.lines:
            assert line.span.of(given["text"]) == line.source
            assert is_exact(line.wording, "translate/sample", settings)
            if line.how == "memory":
                assert line.translation == " ".join(line.wording.text.split())
            if line.how == "model":
                assert facts(line.translation) == facts(line.source)
