"""One command that shows the main job on real documents with a real model."""

import asyncio
import time

from rich.rule import Rule
from rich.text import Text

from ragstone.cli import index, models
from ragstone.cli.output import console, show_answer
from ragstone.errors import UsageError

_UNANSWERABLE = {
    "en": "Which football team won the league in 1987?",
    "zh": "一九八七年的足球联赛冠军是哪支球队？",
}


def demo() -> None:
    """Pull the models, build the indexes, and ask each domain in English and Chinese."""
    started = time.monotonic()
    console.print(Rule("1. Models (1.2 GB, once; about 3 minutes)", align="left"))
    models.pull()
    console.print(Rule("2. Indexes (once; about 6 minutes)", align="left"))
    index.build(missing=True)
    console.print(Rule("3. Questions (about 5 to 20 seconds each)", align="left"))
    asyncio.run(_ask_all())
    console.print(f'\nAll done in {time.monotonic() - started:.0f} s. Next: ragstone ask PLUGIN "…", or: make console')


async def _ask_all() -> None:
    from ragstone.answering.engine import open_engine
    from ragstone.cli.asking import told
    from ragstone.sdk import AskInput
    from ragstone.sdk.registry import list_plugins, load_plugin
    from ragstone.settings import load_settings

    settings = load_settings()
    plugins = [load_plugin(info.name) for info in list_plugins(settings.plugins) if info.allowed]
    if not plugins:
        raise UsageError("No plugin is installed and allowed. See: ragstone plugins list")
    asked = [(plugin, text) for plugin in plugins for texts in plugin.examples.values() for text in texts[:1]]
    asked += [(plugins[0], text) for text in _UNANSWERABLE.values()]
    async with open_engine(settings) as engine:
        for plugin, text in asked:
            console.print()
            console.print(Text.assemble((f"{plugin.name}  ", "cyan"), (text, "bold")))
            answer = await told(engine.context(plugin), AskInput(question=text), stream=False)
            show_answer(answer)
