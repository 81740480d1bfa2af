"""Generates the reference tables in the documents: `python -m tools.reference`."""
