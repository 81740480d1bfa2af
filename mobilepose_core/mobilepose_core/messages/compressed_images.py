"""sensor_msgs/CompressedImage to BGR array.

The format is recognised from the data. The field `format` only tells what the data does not show:
depth images, Bayer mosaics, and the order of channels.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core.errors import FrameError
from mobilepose_core.io import BitDepth, image_format
from mobilepose_core.io.pixel_limit import MAX_PIXELS, PixelLimit
from mobilepose_core.messages.fields import CompressedImage
from mobilepose_core.messages.images import BAYER, check_size
from mobilepose_core.typing import ImageArray

EXPECTED = f"{', '.join(image_format.READABLE[:-1])} or {image_format.READABLE[-1]}"

DEPTH_ENCODINGS = frozenset({"16UC1", "16SC1", "32FC1", "32SC1", "64FC1"})
"""Encodings of images compressed by image_transport that have no colours or grey levels."""

_DEPTH_HEADER = 12
"""Bytes in front of the PNG in image_transport's `compressedDepth`."""

_FLAGS = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION


def bgr_from_compressed(
    image: CompressedImage,
    depth: BitDepth | None = None,
    max_pixels: int | PixelLimit = MAX_PIXELS,
) -> ImageArray:
    """The picture in a message of image_transport's `compressed`.

    An EXIF orientation is ignored: pixels stay where they are on the sensor. Data after the end of
    the picture, such as the rest of a camera's buffer, is ignored too.

    Args:
        image: JPEG, PNG, TIFF or WebP, 8 or 16 bits, grey, colour or Bayer mosaic.
        depth: bit depth of the camera's 16-bit images; by default estimated from this image.
        max_pixels: images with more pixels are not decoded, whatever their data claim.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        FrameError: a depth image, another format, truncated, or larger than `max_pixels`.
    """
    content = np.frombuffer(image.data, dtype=np.uint8)
    encoding = image.format.partition(";")[0].strip()
    name = f"compressed image of format {image.format!r}"
    _check_format(name, content, encoding, image.format, max_pixels)
    is_mosaic = encoding.startswith("bayer_")
    flags = cv2.IMREAD_UNCHANGED if is_mosaic else cv2.IMREAD_COLOR
    complete = image_format.complete(content)
    decoded = None if complete is None else _decoded(complete, flags)
    if decoded is None:
        raise FrameError(_cut_off(name, content))
    picture = (depth or BitDepth()).to_8_bits(decoded)
    if is_mosaic:
        return _without_mosaic(picture, encoding)
    # Some publishers give RGB to the encoder as if it were BGR, and note that in the format.
    swapped = "compressed rgb" in image.format
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8) if swapped else picture


def _check_format(
    name: str,
    content: ImageArray,
    encoding: str,
    format_: str,
    max_pixels: int | PixelLimit,
) -> None:
    """Raises FrameError for what should not be decoded."""
    found = image_format.identify(content)
    in_depth = image_format.identify(content[_DEPTH_HEADER:]) if not found else ""
    if "compresseddepth" in format_.lower() or in_depth == image_format.PNG:
        raise FrameError(f"{name} is a depth image; expected a colour camera's {EXPECTED}")
    if encoding in DEPTH_ENCODINGS:
        raise FrameError(
            f"{name} is a depth image by its encoding {encoding}; expected a colour "
            f"camera's {EXPECTED} (an infrared or thermal camera's encoding is mono16)"
        )
    if found not in image_format.READABLE:
        raise FrameError(
            f"{name} with {len(content)} bytes of data is {found or 'of an unknown kind'}; "
            f"expected {EXPECTED}"
        )
    size = image_format.claimed_size(content)
    if size is None:
        raise FrameError(_cut_off(name, content))
    check_size(f"{name} claims", *size, max_pixels)


def _cut_off(name: str, content: ImageArray) -> str:
    return f"{name} with {len(content)} bytes of data cannot be decoded; was it cut off?"


def _decoded(content: ImageArray, flags: int) -> npt.NDArray[np.generic] | None:
    """(H, W) or (H, W, C) of any type; None if it is damaged."""
    try:
        return cv2.imdecode(content, flags | _FLAGS)
    except cv2.error:
        return None


def _without_mosaic(picture: ImageArray, encoding: str) -> ImageArray:
    """The colours of a Bayer image, unless its mosaic was already removed."""
    if picture.ndim == 3:
        return picture[..., :3]
    code = BAYER.get(encoding.removeprefix("bayer_")[:4], cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)
