"""Benchmarks of the engine against its peers; each prints a table of ratios."""
