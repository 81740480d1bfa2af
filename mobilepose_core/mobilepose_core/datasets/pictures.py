"""An index of a folder's pictures, looked up by the relative paths in annotations."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from mobilepose_core.datasets.splits import split_in
from mobilepose_core.io import photo

Parts: TypeAlias = tuple[str, ...]

MISSING = "image missing (person left out)"
AMBIGUOUS = "image name that several pictures have (person left out)"
OTHER_KIND = "image of a format that is not read (person left out)"
MOVED = "image named with a folder of another computer; found by the rest of its name (kept)"


@dataclass(frozen=True)
class Name:
    """A picture's name in an annotation, parsed.

    Attributes:
        text: the original text.
        parts: folders and file name.
        is_foreign: whether it is an absolute path of another computer: a drive, a root, an address.
    """

    text: str
    parts: Parts
    is_foreign: bool

    @classmethod
    def of(cls, text: str) -> Name:
        """Parses a name; both kinds of slashes are separators."""
        rest = _PLACE.sub("", text.replace("\\", "/"))
        parts = tuple(part for part in rest.split("/") if part not in ("", "."))
        is_foreign = rest != text.replace("\\", "/")
        if ".." in parts:
            last = len(parts) - 1 - parts[::-1].index("..")
            parts, is_foreign = parts[last + 1 :], True
        return cls(text, parts, is_foreign)

    @property
    def key(self) -> str:
        """The name with normalised slashes."""
        return "/".join(self.parts)


@dataclass(frozen=True)
class PictureMatch:
    """The result of a look-up.

    Attributes:
        path: of the picture; None if there is none, or several.
        fault: the kind of fault; empty if there is none.
        example: the name, and the files that were found instead.
    """

    path: Path | None
    fault: str = ""
    example: str = ""


class Pictures:
    """All pictures below a folder, symbolic links included; hidden files are ignored."""

    def __init__(self, root: Path) -> None:
        """Indexes the folder and its subfolders once."""
        self.root = root
        self._by_name: dict[str, list[Parts]] = {}
        for folder, names in _walk(root):
            for name in names:
                if Path(name).suffix.lower() in photo.SUFFIXES and not name.startswith("."):
                    self._by_name.setdefault(_folded(name), []).append((*folder, name))

    def find(
        self, name: Name, near: Path | None = None, split: str | None = None, droppable: int = 0
    ) -> PictureMatch:
        """Looks a name up.

        The path has to end in the whole name, folders included. Of several matches, the one in a
        folder of the annotation's split wins, then the one where COCO keeps its pictures. Folders
        of another split never match.

        Args:
            name: from an annotation.
            near: folder of the annotation file, which names may be relative to.
            split: of the annotation file; None if unknown.
            droppable: number of leading folders of a foreign name that may be missing; see
                `shared_folders`.
        """
        if not name.parts:
            return PictureMatch(
                None, "image entry without a file name (person left out)", repr(name.text)
            )
        if (direct := self._direct(name, near)) is not None:
            return PictureMatch(direct)
        matches: list[Parts] = []
        dropped = 0
        for dropped in range(1 + (min(droppable, len(name.parts) - 1) if name.is_foreign else 0)):
            if matches := self._matches(name.parts[dropped:]):
                break
        if not matches:
            return self._missing(name, near)
        chosen = _of_split(matches, len(name.parts) - dropped, split)
        if not chosen:
            return PictureMatch(
                None,
                f"image that only another split than {split} has (person left out)",
                f"{name.text!r}, there is {'/'.join(matches[0])}",
            )
        top = [parts for parts in chosen if parts[: dropped - len(name.parts)] in _TOP]
        paths = _distinct([self.root.joinpath(*parts) for parts in top or chosen])
        if len(paths) > 1:
            shown = " and ".join(str(path.relative_to(self.root)) for path in paths[:2])
            return PictureMatch(None, AMBIGUOUS, f"{name.text!r} may be {shown}")
        if dropped:
            return PictureMatch(paths[0], MOVED, f"{name.text!r} is {'/'.join(chosen[0])}")
        return PictureMatch(paths[0])

    def _direct(self, name: Name, near: Path | None) -> Path | None:
        """The picture at exactly the path of a name with folders."""
        text = name.text.replace("\\", "/")
        if len(name.parts) < 2 and "/" not in text:
            return None
        for base in (self.root, near):
            if base is not None and (path := base / text).suffix.lower() in photo.SUFFIXES:
                try:
                    if path.is_file():
                        return Path(os.path.normpath(path))
                except (OSError, ValueError):  # not a valid file name
                    return None
        return None

    def _matches(self, parts: Parts) -> list[Parts]:
        """Pictures whose path ends in `parts`; else ignoring case and Unicode form."""
        for wanted in (parts, tuple(unquote(part) for part in parts)):
            named = self._by_name.get(_folded(wanted[-1]), [])
            if exact := [found for found in named if found[-len(wanted) :] == wanted]:
                return exact
            folded = tuple(map(_folded, wanted))
            if alike := [f for f in named if tuple(map(_folded, f[-len(wanted) :])) == folded]:
                return alike
        return []

    def _missing(self, name: Name, near: Path | None) -> PictureMatch:
        bases = [self.root, self.root / "images", near or self.root]
        if any(_is_file(base.joinpath(*name.parts)) for base in bases):
            known = ", ".join(sorted(photo.SUFFIXES))
            return PictureMatch(None, OTHER_KIND, f"{name.text!r}; expected {known}")
        namesakes = self._by_name.get(_folded(name.parts[-1]), [])
        hint = f", there is {'/'.join(namesakes[0])}" if namesakes else ""
        return PictureMatch(None, MISSING, f"{name.text!r}{hint}")


def shared_folders(names: Iterable[Name]) -> int:
    """Number of leading folders that all foreign names share: the data set's original location."""
    folders = [name.parts[:-1] for name in names if name.is_foreign]
    if not folders:
        return 0
    same = [len(set(level)) == 1 for level in zip(*folders, strict=False)]
    return (*same, False).index(False)


def _of_split(matches: Sequence[Parts], length: int, split: str | None) -> list[Parts]:
    """Matches in folders of a split, else in neutral ones; the name's own folders do not count."""
    if split is None:
        return list(matches)
    own, neutral = [], []
    for parts in matches:
        splits = {split_in(folder) for folder in parts[:-length]} - {None}
        if split in splits:
            own.append(parts)
        elif not splits:
            neutral.append(parts)
    return own or neutral


def _distinct(paths: list[Path]) -> list[Path]:
    """The pictures without duplicates: the same file, or the same content."""
    if len(paths) < 2:
        return paths
    by_file = {os.path.realpath(path): path for path in reversed(paths)}
    distinct = list(reversed(by_file.values()))
    if len(distinct) > 1 and len({path.stat().st_size for path in distinct}) == 1:
        by_content = {path.read_bytes(): path for path in reversed(distinct)}
        distinct = list(reversed(by_content.values()))
    return distinct


def _walk(root: Path) -> Iterator[tuple[Parts, list[str]]]:
    """Folders below `root` with their file names; links to a parent folder are not followed.

    Hidden folders, and those that macOS adds to archives, are skipped.
    """
    parents = {str(root): frozenset({os.path.realpath(root)})}
    for folder, below, names in os.walk(root, followlinks=True):
        above = parents.pop(folder)
        kept = []
        for name in sorted(below):
            real = os.path.realpath(os.path.join(folder, name))
            if real not in above and not name.startswith((".", "__MACOSX")):
                parents[os.path.join(folder, name)] = above | {real}
                kept.append(name)
        below[:] = kept
        yield Path(folder).relative_to(root).parts, sorted(names)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # not a valid file name
        return False


_TOP: tuple[Parts, ...] = ((), ("images",))
"""Folders that names are usually relative to."""

_PLACE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z]:)?/*")
"""Prefixes of absolute names: an address, a drive, a root."""
