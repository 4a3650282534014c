"""Models: the catalog, the store that fetches and verifies them, the embedder, the chat client and its server."""
