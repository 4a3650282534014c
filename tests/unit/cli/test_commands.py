"""Every command, in both languages, with fakes in place of the models."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import ragstone
from ragstone.cli import app as entry
from ragstone.models.catalog import load_catalog
from ragstone.models.languages import require_languages
from ragstone.testing.fakes import ScriptedChat

SCRIPT = Path(sys.executable).with_name("ragstone")
ASKED = [
    ("en", "How long may I keep a book?", "A book may be kept for 21 days. [1]", "kept for 21 days"),
    ("zh", "一本书可以借多少天？", "每本书可以借21天。[1]", "借21天"),
]


def test_version_and_help(house: Any) -> None:
    assert house.run("--version").out == f"ragstone {ragstone.__version__}"
    assert "index" in house.run("--help").out


@pytest.mark.parametrize("group", [(), ("index",), ("models",)])
def test_a_group_alone_prints_its_help(house: Any, group: tuple[str, ...]) -> None:
    shown = house.run(*group)
    assert shown.code == 2
    assert "Usage:" in shown.out + shown.err
    assert "error:" not in shown.err


@pytest.mark.parametrize(("language", "question", "reply", "quote"), ASKED)
def test_ask_shows_the_answer_and_its_proof(house: Any, language: str, question: str, reply: str, quote: str) -> None:
    house.chat = ScriptedChat(reply)
    shown = house.run("ask", "library", question, "--show-evidence")
    assert shown.code == 0, shown.err
    assert quote in shown.out.replace(" ✓", "")
    assert f"({language}/loans.md)" in shown.out
    assert "BM25" in shown.out


@pytest.mark.parametrize(("language", "question", "reply", "quote"), ASKED)
def test_ask_as_json(house: Any, language: str, question: str, reply: str, quote: str) -> None:
    house.chat = ScriptedChat(reply)
    answer = json.loads(house.run("ask", "library", question, "--json", "--stream").out)
    assert answer["language"] == language
    assert quote in answer["citations"][0]["quote"]


@pytest.mark.parametrize(("language", "question", "reply", "quote"), ASKED)
def test_a_streamed_answer_is_printed_once(house: Any, language: str, question: str, reply: str, quote: str) -> None:
    house.chat = ScriptedChat(reply)
    shown = house.run("ask", "library", question, "--stream")
    assert shown.code == 0, shown.err
    assert shown.out.startswith(reply)
    assert shown.out.count(reply) == 1


def test_a_question_from_standard_input(house: Any) -> None:
    house.monkeypatch.setattr(sys, "stdin", io.StringIO("  How long may I keep a book?\n"))
    assert house.run("ask", "library", "-").code == 0
    assert house.chat.requests[0][0][-1].content.count("How long may I keep a book?") == 1


def test_an_abstention_is_no_error(house: Any) -> None:
    house.set("RETRIEVAL__FLOOR", "1.1")
    shown = house.run("ask", "library", "火星上有图书馆吗？", "--stream")
    assert shown.code == 0
    assert "✓" not in shown.out
    assert house.chat.requests == []


def test_an_unproved_sentence_is_marked(house: Any) -> None:
    house.chat = ScriptedChat("A book may be kept for 21 days. [1] A late book costs 900 dollars. [1][7]")
    shown = house.run("ask", "library", "What does a late book cost?")
    assert "✗ not proved" in shown.out
    assert "left out: citation [7]" in shown.out


def test_run_prints_the_output_of_a_task(house: Any) -> None:
    house.write("input.json", '\ufeff{"text": "书 book ", "times": 2}')
    assert json.loads(house.run("run", "library", "echo", "--input", "input.json").out)["text"] == "书 book 书 book "


def test_run_answers_too(house: Any) -> None:
    house.monkeypatch.setattr(sys, "stdin", io.StringIO('{"question": "一本书可以借多少天？"}'))
    house.chat = ScriptedChat("每本书可以借21天。[1]")
    assert (
        json.loads(house.run("run", "library", "answer", "--input", "-", "--group", "staff").out)["text"]
        == "每本书可以借21天。[1]"
    )


def test_plugins_list(house: Any) -> None:
    house.set("PLUGINS", '["library"]')
    assert "library" in house.run("plugins", "list").out
    lines = house.run("plugins", "list", "--json").out
    assert '"name":"library"' in lines
    assert '"allowed":true' in lines
    house.monkeypatch.setattr("ragstone.sdk.registry.entry_points", lambda group: ())
    assert "No plugin is installed" in house.run("plugins", "list").out


def test_config_show_hides_the_key(house: Any) -> None:
    house.set("MODELS__API_KEY", "sk-secret")
    shown = house.run("config", "show")
    assert "sk-secret" not in shown.out + shown.err
    assert json.loads(shown.out)["retrieval"]["floor"] == 0


def test_corpora_list_seal_and_check(house: Any) -> None:
    assert "Town library" in house.run("corpora", "list").out
    assert "sealed" in house.run("corpora", "seal", "town/library").out
    assert house.run("corpora", "list").out.count(" 2 ") == 1
    assert "ok town/library" in house.run("corpora", "check").out


def test_index_build_search_add_delete_and_info(house: Any) -> None:
    assert "2 documents" in house.run("index", "build").out
    assert "every corpus is indexed" in house.run("index", "build", "--missing").out
    new = house.write("馆藏.md", "馆藏图书共有三万册。").name
    assert "1 documents" in house.run("index", "add", "town/library", new).out
    found = house.run("index", "search", "town/library", "馆藏 三万册", "-k", "1")
    assert "馆藏.md" in found.out
    assert "embedding" in found.out
    lexical = house.run("index", "search", "town/library", "late book", "--mode", "lexical")
    assert "en/loans.md" in lexical.out
    assert "embedding" not in lexical.out
    assert "Nothing was found" in house.run("index", "search", "town/library", "zzzz", "--mode", "lexical").out
    assert "馆藏.md" in house.run("index", "info", "--documents").out
    assert "deleted 1 documents" in house.run("index", "delete", "town/library", "馆藏.md").out
    assert "馆藏.md" not in house.run("index", "info", "town/library", "--documents").out
    assert "well town/library" in house.run("index", "doctor").out


def test_the_known_documents_are_deleted_and_the_others_named(house: Any) -> None:
    shown = house.run("index", "delete", "town/library", "zh/loans.md", "无.md")
    assert shown.code == 2
    assert "deleted 1 documents" in shown.out
    assert "'无.md'" in shown.message
    assert "zh/loans.md" not in house.run("index", "info", "--documents").out


def test_one_bad_corpus_does_not_stop_the_others(house: Any) -> None:
    good = house.root / "corpora/town/museum"
    shutil.copytree(house.root / "corpora/town/library", good)
    card = good / "card.toml"
    card.write_text(card.read_text("utf-8").replace('"library"', '"museum"'), "utf-8")
    house.write("corpora/town/archive/card.toml", "schema = ")
    assert house.run("index", "build").code == 1
    assert house.run("index", "search", "town/museum", "逾期").code == 0
    assert "town/museum" in house.run("corpora", "list").out
    assert "differs town/museum" in house.run("corpora", "check").out


def test_one_bad_index_does_not_hide_the_others(house: Any) -> None:
    shutil.copytree(house.index, house.index.with_name("archive"))
    (house.index.with_name("archive") / "CURRENT").write_text("?")
    shown = house.run("index", "info")
    assert shown.code == 1
    assert "town/library 1 2 2 en zh" in shown.out
    assert shown.message.startswith("town/archive: ")


def test_an_index_may_become_empty(house: Any) -> None:
    assert "deleted 2" in house.run("index", "delete", "town/library", "en/loans.md", "zh/loans.md").out
    assert "Nothing was found" in house.run("index", "search", "town/library", "逾期").out
    assert house.run("ask", "library", "逾期怎么办？").code == 0


def test_a_language_mismatch_can_be_forced(house: Any, caplog: pytest.LogCaptureFixture) -> None:
    def require(wanted: set[str], force: bool = False) -> None:
        require_languages(load_catalog().get("all-minilm-l6-v2"), wanted, (), force=force)

    house.embedder.require_languages = require
    assert house.run("index", "build").code == 1
    house.set("MODELS__ALLOW_LANGUAGE_MISMATCH", "true")
    assert house.run("index", "build").code == 0
    assert "expect poor results" in caplog.text


def test_ctrl_c_ends_quietly(house: Any) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    house.monkeypatch.setattr("ragstone.cli.demo.models.pull", interrupt)
    shown = house.run("demo")
    assert (shown.code, shown.err) == (130, "")


def test_a_stream_without_an_answer_is_told(house: Any) -> None:
    async def nothing(*_: object) -> AsyncIterator[Any]:
        for event in ():
            yield event

    house.monkeypatch.setattr("ragstone.answering.pipeline.AnsweringPath.stream", nothing)
    assert "without --stream" in house.run("ask", "library", "书？", "--stream").message


def test_a_task_that_raises_one_of_our_errors_is_told_as_it_is(house: Any) -> None:
    house.write("input.json", '{"question": "一本书可以借多少天？", "corpus": "town/archive"}')
    shown = house.run("run", "library", "answer", "--input", "input.json")
    assert "Run: ragstone index build town/archive" in shown.message


def test_a_rebuild_mends_a_lost_pointer(house: Any) -> None:
    (house.index / "CURRENT").write_text("?")
    assert "sick" in house.run("index", "doctor").out
    assert house.run("index", "build").code == 0
    assert house.run("index", "doctor").code == 0


def test_models_list_and_status(house: Any) -> None:
    assert "all-minilm-l6-v2" in house.run("models", "list").out
    status = house.run("models", "status").out
    assert "missing" in status
    assert status.count("yes") == 2
    house.set("MODELS__PROFILE", "external")
    assert house.run("models", "status").out.count("yes") == 1


def test_models_pull_and_verify(house: Any) -> None:
    pulled: list[str] = []
    house.monkeypatch.setattr(
        "ragstone.models.store.ModelStore.pull",
        lambda store, name, progress: (pulled.append(name), progress(1, 1), store.root / name)[-1],
    )
    house.monkeypatch.setattr("ragstone.models.store.ModelStore.verify", lambda store, name: True)
    assert "ready" in house.run("models", "pull").out
    assert pulled == ["qwen2.5-coder-1.5b-instruct-q4", "multilingual-e5-small-q4"]
    assert "ok multilingual-e5-small-q4" in house.run("models", "verify", "multilingual-e5-small-q4").out


def test_the_demo_asks_in_both_languages(house: Any) -> None:
    house.set("PLUGINS", '["library"]')
    house.monkeypatch.setattr("ragstone.cli.demo.models.pull", lambda: None)
    shown = house.run("demo")
    assert shown.code == 0, shown.err
    assert "How long may I keep a book?" in shown.out
    assert "一本书可以借多少天？" in shown.out
    assert "All done" in shown.out


def test_the_console_replaces_this_process(house: Any) -> None:
    started: list[Any] = []
    house.monkeypatch.setattr("os.execv", lambda program, command: started.append((program, command)))
    shown = house.run("console", "--port", "8765", "--host", "127.0.0.1")
    assert shown.code == 0, shown.err
    program, command = started[0]
    assert program == sys.executable
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert command[command.index("--server.port") + 1] == "8765"
    assert command[command.index("--client.showErrorDetails") + 1] == "none"


def test_the_installed_command_stops_with_one_message() -> None:
    ended = subprocess.run([SCRIPT, "ask", "no-such", "问题"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: No plugin is called 'no-such'.")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    with subprocess.Popen([SCRIPT, "models", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        command.stdout.close()
        assert b"Traceback" not in command.stderr.read()


def test_a_lost_module_of_ours_is_a_bug_and_shows_its_trace(house: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ModuleNotFoundError(name="ragstone.lost")

    house.monkeypatch.setattr(entry, "app", broken)
    with pytest.raises(ModuleNotFoundError):
        entry.main([])
