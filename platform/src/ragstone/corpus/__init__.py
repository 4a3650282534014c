"""Corpora: cards, loaders, and the cut into passages that know their characters.

``read_corpus`` and ``read_files`` give documents, ``split`` gives passages, ``seal`` and ``check`` guard a corpus
against change.
"""
