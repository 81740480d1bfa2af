"""HEIC and AVIF, as phones write them: read by Pillow, where it is there and can."""

from __future__ import annotations

import importlib
import io
from typing import Any

import numpy as np

from mobilepose_core.errors import DataError
from mobilepose_core.io.pixel_limit import DEFAULT_LIMIT, PixelLimit
from mobilepose_core.typing import ImageArray

SUFFIXES = frozenset({".avif", ".heic", ".heif"})

_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"hevx": "HEIC",
}
_GENERIC = {b"mif1", b"msf1"}
"""Brands that say only that it is a picture; those that follow say which."""


def format_of(content: bytes) -> str | None:
    """`HEIC` or `AVIF`, by how a file begins; None where it is neither."""
    if content[4:8] != b"ftyp":
        return None
    size = min(max(int.from_bytes(content[:4], "big"), 16), 256)
    first, *others = (content[place : place + 4] for place in (8, *range(16, size, 4)))
    if first in _BRANDS:
        return _BRANDS[first]
    if first not in _GENERIC:
        return None
    return next((_BRANDS[brand] for brand in others if brand in _BRANDS), "HEIC")


def decode(content: bytes, limit: PixelLimit = DEFAULT_LIMIT) -> ImageArray:
    """The picture in the bytes of a HEIC or AVIF, turned upright.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        DataError: what can read it is not installed, or it is damaged or too large.
    """
    kind = format_of(content) or "HEIC"
    pillow = _reader(kind)
    try:
        with pillow.open(io.BytesIO(content)) as picture:
            if not limit.allows(*picture.size):
                raise DataError(f"{article(kind)} that is {limit.fault(*picture.size)}")
            rgb = importlib.import_module("PIL.ImageOps").exif_transpose(picture).convert("RGB")
            return np.ascontiguousarray(np.asarray(rgb, np.uint8)[..., ::-1])
    except DataError:
        raise
    except Exception as error:  # Pillow and its plugins raise what they like
        raise DataError(f"{article(kind)} that is cut off or damaged ({error})") from error


def article(kind: str) -> str:
    """A format's name with its article."""
    return f"an {kind}" if kind[0] in "AEIO" else f"a {kind}"


def _reader(kind: str) -> Any:
    """Pillow's module `Image`, able to read the format."""
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except ImportError:
        if kind == "HEIC":
            raise DataError(
                "a HEIC, which needs the package pillow-heif: pip install pillow-heif; or save it "
                "as a JPEG"
            ) from None
    try:
        if kind == "HEIC" or importlib.import_module("PIL.features").check("avif"):
            return importlib.import_module("PIL.Image")
    except (ImportError, ValueError):
        pass
    raise DataError(
        "an AVIF, which needs Pillow 11.3 or later: pip install 'pillow>=11.3'; or save it as a "
        "JPEG"
    )
