"""The documentation as a site: `python -m tools.site`, or `make docs`."""
