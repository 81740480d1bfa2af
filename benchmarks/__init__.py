"""Benchmark programs, each run on its own; shared code is in the subfolders."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""Root of the repository."""

DOCS = ROOT / "docs"
"""Folder of the published results."""
