"""Handing over to a person: when to offer it, what they are told, and how it reaches them. All of it is code."""
