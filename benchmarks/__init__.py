"""Benchmarks: this package and its peers at the same work, in turn, in one run."""
