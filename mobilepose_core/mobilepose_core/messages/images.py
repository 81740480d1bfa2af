"""sensor_msgs/Image to BGR array, without a copy if the encoding allows it.

Other encodings are converted by cv_bridge if it is installed; it is optional.
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

from mobilepose_core.errors import FrameError
from mobilepose_core.io import BitDepth
from mobilepose_core.io.pixel_limit import MAX_PIXELS, PixelLimit
from mobilepose_core.messages.fields import Image
from mobilepose_core.typing import ImageArray


@dataclass(frozen=True)
class Encoding:
    """Memory layout of an encoding, and its conversion to BGR.

    Attributes:
        to_bgr: converts rows (rows, bytes per row without padding) and their message to
            (H, W, 3).
        pixel_bytes: bytes per pixel in a row.
        rows: rows in the message per row of pixels.
        multiple: of which width and height must be multiples, pixels.
        is_16_bit: whether pixels have 16 bits, which are reduced to 8 before `to_bgr`.
    """

    to_bgr: Callable[[ImageArray, Image], ImageArray]
    pixel_bytes: int
    rows: Fraction = Fraction(1)
    multiple: tuple[int, int] = (1, 1)
    is_16_bit: bool = False


def check_size(claim: str, width: int, height: int, max_pixels: int | PixelLimit) -> None:
    """Raises FrameError, which begins with a claim, for an image with too many pixels.

    Args:
        claim: what the image has, or claims.
        width: of the image, pixels.
        height: of the image, pixels.
        max_pixels: a number is that of the nodes' parameter.
    """
    if isinstance(max_pixels, int):
        max_pixels = PixelLimit(max_pixels, "parameter max_image_pixels")
    if width * height > max_pixels.pixels:
        raise FrameError(f"{claim} {width}x{height} pixels; {max_pixels}")


def bgr_from_image(
    image: Image, depth: BitDepth | None = None, max_pixels: int | PixelLimit = MAX_PIXELS
) -> ImageArray:
    """The picture in a message.

    Args:
        image: in one of the `ENCODINGS` or another that cv_bridge supports; any row padding.
        depth: bit depth of the camera's 16-bit images; by default estimated from this image.
        max_pixels: images with more pixels are refused before anything is converted.

    Returns:
        (H, W, 3) uint8 BGR; for bgr8 and 8UC3 it shares the message's memory.

    Raises:
        FrameError: unsupported encoding, no pixels, too many, or less data than size and step
            require.
    """
    encoding = ENCODINGS.get(image.encoding)
    if encoding is None:
        return _through_cv_bridge(image, max_pixels)
    if image.width % encoding.multiple[0] or image.height % encoding.multiple[1]:
        raise FrameError(
            f"{_name(image)}: width and height must be multiples of {encoding.multiple[0]} and "
            f"{encoding.multiple[1]}"
        )
    rows = rows_of(image, image.width * encoding.pixel_bytes, int(image.height * encoding.rows))
    check_size(f"an image in {image.encoding} has", image.width, image.height, max_pixels)
    if encoding.is_16_bit:
        order = ">u2" if image.is_bigendian else "<u2"
        rows = (depth or BitDepth()).to_8_bits(rows.view(order))
    return encoding.to_bgr(rows, image)


def rows_of(image: Image, row_bytes: int, rows: int) -> ImageArray:
    """The rows of a message without padding, as a view.

    Args:
        image: of any encoding.
        row_bytes: bytes of a row without padding.
        rows: in the message.

    Returns:
        (rows, row_bytes) uint8 view of the message's memory.

    Raises:
        FrameError: no pixels, or less data than size and step require.
    """
    name = _name(image)
    if image.width == 0 or image.height == 0:
        raise FrameError(f"{name} has no pixels")
    if image.step < row_bytes:
        raise FrameError(f"{name} needs a step of at least {row_bytes} bytes, got {image.step}")
    needed = image.step * (rows - 1) + row_bytes
    if len(image.data) < needed:
        raise FrameError(
            f"{name} with step {image.step} needs {needed} bytes of data, got {len(image.data)}; "
            "was it cut off?"
        )
    data = np.frombuffer(image.data, dtype=np.uint8)
    return np.lib.stride_tricks.as_strided(data, (rows, row_bytes), (image.step, 1))


def _name(image: Image) -> str:
    return f"{image.width}x{image.height} image in {image.encoding}"


def _through_cv_bridge(image: Image, max_pixels: int | PixelLimit) -> ImageArray:
    bridge, missing = _cv_bridge()
    if bridge is None:
        raise FrameError(
            f"image encoding {image.encoding!r} is not supported; supported: "
            f"{', '.join(ENCODINGS)}; others through cv_bridge, {missing}"
        )
    rows_of(image, image.width, image.height)
    check_size(f"an image in {image.encoding} has", image.width, image.height, max_pixels)
    try:
        picture = np.asarray(bridge.imgmsg_to_cv2(image, "bgr8"), dtype=np.uint8)
    except Exception as error:
        raise FrameError(
            f"{_name(image)} cannot be converted by cv_bridge: {error}; supported without it: "
            f"{', '.join(ENCODINGS)}"
        ) from None
    if picture.shape != (image.height, image.width, 3):
        raise FrameError(
            f"{_name(image)} with step {image.step} became {picture.shape} in cv_bridge; is the "
            "step right?"
        )
    return picture


@functools.cache
def _cv_bridge() -> tuple[Any, str]:
    """cv_bridge's converter, or None and the reason why it is missing.

    Its compiled part is loaded here, only once: if it was built for another NumPy, loading fails in
    one of several ways and prints a page of text.
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


def _same(rows: ImageArray, image: Image) -> ImageArray:
    return rows.reshape(image.height, image.width, 3)


def _converted(code: int) -> Callable[[ImageArray, Image], ImageArray]:
    """OpenCV's conversion with this code, for interleaved pixels."""

    def to_bgr(rows: ImageArray, image: Image) -> ImageArray:
        pixels = rows.reshape(len(rows), image.width, -1)
        return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)

    return to_bgr


_BLACK = np.array([16, 128, 128], dtype=np.uint8)
_GAIN = np.array([[1.164, 2.018, 0], [1.164, -0.391, -0.813], [1.164, 0, 1.596]])
_BGR_FROM_YUV = np.column_stack([_GAIN, -_GAIN @ _BLACK])
"""Video range, ITU-R BT.601, as OpenCV uses for the other YUV encodings."""


def _nv24(rows: ImageArray, image: Image) -> ImageArray:
    """A plane of Y, then one with U and V for every pixel, in two rows of the message per row.

    OpenCV has no conversion for this layout.
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
"""OpenCV's conversion codes by the first four pixels of a Bayer mosaic."""

_UYVY = Encoding(_converted(cv2.COLOR_YUV2BGR_UYVY), 2, multiple=(2, 1))
_YUYV = Encoding(_converted(cv2.COLOR_YUV2BGR_YUY2), 2, multiple=(2, 1))

ENCODINGS: Mapping[str, Encoding] = {
    "bgr8": Encoding(_same, 3),
    "8UC3": Encoding(_same, 3),
    "rgb8": Encoding(_converted(cv2.COLOR_RGB2BGR), 3),
    "bgra8": Encoding(_converted(cv2.COLOR_BGRA2BGR), 4),
    "rgba8": Encoding(_converted(cv2.COLOR_RGBA2BGR), 4),
    "mono8": Encoding(_converted(cv2.COLOR_GRAY2BGR), 1),
    "8UC1": Encoding(_converted(cv2.COLOR_GRAY2BGR), 1),
    "mono16": Encoding(_converted(cv2.COLOR_GRAY2BGR), 2, is_16_bit=True),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": Encoding(_converted(cv2.COLOR_YUV2BGR_NV12), 1, Fraction(3, 2), (2, 2)),
    "nv21": Encoding(_converted(cv2.COLOR_YUV2BGR_NV21), 1, Fraction(3, 2), (2, 2)),
    "nv24": Encoding(_nv24, 1, Fraction(3)),
    **{f"bayer_{p}8": Encoding(_converted(code), 1) for p, code in BAYER.items()},
    **{f"bayer_{p}16": Encoding(_converted(code), 2, is_16_bit=True) for p, code in BAYER.items()},
}
