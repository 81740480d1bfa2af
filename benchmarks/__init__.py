"""Programs that measure, each run by itself; what they share is in the folders beside them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""Of the repository."""

DOCS = ROOT / "docs"
"""Where what was measured is written down."""
