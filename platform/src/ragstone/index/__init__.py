"""The index: exact dense search, BM25, their fusion, and generations on disk that survive a crash."""
