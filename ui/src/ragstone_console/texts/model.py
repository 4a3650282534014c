"""Which texts the console has."""

from dataclasses import dataclass
from typing import Literal

from ragstone.types import AbstentionReason, Verdict

UiLanguage = Literal["en", "zh"]
NAMES: dict[UiLanguage, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Texts:
    """One language. ``{…}`` stands for values that the views fill in."""

    tagline: str
    language: str
    # a form
    task: str
    run: str
    working: str
    optional: str
    choose: str
    yes: str
    no: str
    one_a_line: str
    as_json: str
    problems: dict[str, str]
    problem_within: str
    wrong_input: str
    download: str
    # asking
    ask_intro: str
    question: str
    question_hint: str
    ask: str
    stop: str
    examples: str
    corpus: str
    groups: str
    groups_label: str
    groups_hint: str
    groups_note: str
    thinking: str
    writing: str
    # the answer
    verdicts: dict[Verdict, str]
    abstained: str
    abstentions: dict[AbstentionReason, str]
    # the proof
    sources: str
    sources_hint: str
    source_label: str
    open_source: str
    close_source: str
    document: str
    quote_moved: str
    evidence: str
    evidence_note: str
    left_out: str
    numbers: str
    cosine: str
    bm25: str
    fused: str
    stages: dict[str, str]
    tokens_read: str
    tokens_written: str
    model: str
    # models and corpora
    inventory: str
    inventory_intro: str
    models: str
    endpoint: str
    embedded: str
    external: str
    corpora: str
    indexes: str
    states: dict[str, str]
    not_built: str
    no_corpora: str
    name: str
    title: str
    role: str
    state: str
    size: str
    used_here: str
    languages: str
    documents: str
    licence: str
    provenance: str
    generation: str
    passages: str
    embedder: str
    built: str
    # trouble
    failed: str
    mend: str
    unexpected: str
