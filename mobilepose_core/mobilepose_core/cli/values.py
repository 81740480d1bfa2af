"""Values of options: converters for argparse, which say what they expect."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mobilepose_core.cli.choices import DATASETS, FIND_SIZE, FIND_SIZES


def path(text: str) -> Path:
    """A path as options take it: `~` is the user's home, which shells leave as it is behind `=`."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ArgumentTypeError(f"{text}: {error}; write the path in full") from None


def path_or_dash(text: str) -> str:
    """A path as `path` takes it; `-` for standard output."""
    return str(path(text))


def whole(least: int, step: int = 1) -> Callable[[str], int]:
    """A whole number: `least`, `least + step`, and so on."""
    first = ", ".join(str(least + step * i) for i in range(3))
    expected = f"one of {first}, ..." if step > 1 else f"a whole number of {least} or more"

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (value - least) % step:
            raise ArgumentTypeError(f"expected {expected}, got {text}")
        return value

    return convert


def find_size(text: str) -> int:
    """A resolution of the detector; 0 for the default."""
    try:
        size = int(text)
    except ValueError:
        size = -1
    if size and size not in FIND_SIZES:
        raise ArgumentTypeError(
            f"expected a multiple of {FIND_SIZES.step} from {FIND_SIZES[0]} to {FIND_SIZES[-1]}, "
            f"or 0 for the default, {FIND_SIZE}, got {text}"
        )
    return size


def port(text: str) -> int:
    """A port to listen on; 0 for a free one."""
    number = whole(0)(text)
    if number > 65535:
        raise ArgumentTypeError(f"expected a port up to 65535, got {text}")
    return number


def counts(text: str) -> list[int]:
    """Whole numbers of 1 or more, with commas between them."""
    try:
        return [whole(1)(count) for count in text.split(",")]
    except ArgumentTypeError:
        raise ArgumentTypeError(
            f"expected counts of 1 or more with commas between, such as 22,28,34, got {text}"
        ) from None


def above_zero(text: str) -> float:
    """A number above 0."""
    value = _number(text)
    if not value > 0:
        raise ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def from_zero(text: str) -> float:
    """A number of 0 or more."""
    value = _number(text)
    if not value >= 0:
        raise ArgumentTypeError(f"expected a number of 0 or more, got {text}")
    return value


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def share_above_zero(text: str) -> float:
    """A number above 0, up to 1."""
    value = _number(text)
    if not 0 < value <= 1:
        raise ArgumentTypeError(f"expected a number above 0, up to 1, got {text}")
    return value


def part(text: str) -> float:
    """A number between 0 and 1, neither of them."""
    value = _number(text)
    if not 0 < value < 1:
        raise ArgumentTypeError(f"expected a number above 0 and below 1, got {text}")
    return value


def _number(text: str) -> float:
    """A finite number; NaN, which no comparison lets through, for any other text."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def frame_size(text: str) -> tuple[int, int]:
    """`WIDTHxHEIGHT`, pixels."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ArgumentTypeError(f"expected WIDTHxHEIGHT in pixels, such as 640x480, got {text}")
    return int(width), int(height)


class DataSet(NamedTuple):
    """A data set on disk.

    Attributes:
        format: one of `DATASETS`; empty if it is to be recognised.
        root: its folder.
    """

    format: str
    root: Path


def data_set(text: str) -> DataSet:
    """`FORMAT=FOLDER`, or a folder alone."""
    name, equals, folder = text.partition("=")
    if not equals or (name not in DATASETS and path(text).is_dir()):
        return DataSet("", path(text))
    if name not in DATASETS or not folder:
        raise ArgumentTypeError(
            f"expected FORMAT=FOLDER with FORMAT one of {', '.join(DATASETS)}, or a FOLDER, "
            f"got {text}"
        )
    return DataSet(name, path(folder))
