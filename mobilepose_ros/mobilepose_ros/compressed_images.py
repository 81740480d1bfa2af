"""sensor_msgs/CompressedImage to BGR array: what the data holds counts, not what its format says.

`format` is read for what no data shows: depth images, a mosaic, and channels in another order.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CompressedImage

from mobilepose_core import image_format, jpeg
from mobilepose_core.bit_depth import BitDepth
from mobilepose_ros.images import BAYER, Bytes

MAX_PIXELS = 2**26
"""A compressed image that claims to have more is not decoded: 200 MB of memory are enough."""

EXPECTED = f"{', '.join(image_format.READABLE[:-1])} or {image_format.READABLE[-1]}"

DEPTH_ENCODINGS = frozenset({"16UC1", "16SC1", "32FC1", "32SC1", "64FC1"})
"""Of images that image_transport compressed and that show no colours or greys."""

_DEPTH_HEADER = 12
"""Bytes before the PNG of image_transport's `compressedDepth`."""

_FLAGS = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION


def bgr_from_compressed(image: CompressedImage, depth: BitDepth | None = None) -> Bytes:
    """The picture in a message of image_transport's `compressed`.

    The pixels lie as the sensor's do: an EXIF orientation does not turn them. What lies behind the
    end of the picture, such as the rest of a camera's buffer, is ignored.

    Args:
        image: JPEG, PNG, TIFF or WebP of 8 or 16 bits, grey, coloured, or a mosaic.
        depth: of the camera's images of 16 bits; by default this image's own.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        ValueError: a depth image, none of these formats, cut off, or larger than `MAX_PIXELS`.
    """
    content = np.frombuffer(image.data, dtype=np.uint8)
    encoding = image.format.partition(";")[0].strip()
    name = f"compressed image of format {image.format!r}"
    found = _format_of(name, content, encoding, image.format)
    is_mosaic = encoding.startswith("bayer_")
    flags = cv2.IMREAD_UNCHANGED if is_mosaic else cv2.IMREAD_COLOR
    is_whole = found != image_format.JPEG or jpeg.is_complete(content)
    decoded = _decoded(content, flags) if is_whole else None
    if decoded is None:
        raise ValueError(_cut_off(name, content))
    picture = (depth or BitDepth()).to_8_bits(decoded)
    if is_mosaic:
        return _without_mosaic(picture, encoding)
    # Some publishers hand their RGB to the encoder as if it were BGR, and say so in the format.
    swapped = "compressed rgb" in image.format
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8) if swapped else picture


def _format_of(name: str, content: Bytes, encoding: str, format_: str) -> str:
    """One of the readable formats; ValueError for what is not worth an attempt to decode it."""
    found = image_format.identify(content)
    in_depth = image_format.identify(content[_DEPTH_HEADER:]) if not found else ""
    if "compresseddepth" in format_.lower() or in_depth == image_format.PNG:
        raise ValueError(f"{name} is a depth image; expected a colour camera's {EXPECTED}")
    if encoding in DEPTH_ENCODINGS:
        raise ValueError(
            f"{name} is a depth image by its encoding {encoding}; expected a colour "
            f"camera's {EXPECTED} (an infrared or thermal camera's encoding is mono16)"
        )
    if found not in image_format.READABLE:
        raise ValueError(
            f"{name} with {len(content)} bytes of data is {found or 'of an unknown kind'}; "
            f"expected {EXPECTED}"
        )
    size = image_format.claimed_size(content)
    if size is None:
        raise ValueError(_cut_off(name, content))
    width, height = size
    if width * height > MAX_PIXELS:
        raise ValueError(f"{name} claims {width}x{height} pixels; {MAX_PIXELS} are allowed")
    return found


def _cut_off(name: str, content: Bytes) -> str:
    return f"{name} with {len(content)} bytes of data cannot be decoded; was it cut off?"


def _decoded(content: Bytes, flags: int) -> npt.NDArray[np.generic] | None:
    """(H, W) or (H, W, C) of any type; None where it is damaged."""
    try:
        return cv2.imdecode(content, flags | _FLAGS)
    except cv2.error:
        return None


def _without_mosaic(picture: Bytes, encoding: str) -> Bytes:
    """The colours of a picture whose encoding is Bayer's, if nobody else took its mosaic out."""
    if picture.ndim == 3:
        return picture[..., :3]
    code = BAYER.get(encoding.removeprefix("bayer_")[:4], cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)
