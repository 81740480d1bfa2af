"""sensor_msgs/Image to BGR array and back, without a copy where the encoding allows it."""

from __future__ import annotations

import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import Image
from std_msgs.msg import Header

Bytes = npt.NDArray[np.uint8]
"""Arrays of bytes: rows are (rows, row bytes), pictures (H, W, 3) BGR."""


@dataclass(frozen=True)
class Encoding:
    """How the pixels of an encoding lie in a message, and how they become BGR.

    Attributes:
        to_bgr: from rows (rows, bytes of a row without padding) and their message to (H, W, 3).
        pixel_bytes: bytes per pixel of a row.
        rows: rows in the message per row of the picture.
        even: whether width and height have to be multiples of this many pixels.
    """

    to_bgr: Callable[[Bytes, Image], Bytes]
    pixel_bytes: int
    rows: Fraction = Fraction(1)
    even: tuple[int, int] = (1, 1)


def bgr_from_image(image: Image) -> Bytes:
    """The picture in a message.

    Args:
        image: in one of the `ENCODINGS`, with any row padding.

    Returns:
        (H, W, 3) uint8 BGR; for bgr8 and 8UC3 it shares the message's memory.

    Raises:
        ValueError: unknown encoding, no pixels, or less data than the size and step claim.
    """
    encoding = ENCODINGS.get(image.encoding)
    if encoding is None:
        raise ValueError(
            f"image encoding {image.encoding!r} is not supported; supported: {', '.join(ENCODINGS)}"
        )
    return encoding.to_bgr(_rows(image, encoding), image)


def image_from_bgr(picture: Bytes, header: Header) -> Image:
    """A bgr8 message of a picture.

    Args:
        picture: (H, W, 3) uint8 BGR.
        header: taken over as it is.
    """
    height, width = picture.shape[:2]
    data = array.array("B")
    data.frombytes(np.ascontiguousarray(picture).data.cast("B"))
    return Image(
        header=header,
        height=height,
        width=width,
        encoding="bgr8",
        is_bigendian=0,
        step=3 * width,
        data=data,
    )


def _rows(image: Image, encoding: Encoding) -> Bytes:
    """(rows, bytes of a row) of a message, without the padding of the rows and without a copy."""
    name = f"{image.width}x{image.height} image in {image.encoding}"
    if image.width == 0 or image.height == 0:
        raise ValueError(f"{name} has no pixels")
    if image.width % encoding.even[0] or image.height % encoding.even[1]:
        raise ValueError(
            f"{name}: width and height have to be multiples of {encoding.even[0]} and "
            f"{encoding.even[1]}"
        )
    row_bytes, rows = image.width * encoding.pixel_bytes, int(image.height * encoding.rows)
    if image.step < row_bytes:
        raise ValueError(f"{name} needs a step of at least {row_bytes} bytes, got {image.step}")
    needed = image.step * (rows - 1) + row_bytes
    if len(image.data) < needed:
        raise ValueError(
            f"{name} with step {image.step} needs {needed} bytes of data, got {len(image.data)}; "
            "was it cut off?"
        )
    data = np.frombuffer(image.data, dtype=np.uint8)
    return np.lib.stride_tricks.as_strided(data, (rows, row_bytes), (image.step, 1))


def _same(rows: Bytes, image: Image) -> Bytes:
    return rows.reshape(image.height, image.width, 3)


def _converted(code: int) -> Callable[[Bytes, Image], Bytes]:
    """The conversion of OpenCV with this code, for pixels that lie side by side."""

    def to_bgr(rows: Bytes, image: Image) -> Bytes:
        pixels = rows.reshape(len(rows), image.width, -1)
        return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)

    return to_bgr


def _converted_high_bytes(code: int) -> Callable[[Bytes, Image], Bytes]:
    """The conversion of OpenCV with this code, for the upper 8 of 16 bits."""

    def to_bgr(rows: Bytes, image: Image) -> Bytes:
        high = np.ascontiguousarray(rows[:, 0 if image.is_bigendian else 1 :: 2])
        return np.asarray(cv2.cvtColor(high, code), dtype=np.uint8)

    return to_bgr


def _nv24(rows: Bytes, image: Image) -> Bytes:
    """A plane of Y, then one with U and V for every pixel, two rows of the message for each row.

    OpenCV converts no such layout: each pixel becomes a pair Y U Y V of one that it does.
    """
    height, width = image.height, image.width
    data = np.frombuffer(image.data, dtype=np.uint8)[height * image.step :]
    chroma = np.lib.stride_tricks.as_strided(
        data, (height, width, 2), (2 * image.step, 2, 1), writeable=False
    )
    pairs = np.empty((height, width, 4), dtype=np.uint8)
    pairs[..., 0::2] = rows[:height, :, None]
    pairs[..., 1::2] = chroma
    doubled = cv2.cvtColor(pairs.reshape(height, 2 * width, 2), cv2.COLOR_YUV2BGR_YUY2)
    return np.ascontiguousarray(doubled[:, ::2], dtype=np.uint8)


_BAYER = {
    "rggb": cv2.COLOR_BayerRGGB2BGR,
    "bggr": cv2.COLOR_BayerBGGR2BGR,
    "gbrg": cv2.COLOR_BayerGBRG2BGR,
    "grbg": cv2.COLOR_BayerGRBG2BGR,
}
_UYVY = Encoding(_converted(cv2.COLOR_YUV2BGR_UYVY), 2, even=(2, 1))
_YUYV = Encoding(_converted(cv2.COLOR_YUV2BGR_YUY2), 2, even=(2, 1))

ENCODINGS: Mapping[str, Encoding] = {
    "bgr8": Encoding(_same, 3),
    "8UC3": Encoding(_same, 3),
    "rgb8": Encoding(_converted(cv2.COLOR_RGB2BGR), 3),
    "bgra8": Encoding(_converted(cv2.COLOR_BGRA2BGR), 4),
    "rgba8": Encoding(_converted(cv2.COLOR_RGBA2BGR), 4),
    "mono8": Encoding(_converted(cv2.COLOR_GRAY2BGR), 1),
    "8UC1": Encoding(_converted(cv2.COLOR_GRAY2BGR), 1),
    "mono16": Encoding(_converted_high_bytes(cv2.COLOR_GRAY2BGR), 2),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": Encoding(_converted(cv2.COLOR_YUV2BGR_NV12), 1, Fraction(3, 2), (2, 2)),
    "nv21": Encoding(_converted(cv2.COLOR_YUV2BGR_NV21), 1, Fraction(3, 2), (2, 2)),
    "nv24": Encoding(_nv24, 1, Fraction(3)),
    **{f"bayer_{p}8": Encoding(_converted(code), 1) for p, code in _BAYER.items()},
    **{f"bayer_{p}16": Encoding(_converted_high_bytes(code), 2) for p, code in _BAYER.items()},
}
