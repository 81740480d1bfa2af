"""Marked blocks in documents, which hold generated tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

BLOCK = re.compile(
    r"(<!-- reference: (?P<name>[\w -]+) -->\n)(?P<content>.*?)(<!-- end of reference -->)", re.S
)


def refresh(folder: Path, tables: Mapping[str, str], write: bool) -> list[Path]:
    """Updates the tables in the documents of a folder.

    Args:
        folder: with Markdown documents, also in subfolders.
        tables: Markdown by the name of the block.
        write: whether to write documents, or only to compare.

    Returns:
        The documents that were out of date.

    Raises:
        ValueError: a block has an unknown name, or a table has no block.
    """
    stale, used = [], set()
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        names = {match["name"] for match in BLOCK.finditer(text)}
        if unknown := names - set(tables):
            raise ValueError(f"{path} has a block {', '.join(unknown)}; known: {', '.join(tables)}")
        used |= names
        fresh = BLOCK.sub(lambda match: f"{match[1]}\n{tables[match['name']]}\n\n{match[4]}", text)
        if fresh != text:
            stale.append(path)
            if write:
                path.write_text(fresh, encoding="utf-8")
    if missing := set(tables) - used:
        raise ValueError(f"no document in {folder} has a block for {', '.join(sorted(missing))}")
    return stale


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(escaped, line)) + " |" for line in lines)


def escaped(text: str) -> str:
    """A text as a table cell: on one line, with escaped column separators."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """A text as code; empty text stays empty."""
    return f"`{text}`" if text else ""


NAMES = re.compile(r"(?<![`\w/.~:])(~?/?[\w/]*\w_[\w/]*\w|/\w+(?!/)|~/\w+|--\w[\w-]*)(?![`\w])")
"""Names of parameters, topics and options in a description."""


def sentence(text: str) -> str:
    """A description as a sentence: a full stop, names as code, and a capital letter.

    The first word keeps its case if it is a name or a value.
    """
    first = text.split(" ")[0]
    is_name = any(sign in first for sign in "_/~`,=") or first[:1].isdigit()
    start = NAMES.sub(r"`\1`", text if is_name else text[:1].upper() + text[1:])
    return start if start.endswith((".", "…")) else f"{start}."
