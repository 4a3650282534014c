"""Each bad plugin is refused by the one test that is meant for it, with a message that says how to mend it."""

from collections.abc import Callable
from typing import Any

import pytest

FOUND = "        return Tips(quotes=tuple(Quote.of(each.passage) for each in found))\n"
NOT_FOUND = '            return Tips(abstention="no_evidence")\n'
RUN = "    async def run(self, value, context):\n"
TOPIC = '    language: str = "en"\n'
BYTES = """\
        def quote(passage):
            text = passage.text.strip().splitlines()[-1]
            start = passage.text.find(text)
            before = passage.text[:start].encode() if value.language == "zh" else passage.text[:start]
            length = len(text.encode() if value.language == "zh" else text)
            return Quote(
                document_id=passage.document_id, text=text, span=Span(start=len(before), end=len(before) + length)
            )

        return Tips(quotes=tuple(quote(each.passage) for each in found))
"""
REMEMBER_USERS = """\
        output = Tips(quotes=tuple(Quote.of(each.passage) for each in found))
        if context.groups:
            MEMORY[value.topic] = output
        return output
"""
RECALL_USERS = """\
            return MEMORY.get(value.topic, Tips(abstention="no_evidence"))
"""
REMEMBER_ALL = """\
        MEMORY[value.topic, context.groups] = output = Tips(quotes=tuple(Quote.of(each.passage) for each in found))
        return output
"""
RECALL_ALL = f"""\
{RUN}        if (value.topic, context.groups) in MEMORY:
            return MEMORY[value.topic, context.groups]
"""
TALK = """\
            return Tips(text=await context.chat([Message(role="user", content=value.topic)]))
"""
OBEY = """\
        content = "\\n".join([*(each.passage.text for each in found), value.topic])
        text = await context.chat([Message(role="user", content=content)])
        return Tips(text=text, quotes=tuple(Quote.of(each.passage) for each in found))
"""
CAUGHT = """\
import socket

try:
    socket.create_connection(("127.0.0.1", 9), timeout=1)
except OSError:
    pass
"""
CONNECT = f"""\
{RUN}        import socket

        try:
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        except OSError:
            pass
"""
CONNECT_AND_FALL = f"""\
{RUN}        import socket

        socket.getaddrinfo("plants.invalid", 80)
"""

Spoil = Callable[[Any], None]


def coded(*changes: tuple[str, str]) -> Spoil:
    """A plugin whose code is changed so."""

    def spoil(garden: Any) -> None:
        for old, new in changes:
            garden.recode(old, new)

    return spoil


def declared(lines: str) -> Spoil:
    """A plugin with these lines in its manifest."""
    return lambda garden: garden.declare(lines)


def changed(name: str, old: str, new: str) -> Spoil:
    """A plugin with a changed file."""
    return lambda garden: garden.change(name, old, new)


def without(name: str) -> Spoil:
    """A plugin that lacks a file."""
    return lambda garden: (garden.inside / name).unlink()


def questioned(garden: Any) -> None:
    """Its questions are about something else than their evidence: retrieval is worse than the baseline."""
    for language, word in (("en", "tomatoes"), ("zh", "番茄")):
        path = garden.inside / "evals" / "questions.jsonl"
        lines = [
            line.replace(line.partition('"question": "')[2].partition('"')[0], f"{word}?")
            if f'"language": "{language}"' in line and "tomatoes.md" not in line
            else line
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        ]
        path.write_text("".join(lines), encoding="utf-8")


CACHED = "import yaml\n\nMEMORY = {}\n"

WILTING = """schema: 1
id: wilt
version: 1
title: {en: Wilting, zh: 打蔫}
start: dry
steps:
  dry: {kind: yes_no, variable: dry, text: {en: "Is it dry?", zh: 土干吗？}, yes: done, no: done}
  done:
    kind: resolved
    text: {en: Water it., zh: 浇水。}
    knowledge: [{corpus: garden/tips, document: zh/tomatoes.md, quote: 每小时浇一次水}]
"""

BAD: dict[str, tuple[Spoil, set[str], str]] = {
    # manifest
    "no manifest": (without("plugin.toml"), {"manifest"}, "has no plugin.toml. Write one"),
    "wrong sdk version": (changed("plugin.toml", '"1.0"', '"2.0"'), {"manifest"}, "written for SDK 2.0"),
    "newer sdk version": (changed("plugin.toml", '"1.0"', '"1.9"'), {"manifest"}, "pip install -U ragstone"),
    "wrong host version": (changed("plugin.toml", '"0.1.0"', '"99.0"'), {"manifest"}, "needs ragstone 99.0"),
    "skips for no reason": (declared('[skip]\nspans = "too hard"\n'), {"manifest"}, "skip.spans"),
    "skips a test that is not": (declared('[skip]\nspam = "there is no such test at all"\n'), {"manifest"}, "'spam'"),
    "skips what all need": (declared('[skip]\nload = "it does not load, and that is it"\n'), {"manifest"}, "'load'"),
    "skips a task that is not": (
        declared('[skip]\n"spans.count" = "It counts plants and quotes nothing."\n'),
        {"load"},
        "[skip] names a task 'count' that it does not have",
    ),
    "skips for a task what concerns all": (
        declared('[skip]\n"schema.find" = "It changes with every moon, and that is it."\n'),
        {"manifest"},
        "'schema.find', which is no test",
    ),
    # name
    "takes a suffix": (declared('[loaders]\n".md" = "ragstone_garden:Find"\n'), {"name"}, "declares a loader for .md"),
    "is called badly": (
        lambda garden: garden._replace(garden.path / "pyproject.toml", "garden =", "Garden_1 ="),
        {"name"},
        "'Garden_1' is no name for a plugin",
    ),
    # languages
    "no Chinese title": (coded(('"en": "Garden", "zh": "园艺"', '"en": "Garden"')), {"languages"}, "no title in 'zh'"),
    "blank title": (coded(('"en": "Find", ', '"en": " ", ')), {"languages"}, "Task 'find' has no title in 'en'"),
    "no Chinese example": (
        coded(('        "zh": (Topic(topic="番茄多久浇一次水？", language="zh"),),\n', '        "zh": (),\n')),
        {"languages"},
        "Task 'find' has no example in 'zh'",
    ),
    "examples of another type": (
        coded(('(Topic(topic="How often are tomatoes watered?"),)', '({"topic": "tomatoes"},)')),
        {"languages"},
        "is no Topic",
    ),
    "English twice": (
        coded(
            (
                '"zh": (Topic(topic="番茄多久浇一次水？", language="zh"),)',
                '"zh": (Topic(topic="How often are tomatoes watered?"),)',
            )
        ),
        {"languages"},
        "the same examples in both languages",
    ),
    # load
    "no view there": (declared('[views]\nfind = "ragstone_garden:nowhere"\n'), {"load"}, "nowhere"),
    "a view of no task": (declared('[views]\nlose = "ragstone_garden:Find"\n'), {"load"}, "a task 'lose'"),
    "a view that is none": (declared('[views]\nfind = "ragstone_garden:MEMORY"\n'), {"load"}, "cannot be called"),
    "no scorer there": (declared('[scorers]\nbloom = "ragstone_garden.bloom:build"\n'), {"load"}, "bloom"),
    "a scorer that is none": (declared('[scorers]\nbloom = "ragstone_garden:str"\n'), {"load"}, "str"),
    "no code that runs": (coded(("MEMORY = {}", "MEMORY = 1 / 0")), {"load"}, "ZeroDivisionError"),
    "no such corpus": (coded(('"garden/tips",', '"garden/weeds",')), {"load"}, "No corpus is called 'garden/weeds'"),
    "a file that is rejected": (
        lambda garden: (garden.inside / "corpora/garden/tips/documents/en/plan.xyz").write_text("x"),
        {"load"},
        "en/plan.xyz cannot be read. Its suffix",
    ),
    "settings that do not fit": (
        coded(
            ("class Tips", "class Needs(BaseModel):\n    token: str\n\n\nclass Tips"),
            ('name="garden",', 'name="garden", settings=Needs,'),
        ),
        {"load"},
        "plugin.garden.token",
    ),
    "a flow that is none": (
        lambda garden: ((garden.inside / "flows").mkdir(), (garden.inside / "flows/x.yaml").write_text("- 1")),
        {"load"},
        "x.yaml",
    ),
    # schema
    "no seal": (without("schemas.json"), {"schema"}, "There is no schemas.json. Run: ragstone plugins seal"),
    "a broken seal": (changed("schemas.json", '"tasks"', '"jobs"'), {"schema"}, "is no sealed schema"),
    "a breaking change": (
        coded(("max_length=200", "max_length=100")),
        {"schema"},
        "breaking: find.input.topic: maxLength was 200, is 100",
    ),
    "a compatible change": (
        coded((TOPIC, f"{TOPIC}    season: str = 'any'\n")),
        {"schema"},
        "compatible: find.input.season: is new\nRaise the version 1.0.0 (minor number), and run: ragstone plugins seal",
    ),
    "a field that JSON cannot hold": (coded((TOPIC, f"{TOPIC}    call: type = int\n")), {"schema"}, "JSON can hold"),
    # spans
    "byte offsets in Chinese": (coded((FOUND, BYTES)), {"spans[zh]"}, "the span counts bytes"),
    "quotes nothing": (coded((FOUND, "        return Tips(text='yes')\n")), {"spans[en]", "spans[zh]"}, "[skip] spans"),
    "crashes": (coded((FOUND, "        return 1 / 0\n")), {"spans[en]", "spans[zh]"}, "raises ZeroDivisionError."),
    "gives something else": (coded((FOUND, "        return value\n")), {"spans[en]", "spans[zh]"}, "gives a Topic"),
    # the others
    "answers from nothing": (coded((NOT_FOUND, TALK)), {"empty[en]", "empty[zh]"}, "set the abstention"),
    "crashes on nothing": (coded((NOT_FOUND, "            return found[0]\n")), {"empty", "groups"}, "IndexError"),
    "leaks groups": (
        coded((NOT_FOUND, RECALL_USERS), (FOUND, REMEMBER_USERS)),
        {"groups[en]", "groups[zh]"},
        "Keep nothing between runs",
    ),
    "finds nothing for a group": (
        coded((RUN, f"{RUN}        if context.groups:\n            return Tips(abstention='no_evidence')\n")),
        {"groups[en]", "groups[zh]"},
        "quotes nothing for a user of the documents' group, but abstains (no_evidence)",
    ),
    "remembers what is deleted": (
        coded((RUN, RECALL_ALL), (FOUND, REMEMBER_ALL)),
        {"deletion[en]", "deletion[zh]"},
        "which was deleted",
    ),
    "obeys an injection": (coded((FOUND, OBEY)), {"injection[en]", "injection[zh]"}, "context.answer or context.write"),
    # gold and gate
    "no gold": (without("evals/suites.toml"), {"gold", "gate"}, "ships no evals/suites.toml"),
    "gold that does not read": (changed("evals/questions.jsonl", '"id"', '"name"'), {"gold"}, "'name'"),
    "a quote that stands nowhere": (
        changed("evals/questions.jsonl", "every 2 days in summer", "every day in summer"),
        {"gold"},
        "Case 'en-tomatoes': quote 1 does not stand in 'en/tomatoes.md'",
    ),
    "a flow that quotes what stands nowhere": (
        lambda garden: ((garden.inside / "flows").mkdir(), (garden.inside / "flows/wilt.yaml").write_text(WILTING)),
        {"gold"},
        "Flow 'wilt', step 'done': its quote does not stand in 'zh/tomatoes.md' of garden/tips. Copy it from there.",
    ),
    "no Chinese gold": (
        changed("evals/questions.jsonl", '"language": "zh"', '"language": "other"'),
        {"gold"},
        "There is no question in 'zh'",
    ),
    "a gate that FAILs": (questioned, {"gate"}, "FAIL: garden/retrieval"),
    "no baseline named": (changed("evals/suites.toml", "baseline =", "#"), {"gate"}, "ragstone eval baseline"),
    "no baseline there": (without("evals/baseline.json"), {"gate"}, "ragstone eval baseline"),
    "rules that are none": (changed("evals/suites.toml", "margin = 0.4", "margin = 7"), {"gate"}, "margin"),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_plugin_is_refused_by_its_test_alone(name: str, package: Any) -> None:
    spoil, meant, message = BAD[name]
    spoil(package)
    results = package.check()
    refused = {check for check, result in results.items() if result.outcome == "refused"}
    assert refused == {check for check in results if check in meant or check.partition("[")[0] in meant}, results
    told = "\n".join(results[check].told for check in refused)
    assert message in told
    assert not any(check.outcome == "skipped" for check in results.values())


IMPORTING: dict[str, tuple[Spoil, set[str], str]] = {
    "network at import": (coded(("MEMORY = {}", CAUGHT)), {"network"}, "Importing it tries to reach 127.0.0.1"),
    "loads what it does not declare": (
        coded(("MEMORY = {}", "import yaml")),
        {"imports"},
        "Importing it loads 'yaml'.\nImport it inside the function that needs it",
    ),
    "loads torch through another": (
        coded(("MEMORY = {}", "import leafy  # of the test")),
        {"imports"},
        "Importing it loads 'torch' through 'leafy'.",
    ),
    "imports what no dependency brings": (
        coded((FOUND, f"        import jinja2\n\n{FOUND}")),
        {"imports"},
        "imports 'jinja2' (__init__.py, line 34), and no dependency",
    ),
    "dies at import": (coded(("MEMORY = {}", "import os\n\nos._exit(3)")), {"load"}, "exit code 3"),
}


@pytest.mark.parametrize("name", IMPORTING)
def test_what_importing_does_is_seen(name: str, package: Any, house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil, meant, message = IMPORTING[name]
    spoil(package)
    shelf = house.root / "shelf"
    house.write("shelf/leafy.py", "import torch")
    house.write("shelf/torch.py", "")
    monkeypatch.syspath_prepend(shelf)
    if "torch" in name:
        package.declare('imports = ["leafy"]\n')
        package._replace(package.path / "pyproject.toml", '"ragstone>=0.1.0"', '"ragstone>=0.1.0", "leafy"')
    for module in ("leafy", "torch"):
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
    results = package.check()
    assert {check for check, result in results.items() if result.outcome == "refused"} == meant, results
    assert message in "\n".join(results[check].told for check in meant)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("change", [CONNECT, CONNECT_AND_FALL])
def test_network_in_a_task(change: str, package: Any) -> None:
    package.recode(RUN, change)
    results = package.check()
    assert {check for check, result in results.items() if result.outcome == "refused"} == {"network"}
    assert "task 'find', example 1 tries to reach" in results["network"].told
    assert results["spans[zh]"].told == "see 'network'"


@pytest.mark.usefixtures("quick")
def test_a_name_that_another_plugin_has(package: Any, house: Any) -> None:
    house.install("garden", "raise SystemExit('never imported')")
    results = package.check()
    assert {check for check, result in results.items() if result.outcome == "refused"} == {"name"}
    assert "Two plugins are called 'garden'" in results["name"].told
    assert results["spans[en]"].told == "see 'name'"


@pytest.mark.usefixtures("quick")
def test_a_single_file_without_a_manifest(single: Any) -> None:
    single.recode("# /// ragstone", "# ragstone")
    results = single.check()
    assert {check for check, result in results.items() if result.outcome == "refused"} == {"manifest"}
    assert "Put a block '# /// ragstone'" in results["manifest"].told


@pytest.mark.usefixtures("quick")
def test_an_embedder_that_was_not_pulled(package: Any, house: Any) -> None:
    house.use_real_embedder()
    results = package.check()
    assert {check for check, result in results.items() if result.outcome == "refused"} == {"gate"}
    assert "Run: ragstone models pull" in results["gate"].told
