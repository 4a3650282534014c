"""Systems under test: our own path, recorded answers, any OpenAI-compatible endpoint."""
