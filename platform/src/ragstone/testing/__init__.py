"""Fakes for unit tests: no model, no network, the same result everywhere."""
