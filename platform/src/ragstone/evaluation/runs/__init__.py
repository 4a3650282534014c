"""Asks a system every case of a suite, scores the answers, and loses nothing on the way."""
