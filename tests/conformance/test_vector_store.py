"""LangChain's own standard tests of a vector store: every one, sync and async, on disk and in memory."""

from pathlib import Path

import pytest
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from ragstone.index.store import RagstoneVectorStore


class TestStoreInMemory(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self) -> VectorStore:
        return RagstoneVectorStore.from_texts([], self.get_embeddings())


class TestStoreOnDisk(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> VectorStore:
        return RagstoneVectorStore.from_texts([], self.get_embeddings(), path=tmp_path / "index")
