"""The pytest plugin: a gate as a test."""
