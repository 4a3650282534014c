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
    from ragstone.sdk import AskInput, AskTask
    from ragstone.sdk.registry import list_plugins, load_plugin
    from ragstone.settings import load_settings

    settings = load_settings()
    plugins = [load_plugin(info.name, settings) for info in list_plugins(settings) if info.allowed]
    if not plugins:
        raise UsageError("No plugin is installed and allowed. See: ragstone plugins list")
    tasks = [(plugin, task) for plugin in plugins for task in plugin.tasks if isinstance(task, AskTask)]
    asked = [(plugin, value) for plugin, task in tasks for values in task.examples.values() for value in values[:1]]
    asked += [(plugins[0], AskInput(question=text)) for text in _UNANSWERABLE.values()]
    async with open_engine(settings) as engine:
        for plugin, value in asked:
            console.print()
            console.print(Text.assemble((f"{plugin.name}  ", "cyan"), (value.question, "bold")))
            answer = await told(engine.context(plugin), value, stream=False)
            show_answer(answer)
