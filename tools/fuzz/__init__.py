"""Fuzzing of everything that reads foreign bytes: `python -m tools.fuzz`, or `make fuzz`."""
