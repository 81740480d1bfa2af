"""The `images` of a COCO file: finds each entry's picture, and checks its size."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mobilepose_core.datasets.picture_size import QUARTER_TURNS, PictureSize, read_size
from mobilepose_core.datasets.pictures import Name, Pictures, shared_folders
from mobilepose_core.datasets.sample import UNREADABLE
from mobilepose_core.typing import Float32Array

TURNED = "annotated on the picture as it lies in the file, which its EXIF turns (joints turned too)"


@dataclass(frozen=True)
class Picture:
    """The picture of an entry.

    Attributes:
        path: of the file.
        name: from the annotation, with folders.
        size: width and height of the decoded, upright picture.
        turn: rotation of the stored pixels, if the annotation refers to them; else None.
        remark: a warning that does not exclude the picture's people; may be empty.
        example: of the warning.
    """

    path: Path
    name: str
    size: tuple[int, int]
    turn: PictureSize | None = None
    remark: str = ""
    example: str = ""

    def upright(self, points: Float32Array) -> Float32Array:
        """Annotated points (..., 2) in the upright picture."""
        return points if self.turn is None else self.turn.turned(points)


@dataclass(frozen=True)
class Refused:
    """An entry whose people are excluded.

    Attributes:
        fault: the reason.
        example: the entry.
    """

    fault: str
    example: str


Entry: TypeAlias = Picture | Refused


def entries_of(
    images: list[Any],
    pictures: Pictures,
    near: Path,
    split: str | None,
    peopled: Iterable[Hashable],
) -> dict[Hashable, Entry]:
    """The pictures of a file's entries, by the entries' ids.

    Args:
        images: the file's list.
        pictures: all pictures of the data set.
        near: the file's folder.
        split: in the file's name, if any.
        peopled: ids with annotations: only the sizes of their pictures are checked.
    """
    entries: dict[Hashable, Entry] = {}
    unique = _unique(images, entries)
    names = {number: Name.of(entry["file_name"]) for number, entry in unique.items()}
    droppable = shared_folders(names.values())
    sizes: dict[Hashable, tuple[Picture, PictureSize, tuple[int, int]]] = {}
    with_people = set(peopled)
    for number, entry in unique.items():
        found = pictures.find(names[number], near, split, droppable)
        if found.path is None:
            entries[number] = Refused(found.fault, f"image {number!r}: {found.example}")
            continue
        remark = found.fault, found.example
        picture = Picture(found.path, names[number].key, (0, 0), None, *remark)
        entries[number] = picture
        if number in with_people:
            claimed = _claimed(entry)
            actual = read_size(found.path)
            if claimed is None:
                entries[number] = _refused_size(number, entry)
            elif actual is None:
                entries[number] = Refused(UNREADABLE, str(found.path))
            else:
                sizes[number] = picture, actual, claimed
    ignores_exif = _ignores_exif((actual, claimed) for _, actual, claimed in sizes.values())
    for number, (picture, actual, claimed) in sizes.items():
        entries[number] = _verified(picture, actual, claimed, ignores_exif)
    return entries


def _unique(images: list[Any], entries: dict[Hashable, Entry]) -> Mapping[Hashable, dict[str, Any]]:
    """The entries with a unique id and a name; others are added to `entries` as refused."""
    unique: dict[Hashable, dict[str, Any]] = {}
    for place, entry in enumerate(images):
        if not isinstance(entry, dict) or not is_id(entry.get("id")):
            continue  # no annotation can refer to it
        number, name = entry["id"], entry.get("file_name")
        earlier = unique.get(number)
        if earlier is not None and earlier.get("file_name") != name:
            entries[number] = Refused(
                "image id that several images have (person left out)",
                f"image {number!r} is {earlier.get('file_name')!r} and {name!r}",
            )
        elif not isinstance(name, str) or not name.strip():
            entries[number] = Refused(
                "image entry without a file name (person left out)",
                f"image {number!r}, entry {place}: file_name {name!r}",
            )
        unique.setdefault(number, entry)
    return {number: entry for number, entry in unique.items() if number not in entries}


def is_id(value: object) -> bool:
    """Whether a value can be an id: a number or a text."""
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _claimed(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height in an entry; None if they are missing or not positive numbers."""
    sides = entry.get("width"), entry.get("height")
    try:
        width, height = (int(side) for side in sides)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _refused_size(number: Hashable, entry: Mapping[str, Any]) -> Refused:
    said = f"width {entry.get('width')!r}, height {entry.get('height')!r}"
    return Refused(
        "image entry without its size, so that nothing shows that the picture is the annotated one "
        "(person left out)",
        f"image {number!r}, {entry['file_name']!r}: {said}",
    )


def _ignores_exif(sizes: Iterable[tuple[PictureSize, tuple[int, int]]]) -> bool | None:
    """Whether a file's annotations refer to pictures without EXIF rotation; None if unknown.

    Pictures that EXIF rotates by 90 degrees tell it by their width and height.
    """
    as_stored = as_turned = 0
    for actual, claimed in sizes:
        if actual.orientation in QUARTER_TURNS and not _alike(actual.stored, actual.upright):
            as_stored += _alike(claimed, actual.stored)
            as_turned += _alike(claimed, actual.upright)
    return None if bool(as_stored) == bool(as_turned) else bool(as_stored)


def _verified(
    picture: Picture, actual: PictureSize, claimed: tuple[int, int], ignores_exif: bool | None
) -> Entry:
    """The picture with its size, if that equals the annotated size."""
    is_stored, is_upright = _alike(claimed, actual.stored), _alike(claimed, actual.upright)
    plain = Picture(
        picture.path, picture.name, actual.upright, None, picture.remark, picture.example
    )
    said = f"{picture.name!r} is {_text(claimed)} in the annotation and {_text(actual.upright)}"
    if not is_stored and not is_upright:
        return Refused(
            "picture of another size than annotated, as if it was resized, cropped or turned "
            "afterwards (person left out)",
            f"{said} in the file",
        )
    if actual.orientation == 1 or (is_upright and (not is_stored or ignores_exif is False)):
        return plain
    example = f"{said} upright, EXIF orientation {actual.orientation}"
    if actual.orientation not in {3, *QUARTER_TURNS}:
        return Refused("picture that its EXIF mirrors (person left out)", example)
    if is_upright and ignores_exif is None:
        return Refused(
            "picture that its EXIF turns, and whose size does not tell whether it was annotated "
            "turned (person left out)",
            example,
        )
    return Picture(picture.path, picture.name, actual.upright, actual, TURNED, example)


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _ROUNDING


_ROUNDING = 1
"""Tolerance of an annotated side, pixels."""


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
