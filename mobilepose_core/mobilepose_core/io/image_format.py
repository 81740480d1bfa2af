"""What a picture's bytes are, and how large it claims to be. Nothing is decoded."""

from __future__ import annotations

import re
import struct

from mobilepose_core.io import jpeg, jpeg2000
from mobilepose_core.typing import ImageArray

Size = tuple[int, int]

JPEG, PNG, TIFF, WEBP = "JPEG", "PNG", "TIFF", "WebP"
BMP, GIF, JPEG_2000, PNM = "BMP", "GIF", "JPEG 2000", "PNM"

READABLE = (JPEG, PNG, TIFF, WEBP)
"""Formats of compressed images on topics."""

_STARTS = {
    jpeg.FIRST_BYTES: JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"II*\0": TIFF,
    b"MM\0*": TIFF,
    b"BM": BMP,
    b"GIF8": GIF,
    jpeg2000.FILE_START: JPEG_2000,
    jpeg2000.CODESTREAM_START: JPEG_2000,
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\1": "H.264 or H.265 video",
    b"\0\0\1": "H.264 or H.265 video",
}
_BRANDS = {b"avif": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC"}
"""Of files that begin with a box `ftyp`."""

_PNG_SIGNATURE, _PNG_CHUNK = 8, 12
"""Bytes of a PNG before its chunks, and of a chunk besides its data."""

_PNM_SPACE = rb"(?:\s|#[^\n\r]*[\n\r])+"
_PNM_HEADER = re.compile(rb"P[1-6]" + 2 * (_PNM_SPACE + rb"(\d{1,9})") + rb"\s")
_PNM_LONGEST = 4096
"""Bytes of a header, with its comments."""

_TIFF_SHORT, _TIFF_LONG = 3, 4
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_BITS, _TIFF_SAMPLES = 258, 339
_TIFF_KINDS = {1: "unsigned", 2: "signed", 3: "floating-point"}
_TIFF_COLOURS, _TIFF_LOG_LUV = 262, (32844, 32845)
"""Logarithms of light, as OpenCV writes floating-point numbers."""
_TIFF_MOST_TAGS = 500


def identify(content: ImageArray) -> str:
    """The format of a picture by its first bytes, such as `JPEG`; empty where it is none known.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    head = content[:16].tobytes()
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return PNM
    return _BRANDS.get(head[8:12], "") if head[4:8] == b"ftyp" else ""


def complete(content: ImageArray) -> ImageArray | None:
    """The bytes to decode; None if an end is missing that decoders do not notice in time.

    Decoders fill what is missing of a JPEG with grey, and allocate what a chunk of a PNG claims to
    have, up to 4 GB, before they read it, even behind the end of the picture.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    kind = identify(content)
    if kind == JPEG:
        return content if jpeg.is_complete(content) else None
    if kind == JPEG_2000:
        return content if jpeg2000.is_complete(content) else None
    return _complete_png(content) if kind == PNG else content


def claimed_size(content: ImageArray) -> Size | None:
    """Width and height that a picture claims to have, pixels.

    A file of a few kilobytes can claim a picture of gigabytes.

    Args:
        content: (N,) uint8, a file's bytes.

    Returns:
        None if the format is another, or it is cut off before that is known.
    """
    read = {
        BMP: _bmp_size,
        GIF: _gif_size,
        JPEG: jpeg.size,
        JPEG_2000: jpeg2000.size,
        PNG: _png_size,
        PNM: _pnm_size,
        TIFF: _tiff_size,
        WEBP: _webp_size,
    }
    size_of = read.get(identify(content))
    return None if size_of is None else size_of(content)


def tiff_numbers(content: ImageArray) -> str:
    """What the pixels of a TIFF are, such as `32-bit floating-point`; empty where it is unknown.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    tags = _tiff_tags(content) or {}
    if tags.get(_TIFF_COLOURS) in _TIFF_LOG_LUV:
        return "LogLuv floating-point"
    kind = _TIFF_KINDS.get(tags.get(_TIFF_SAMPLES, 1))
    return f"{tags[_TIFF_BITS]}-bit {kind}" if kind and _TIFF_BITS in tags else ""


def _complete_png(content: ImageArray) -> ImageArray | None:
    """A PNG up to its chunk IEND, if all chunks are there (PNG, third edition, section 5)."""
    start = _PNG_SIGNATURE
    while start + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[start : start + 8].tobytes())
        start += length + _PNG_CHUNK
        if kind == b"IEND":
            return content[:start] if length == 0 and start <= len(content) else None
    return None


def _bmp_size(content: ImageArray) -> Size | None:
    """By the header, whose first version has sides of 16 bits; a negative height is top down."""
    head = content[:26].tobytes()
    if len(head) < 26:
        return None
    if int.from_bytes(head[14:18], "little") == 12:
        width, height = struct.unpack("<HH", head[18:22])
    else:
        width, height = struct.unpack("<ii", head[18:26])
    return abs(width), abs(height)


def _gif_size(content: ImageArray) -> Size | None:
    head = content[:10].tobytes()
    return struct.unpack("<HH", head[6:]) if len(head) == 10 else None


def _pnm_size(content: ImageArray) -> Size | None:
    found = _PNM_HEADER.match(content[:_PNM_LONGEST].tobytes())
    return None if found is None else (int(found[1]), int(found[2]))


def _png_size(content: ImageArray) -> Size | None:
    head = content[:24].tobytes()
    if len(head) < 24 or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:])
    return width, height


def _tiff_size(content: ImageArray) -> Size | None:
    """Of the first picture."""
    tags = _tiff_tags(content) or {}
    if _TIFF_WIDTH not in tags or _TIFF_HEIGHT not in tags:
        return None
    return tags[_TIFF_WIDTH], tags[_TIFF_HEIGHT]


def _tiff_tags(content: ImageArray) -> dict[int, int] | None:
    """The first number of each tag in the directory of the first picture (TIFF 6.0, section 2).

    None if the directory is cut off. Tags of other types than numbers of 16 or 32 bits are left
    out, and those whose numbers lie behind the end.
    """
    head = content[:8].tobytes()
    order = "<" if head[:2] == b"II" else ">"
    if len(head) < 8:
        return None
    (place,) = struct.unpack(order + "I", head[4:])
    count_bytes = content[place : place + 2].tobytes()
    if len(count_bytes) < 2:
        return None
    (count,) = struct.unpack(order + "H", count_bytes)
    found: dict[int, int] = {}
    for index in range(min(count, _TIFF_MOST_TAGS)):
        start = place + 2 + 12 * index
        entry = content[start : start + 12].tobytes()
        if len(entry) < 12:
            return None
        tag, kind, values, offset = struct.unpack(order + "HHII", entry)
        size = {_TIFF_SHORT: 2, _TIFF_LONG: 4}.get(kind, 0)
        first = entry[8 : 8 + size]
        if values * size > 4:  # they lie elsewhere
            first = content[offset : offset + size].tobytes()
        if size and len(first) == size:
            (found[tag],) = struct.unpack(order + {2: "H", 4: "I"}[size], first)
    return found


def _webp_size(content: ImageArray) -> Size | None:
    """By the first chunk: lossy, lossless, or one with features (RFC 9649, section 2)."""
    head = content[:30].tobytes()
    if len(head) < 30:
        return None
    if head[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    return None
