"""Use cases: one module for each part of the office's work."""
