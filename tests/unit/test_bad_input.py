"""The bad input table: what a user can get wrong, and the one message that each thing gets.

``docs/errors.md`` is this table. After a change: ``python tests/unit/test_bad_input.py``.
"""
# ruff: noqa: E501  (one row of the table a line)

import errno
import io
import re
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
NAME = "town/library"
ASK = ("ask", "library", "一本书可以借多少天？")
RUN = ("run", "library")
BUILD, SEARCH, ADD = ("index", "build"), ("index", "search", NAME), ("index", "add", NAME)
Make = Callable[[Any], object]


@dataclass(frozen=True)
class Row:
    """``message`` is the whole message; "…" stands for any text.

    ``gains`` is a document that is indexed all the same. ``keeps`` False: the index itself is the bad input.
    """

    id: str
    what: str
    command: tuple[str, ...]
    message: str
    code: int = 1
    make: Make = lambda house: None
    gains: str = "en/loans.md"
    keeps: bool = True


def stdin(content: bytes) -> Make:
    return lambda house: house.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))


def written(content: str | bytes, name: str = "input.json") -> Make:
    return lambda house: house.write(name, content)


def setting(name: str, value: str) -> Make:
    return lambda house: house.set(name, value)


def toml(content: str | bytes) -> Make:
    return written(content, "ragstone.toml")


def installed(name: str, source: str) -> Make:
    return lambda house: house.install(name, source)


def card(old: str, new: str) -> Make:
    def change(house: Any) -> None:
        path = house.documents.parent / "card.toml"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    return change


def second_corpus(house: Any) -> None:
    shutil.copytree(house.documents.parent, house.root / "corpora/town/archive")


def broken_second_corpus(house: Any) -> None:
    second_corpus(house)
    house.write("corpora/town/another/card.toml", "schema = ")
    card_of_archive = house.root / "corpora/town/archive/card.toml"
    card_of_archive.write_text(card_of_archive.read_text("utf-8").replace('"library"', '"archive"'), "utf-8")


def english_only(house: Any) -> None:
    from ragstone.models.catalog import load_catalog
    from ragstone.models.languages import require_languages

    known = load_catalog()

    def require(wanted: set[str], force: bool = False) -> None:
        require_languages(known.get("all-minilm-l6-v2"), wanted, known.entries("embedder"), force=force)

    house.embedder.require_languages = require


def other_embedder(house: Any) -> None:
    house.embedder = type(house.embedder)("other", 32)


def spoilt(pattern: str) -> Make:
    return lambda house: next(house.index.rglob(pattern)).write_bytes(b"\x00")


def no_disk(name: str) -> Make:
    """A file where a folder is due: this also stops root, who may write everywhere."""

    def make(house: Any) -> None:
        house.write("full", "x")
        house.set(name, "full")

    return make


def full_disk(house: Any) -> None:
    def save(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    house.monkeypatch.setattr("ragstone.index.snapshot.Snapshot.save", save)


def broken_embedder(house: Any) -> None:
    house.monkeypatch.setattr(house.embedder, "embed_queries", lambda texts: np.full((len(texts), 64), np.nan))


def real_models(house: Any) -> None:
    house.use_real_embedder()
    house.use_real_chat()


def damaged_model(house: Any) -> None:
    house.use_real_embedder()
    house.write("models/multilingual-e5-small-q4.bin", "x")


CASE = '{"id": "a", "question": "一本书可以借多少天？", "language": "zh"}\n'
ANSWER = '{"id": "a", "text": "21天"}\n'
SUITES = """
[suites.rules]
files = ["cases.jsonl"]
system = "recorded"
recordings = "answers.jsonl"
scorers = ["abstention"]
[suites.rules.gate.metrics."answer.wrong"]
margin = 0.1
"""


def evaluated(house: Any) -> None:
    """A suite of one recorded answer, and the report of a run of it."""
    for name, content in {"cases.jsonl": CASE, "answers.jsonl": ANSWER, "suites.toml": SUITES}.items():
        house.write(name, content)
    assert house.run("eval", "run", "suites.toml#rules", "--out", "out").code == 0


def labelled(content: str) -> Make:
    return lambda house: (evaluated(house), house.write("labels.jsonl", content))


def renamed(suite: str) -> Make:
    def make(house: Any) -> None:
        evaluated(house)
        report = (house.root / "out/report.json").read_text("utf-8")
        house.write("other.json", report.replace('"suite":"rules"', f'"suite":"{suite}"'))

    return make


def server(**behaviour: Any) -> Make:
    def make(house: Any) -> None:
        house.set("MODELS__READ_TIMEOUT", "0.2" if behaviour.get("delay") else "20")
        house.ask_server(**behaviour)

    return make


def no_server(house: Any) -> None:
    house.ask_server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        house.set("MODELS__BASE_URL", f"http://127.0.0.1:{probe.getsockname()[1]}/v1")


def port_in_use(house: Any) -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 18765))
    taken.listen()
    house.closing.append(taken.close)


def absent(module: str) -> Make:
    from importlib.util import find_spec

    return lambda house: house.monkeypatch.setattr(
        "ragstone.cli.console.find_spec", lambda name: None if name == module else find_spec(name)
    )


OTHER = """
from ragstone.sdk import AskTask, Plugin
plugin = Plugin(name="other", titles={}, corpora=("town/library",), tasks=(AskTask(examples={}),))
"""


def bare(manifest: str) -> Callable[[Any], None]:
    """A single file in a plugin folder, with this manifest; empty: none, but installed."""

    def make(house: Any) -> None:
        block = "".join(f"# {line}\n" for line in manifest.splitlines())
        house.write("bare/bare.py", f"# /// ragstone\n{block}# ///\n" if manifest else "plugin = 1\n")
        house.set("PATHS__PLUGINS", '["bare"]' if manifest else '["bare/bare.py"]')

    return make


def no_package(house: Any) -> None:
    def read(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'pypdf'", name="pypdf")

    house.monkeypatch.setattr("ragstone.index.building.read_corpus", read)


PIECE = b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"A"}}]}\n\n'
AGAIN = "Mend it and run the command again."
SETTING = "Mend it in ragstone.toml or the environment."
PLUGINS = "…See: ragstone plugins list"
REFUSED = "1 files or rows could not be read; all others were added. Mend them and add them again."
SECTIONS = "The sections are: paths, models, retrieval, answering, plugins, plugin."

ROWS = {
    "Command lines": [
        Row("no-such-command", "a command that does not exist", ("aks", "library", "问题"), "No such command 'aks'…. Run: ragstone --help", 2),
        Row("no-such-option", "an option that does not exist", (*ASK, "--fast"), "No such option: --fast…. Run: ragstone ask --help", 2),
        Row("missing-argument", "an argument left out", ("ask", "library"), "Missing argument 'question'. Run: ragstone ask --help", 2),
        Row("k-zero", "zero passages asked for", (*SEARCH, "book", "-k", "0"), "Invalid value for '-k': Input should be greater than or equal to 1. Run: ragstone index search --help", 2),
        Row("k-word", "a word where a number is due", (*SEARCH, "书", "-k", "三"), "Invalid value for '-k': Input should be a valid integer, unable to parse string as an integer. Run: ragstone index search --help", 2),
        Row("port-range", "a port that cannot be", ("console", "--port", "70000"), "Invalid value for '--port': Input should be less than or equal to 65535. Run: ragstone console --help", 2),
    ],
    "Questions": [
        Row("question-empty", "an empty question", ("ask", "library", ""), f"Field 'question': String should have at least 1 character. {AGAIN}", 2),
        Row("question-blank", "a question of spaces only", ("ask", "library", " \t\u3000"), f"Field 'question': String should have at least 1 character. {AGAIN}", 2),
        Row("question-marks", "a question of punctuation only", ("ask", "library", "？！…?!"), f"Field 'question': it has no word. Type a question. {AGAIN}", 2),
        Row("question-long-en", "a question of 5000 letters", ("ask", "library", "a" * 5000), f"Field 'question': String should have at most 4000 characters. {AGAIN}", 2),
        Row("question-long-zh", "a question of 5000 Chinese characters", ("ask", "library", "书" * 5000), f"Field 'question': String should have at most 4000 characters. {AGAIN}", 2),
        Row("question-bytes", "a question that is not UTF-8", ("ask", "library", "caf\udce9 ouvert"), f"Field 'question': Input should be a valid string, unable to parse raw data as a unicode string. {AGAIN}", 2),
        Row("question-stdin-bytes", "a question on standard input that is not UTF-8", ("ask", "library", "-"), "'-' is not UTF-8 text. Save it as UTF-8 and try again.", 2, stdin("借书".encode("gb18030"))),
        Row("corpus-of-another", "a corpus that the plugin does not have", (*ASK, "--corpus", "town/museum"), "Plugin 'library' has no corpus 'town/museum'. It has: town/library, town/archive", 2),
        Row("corpus-not-indexed", "a corpus without an index", (*ASK, "--corpus", "town/archive"), "There is no index at '….ragstone/indexes/town/archive'. Run: ragstone index build town/archive"),
        Row("query-blank", "a search for nothing", (*SEARCH, "  "), "The query is empty. Type some words to look for.", 2),
        Row("mode", "a mode of search that does not exist", (*SEARCH, "书", "--mode", "magic"), "Unknown mode 'magic'. Choose fused, dense or lexical.", 2),
    ],
    "Input of tasks": [
        Row("task", "a task that the plugin does not have", (*RUN, "grade", "--input", "input.json"), "Plugin 'library' has no task 'grade'. It has: answer, echo, crash, liar", 2),
        Row("input-missing", "an input file that is not there", (*RUN, "echo", "--input", "输入.json"), "Cannot read '输入.json': No such file or directory. Give a JSON file with --input.", 2),
        Row("input-folder", "a folder as input", (*RUN, "echo", "--input", "corpora"), "Cannot read 'corpora': Is a directory. Give a JSON file with --input.", 2),
        Row("input-bytes", "an input file that is not UTF-8", (*RUN, "echo", "--input", "input.json"), "'input.json' is not UTF-8 text. Save it as UTF-8 and try again.", 2, written('{"text": "书"}'.encode("gb18030"))),
        Row("input-no-json", "an input file that is not JSON", (*RUN, "echo", "--input", "input.json"), "'input.json' is not JSON: Expecting property name enclosed in double quotes in line 1, column 2. Mend it and try again.", 2, written("{text: 书}")),
        Row("input-deep", "JSON in 100,000 brackets", (*RUN, "echo", "--input", "input.json"), "'input.json' holds JSON that is too long or too deep to read. Make it smaller.", 2, written("[" * 100_000)),
        Row("input-list", "a list where fields are due", (*RUN, "echo", "--input", "input.json"), f"Field 'input': Input should be a valid dictionary or instance of Words. {AGAIN}", 2, written("[]")),
        Row("input-type", "a field of a wrong type", (*RUN, "echo", "--input", "input.json"), f"Field 'text': Input should be a valid string. {AGAIN}", 2, written('{"text": 1}')),
        Row("input-lacks", "a field left out", (*RUN, "echo", "--input", "input.json"), f"Field 'text': Field required. {AGAIN}", 2, written("{}")),
        Row("input-extra", "a field that the task does not have", (*RUN, "echo", "--input", "input.json"), f"Field '文本': Extra inputs are not permitted. The fields are: text, times. {AGAIN}", 2, written('{"text": "a", "文本": "b"}')),
        Row("input-no-question", "a question of spaces in a file", (*RUN, "answer", "--input", "input.json"), f"Field 'question': it has no word. Type a question. {AGAIN}", 2, written('{"question": " \u3000"}')),
    ],
    "Plugins": [
        Row("plugin-unknown", "a plugin that is not installed", ("ask", "libary", "book"), f"No plugin is called 'libary'. Installed: {PLUGINS}", 2),
        Row("plugin-not-allowed", "a plugin outside the allow-list", ASK, "Plugin 'library' is installed but not allowed. Add it to 'plugins' in ragstone.toml.", 2, setting("PLUGINS", '["medical"]')),
        Row("plugin-import", "a plugin whose module does not import", ("ask", "bad", "书"), "Plugin 'bad' does not load: ModuleNotFoundError: No module named 'nowhere_at_all'. Mend or reinstall it.", make=installed("bad", "import nowhere_at_all")),
        Row("plugin-exits", "a plugin that ends the process when imported", ("ask", "bad", "书"), "Plugin 'bad' does not load: SystemExit: 3. Mend or reinstall it.", make=installed("bad", "raise SystemExit(3)")),
        Row("plugin-name-invalid", "a plugin whose record is invalid", ("ask", "bad", "书"), "Plugin 'bad' does not load: ValidationError: name: String should match pattern '^[a-z][a-z0-9-]*$'; titles: Field required; tasks: Field required. Mend or reinstall it.", make=installed("bad", "from ragstone.sdk import Plugin\nplugin = Plugin(name='坏')")),
        Row("plugin-attribute", "an entry point to nothing", ("ask", "bad", "书"), "Plugin 'bad' does not load: AttributeError: …. Mend or reinstall it.", make=installed("bad", "x = 1")),
        Row("plugin-no-plugin", "an entry point that is no Plugin", ("ask", "bad", "书"), "Plugin 'bad': …:plugin is not a ragstone.sdk.Plugin. Mend its entry point or uninstall it.", make=installed("bad", "plugin = {}")),
        Row("plugin-other-name", "a plugin that calls itself otherwise", ("ask", "bad", "书"), "Plugin 'bad' calls itself 'other'. Its entry point must bear the same name.", make=installed("bad", OTHER)),
        Row("plugin-no-manifest", "a plugin without a manifest", ("ask", "bare", "书"), "Plugin 'bare' does not load: …/bare.py has no manifest. Put a block '# /// ragstone' with sdk_version and minimum_host_version on top.", make=bare("")),
        Row("plugin-manifest-toml", "a manifest that is not TOML", ("ask", "bare", "书"), "Plugin 'bare' does not load: …/bare.py: the manifest is not TOML: …. Mend it.", make=bare("版本")),
        Row("plugin-manifest-field", "a manifest with a field that nobody knows", ("ask", "bare", "书"), "Plugin 'bare' does not load: …/bare.py: field 'colour': Extra inputs are not permitted. Mend the manifest.", make=bare('sdk_version = "1.0"\nminimum_host_version = "0.1.0"\ncolour = "绿"')),
        Row("plugin-sdk-newer", "a plugin for a newer SDK", ("ask", "bare", "书"), "Plugin 'bare' does not load: It needs SDK 1.99, this host speaks …. Run: pip install -U ragstone", make=bare('sdk_version = "1.99"\nminimum_host_version = "0.1.0"')),
        Row("plugin-sdk-other", "a plugin for another SDK", ("ask", "bare", "书"), "Plugin 'bare' does not load: It is written for SDK 2.0, this host speaks …. Take a release of the plugin for SDK 1, or move it over: docs/sdk.md, 'Versions'.", make=bare('sdk_version = "2.0"\nminimum_host_version = "0.1.0"')),
        Row("plugin-host-older", "a plugin for a newer host", ("ask", "bare", "书"), "Plugin 'bare' does not load: It needs ragstone 99.0, this is …. Run: pip install -U ragstone", make=bare('sdk_version = "1.0"\nminimum_host_version = "99.0"')),
        Row("plugin-folder-empty", "a plugin folder without a plugin", ASK, "'…/en' holds no plugin: neither a pyproject.toml with an entry point in 'ragstone.plugins', nor a .py file with a '# /// ragstone' block. Make one with: ragstone plugins new NAME", 2, setting("PATHS__PLUGINS", '["corpora/town/library/documents/en"]')),
        Row("plugin-settings", "a setting that the plugin does not know", ASK, "Setting 'plugin.library.colour': Extra inputs are not permitted. Plugin 'library' knows: none. " + SETTING, 2, setting("PLUGIN__LIBRARY__COLOUR", "绿")),
        Row("plugin-twice", "two plugins of one name", ASK, "Two plugins are called 'library' (… and …). Uninstall one of them.", make=installed("library", "plugin = 1")),
        Row("plugin-crashes", "a task that fails", (*RUN, "crash", "--input", "input.json"), "Task 'crash' failed: ZeroDivisionError at shelf_…. Tell the plugin's author this place.", make=written('{"text": "书"}')),
        Row("plugin-lies", "a task that gives something else than it declares", (*RUN, "liar", "--input", "input.json"), "Task 'liar' gave a dict where it declares Words. Tell the plugin's author.", make=written('{"text": "书"}')),
        Row("demo-no-plugin", "a demo without any plugin", ("demo",), "No plugin is installed and allowed. See: ragstone plugins list", 2, lambda house: (house.set("PLUGINS", "[]"), house.monkeypatch.setattr("ragstone.cli.demo.models.pull", lambda: None))),
    ],
    "Settings": [
        Row("toml-broken", "a ragstone.toml that is not TOML", ASK, "ragstone.toml cannot be read: …. Mend it, or take it away.", 2, toml("[models\n")),
        Row("toml-bytes", "a ragstone.toml that is not UTF-8", ASK, "ragstone.toml cannot be read: …. Mend it, or take it away.", 2, toml("# 设置".encode("gb18030"))),
        Row("toml-type", "a setting of a wrong type", ASK, f"Setting 'retrieval.passages': Input should be a valid integer, unable to parse string as an integer. {SETTING}", 2, toml('[retrieval]\npassages = "四"')),
        Row("toml-unknown", "a setting that does not exist", ASK, f"Setting 'models.profil': Extra inputs are not permitted. {SETTING}", 2, toml('[models]\nprofil = "external"')),
        Row("toml-section", "a section that does not exist", ASK, f"Setting '模型': Extra inputs are not permitted. {SETTING}", 2, toml('["模型"]\nprofile = "external"')),
        Row("toml-list", "a text where a list is due", ASK, f"Setting 'plugins': it should be a list, such as [\"medical\"]. {SETTING}", 2, toml('plugins = "library"')),
        Row("env-name", "a misspelt variable", ASK, f"Setting 'models.profil': Extra inputs are not permitted. {SETTING}", 2, setting("MODELS__PROFIL", "external")),
        Row("env-section", "a variable of a misspelt section", ASK, f"Variable 'RAGSTONE_MODLES__PROFILE' names no setting. {SECTIONS}", 2, setting("MODLES__PROFILE", "external")),
        Row("env-near", "a variable that is nearly a setting", ASK, f"Variable 'RAGSTONE_PLUGINZ' names no setting. {SECTIONS}", 2, setting("PLUGINZ", '["medical"]')),
        Row("env-list", "a text in a variable where a list is due", ASK, f"Setting 'plugins': it should be a list, such as [\"medical\"]. {SETTING}", 2, setting("PLUGINS", "medical")),
        Row("env-whole-section", "a text in a variable for a whole section", ASK, "The environment cannot be read: …\"models\"…. Name one setting, such as RAGSTONE_MODELS__PROFILE.", 2, setting("MODELS", "external")),
        Row("profile", "a profile that does not exist", ASK, f"Setting 'models.profile': Input should be 'embedded' or 'external'. {SETTING}", 2, setting("MODELS__PROFILE", "gpu")),
        Row("timeout-negative", "a negative time limit", ASK, f"Setting 'models.read_timeout': Input should be greater than 0. {SETTING}", 2, setting("MODELS__READ_TIMEOUT", "-1")),
        Row("timeout-infinite", "an infinite time limit", ASK, f"Setting 'models.read_timeout': Input should be a finite number. {SETTING}", 2, setting("MODELS__READ_TIMEOUT", "inf")),
        Row("context-tiny", "a context that no model works with", ASK, f"Setting 'models.context_length': Input should be greater than or equal to 256. {SETTING}", 2, setting("MODELS__CONTEXT_LENGTH", "10")),
        Row("context-full", "an answer as long as the whole context", ASK, f"Settings: answering.max_tokens (256) leaves no room for a question in models.context_length (256). {SETTING}", 2, setting("MODELS__CONTEXT_LENGTH", "256")),
        Row("address", "an address without http://", ASK, f"Setting 'models.base_url': it should look like http://127.0.0.1:8000/v1. {SETTING}", 2, setting("MODELS__BASE_URL", "localhost:8000")),
        Row("address-port", "an address with a port that cannot be", ASK, f"Setting 'models.base_url': Port out of range 0-65535. {SETTING}", 2, setting("MODELS__BASE_URL", "http://127.0.0.1:99999/v1")),
        Row("key", "a key with Chinese characters", ASK, f"Setting 'models.api_key': it is empty, or has spaces or characters beyond ASCII. Copy the key again. {SETTING}", 2, setting("MODELS__API_KEY", "密钥")),
        Row("path-empty", "an empty path", ASK, f"Setting 'paths.data': it is empty. Name a folder. {SETTING}", 2, setting("PATHS__DATA", "")),
        Row("overlap", "passages that overlap by all they hold", BUILD, "Passages of 40 tokens cannot overlap by 40, … Choose larger passages or a smaller overlap.", 2, lambda house: (house.set("RETRIEVAL__PASSAGE_TOKENS", "40"), house.set("RETRIEVAL__OVERLAP_TOKENS", "40"))),
    ],
    "Corpora": [
        Row("no-corpora", "no corpora folder", BUILD, "There is no corpus in 'nowhere', and no plugin ships one. Run this in the project's folder, or set RAGSTONE_PATHS__CORPORA.", 2, lambda house: (house.set("PATHS__CORPORA", "nowhere"), house.set("PLUGINS", "[]"))),
        Row("corpus-unknown", "a corpus that does not exist", ("corpora", "check", "town/museum"), "No corpus is called 'town/museum'. There are: …town/library…", 2),
        Row("corpus-no-card", "a corpus without a card", (*BUILD, NAME), "No corpus is called 'town/library'. There are: …town/archive…", 2, lambda house: (second_corpus(house), (house.documents.parent / "card.toml").unlink())),
        Row("card-field", "a card with a wrong field", BUILD, "town/library: …card.toml: field 'languages.1': Input should be 'en', 'zh' or 'other'. Mend the card.", make=card('"zh"', '"中文"')),
        Row("card-extra", "a card with a field that does not exist", ("corpora", "check"), "These differ from their cards: town/library: …card.toml: field 'licens': Extra inputs are not permitted. Mend the card. If the change is meant: ragstone corpora seal", make=card("licence", "licens = 1\nlicence")),
        Row("card-toml", "a card that is not TOML", ("corpora", "list"), "town/library: …card.toml is not TOML: …. Mend the card.", make=card("schema = 1", "schema =")),
        Row("card-others", "one bad card among good ones", BUILD, "town/another: …card.toml is not TOML: …. Mend the card.", make=broken_second_corpus),
        Row("card-access", "an access pattern that protects nothing", BUILD, "town/library: Access pattern 'zh/intern/*' in library matches no file. Mend it or take it out.", make=card('provenance = "Written for these tests."', 'provenance = "x"\n[access]\n"zh/intern/*" = ["staff"]')),
        Row("corpus-changed", "a file changed after sealing", ("corpora", "check"), "These differ from their cards: town/library: counts: … If the change is meant: ragstone corpora seal", make=lambda house: (house.run("corpora", "seal", NAME), written("新规则：每人五本。", f"corpora/{NAME}/documents/zh/新.md")(house))),
        Row("seal-broken-file", "a corpus sealed with a file that cannot be read", ("corpora", "seal", NAME), "1 files or rows of library are rejected, the first is 坏.pdf: …", make=written(b"%PDF-", f"corpora/{NAME}/documents/坏.pdf")),
        Row("languages", "a Chinese corpus with an embedder of English only", (*BUILD, NAME), "town/library: Model 'all-minilm-l6-v2' does not know zh (it knows en). Set models.embedder to '…', or set models.allow_language_mismatch.", make=english_only),
    ],
    "Files": [
        Row("build-broken-file", "a corpus with one file that cannot be read", BUILD, "1 files or rows could not be read; all others are indexed. Mend them and run it again.", make=lambda house: (house.write(f"corpora/{NAME}/documents/zh/坏.txt", b"\xff\xfe\x00"), house.write(f"corpora/{NAME}/documents/zh/新.md", "每人五本。")), gains="zh/新.md"),
        Row("add-missing", "a file that is not there", (*ADD, "新.md", "无.md"), REFUSED, make=written("每人五本。", "新.md"), gains="新.md"),
        Row("add-suffix", "a file of an unknown kind", (*ADD, "新.md", "图.png"), REFUSED, make=lambda house: (house.write("新.md", "每人五本。"), house.write("图.png", b"\x89PNG")), gains="新.md"),
        Row("add-empty", "an empty file", (*ADD, "new.md", "empty.md"), REFUSED, make=lambda house: (house.write("new.md", "Five books each."), house.write("empty.md", "")), gains="new.md"),
        Row("add-pdf", "a broken PDF", (*ADD, "new.md", "broken.pdf"), REFUSED, make=lambda house: (house.write("new.md", "Five books each."), house.write("broken.pdf", "%PDF-1.7")), gains="new.md"),
        Row("add-row", "a table with a bad row", (*ADD, "faq.csv"), REFUSED, make=written("id,question,answer\n1,几本？,五本\n2,,\n", "faq.csv"), gains="faq.csv#1"),
        Row("add-folder", "a folder where a file is due", (*ADD, "corpora"), REFUSED),
        Row("add-nowhere", "a file for an index that does not exist", ("index", "add", "town/museum", "新.md"), "There is no index at '….ragstone/indexes/town/museum'. Run: ragstone index build town/museum", make=written("每人五本。", "新.md")),
        Row("add-language", "a Chinese file with an embedder of English only", (*ADD, "新.md"), "Model 'all-minilm-l6-v2' does not know zh (it knows en). Set models.embedder to '…', or set models.allow_language_mismatch.", make=lambda house: (english_only(house), house.write("新.md", "每人最多可以借五本书。"))),
    ],
    "Indexes": [
        Row("index-none", "no index at all", ("index", "info"), "No index has been built. Run: ragstone index build", make=setting("PATHS__DATA", "elsewhere")),
        Row("index-none-doctor", "a check of no index", ("index", "doctor"), "No index has been built. Run: ragstone index build", make=setting("PATHS__DATA", "elsewhere")),
        Row("index-name", "a name that is not domain/name", ("index", "search", "../library", "书"), "'../library' is no name of an index: give domain/name. See: ragstone index info", 2),
        Row("index-embedder", "an index of another embedder", ASK, "Index '….ragstone/indexes/town/library' was built with embedder 'hash' (hash-64), not with 'other' (other-32): their vectors cannot be compared. Run: ragstone index build town/library", make=other_embedder, keeps=False),
        Row("index-vectors", "a damaged file of vectors", ASK, "Index '…' is damaged: vectors.faiss of generation 1 differ from what was written. Run: ragstone index doctor town/library", make=spoilt("vectors.faiss"), keeps=False),
        Row("index-manifest", "a damaged manifest", (*SEARCH, "书"), "Index '…' is damaged: the manifest of generation 1 cannot be read. Run: ragstone index doctor town/library", make=spoilt("manifest.json"), keeps=False),
        Row("index-pointer", "a damaged pointer", (*SEARCH, "书"), "Index '…' is damaged: CURRENT holds no number. Run: ragstone index doctor town/library", make=spoilt("CURRENT"), keeps=False),
        Row("index-sick", "a damaged index, examined", ("index", "doctor"), "1 indexes are damaged. The remedies stand above.", make=spoilt("documents.jsonl"), keeps=False),
        Row("delete-unknown", "documents to delete that are not there", ("index", "delete", NAME, "无.md", "none.md"), "Not in the index: '无.md', 'none.md'. See: ragstone index info town/library --documents", 2),
        Row("disk-full", "a disk that is full in the middle of a write", (*BUILD, NAME), "town/library: Index '…' cannot be written: No space left on device. The last whole generation still answers; mend the disk and run the command again.", make=full_disk),
        Row("disk-index", "a disk that refuses the index", (*BUILD, NAME), "town/library: Index '…' cannot be written: Not a directory. …mend the disk and run the command again.", make=no_disk("PATHS__DATA")),
    ],
    "Models": [
        Row("embedder-absent", "an embedder that was not pulled", ASK, "Model 'multilingual-e5-small-q4' is not in the store. Run: ragstone models pull multilingual-e5-small-q4", make=real_models),
        Row("chat-absent", "a chat model that was not pulled", ASK, "Model 'qwen2.5-coder-1.5b-instruct-q4' is not in the store. Run: ragstone models pull qwen2.5-coder-1.5b-instruct-q4", make=lambda house: house.use_real_chat()),
        Row("embedder-damaged", "a damaged model", (*SEARCH, "书"), "Model 'multilingual-e5-small-q4' is damaged in the store. Run: ragstone models pull multilingual-e5-small-q4", make=damaged_model),
        Row("embedder-unknown", "an embedder that the catalog does not have", BUILD, "There is no embedder '嵌入'. Known: …multilingual-e5-small-q4….", 2, lambda house: (house.use_real_embedder(), house.set("MODELS__EMBEDDER", "嵌入"))),
        Row("embedder-broken", "an embedder that gives no numbers", BUILD, "The embedder gave a vector that is not finite. Run: ragstone models verify", make=broken_embedder),
        Row("pull-unknown", "a model to pull that the catalog does not have", ("models", "pull", "multilingual-e5-small-q4", "gpt"), "There is no model 'gpt'. Known: ….", 2),
        Row("verify-damaged", "a damaged model, verified", ("models", "verify", "multilingual-e5-small-q4"), "Damaged: multilingual-e5-small-q4. Run: ragstone models pull multilingual-e5-small-q4", make=damaged_model),
        Row("disk-models", "a disk that refuses the models", ("models", "pull"), "'full/.locks' cannot be used: Not a directory. Check the path, its rights and the free space.", make=no_disk("PATHS__MODELS")),
    ],
    "Model servers": [
        Row("server-down", "no server at the address", ASK, "No model server answers at http://127.0.0.1:…/v1. Start it, or check models.base_url.", make=no_server),
        Row("server-model", "a server that serves another model", ASK, "The server does not serve 'gpt'. Set models.chat to one of: m.", make=lambda house: (house.ask_server(), house.set("MODELS__CHAT", "gpt"))),
        Row("server-401", "a key that is refused", ASK, "The model server at … answered 401 …. The API key was refused: set RAGSTONE_MODELS__API_KEY.", make=server(status=401)),
        Row("server-404", "an address that serves something else", ASK, "The model server at … answered 404 …. It serves no such model or path: check models.chat and models.base_url.", make=server(status=404)),
        Row("server-429", "a server that is busy", ASK, "The model server at … answered 429 …. It is busy or a quota is spent: try again later.", make=server(status=429)),
        Row("server-500", "a server that fails", ASK, "The model server at … answered 500 …. Its log says why.", make=server(status=500)),
        Row("server-slow", "a server that is silent", ASK, "The model server at … was silent for 0.2 seconds. It may be overloaded; raise models.read_timeout, or send fewer requests at once.", make=server(delay=1.0)),
        Row("server-garbage", "a web page instead of a server", ASK, "What answers at … does not speak the OpenAI protocol. Check models.base_url (it usually ends in /v1).", make=server(body="<html>你好</html>".encode())),
        Row("server-json", "JSON that is no answer", ASK, "What answers at … does not speak the OpenAI protocol. Check models.base_url (it usually ends in /v1).", make=server(body=b"[]")),
        Row("server-cut", "an answer that breaks off", ASK, "The model server at … ended an answer before it was finished. Ask again; if it happens again, its log says why.", make=server(stream=PIECE + b"data: [DONE]\n\n")),
    ],
    "Evaluation": [
        Row("eval-suite", "a suite that does not exist", ("eval", "run", "museum"), "'museum' is neither a file of cases (….toml) nor a plugin. Installed: …library….", 2),
        Row("eval-suite-part", "a suite that a file does not have", ("eval", "run", "suites.toml#本"), "suites.toml has no suite '本'. It has: rules.", 2, evaluated),
        Row("eval-case-line", "a case without a question", ("eval", "validate", "cases.jsonl"), "cases.jsonl:2: field 'question': Field required. Mend the file and run the command again.", 2, written(CASE + '{"id": "b", "language": "en"}\n', "cases.jsonl")),
        Row("eval-case-json", "a line that is not JSON", ("eval", "validate", "cases.jsonl"), "cases.jsonl:1: it is not JSON: …. Mend the file and run the command again.", 2, written("{id: 一}\n", "cases.jsonl")),
        Row("eval-case-twice", "two cases of one id", ("eval", "run", "cases.jsonl"), "cases.jsonl:2: field 'id': cases.jsonl:1 has the same id. Mend the file and run the command again.", 2, written(CASE + CASE, "cases.jsonl")),
        Row("eval-case-missing", "a file of cases that is not there", ("eval", "validate", "案例.jsonl"), "案例.jsonl: it cannot be read (No such file or directory). Mend the file and run the command again.", 2),
        Row("eval-filter", "filters that leave no case", ("eval", "run", "cases.jsonl", "--language", "en"), "None of the 1 cases has language en. Choose other filters.", 2, written(CASE, "cases.jsonl")),
        Row("eval-system", "a system that does not exist", ("eval", "run", "cases.jsonl", "--system", "magic"), "Invalid value for '--system': 'magic' is not one of 'answer', 'retrieve', 'recorded', 'endpoint', 'choice'. Run: ragstone eval run --help", 2, written(CASE, "cases.jsonl")),
        Row("eval-no-plugin", "a file of cases that names no plugin to ask", ("eval", "run", "cases.jsonl", "--scorer", "abstention"), "Suite 'cases' names no plugin to ask. Give recorded answers with --answers, or take a plugin's suite. See: ragstone eval suites", 2, written(CASE, "cases.jsonl")),
        Row("eval-no-answers", "recorded answers that are not named", ("eval", "run", "cases.jsonl", "--system", "recorded", "--scorer", "abstention"), "Suite 'cases' has no recorded answers. Name a file with --answers.", 2, written(CASE, "cases.jsonl")),
        Row("eval-scorer", "a scorer that does not exist", ("eval", "run", "suites.toml#rules", "--scorer", "魔法"), "No scorer is called '魔法'. Installed: ….", 2, evaluated),
        Row("eval-replay", "a replay without the cache", ("eval", "run", "suites.toml#rules", "--replay", "--no-cache"), "--replay takes the answers from the cache. Leave --no-cache out.", 2, evaluated),
        Row("eval-folder", "a folder that belongs to another run", ("eval", "run", "suites.toml#rules", "--out", "out", "--seed", "9"), "'out' holds a run that differs from this one in: seed. Name another folder, or remove this one.", 2, evaluated),
        Row("eval-format", "a format that cannot be imported", ("eval", "import", "excel", "案例.xlsx", "--out", "made"), "No importer is called 'excel'. Choose: csv, huggingface, ragas, ragtruth.", 2),
        Row("eval-column", "a column that is not renamed as it should", ("eval", "import", "csv", "案例.csv", "--out", "made", "--column", "问题"), "'问题' is not THEIRS=OURS. Write it so after --column.", 2, written("问题\n几本？\n", "案例.csv")),
        Row("eval-no-question", "a table without a column of questions", ("eval", "import", "csv", "案例.csv", "--out", "made"), "案例.csv: no column 'question'. Name it so, or say which one it is. …", 2, written("问题\n几本？\n", "案例.csv")),
        Row("eval-report", "a report that is not there", ("eval", "report", "报告.json"), "Report '报告.json' cannot be read: No such file or directory. Run: ragstone eval run", 2),
        Row("eval-no-report", "a file that is no report", ("eval", "report", "cases.jsonl"), "'cases.jsonl' is no report of this version: …. Run the suite again.", 2, written(CASE, "cases.jsonl")),
        Row("eval-verdict", "a verdict to write without rules", ("eval", "report", "out/report.json", "--junit", "r.xml"), "JUnit XML and JSON hold verdicts. Name a --baseline, or rules with --margin or --suite.", 2, evaluated),
        Row("gate-lonely", "a report to compare with, and none to judge", ("eval", "gate", "out/report.json"), "'out/report.json' is a file: name the report to judge after it, or give a plugin's suite instead.", 2, evaluated),
        Row("gate-rules", "a run of a suite whose rules cannot be found", ("eval", "gate", "out/report.json", "out/report.json"), "The gate's rules are not known: 'rules' is neither a file of cases (….toml) nor a plugin. Installed: …. Name the suite with --suite.", 2, evaluated),
        Row("gate-no-rules", "a suite without rules", ("eval", "gate", "out/report.json", "out/report.json", "--suite", "cases.jsonl"), "Suite 'cases.jsonl' has no rules for the gate. Give --margin METRIC=NUMBER, or add them.", 2, evaluated),
        Row("gate-metric", "a rule for a metric that was not measured", ("eval", "gate", "out/report.json", "out/report.json", "--suite", "suites.toml#rules"), "No report has a metric 'answer.wrong'. They have: ….", 2, evaluated),
        Row("gate-margin-form", "a margin without a number", ("eval", "gate", "out/report.json", "out/report.json", "--margin", "answer.correct"), "'answer.correct' is not METRIC=NUMBER. Write it so after --margin.", 2, evaluated),
        Row("gate-margin", "a margin that is no number", ("eval", "gate", "out/report.json", "out/report.json", "--margin", "answer.correct=五"), "The rules of --margin do not hold together: …margin: …. Mend them.", 2, evaluated),
        Row("gate-suites", "two runs of different suites", ("eval", "compare", "other.json", "out/report.json"), "The baseline is of suite 'others', the candidate of 'rules'. Compare two runs of one suite.", 2, renamed("others")),
        Row("baseline-place", "a baseline that has no place", ("eval", "baseline", "out/report.json"), "Where the baseline belongs is not known: 'rules' is neither a file of cases (….toml) nor a plugin. Installed: …. Say where with --out.", 2, evaluated),
        Row("baseline-none", "a suite that names no baseline", ("eval", "baseline", "other.json"), "Suite 'cases.jsonl' names no baseline file. Say where with --out.", 2, renamed("cases.jsonl")),
        Row("labels-metric", "labels of a metric that is not named", ("eval", "calibrate", "out/report.json", "labels.jsonl"), "Say with --metric what the labels are about. It has: abstention.right, …", 2, labelled('{"id": "a", "label": 1}\n')),
        Row("labels-value", "a label that is neither 0 nor 1", ("eval", "calibrate", "out/report.json", "labels.jsonl", "--metric", "abstention.right"), "labels.jsonl:1: field 'label': a label is 0, 1, true or false. Mend the file and run the command again.", 2, labelled('{"id": "a", "label": "好"}\n')),
        Row("labels-cases", "labels of other cases", ("eval", "calibrate", "out/report.json", "labels.jsonl", "--metric", "abstention.right"), "No label is of a case that 'abstention.right' scored. The ids must be those of the cases.", 2, labelled('{"id": "别的", "label": 1}\n')),
        Row("labels-kinds", "labels of one kind alone", ("eval", "calibrate", "out/report.json", "labels.jsonl", "--metric", "abstention.right"), "All labels are the same. …", 2, labelled('{"id": "a", "label": 1}\n')),
    ],
    "This machine": [
        Row("console-absent", "a console that is not installed", ("console",), "'ragstone_console' is not installed. Run: pip install 'ragstone[console]'", make=absent("ragstone_console")),
        Row("streamlit-absent", "a console without its server", ("console",), "'streamlit' is not installed. Run: pip install 'ragstone[console]'", make=absent("streamlit")),
        Row("port-taken", "a port that is in use", ("console", "--port", "18765"), "Cannot listen on 127.0.0.1:18765 (Address already in use). Try another --port.", 2, port_in_use),
        Row("package-absent", "an optional package that is not installed", BUILD, "'pypdf' is not installed. Run: pip install 'ragstone[all]'", make=no_package),
        Row("encoding", "a terminal that cannot show Chinese", (*SEARCH, "逾期"), "The output's encoding, ascii, lacks a character. Set PYTHONUTF8=1 and run it again.", 2, lambda house: house.monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))),
        Row("host", "a host that is not this machine", ("console", "--host", "192.0.2.1"), "Cannot listen on 192.0.2.1:8501 (Cannot assign requested address). Try another --port.", 2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for rows in ROWS.values() for row in rows])
def test_bad_input_gets_one_clear_message_and_loses_nothing(house: Any, row: Row) -> None:
    row.make(house)
    shown = house.run(*row.command)
    assert shown.code == row.code, shown
    assert shown.err.count("error:") == 1, shown.err
    assert re.fullmatch(pattern(row.message), shown.message), shown.message
    assert "Traceback" not in shown.out + shown.err
    if row.keeps:
        assert answers(house) == ["en/loans.md", "zh/loans.md"]
        assert row.gains in opened(house).document_ids()


def pattern(message: str) -> str:
    return ".*".join(re.escape(part) for part in message.split("…"))


def answers(house: Any) -> list[str]:
    """The documents that two questions find, read anew from the disk."""
    from ragstone.index.filters import Filter

    found = [opened(house).search(query, 1, Filter(), mode="lexical") for query in ("late book", "逾期归还")]
    return [each.evidence[0].passage.document_id for each in found]


def opened(house: Any) -> Any:
    from ragstone.index.hybrid import Index

    return Index.open(house.index, type(house.embedder)())


def test_the_table_names_each_thing_once() -> None:
    ids = [row.id for rows in ROWS.values() for row in rows]
    assert len(ids) == len(set(ids)) >= 45


def render() -> str:
    """``docs/errors.md``."""
    head = [
        "# What can go wrong, and what the command line says",
        "",
        "Each of these ends with one message on standard error (`error: …`) and the exit code in the last column: 2 when",
        "the command, its input or a setting must change, 1 when something else is in the way. What was there before is",
        "still there: other files are indexed, and the last whole index answers. … stands for a name, a path or a reason.",
        "",
        "This page is the table of `tests/unit/test_bad_input.py`, whose every row is a test;",
        "`python tests/unit/test_bad_input.py` writes it anew.",
    ]
    for title, rows in ROWS.items():
        head += ["", f"## {title}", "", "| id | what is wrong | message | exit |", "|---|---|---|---|"]
        head += [f"| {row.id} | {row.what} | {row.message.replace('|', chr(92) + '|')} | {row.code} |" for row in rows]
    return "\n".join(head) + "\n"


def test_the_page_of_errors_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python tests/unit/test_bad_input.py"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
