"""Presentation of results: on the terminal and in docs/performance.md."""
