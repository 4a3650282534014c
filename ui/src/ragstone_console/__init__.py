"""The Ragstone console: ask, and see the proof. Started by ``ragstone console``."""
