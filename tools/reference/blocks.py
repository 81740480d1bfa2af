"""Marked blocks in documents: where generated tables lie, and how they are written anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

BLOCK = re.compile(
    r"(<!-- reference: (?P<name>[\w -]+) -->\n)(?P<content>.*?)(<!-- end of reference -->)", re.S
)


def refresh(folder: Path, tables: Mapping[str, str], write: bool) -> list[Path]:
    """Puts tables into the documents of a folder.

    Args:
        folder: with Markdown documents in it and in folders below.
        tables: Markdown by the name of the block.
        write: whether documents are written, or only looked at.

    Returns:
        The documents that were out of date.

    Raises:
        ValueError: a block has an unknown name, or a table has no block.
    """
    stale, met = [], set()
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        names = {match["name"] for match in BLOCK.finditer(text)}
        if unknown := names - set(tables):
            raise ValueError(f"{path} has a block {', '.join(unknown)}; known: {', '.join(tables)}")
        met |= names
        fresh = BLOCK.sub(lambda match: f"{match[1]}\n{tables[match['name']]}\n\n{match[4]}", text)
        if fresh != text:
            stale.append(path)
            if write:
                path.write_text(fresh, encoding="utf-8")
    if missing := set(tables) - met:
        raise ValueError(f"no document in {folder} has a block for {', '.join(sorted(missing))}")
    return stale


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(escaped, line)) + " |" for line in lines)


def escaped(text: str) -> str:
    """A text as the cell of a table: on one line, without a column's end in it."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """A text as code; nothing where there is none."""
    return f"`{text}`" if text else ""


NAMES = re.compile(r"(?<![`\w/.~:])(~?/?[\w/]*\w_[\w/]*\w|/\w+(?!/)|~/\w+|--\w[\w-]*)(?![`\w])")
"""Names of parameters, topics and options in a description."""


def sentence(text: str) -> str:
    """A description with a full stop, names as code, and a capital letter unless one comes first.

    A list of values comes first as a name does.
    """
    first = text.split(" ")[0]
    is_name = any(sign in first for sign in "_/~`,=") or first[:1].isdigit()
    start = NAMES.sub(r"`\1`", text if is_name else text[:1].upper() + text[1:])
    return start if start.endswith((".", "…")) else f"{start}."
