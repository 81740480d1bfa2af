"""Writes the reference tables in the documents, or lists those that are out of date.

    python -m tools.reference            write them
    python -m tools.reference --check    write nothing; exit status 1 if one is out of date

A table is enclosed by `<!-- reference: NAME -->` and `<!-- end of reference -->`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.reference import blocks, command_line, python_api, ros

DOCS = Path(__file__).resolve().parents[2] / "docs"


def tables() -> dict[str, str]:
    """Every table as Markdown, by its name."""
    return ros.tables() | command_line.tables() | python_api.tables()


def main() -> int:
    """Runs the command; the exit status is 1 if `--check` finds a table out of date."""
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    stale = blocks.refresh(DOCS, tables(), write=not options.check)
    for path in stale:
        print(f"{path}: {'is out of date' if options.check else 'written'}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
