"""Reference tables of the documents, generated from the code: `python -m tools.reference`."""
