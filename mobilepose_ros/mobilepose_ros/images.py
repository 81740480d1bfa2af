"""sensor_msgs/Image to BGR array, without a copy where the encoding allows it.

What no encoding here covers goes through cv_bridge where that is installed; nothing needs it.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_core.bit_depth import BitDepth

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
        is_deep: whether pixels have 16 bits, which become 8 before `to_bgr` gets its rows.
    """

    to_bgr: Callable[[Bytes, Image], Bytes]
    pixel_bytes: int
    rows: Fraction = Fraction(1)
    even: tuple[int, int] = (1, 1)
    is_deep: bool = False


def bgr_from_image(image: Image, depth: BitDepth | None = None) -> Bytes:
    """The picture in a message.

    Args:
        image: in one of the `ENCODINGS`, or in another that cv_bridge knows, with any row padding.
        depth: of the camera's images of 16 bits; by default this image's own.

    Returns:
        (H, W, 3) uint8 BGR; for bgr8 and 8UC3 it shares the message's memory.

    Raises:
        ValueError: unknown encoding, no pixels, or less data than the size and step claim.
    """
    encoding = ENCODINGS.get(image.encoding)
    if encoding is None:
        return _through_cv_bridge(image)
    if image.width % encoding.even[0] or image.height % encoding.even[1]:
        raise ValueError(
            f"{_name(image)}: width and height have to be multiples of {encoding.even[0]} and "
            f"{encoding.even[1]}"
        )
    rows = rows_of(image, image.width * encoding.pixel_bytes, int(image.height * encoding.rows))
    if encoding.is_deep:
        order = ">u2" if image.is_bigendian else "<u2"
        rows = (depth or BitDepth()).to_8_bits(rows.view(order))
    return encoding.to_bgr(rows, image)


def image_from_bgr(picture: Bytes, header: Header) -> Image:
    """A bgr8 message of a picture.

    Args:
        picture: (H, W, 3) uint8 BGR.
        header: taken over as it is.
    """
    height, width = picture.shape[:2]
    image = Image(
        header=header,
        height=height,
        width=width,
        encoding="bgr8",
        is_bigendian=0,
        step=3 * width,
    )
    # Into its own array: Image(data=...) would copy the pixels twice more, into new memory.
    image.data.frombytes(np.ascontiguousarray(picture).data)
    return image


def rows_of(image: Image, row_bytes: int, rows: int) -> Bytes:
    """The rows of a message, without their padding and without a copy.

    Args:
        image: of any encoding.
        row_bytes: bytes of a row without padding.
        rows: in the message.

    Returns:
        (rows, row_bytes) uint8, a view of the message's memory.

    Raises:
        ValueError: no pixels, or less data than the size and step claim.
    """
    name = _name(image)
    if image.width == 0 or image.height == 0:
        raise ValueError(f"{name} has no pixels")
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


def _name(image: Image) -> str:
    return f"{image.width}x{image.height} image in {image.encoding}"


def _through_cv_bridge(image: Image) -> Bytes:
    bridge, missing = _cv_bridge()
    if bridge is None:
        raise ValueError(
            f"image encoding {image.encoding!r} is not supported; supported: "
            f"{', '.join(ENCODINGS)}; others through cv_bridge, {missing}"
        )
    rows_of(image, image.width, image.height)
    try:
        picture = np.asarray(bridge.imgmsg_to_cv2(image, "bgr8"), dtype=np.uint8)
    except Exception as error:
        raise ValueError(
            f"{_name(image)} cannot be converted by cv_bridge: {error}; supported without it: "
            f"{', '.join(ENCODINGS)}"
        ) from None
    if picture.shape != (image.height, image.width, 3):
        raise ValueError(
            f"{_name(image)} with step {image.step} became {picture.shape} in cv_bridge; is the "
            "step right?"
        )
    return picture


@functools.cache
def _cv_bridge() -> tuple[Any, str]:
    """cv_bridge's converter, or None and why there is none.

    Its compiled part is loaded here, and once: one that was built for another NumPy fails there,
    in one of several ways and with a page of text on the console.
    """
    try:
        bridge = importlib.import_module("cv_bridge").CvBridge()
        bridge.encoding_to_cvtype2("bgr8")
    except ModuleNotFoundError as error:
        if error.name != "cv_bridge":
            return None, f"which cannot be loaded: {error}"
        return None, "which is not installed (sudo apt install ros-jazzy-cv-bridge)"
    except Exception as error:
        return None, (
            f"which cannot be loaded: {type(error).__name__}: {error} (NumPy is "
            f"{np.__version__}: was cv_bridge built for another?)"
        )
    return bridge, ""


def _same(rows: Bytes, image: Image) -> Bytes:
    return rows.reshape(image.height, image.width, 3)


def _converted(code: int) -> Callable[[Bytes, Image], Bytes]:
    """The conversion of OpenCV with this code, for pixels that lie side by side."""

    def to_bgr(rows: Bytes, image: Image) -> Bytes:
        pixels = rows.reshape(len(rows), image.width, -1)
        return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)

    return to_bgr


_BLACK = np.array([16, 128, 128], dtype=np.uint8)
_GAIN = np.array([[1.164, 2.018, 0], [1.164, -0.391, -0.813], [1.164, 0, 1.596]])
_BGR_FROM_YUV = np.column_stack([_GAIN, -_GAIN @ _BLACK])
"""Video range, ITU-R BT.601: as OpenCV has it for the other YUV encodings."""


def _nv24(rows: Bytes, image: Image) -> Bytes:
    """A plane of Y, then one with U and V for every pixel, two rows of the message for each row.

    OpenCV's conversions know no such layout.
    """
    height, width = image.height, image.width
    data = np.frombuffer(image.data, dtype=np.uint8)[height * image.step :]
    chroma = np.lib.stride_tricks.as_strided(
        data, (height, width, 2), (2 * image.step, 2, 1), writeable=False
    )
    yuv = cv2.merge([np.maximum(rows[:height], _BLACK[0]), chroma])
    return np.asarray(cv2.transform(yuv, _BGR_FROM_YUV), dtype=np.uint8)


BAYER: Mapping[str, int] = {
    "rggb": cv2.COLOR_BayerRGGB2BGR,
    "bggr": cv2.COLOR_BayerBGGR2BGR,
    "gbrg": cv2.COLOR_BayerGBRG2BGR,
    "grbg": cv2.COLOR_BayerGRBG2BGR,
}
"""OpenCV's conversions by the first four pixels of a mosaic."""

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
    "mono16": Encoding(_converted(cv2.COLOR_GRAY2BGR), 2, is_deep=True),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": Encoding(_converted(cv2.COLOR_YUV2BGR_NV12), 1, Fraction(3, 2), (2, 2)),
    "nv21": Encoding(_converted(cv2.COLOR_YUV2BGR_NV21), 1, Fraction(3, 2), (2, 2)),
    "nv24": Encoding(_nv24, 1, Fraction(3)),
    **{f"bayer_{p}8": Encoding(_converted(code), 1) for p, code in BAYER.items()},
    **{f"bayer_{p}16": Encoding(_converted(code), 2, is_deep=True) for p, code in BAYER.items()},
}
