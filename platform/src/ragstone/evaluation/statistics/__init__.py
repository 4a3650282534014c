"""Means and differences with intervals that respect clusters and missing scores."""
