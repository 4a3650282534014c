"""How long retrieval takes without embedding the question, beside FAISS and bm25s alone.

Run: ``python -m tests.benchmarks.retrieval_speed [passages] [dimension]``. Seeds are fixed.
The corpus is made up: words drawn by Zipf's law, half of them Chinese; 1 document in 100 is for the group "few".
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import bm25s
import faiss
import numpy as np
from tests.benchmarks.common import publish

from ragstone.index.embedding import searchable_text
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.index.tokens import tokenize
from ragstone.types import Document, Span

QUERIES = 200
WORDS = 100
K = 10
ENGLISH = [f"{first}{second}{last}" for first in "bdfgklmnprst" for second in "aeiou" for last in "bdgklmnprst"]
CHINESE_TEXT = "退款 订单 发票 快递 门店 会员 密码 设备 温度 开关 药物 剂量 过敏 课程 考试 作业 老师 学生 错误 代码"
CHINESE = CHINESE_TEXT.split(" ")


class RandomEmbedder:
    """Vectors at random: their making is not measured."""

    name = "random"
    fingerprint = "random"

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._random = np.random.default_rng(7)

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._random.normal(size=(len(texts), self.dimension)).astype(np.float32)

    def embed_passages(self, texts: Sequence[str], progress: object = None) -> np.ndarray:
        return self.embed_queries(texts)


def made_up_texts(count: int, words: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    vocabulary = [*ENGLISH, *CHINESE * 10, *(f"E-{number}" for number in range(500))]
    random.shuffle(vocabulary)
    draws = np.minimum(random.zipf(1.3, size=(count, words)), len(vocabulary)) - 1
    return [" ".join(vocabulary[draw] for draw in row) for row in draws]


def milliseconds(run: Callable[[str], object], queries: Sequence[str]) -> tuple[float, float]:
    """Median and 95th percentile of one call."""
    run(queries[0])
    seconds: list[float] = []
    for query in queries:
        start = perf_counter()
        run(query)
        seconds.append(perf_counter() - start)
    return median(seconds) * 1000, quantiles(seconds, n=20)[-1] * 1000


def main(passages: int = 10_000, dimension: int = 384) -> None:
    texts, queries = made_up_texts(passages, WORDS, seed=1), made_up_texts(QUERIES, 8, seed=2)
    documents = [
        Document(
            id=f"d{number}",
            text=text,
            language="zh" if number % 2 else "en",
            groups=frozenset() if number % 100 else frozenset(["few"]),
        )
        for number, text in enumerate(texts)
    ]
    cuts = [document.passage(Span(start=0, end=len(document.text))) for document in documents]
    with tempfile.TemporaryDirectory() as folder:
        path, embedder = Path(folder) / "index", RandomEmbedder(dimension)
        took: dict[str, float] = {}

        def timed(name: str, run: Callable[[], object]) -> None:
            start = perf_counter()
            run()
            took[name] = perf_counter() - start

        tokenize("退款")
        timed("build", lambda: Index.build(path, documents, cuts, embedder))
        timed("open", lambda: Index.open(path, embedder))
        index = Index.open(path, embedder)
        timed("add one document", lambda: index.add([documents[1]], [cuts[1]]))
        timed("delete one document", lambda: index.delete(["d5"]))
        faiss.omp_set_num_threads(1)  # as our own search does
        flat = faiss.IndexFlatIP(dimension)
        flat.add(embedder.embed_passages(texts))
        plain = bm25s.BM25()
        plain.index([tokenize(searchable_text(cut)) for cut in cuts], show_progress=False)
        filters = {"no filter": Filter(), "50 % of the rows": Filter(languages=frozenset(["zh"]))}
        few = frozenset(f"d{number}" for number in range(0, passages, 100))
        filters["1 % of the rows"] = Filter(groups=frozenset(["few"]), document_ids=few)
        rows = {
            "FAISS alone (IndexFlatIP)": lambda query: flat.search(embedder.embed_queries([query]), 50),
            "bm25s alone (tokens by us)": lambda query: plain.retrieve([tokenize(query)], k=50, show_progress=False),
        }
        for mode in ("dense", "lexical", "fused"):
            for name, where in filters.items():
                rows[f"{mode}, {name}"] = lambda query, where=where, mode=mode: index.search(query, K, where, mode)
        results = {name: milliseconds(run, queries) for name, run in rows.items()}
    alone = sum(typical for typical, _ in list(results.values())[:2])
    lines = [f"{passages} passages of {WORDS} words, {dimension} dimensions, {QUERIES} queries, k = {K}.", ""]
    lines += ["| search | median ms | 95 % ms | ratio to FAISS + bm25s alone |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {typical:.2f} | {late:.2f} | {typical / alone:.2f} |" for name, (typical, late) in results.items()
    ]
    lines += ["", "| work | seconds |", "|---|---|", *(f"| {name} | {seconds:.2f} |" for name, seconds in took.items())]
    publish("speed", "python -m tests.benchmarks.retrieval_speed", "## Speed of retrieval\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
