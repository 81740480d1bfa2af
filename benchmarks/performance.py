"""Writes `docs/performance.md` and its plots from the benchmarks' results.

    python -m benchmarks.performance --inference out/inference.json --growth out/growth.json \
        --pipe out/pipe.json --startup out/startup.json

Each file holds the output of the program of that name with `--json`; only the last line counts. The
text is that of `docs/performance.in.md`, with placeholders such as `${growth}` for figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from benchmarks import DOCS
from benchmarks.page import cost_tables, plots, tables
from mobilepose_core.io import atomic

TEMPLATE = DOCS / "performance.in.md"
PAGE = "performance.md"

SECTIONS: Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "inference": {
        "machine": tables.machine,
        "models": tables.models,
        "devices": tables.devices,
        "whole_pipe": tables.whole_pipe,
        "missing": tables.missing,
        "goals": tables.goals,
    },
    "growth": {"growth": cost_tables.growth},
    "pipe": {"pipe": cost_tables.pipe},
    "startup": {"startup": cost_tables.startup},
}
"""Placeholders in the text, by program, with the functions that fill them."""

REQUIRED = ("inference", "growth")
"""Programs whose results are required; sections of missing others say so."""

ABSENT = "Not measured in this run."

PLOTS: Mapping[str, Callable[[Mapping[str, Any], Path], None]] = {
    "inference": plots.accuracy,
    "growth": plots.growth,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for program in SECTIONS:
        needed = program in REQUIRED
        parser.add_argument(f"--{program}", type=Path, required=needed, help="what it measured")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of page and plots")
    options = parser.parse_args()
    try:
        given = {program: getattr(options, program) for program in SECTIONS}
        page = write({program: path for program, path in given.items() if path}, options.out)
    except (ValueError, OSError) as error:
        print(f"performance: {error}", file=sys.stderr)
        return 1
    print(page)
    return 0


def write(files: Mapping[str, Path], folder: Path) -> Path:
    """Writes the page and its plots to a folder.

    Args:
        files: outputs of the programs in `SECTIONS`, at least of those in `REQUIRED`.
        folder: of the page.

    Returns:
        The page's path.

    Raises:
        ValueError: a file is not its program's output.
        OSError: a file cannot be read or written.
    """
    figures = {program: _read(path) for program, path in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    for program, sections in SECTIONS.items():
        if program not in figures:
            texts |= dict.fromkeys(sections, ABSENT)
            continue
        try:
            texts |= {name: fill(figures[program]) for name, fill in sections.items()}
            if program in PLOTS:
                PLOTS[program](figures[program], folder)
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"{files[program]} lacks a value that the page shows: {error}; write it again with "
                f"`python -m benchmarks.{program} --json`"
            ) from error
    page = folder / PAGE
    words = Template(TEMPLATE.read_text(encoding="utf-8"))
    atomic.write_text(page, words.substitute(texts))
    return page


def _read(path: Path) -> dict[str, Any]:
    """The JSON result of a program, from the last line of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        figures = json.loads(lines[-1])
    except (ValueError, IndexError) as error:
        raise ValueError(f"{path} does not end with a line of JSON: {error}") from error
    return dict(figures)


if __name__ == "__main__":
    sys.exit(main())
