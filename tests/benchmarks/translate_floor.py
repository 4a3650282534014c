"""The thresholds of the plugin "translate": when wording of the corpus says the same, and when a translation is near.

Run: ``python -m tests.benchmarks.translate_floor``. Needs the indexes of both corpora. Two measurements:

* *Memory*: sentences of the English and Chinese sides of a corpus, whose files of one name treat one subject. A memory
  is right when it stands in the twin of the source's document. The dev half of the documents chooses the lead.
* *Translation*: the parallel sample of the plugin, sentence by sentence. A pair is a right translation; a source with
  another sentence of the same document is a wrong one. The dev half of the documents chooses the floor.
"""

import re
from collections.abc import Iterator, Sequence

from tests.benchmarks.common import ROOT, publish, wilson

from ragstone.answering.engine import Engine
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.sdk import Language, sentences
from ragstone.settings import load_settings
from ragstone_translate.checks import facts, lead

SAMPLE = ROOT / "plugins/translate/src/ragstone_translate/corpora/translate/sample/documents"
GROUPS = frozenset({"staff"})
LEADS = (0.0, 0.02, 0.03, 0.04, 0.05, 0.06)
FLOORS = (0.76, 0.78, 0.80, 0.82, 0.84)
DIRECTIONS: tuple[tuple[Language, Language], ...] = (("en", "zh"), ("zh", "en"))
ENDS = tuple(".!?。！？；")
CORPORA = {"customer_service/hearthline": 3, "translate/sample": 1}
"""Corpus to stride: every third document of the large one."""


class Measure:
    """With one embedder: memories and pairs, each with its half."""

    def __init__(self, engine: Engine) -> None:
        self._embedder = engine.embedder

    def cosines(self, source: str, texts: Sequence[str]) -> list[float]:
        vectors = self._embedder.embed_passages([source, *texts])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]

    def memories(
        self, index: Index, every: int, source: Language, target: Language
    ) -> Iterator[tuple[bool, float, bool]]:
        """For each sentence with a candidate: whether it is of the dev half, its lead, and whether it is right."""
        names = sorted(name for name in index.document_ids() if name.startswith(f"{source}/"))[::every]
        for number, name in enumerate(names):
            document = index.document(name, GROUPS)
            for span in sentences(document.text, source):
                text = " ".join(span.of(document.text).split())
                found = self._best(index, text, target) if text.endswith(ENDS) else None
                if found is not None:
                    yield number % 2 == 0, found[0], found[1] == target + name.removeprefix(source)

    def _best(self, index: Index, text: str, target: Language) -> tuple[float, str] | None:
        where = Filter(groups=GROUPS, languages=frozenset({target}))
        near: dict[str, str] = {}
        for evidence in index.search(text, k=4, where=where).evidence:
            spans = sentences(evidence.passage.text, target)
            near |= {span.of(evidence.passage.text): evidence.passage.document_id for span in spans}
        texts = [each for each in near if each.endswith(ENDS)]
        same = [at for at, each in enumerate(texts) if facts(each) == facts(text)]
        if not same:
            return None
        cosines = self.cosines(text, texts)
        best = max(same, key=lambda at: cosines[at])
        return lead(cosines[best], [*cosines[:best], *cosines[best + 1 :]]), near[texts[best]]

    def pairs(self) -> Iterator[tuple[bool, float, float, list[float]]]:
        """Half, cosine of the right translation, its lead over the others of the document, cosines of those."""
        for number, path in enumerate(sorted((SAMPLE / "en").glob("*.md"))):
            aligned = list(_aligned(path.read_text(encoding="utf-8"), (SAMPLE / "zh" / path.name).read_text("utf-8")))
            for at, (english, _) in enumerate(aligned):
                cosines = self.cosines(english, [chinese for _, chinese in aligned])
                others = [*cosines[:at], *cosines[at + 1 :]]
                yield number % 2 == 0, cosines[at], lead(cosines[at], others), others


def _aligned(english: str, chinese: str) -> Iterator[tuple[str, str]]:
    """Sentences of paragraphs that have as many of them on both sides."""
    for one, other in zip(re.split(r"\n\s*\n", english), re.split(r"\n\s*\n", chinese), strict=True):
        left = [" ".join(span.of(one).split()) for span in sentences(one, "en")]
        right = [span.of(other) for span in sentences(other, "zh")]
        if len(left) == len(right) and left[0].endswith(ENDS):
            yield from zip(left, right, strict=True)


def memory_rows(measure: Measure, engine: Engine) -> Iterator[str]:
    yield "| corpus | direction | lead | right, dev | right, test | taken (test) |\n|---|---|---|---|---|---|"
    for corpus, every in CORPORA.items():
        for source, target in DIRECTIONS:
            found = list(measure.memories(engine.index(corpus), every, source, target))
            total = sum(not dev for dev, _, _ in found)
            for least in LEADS:
                halves = [
                    [right for dev, own, right in found if dev == half and own >= least] for half in (True, False)
                ]
                shares = " | ".join(wilson(sum(half), len(half)) for half in halves)
                yield f"| {corpus} | {source} to {target} | {least} | {shares} | {len(halves[1])}/{total} |"


def floor_rows(measure: Measure) -> Iterator[str]:
    yield "| floor | right, dev | wrong, dev | right, test | wrong, test |\n|---|---|---|---|---|"
    pairs = list(measure.pairs())
    for floor in FLOORS:
        cells: list[str] = []
        for half in (True, False):
            of_half = [(cosine, own, others) for dev, cosine, own, others in pairs if dev == half]
            right = [cosine >= floor and own >= 0 for cosine, own, _ in of_half]
            wrong = [
                other >= floor and lead(other, [cosine, *others[:at], *others[at + 1 :]]) >= 0
                for cosine, _, others in of_half
                for at, other in enumerate(others)
            ]
            cells += [wilson(sum(right), len(right)), wilson(sum(wrong), len(wrong))]
        yield f"| {floor} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and publish."""
    engine = Engine(load_settings(), None)
    measure = Measure(engine)
    body = [
        "## Thresholds of the plugin translate",
        "",
        "Memories that stand in the twin of the source's document, of those that are taken, by their least lead. The "
        "two sides of Hearthline tell of two countries' shops and are no translations of each other; those of the "
        "sample are.",
        "",
        *memory_rows(measure, engine),
        "",
        "Translations that pass, by the floor (and a lead of at least 0): the right one, and other sentences of the "
        "same document.",
        "",
        *floor_rows(measure),
        "",
        "Chosen on the dev halves: lead 0.05, floor 0.82.",
    ]
    publish("translate", "python -m tests.benchmarks.translate_floor", "\n".join(body))


if __name__ == "__main__":
    main()
