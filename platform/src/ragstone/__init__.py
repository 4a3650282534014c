"""Ragstone: answers from your documents, with every sentence proved."""

__version__ = "0.1.0"
