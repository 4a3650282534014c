"""What is wrong with an index folder, and the command that mends each thing. Reads only, changes nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from ragstone.errors import IndexStoreError
from ragstone.index.embedding import EmbedderProtocol
from ragstone.index.generations import Generations, Manifest, rebuild
from ragstone.index.lexical import LexicalIndex
from ragstone.index.snapshot import LEXICAL, VECTORS, Cut, read_cuts, read_documents
from ragstone.index.vectors import VectorIndex
from ragstone.types import Document, Record


class Finding(Record):
    """One thing that is wrong. An error makes answers wrong or impossible; a warning wastes room."""

    severity: Literal["error", "warning"]
    problem: str
    remedy: str


def doctor(path: Path, embedder: EmbedderProtocol | None = None) -> list[Finding]:
    """Examine an index: pointer, manifest, checksums, counts, slices, orphans, duplicates, leftovers.

    Args:
        path: The folder of the index.
        embedder: The one in use, to compare with the one that built the index.

    Returns:
        Nothing if all is well.
    """
    return list(_findings(path, embedder))


def _findings(path: Path, embedder: EmbedderProtocol | None) -> Iterator[Finding]:
    generations = Generations(path)
    mend = rebuild(path)
    try:
        number = generations.current()
        if number is None:
            yield Finding(severity="error", problem="No generation is current.", remedy=mend)
            return
        manifest = generations.manifest(number)
    except IndexStoreError as error:
        yield Finding(severity="error", problem=str(error).split(" Run: ")[0], remedy=mend)
        return
    yield from _leftovers(generations)
    problems = list(_problems_of_files(generations, manifest))
    if not problems:
        try:
            problems += _problems_of_contents(generations.folder(number), manifest)
        except (OSError, ValueError, RuntimeError) as error:
            problems.append(f"Generation {number} cannot be read ({type(error).__name__}).")
    problems += _problems_of_embedder(manifest, embedder)
    for problem in problems:
        yield Finding(severity="error", problem=problem, remedy=mend)


def _leftovers(generations: Generations) -> Iterator[Finding]:
    current = generations.current()
    for entry in generations.others():
        if not (entry.name.isdecimal() and current is not None and int(entry.name) < current):
            yield Finding(
                severity="warning",
                problem=f"'{entry.name}' was left by a write that did not come to its end.",
                remedy=f"The next write removes it; to free the room now, run: rm -r '{entry}'",
            )


def _problems_of_files(generations: Generations, manifest: Manifest) -> Iterator[str]:
    for name in generations.broken_files(manifest):
        yield f"File '{name}' of generation {manifest.generation} is missing or differs from its checksum."


def _problems_of_embedder(manifest: Manifest, embedder: EmbedderProtocol | None) -> Iterator[str]:
    if embedder is not None and embedder.fingerprint != manifest.fingerprint:
        yield (
            f"Built with embedder '{manifest.embedder}' ({manifest.fingerprint}), "
            f"in use is '{embedder.name}' ({embedder.fingerprint})."
        )


def _problems_of_contents(folder: Path, manifest: Manifest) -> Iterator[str]:
    documents = list(read_documents(folder))
    cuts = list(read_cuts(folder))
    yield from _problems_of_ids(documents, cuts)
    yield from _problems_of_slices({document.id: document for document in documents}, cuts)
    vectors = VectorIndex.load(folder / VECTORS)
    counts = {
        "documents": (len(documents), manifest.documents),
        "passages": (len(cuts), manifest.passages),
        "vectors": (len(vectors), manifest.passages),
        "lexical rows": (len(LexicalIndex.load(folder / LEXICAL)), manifest.passages),
    }
    for kind, (found, due) in counts.items():
        if found != due:
            yield f"There are {found} {kind} where the manifest has {due}."
    yield from _problems_of_numbers(vectors.numbers.tolist(), [cut.number for cut in cuts], manifest.next_number)


def _problems_of_numbers(vectors: Sequence[int], passages: Sequence[int], next_number: int) -> Iterator[str]:
    if orphans := len(set(vectors) - set(passages)):
        yield f"{orphans} vectors belong to no passage."
    if bare := len(set(passages) - set(vectors)):
        yield f"{bare} passages have no vector."
    if next_number <= max(vectors, default=-1):
        yield "The counter of vector numbers stands below a number in use."


def _problems_of_ids(documents: Sequence[Document], cuts: Sequence[Cut]) -> Iterator[str]:
    ids = {
        "document id": [document.id for document in documents],
        "passage": [(cut.document_id, cut.span) for cut in cuts],
        "vector number": [cut.number for cut in cuts],
    }
    for kind, values in ids.items():
        repeated = sum(count > 1 for count in Counter(values).values())
        if repeated:
            yield f"{repeated} times a {kind} stands more than once."


def _problems_of_slices(documents: dict[str, Document], cuts: Sequence[Cut]) -> Iterator[str]:
    for cut in cuts:
        document = documents.get(cut.document_id)
        if document is None:
            yield f"A passage belongs to document '{cut.document_id}', which is not there."
        elif cut.span.end > len(document.text):
            yield f"A passage of document '{cut.document_id}' ends beyond its text."
