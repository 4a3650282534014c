"""Readings of labelled answers by the small language model, kept on disk: made once, one or two seconds each."""

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from tests.benchmarks.grounding.data import Labelled

from ragstone.answering.grounding.reading import Reading, read
from ragstone.models.catalog import load_catalog
from ragstone.models.likelihood import LikelihoodModel, Trace
from ragstone.models.store import ModelStore
from ragstone.settings import load_settings
from ragstone.types import Language, Progress


class Readings:
    """Reads what has not been read yet. Arrays without objects: loading them runs no code."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._folder = load_settings().paths.data / "benchmarks" / "readings"
        self._folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def _model(self) -> LikelihoodModel:
        settings = load_settings()
        return LikelihoodModel.load(settings.models.likelihood, ModelStore(settings.paths.models, load_catalog()))

    def all(self, rows: Sequence[Labelled], progress: Progress) -> list[Reading]:
        """The readings of answers, in order; neighbours from one source are read together."""
        done = 0
        for _, group in groupby(rows, key=lambda row: (row.source, row.question)):
            together = list(group)
            self._read([row for row in together if not self._path(row).exists()])
            done += len(together)
            progress(done, len(rows))
        return [self._kept(row) for row in rows]

    def _read(self, rows: Sequence[Labelled]) -> None:
        if rows:
            answers = [row.answer for row in rows]
            found = read(self._model, answers, rows[0].source, rows[0].question, self._language)
            for row, reading in zip(rows, found, strict=True):
                self._keep(self._path(row), reading)

    def _path(self, row: Labelled) -> Path:
        return self._folder / f"{row.id.replace('/', '_')}.npz"

    def _kept(self, row: Labelled) -> Reading:
        with np.load(self._path(row), allow_pickle=False) as kept:
            offsets = tuple((int(start), int(end)) for start, end in kept["offsets"])
            given = Trace(offsets, kept["logprobs"], kept["entropies"], kept["ranks"], kept["states"])
            alone = Trace(offsets, kept["logprobs"] - kept["raised"], kept["entropies"], kept["ranks"], kept["states"])
        return Reading(given, alone)

    @staticmethod
    def _keep(path: Path, reading: Reading) -> None:
        given = reading.given
        np.savez(
            path,
            offsets=np.asarray(given.offsets, dtype=np.int32).reshape(-1, 2),
            logprobs=given.logprobs,
            raised=reading.raised.astype(np.float32),
            entropies=given.entropies,
            ranks=given.ranks,
            states=given.states.astype(np.float16),
        )
