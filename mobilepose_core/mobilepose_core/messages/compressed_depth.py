"""sensor_msgs/CompressedImage with depth to `DepthMap`: image_transport's `compressedDepth`.

A header of 12 bytes, then the coding: a PNG of 16 bits, or the sizes and runs of RVL (Wilson, "Fast
Lossless Depth Image Compression", 2017). Of an image in metres they hold the inverse of depth.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core.errors import FrameError
from mobilepose_core.io import image_format
from mobilepose_core.io.pixel_limit import MAX_PIXELS, PixelLimit
from mobilepose_core.messages.compressed_images import (
    DEPTH_HEADER,
    decoded,
    encoding_of,
    has_depth_header,
)
from mobilepose_core.messages.depth_map import ENCODINGS, DepthMap
from mobilepose_core.messages.fields import CompressedImage
from mobilepose_core.messages.images import check_size
from mobilepose_core.typing import ImageArray, IndexArray

_HEADER = struct.Struct("<iff")
"""Kind of compression, and two numbers a and b: depth is a / (value - b) m."""

_SIZES = struct.Struct("<II")
"""Columns and rows in front of RVL's runs."""

_MORE, _BITS = 8, 3
"""RVL's numbers consist of nibbles: three bits, lowest first, and whether more follow."""

_LONGEST = 10
"""Most nibbles of a number that are read: enough for 2**30 pixels."""


def depth_from_compressed(
    image: CompressedImage, max_pixels: int | PixelLimit = MAX_PIXELS
) -> DepthMap:
    """The depth in a message of image_transport's `compressedDepth`.

    A PNG of 16 bits without a header is read too: `compressed` makes it of 16UC1.

    Args:
        image: with an encoding of `depth_map.ENCODINGS` in its format, coded as PNG or RVL.
        max_pixels: images with more pixels are not decoded, whatever their data claim.

    Returns:
        (H, W) uint16 mm, or float32 m with NaN in holes.

    Raises:
        FrameError: another encoding or coding, truncated, or larger than `max_pixels`.
    """
    encoding = encoding_of(image)
    name = f"compressed depth image of format {image.format!r}"
    if encoding not in ENCODINGS:
        raise FrameError(
            f"{name} is not supported; supported: {', '.join(ENCODINGS)}, each as PNG or RVL"
        )
    kind, unit = ENCODINGS[encoding]
    content = np.frombuffer(image.data, dtype=np.uint8)
    has_header = has_depth_header(image)
    if kind != "u2" and not (has_header and len(content) > DEPTH_HEADER):
        raise FrameError(f"{name} has no header of compressedDepth; was it cut off?")
    coded = content[DEPTH_HEADER:] if has_header else content
    is_rvl = has_header and "rvl" in image.format.lower()
    values = (_from_rvl if is_rvl else _from_png)(name, coded, max_pixels)
    if kind == "u2":
        return DepthMap(values, unit, encoding)
    _, a, b = _HEADER.unpack(content[:DEPTH_HEADER].tobytes())
    with np.errstate(all="ignore"):
        metres = np.float32(a) / (values.astype(np.float32) - np.float32(b))
    return DepthMap(np.where(values > 0, metres, np.float32(np.nan)), unit, encoding)


def _from_png(
    name: str, content: ImageArray, max_pixels: int | PixelLimit
) -> npt.NDArray[np.uint16]:
    found = image_format.identify(content)
    if found != image_format.PNG:
        raise FrameError(
            f"{name} with {len(content)} bytes of data is {found or 'of an unknown kind'}; "
            "expected PNG or RVL (compressedDepth), which keep all 16 bits"
        )
    values = decoded(name, content, cv2.IMREAD_UNCHANGED, max_pixels)
    if values.dtype != np.uint16 or values.ndim != 2:
        raise FrameError(
            f"{name} is a PNG of {values.dtype} {values.shape}; expected grey, 16 bits"
        )
    return np.asarray(values, np.uint16)


def _from_rvl(
    name: str, content: ImageArray, max_pixels: int | PixelLimit
) -> npt.NDArray[np.uint16]:
    """Runs of holes and of depths take turns; depths are differences from the one before."""
    damaged = FrameError(f"{name} with {len(content)} bytes of data is damaged; was it cut off?")
    if len(content) < _SIZES.size:
        raise damaged
    width, height = _SIZES.unpack(content[: _SIZES.size].tobytes())
    check_size(f"{name} claims", width, height, max_pixels)
    if not width * height:
        raise FrameError(f"{name} has no pixels")
    numbers = _numbers(content[_SIZES.size :])
    count = width * height
    places = np.zeros(count, bool)
    depths: list[IndexArray] = []
    pixel = index = 0
    while pixel < count:
        if index + 2 > len(numbers):
            raise damaged
        holes, known = numbers[index : index + 2].tolist()
        start, pixel = pixel + holes, pixel + holes + known
        index += 2 + known
        if pixel > count or index > len(numbers) or not holes + known:
            raise damaged
        places[start:pixel] = True
        depths.append(numbers[index - known : index])
    values = np.zeros(count, np.uint16)
    if depths:
        folded = np.concatenate(depths)  # 0, 1, 2, 3, 4 stand for 0, -1, 1, -2, 2
        values[places] = np.cumsum((folded >> 1) ^ -(folded & 1)).astype(np.uint16)
    return values.reshape(height, width)


def _numbers(content: ImageArray) -> IndexArray:
    """The numbers in words of 32 bits, little-endian, whose highest nibble is the first."""
    words = content[: len(content) // 4 * 4].reshape(-1, 4)[:, ::-1].reshape(-1)
    nibbles = np.stack([words >> 4, words & 15], axis=1).reshape(-1)
    ends = np.flatnonzero(nibbles < _MORE)
    starts = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    lengths = ends + 1 - starts
    numbers = np.zeros(len(ends), np.intp)
    for place in range(min(_LONGEST, int(lengths.max(initial=0)))):
        has = lengths > place
        part = nibbles[starts[has] + place].astype(np.intp) & (_MORE - 1)
        numbers[has] |= part << (_BITS * place)
    return numbers
