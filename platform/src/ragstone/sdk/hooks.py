"""The hooks of the SDK: everything that a plugin may bring, each with a page in docs/sdk/ and a test of its own."""

from ragstone.types import Record


class Hook(Record):
    """One way in which a plugin takes part.

    Attributes:
        name: Of its page, ``docs/sdk/<name>.md``, and of its test.
        title: What it is called in tables of contents.
        purpose: What it is for, in one sentence.
        shows: Dotted names of the objects whose signatures its page shows.
    """

    name: str
    title: str
    purpose: str
    shows: tuple[str, ...]


HOOKS = (
    Hook(
        name="manifest",
        title="Manifest",
        purpose="Says what the host must know before it runs any code of the plugin.",
        shows=("ragstone.sdk.manifest.Manifest",),
    ),
    Hook(
        name="plugin",
        title="Plugin",
        purpose="Names a domain, its corpora and its tasks.",
        shows=("ragstone.sdk.plugin.Plugin", "ragstone.sdk.ask.AskTask.__init__", "ragstone.sdk.ask.AskInput"),
    ),
    Hook(
        name="task",
        title="Task",
        purpose="Does one thing, from a typed input to a typed output.",
        shows=(
            "ragstone.sdk.plugin.Task",
            "ragstone.sdk.records.Output",
            "ragstone.sdk.records.Quote",
            "ragstone.sdk.records.label",
            "ragstone.sdk.records.field_title",
            "ragstone.sdk.records.sentences",
        ),
    ),
    Hook(
        name="streaming",
        title="Streaming task",
        purpose="Tells an answer while it is written.",
        shows=("ragstone.sdk.plugin.StreamingTask", "ragstone.types.TextDelta", "ragstone.types.AnswerEvent"),
    ),
    Hook(
        name="context",
        title="Context",
        purpose="Lends a task the platform: search, proved answers, the models, with the rights of the asking user.",
        shows=("ragstone.sdk.context.Context", "ragstone.models.generation.Message"),
    ),
    Hook(
        name="settings",
        title="Settings",
        purpose="Lets the operator configure the plugin.",
        shows=("ragstone.sdk.plugin.NoSettings", "ragstone.sdk.configuring.own_settings"),
    ),
    Hook(
        name="users",
        title="Users",
        purpose="Remembers a few values of a user between visits.",
        shows=(
            "ragstone.sdk.plugin.NoProfile",
            "ragstone.sdk.users.User",
            "ragstone.users.records.HistoryItem",
            "ragstone.users.guard.masked",
        ),
    ),
    Hook(
        name="corpora",
        title="Corpora",
        purpose="Ships documents with the plugin.",
        shows=("ragstone.corpus.card.Card", "ragstone.sdk.locations.corpus_folders"),
    ),
    Hook(
        name="evals",
        title="Evaluation suites",
        purpose="Ships questions with known answers, and the rules of a release gate.",
        shows=("ragstone.evaluation.cases.suites.SuiteEntry",),
    ),
    Hook(
        name="flows",
        title="Flows",
        purpose="Leads a conversation step by step, from a file, without a model.",
        shows=(
            "ragstone.sdk.flows.model.Flow",
            "ragstone.sdk.flows.engine.start",
            "ragstone.sdk.flows.prompts.prompt",
            "ragstone.sdk.flows.engine.reply",
            "ragstone.sdk.flows.engine.back",
            "ragstone.sdk.flows.engine.correct",
            "ragstone.sdk.flows.engine.interrupt",
            "ragstone.sdk.flows.engine.resume",
            "ragstone.sdk.flows.prompts.transcript",
            "ragstone.sdk.flows.state.FlowState",
            "ragstone.sdk.flows.state.Move",
            "ragstone.sdk.flows.prompts.Prompt",
        ),
    ),
    Hook(
        name="loaders",
        title="Loaders",
        purpose="Reads files of a format that the platform does not know.",
        shows=(
            "ragstone.corpus.loaders.Loader",
            "ragstone.corpus.loaders.source.SourceFile",
            "ragstone.corpus.loaders.source.Loaded",
            "ragstone.corpus.loaders.source.Rejected",
        ),
    ),
    Hook(
        name="scorers",
        title="Scorers",
        purpose="Judges answers by a measure of the domain.",
        shows=(
            "ragstone.sdk.scoring.Scorer",
            "ragstone.sdk.scoring.SetScorer",
            "ragstone.sdk.scoring.Resources",
            "ragstone.sdk.scoring.Metric",
            "ragstone.sdk.scoring.Score",
            "ragstone.sdk.scoring.Unscored",
            "ragstone.sdk.scoring.not_applicable",
            "ragstone.sdk.scoring.failed",
        ),
    ),
    Hook(
        name="views",
        title="Views",
        purpose="Draws the page of a task in the console in a way of its own.",
        shows=("ragstone.sdk.page.Page",),
    ),
    Hook(
        name="adapter",
        title="Adapter",
        purpose="Asks the chat model with a LoRA adapter that was trained for the domain.",
        shows=("ragstone.answering.engine.Engine.adapted",),
    ),
    Hook(
        name="plugin-folders",
        title="Plugin folders",
        purpose="Runs a plugin that is not installed: one under development, or a single file.",
        shows=(
            "ragstone.sdk.registry.list_plugins",
            "ragstone.sdk.registry.find_plugin",
            "ragstone.sdk.registry.load_plugin",
            "ragstone.sdk.info.PluginInfo",
        ),
    ),
    Hook(
        name="conformance",
        title="Conformance kit",
        purpose="Tests that a plugin keeps the contract.",
        shows=(
            "ragstone.testing.conformance.PluginConformance",
            "ragstone.testing.conformance.base.Conformance.path",
            "ragstone.testing.conformance.base.CHECKS",
            "ragstone.testing.conformance.base.NEEDED",
        ),
    ),
)
"""Every hook, in the order of the pages."""
