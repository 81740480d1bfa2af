"""Why a photograph cannot be read: missing, forbidden, too large, unknown, cut off."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mobilepose_core.errors import DataError
from mobilepose_core.io import image_format, jpeg, jpeg2000, phone_photos
from mobilepose_core.io.pixel_limit import DEFAULT_LIMIT, PixelLimit

MOST_BYTES = 2**30
"""Of a file: more than any photograph has."""

_HEAD = 256

_EXR = b"v/1\x01"

_NOT_EVERYWHERE = {"GIF", "JPEG 2000", "JPEG XL", "OpenEXR"}
"""Formats that OpenCV is often built without."""

_READ_NUMBERS = {f"{bits}-bit unsigned" for bits in (1, 2, 4, 8, 16)}
"""Of pixels in a TIFF."""


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        DataError: it is missing, forbidden, no file, empty or too large; says which.
    """
    return _read(path, MOST_BYTES + 1)


def read_head(path: Path) -> bytes:
    """The first bytes of a file, which tell its format.

    Raises:
        DataError: it is missing, forbidden, no file or empty; says which.
    """
    return _read(path, _HEAD)


def format_of(content: bytes) -> str | None:
    """The name of a picture's format, by how its file begins; None where it is none we know."""
    if content.startswith(_EXR):
        return "OpenEXR"
    kind = phone_photos.format_of(content) or image_format.identify(
        np.frombuffer(content[:_HEAD], np.uint8)
    )
    return kind if kind and "video" not in kind else None


def fault_of(
    content: bytes, size: tuple[int, int] | None, limit: PixelLimit = DEFAULT_LIMIT
) -> str:
    """What is wrong with the content of a file that cannot be decoded.

    Args:
        content: at least one byte.
        size: width and height that it claims to have, pixels; None where unknown.
        limit: on its pixels.
    """
    kind = format_of(content)
    if kind is None:
        return (
            f"no picture of a known format: it begins with {content[:12]!r}; expected a "
            "photograph, such as JPEG or PNG"
        )
    name = phone_photos.article(kind)
    if size and not limit.allows(*size):
        return f"{name} that is {limit.fault(*size)}"
    if kind == image_format.JPEG_2000 and _is_cut_off(kind, content):
        return f"{name} that is cut off; copy it again"
    if kind in _NOT_EVERYWHERE:
        return f"{name}, which this OpenCV cannot read, or which is damaged; save it as a PNG"
    if kind == image_format.TIFF:
        numbers = image_format.tiff_numbers(np.frombuffer(content, np.uint8))
        if numbers and numbers not in _READ_NUMBERS:
            return f"{name} of {numbers} numbers, which are not read; save it with 8 or 16 bits"
    if (is_cut := _is_cut_off(kind, content)) is None:
        return f"{name} that is cut off or damaged; copy it again"
    return f"{name} that is {'cut off' if is_cut else 'damaged'}; copy it again"


def article(kind: str) -> str:
    """A format's name with its article."""
    return phone_photos.article(kind)


def _read(path: Path, most: int) -> bytes:
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            kind = "a folder" if os.path.isdir(path) else "a device or a pipe"
            raise DataError(f"{path}: {kind}, expected a file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if most > MOST_BYTES and size > MOST_BYTES:
                raise DataError(
                    f"{path}: too large for a photograph, {size / 1e9:.1f} GB; is it a video?"
                )
            content = file.read(most)
    except FileNotFoundError:
        what = "a link to a file that is gone" if path.is_symlink() else "no such file"
        raise DataError(f"{path}: {what}; is its name right?") from None
    except PermissionError:
        raise DataError(
            f"{path}: this user may not read it; `ls -l` shows who may, chmod changes it"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    if not content:
        raise DataError(f"{path}: an empty file of 0 bytes; copy it again")
    return content


def _is_cut_off(kind: str, content: bytes) -> bool | None:
    """Whether the end is missing; None where the format does not tell."""
    if kind == "JPEG":
        return not jpeg.is_complete(np.frombuffer(content, np.uint8))
    if kind == image_format.JPEG_2000:
        return not jpeg2000.is_complete(np.frombuffer(content, np.uint8))
    if kind == "PNG":
        return b"IEND" not in content
    if kind == "WebP":
        return len(content) < int.from_bytes(content[4:8], "little") + 8
    if kind == "BMP" and len(content) >= 6:
        return len(content) < int.from_bytes(content[2:6], "little")
    return None
