"""What holds for every test of the kit: it is skipped for a written reason alone, and nobody replaces it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import PluginError
from ragstone.testing.conformance import PluginConformance, SpansConformance
from ragstone.testing.conformance.base import CHECKS
from ragstone.testing.conformance.subject import Subject

pytest_plugins = "pytester"

REASON = "Its outputs are lists of dates, which quote nothing."


@pytest.mark.usefixtures("quick")
def test_a_reason_in_the_manifest_skips_a_test_in_both_languages(package: Any) -> None:
    package.recode(
        "quotes=tuple(Quote.of(each.passage) for each in found)", "text='|'.join(e.passage.text for e in found)"
    )
    package.declare(f'[skip]\nspans = "{REASON}"\n')
    results = package.check()
    assert {check: result.told for check, result in results.items() if result.outcome == "skipped"} == {
        "spans[en]": REASON,
        "spans[zh]": REASON,
    }
    assert [check for check, result in results.items() if result.outcome not in ("ok", "skipped")] == []


@pytest.mark.usefixtures("quick")
def test_a_reason_leaves_one_task_out(package: Any) -> None:
    package.recode(
        "quotes=tuple(Quote.of(each.passage) for each in found)", "text='|'.join(e.passage.text for e in found)"
    )
    package.declare(f'[skip]\n"spans.find" = "{REASON}"\n')
    results = package.check()
    assert {check: result.told for check, result in results.items() if result.told} == {
        f"spans[{language}]": f"without task 'find': {REASON}" for language in ("en", "zh")
    }
    assert {result.outcome for result in results.values()} == {"ok"}


SHOWN = "        output = Tips(text='|'.join(each.passage.text for each in found))\n"
RUN = "    async def run(self, value, context):\n"
FOUND = "        return Tips(quotes=tuple(Quote.of(each.passage) for each in found))\n"
FORGETFUL = {
    "groups": (
        f"{RUN}        if not context.groups and value.topic in MEMORY:\n            return MEMORY[value.topic]\n",
        f"{SHOWN}        if context.groups:\n            MEMORY[value.topic] = output\n        return output\n",
    ),
    "deletion": (
        f"{RUN}        if (value.topic, context.groups) in MEMORY:\n"
        "            return MEMORY[value.topic, context.groups]\n",
        f"{SHOWN}        MEMORY[value.topic, context.groups] = output\n        return output\n",
    ),
    "injection": (
        RUN,
        "        text = '\\n'.join(each.passage.text for each in found)\n"
        "        return Tips(text=await context.chat([Message(role='user', content=f'{text}\\n?')]))\n",
    ),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("check", FORGETFUL)
def test_what_quotes_nothing_is_still_looked_through(check: str, package: Any) -> None:
    recall, remember = FORGETFUL[check]
    package.recode(RUN, recall)
    package.recode(FOUND, remember)
    package.declare(f'[skip]\nspans = "{REASON}"\n')
    results = package.check()
    assert [name for name, result in results.items() if result.outcome == "refused"] == [f"{check}[en]", f"{check}[zh]"]


@pytest.mark.usefixtures("quick")
def test_a_plugin_that_connects_when_imported_is_refused_even_if_it_says_so(package: Any) -> None:
    package.recode("MEMORY = {}", "import socket\n\nsocket.create_connection(('127.0.0.1', 9))\nMEMORY = {}")
    package.declare('[skip]\nnetwork = "It looks names of plants up in a catalogue."\n')
    results = package.check()
    assert [name for name, result in results.items() if result.outcome == "refused"] == ["load"]


@pytest.mark.usefixtures("quick")
def test_a_plugin_that_has_to_ask_a_service_may_say_so(package: Any) -> None:
    package.recode(
        "        found = await",
        "        import socket\n\n        try:\n            socket.getaddrinfo('plants.invalid', 80)\n"
        "        except OSError:\n            pass\n        found = await",
    )
    package.declare('[skip]\nnetwork = "It looks names of plants up in a catalogue."\n')
    results = package.check()
    assert results["network"].outcome == "skipped"
    assert [name for name, result in results.items() if result.outcome not in ("ok", "skipped")] == []


@pytest.mark.parametrize("name", ["test_spans", "subject", "due"])
def test_a_test_of_the_kit_cannot_be_replaced(name: str) -> None:
    with pytest.raises(PluginError, match=rf"TestGarden replaces '{name}' of the conformance kit.*\[skip\]"):
        type("TestGarden", (PluginConformance,), {"path": Path(), name: lambda self: None})


def test_a_test_of_ones_own_may_stand_beside_it() -> None:
    made = type("TestGarden", (SpansConformance,), {"path": Path(), "test_more": lambda self: None})
    assert issubclass(made, SpansConformance)


def test_all_classes_together_are_the_whole_kit() -> None:
    names = [name.removeprefix("test_") for name in dir(PluginConformance) if name.startswith("test_")]
    assert sorted(names) == sorted(CHECKS)


def test_a_class_can_be_inherited_alone(single: Any, pytester: pytest.Pytester) -> None:
    single.change("evals/questions.jsonl", "every 2 days", "each day")
    test = f"""
        from pathlib import Path
        from ragstone.testing.conformance import GoldConformance, ManifestConformance

        class TestGold(GoldConformance):
            path = Path({str(single.path)!r})

        class TestManifest(ManifestConformance):
            path = Path({str(single.path)!r})
        """
    pytester.makepyfile(test)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*Case 'en-tomatoes': quote 1 does not stand in 'en/tomatoes.md'. Copy it from there."]
    )


@pytest.mark.usefixtures("quick")
def test_other_corpora_of_the_host_serve_a_tool_that_fits_any(package: Any, house: Any) -> None:
    shutil.rmtree(house.root / "corpora")
    package.recode('    corpora=("garden/tips",),\n', "")
    package.change("evals/suites.toml", 'corpus = "garden/tips"\n', "")
    results = package.check()
    assert [name for name, result in results.items() if result.outcome == "refused"] == ["gold", "gate"]
    assert 'has evidence, but no corpus. Name it: corpus = "domain/name"' in results["gold"].told


@pytest.mark.usefixtures("quick")
def test_restricted_documents_are_quoted_to_who_may_read_them(package: Any) -> None:
    card = package.inside / "corpora/garden/tips/card.toml"
    card.write_text(card.read_text() + '\n[access]\n"*" = ["gardeners"]\n', encoding="utf-8")
    results = package.check()
    assert {name: result.told for name, result in results.items() if result.outcome != "ok"}.keys() <= {"gate"}


def test_nothing_at_a_path_is_said_by_the_manifest(tmp_path: Path) -> None:
    subject = Subject(tmp_path)
    assert "holds no plugin" in subject.manifest_problem
