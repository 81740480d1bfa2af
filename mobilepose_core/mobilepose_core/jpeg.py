"""The marker structure of a JPEG (ITU-T T.81, annex B): its size, and whether it is complete.

Nothing is decoded. A thumbnail in the EXIF data, and whatever lies behind the end of the picture
(padding, a video, another picture), have markers of their own and do not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]

FIRST_BYTES = b"\xff\xd8\xff"
"""What a file begins with: the marker SOI, and the first byte of the next."""

MOST_SEGMENTS = 1000
"""More than any file has before its pixels: EXIF, profiles and tables."""

MOST_ZEROS = 1024
"""Between two segments, as some writers leave them there."""

_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOFn: tell the size, one marker for each way of coding."""

_HUFFMAN = frozenset({0xC0, 0xC1})
"""SOFn of pictures that are coded from top to bottom in one go, if they have one scan."""

_START, _END, _SCAN, _RESTART_INTERVAL = 0xD8, 0xD9, 0xDA, 0xDD
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})
"""Markers without a length, and what is none."""

_BETWEEN_SCANS = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, 0xDF, 0xFE, *range(0xE0, 0xF0)})
"""DHT, DAC, DQT, DNL, DRI, EXP, COM and APPn. Any other marker is damage, or behind a cut."""


class _Segment(NamedTuple):
    """A marker and what belongs to it: `content[start:end]`."""

    marker: int
    start: int
    end: int


def size(content: Bytes) -> tuple[int, int] | None:
    """Width and height that a JPEG claims to have, pixels; None where it does not get that far.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    for segment in _segments(content, 2):
        if segment.marker in _SIZES:
            frame = content[segment.start : min(segment.start + 5, segment.end)].tobytes()
            if len(frame) < 5:
                return None
            return int.from_bytes(frame[3:], "big"), int.from_bytes(frame[1:3], "big")
    return None


def is_complete(content: Bytes) -> bool:
    """Whether a JPEG has all of its scans, and then its end; anything may follow.

    Decoders fill what is missing of a truncated JPEG with grey and say nothing to their caller.

    Args:
        content: (N,) uint8, a file's bytes.
    """
    header: dict[int, bytes] = {}
    for segment in _segments(content, 2):
        if segment.end > len(content):
            return False
        if segment.marker in _SIZES or segment.marker == _RESTART_INTERVAL:
            header[segment.marker] = content[segment.start : segment.end].tobytes()
        if segment.marker == _SCAN:
            components = int(content[segment.start]) if segment.end > segment.start else 0
            least = _restarts(header, components)
            return bool(header.keys() & _SIZES) and _ends(content, segment.end, least)
    return False


def _segments(content: Bytes, place: int) -> Iterator[_Segment]:
    """The segments from a place on, up to the picture's end; zeros between them are passed over."""
    for _ in range(MOST_SEGMENTS):
        head = content[place : place + 4].tobytes()
        if head[:1] == b"\0":
            zeros = content[place : place + MOST_ZEROS].tobytes()
            place += len(zeros) - len(zeros.lstrip(b"\0"))
            head = content[place : place + 4].tobytes()
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_START, _END):
            return
        if head[1] == 0xFF:  # filling before a marker
            place += 1
        elif head[1] in _ALONE:
            place += 2
        else:
            end = place + 2 + max(2, int.from_bytes(head[2:], "big"))
            yield _Segment(head[1], place + 4, end)
            place = end


def _ends(content: Bytes, scan: int, least_restarts: int) -> bool:
    """Whether the scan that begins at a place is followed by further ones, if any, and the end.

    Args:
        content: see `is_complete`.
        scan: where the coded pixels begin.
        least_restarts: restart markers that they have at least.
    """
    coded = content[scan:]
    places = np.flatnonzero(coded[:-1] == 0xFF)
    markers = coded[places + 1]
    is_restart = (markers >= 0xD0) & (markers <= 0xD7)
    is_marker = (markers != 0) & (markers != 0xFF) & ~is_restart
    real, kinds = places[is_marker], markers[is_marker]
    if not len(real):
        return False
    if least_restarts and np.count_nonzero(places[is_restart] < real[0]) < least_restarts:
        return False
    place = 0
    for _ in range(MOST_SEGMENTS):
        index = int(np.searchsorted(real, place))
        if index == len(real):
            return False
        kind = int(kinds[index])
        if kind == _END:
            return True
        if kind != _SCAN and kind not in _BETWEEN_SCANS:
            return False
        place = int(real[index]) + 2
        length = int.from_bytes(coded[place : place + 2].tobytes(), "big")
        if length < 2:
            return False
        place += length
    return False


def _restarts(header: dict[int, bytes], components: int) -> int:
    """How many restart markers the first scan has at least; 0 where that is not known.

    Args:
        header: contents of the segments SOFn and DRI before it, by marker.
        components: that are in the scan.
    """
    interval = int.from_bytes(header.get(_RESTART_INTERVAL, b"")[:2], "big")
    frame = next((header[kind] for kind in _HUFFMAN if kind in header), b"")
    if not interval or len(frame) < 6 or frame[5] != components or len(frame) < 6 + 3 * components:
        return 0
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    sampling = [frame[7 + 3 * index] for index in range(components)]
    across = max((value >> 4 for value in sampling), default=0)
    down = max((value & 15 for value in sampling), default=0)
    if components == 1:
        across = down = 1
    if not height or not across or not down:
        return 0
    units = math.ceil(width / (8 * across)) * math.ceil(height / (8 * down))
    return math.ceil(units / interval) - 1
