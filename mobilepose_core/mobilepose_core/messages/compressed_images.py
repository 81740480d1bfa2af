"""sensor_msgs/CompressedImage to BGR array.

The format is recognised from the data. The field `format` only tells what the data does not show:
depth images, Bayer mosaics, and the order of channels.
"""

from __future__ import annotations

import contextlib

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

DEPTH_HEADER = 12
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
    encoding = encoding_of(image)
    name = f"compressed image of format {image.format!r}"
    _check_format(name, content, image)
    is_mosaic = encoding.startswith("bayer_")
    flags = cv2.IMREAD_UNCHANGED if is_mosaic else cv2.IMREAD_COLOR
    picture = (depth or BitDepth()).to_8_bits(decoded(name, content, flags, max_pixels))
    if is_mosaic:
        return _without_mosaic(picture, encoding)
    # Some publishers give RGB to the encoder as if it were BGR, and note that in the format.
    swapped = "compressed rgb" in image.format
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8) if swapped else picture


def encoding_of(image: CompressedImage) -> str:
    """The encoding of the image before it was compressed, by its format; empty without one."""
    return image.format.partition(";")[0].strip()


def is_depth(image: CompressedImage) -> bool:
    """Whether a message is a depth image, by its format or by its data."""
    return encoding_of(image) in DEPTH_ENCODINGS or has_depth_header(image)


def has_depth_header(image: CompressedImage) -> bool:
    """Whether a message is of image_transport's `compressedDepth`."""
    if "compresseddepth" in image.format.lower():
        return True
    content = np.frombuffer(image.data, dtype=np.uint8)
    is_picture = bool(image_format.identify(content))
    return not is_picture and image_format.identify(content[DEPTH_HEADER:]) == image_format.PNG


def decoded(
    name: str, content: ImageArray, flags: int, max_pixels: int | PixelLimit
) -> npt.NDArray[np.generic]:
    """The picture in compressed data, as OpenCV decodes it.

    Args:
        name: of the message, for errors.
        content: (N,) uint8, of a format that `image_format` knows.
        flags: of `cv2.imdecode`.
        max_pixels: larger pictures are not decoded, whatever their data claim.

    Returns:
        (H, W) or (H, W, C) of any type.

    Raises:
        FrameError: truncated, damaged, or larger than `max_pixels`.
    """
    size = image_format.claimed_size(content)
    if size is not None:
        check_size(f"{name} claims", *size, max_pixels)
    complete = None if size is None else image_format.complete(content)
    picture = None
    if complete is not None:
        with contextlib.suppress(cv2.error):
            picture = cv2.imdecode(complete, flags | _FLAGS)
    if picture is None:
        raise FrameError(
            f"{name} with {len(content)} bytes of data cannot be decoded; was it cut off?"
        )
    return picture


def _check_format(name: str, content: ImageArray, image: CompressedImage) -> None:
    """Raises FrameError for what should not be decoded."""
    if has_depth_header(image):
        raise FrameError(f"{name} is a depth image; expected a colour camera's {EXPECTED}")
    if is_depth(image):
        raise FrameError(
            f"{name} is a depth image by its encoding {encoding_of(image)}; expected a colour "
            f"camera's {EXPECTED} (an infrared or thermal camera's encoding is mono16)"
        )
    found = image_format.identify(content)
    if found not in image_format.READABLE:
        raise FrameError(
            f"{name} with {len(content)} bytes of data is {found or 'of an unknown kind'}; "
            f"expected {EXPECTED}"
        )


def _without_mosaic(picture: ImageArray, encoding: str) -> ImageArray:
    """The colours of a Bayer image, unless its mosaic was already removed."""
    if picture.ndim == 3:
        return picture[..., :3]
    code = BAYER.get(encoding.removeprefix("bayer_")[:4], cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)
