"""Depth images and calibrations whose fields foreign bytes tell."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from mobilepose_core.messages import CameraModel, DepthMap
from mobilepose_core.messages.compressed_depth import depth_from_compressed
from mobilepose_core.messages.depth_map import ENCODINGS

_DEPTHS = tuple(ENCODINGS)
_LENSES = ("plumb_bob", "rational_polynomial", "equidistant", "fisheye", "", "unknown")

_INTRINSICS = (9, 9, 12)
"""Numbers of K, R and P."""

_HEAD = struct.Struct("<BB6H6B")
"""Lens and flags, sizes of calibration and image, region of interest and binning."""


def depth_images() -> Iterator[bytes]:
    """Images of 4 x 3 pixels."""
    for number in range(len(_DEPTHS)):
        yield bytes([4, 3, 16, number, 0]) + bytes(range(48))


def read_depth(content: bytes) -> object:
    """Depth within and around the image."""
    head = content[:5].ljust(5, b"\0")
    message: Any = SimpleNamespace(
        width=head[0],
        height=head[1],
        step=head[2],
        encoding=_DEPTHS[head[3] % len(_DEPTHS)],
        is_bigendian=head[4] % 2,
        data=content[5:],
    )
    places = np.arange(-2, 260, 7)
    depth = DepthMap.from_image(message)
    metres = depth.metres(places, places[::-1])
    assert not np.any(metres <= 0)
    return metres


_COMPRESSED_DEPTHS = tuple(
    f"{encoding}; compressedDepth {coding}" for encoding in _DEPTHS for coding in ("png", "rvl")
)

_RVL = struct.pack("<4I", 4, 3, 0x07222222, 0x25000000)
"""4 x 3 pixels: no holes and seven depths of 1, 2, 3, ..., then five holes and no depth."""


def compressed_depth_images() -> Iterator[bytes]:
    """Images of 4 x 3 pixels: the number of the format, and the data."""
    png = cv2.imencode(".png", np.full((3, 4), 2000, np.uint16))[1].tobytes()
    for number, name in enumerate(_COMPRESSED_DEPTHS):
        header = struct.pack("<iff", 0, 1.0, 0.0)
        yield bytes([number]) + header + (_RVL if name.endswith("rvl") else png)


def read_compressed_depth(content: bytes) -> object:
    """Depth within and around the image."""
    name = _COMPRESSED_DEPTHS[(content[:1] or b"\0")[0] % len(_COMPRESSED_DEPTHS)]
    message: Any = SimpleNamespace(format=name, data=content[1:])
    places = np.arange(-2, 260, 7)
    return depth_from_compressed(message, max_pixels=10_000).metres(places, places[::-1])


def camera_infos() -> Iterator[bytes]:
    """A pinhole camera with each kind of lens."""
    k, p = [300.0, 0, 160, 0, 300, 120, 0, 0, 1], [300.0, 0, 160, 0, 0, 300, 120, 0, 0, 0, 1, 0]
    numbers = [*k, *np.eye(3).ravel(), *p, 0.1, -0.05, 0, 0, 0]
    for number in range(len(_LENSES)):
        head = _HEAD.pack(number, 0, 320, 240, 320, 240, 0, 0, 0, 0, 0, 0, 0, 0)
        yield head + struct.pack(f"<{len(numbers)}d", *numbers)


def read_camera_info(content: bytes) -> object:
    """Rays through points in the image, or around it; linear algebra may not fail by itself."""
    fields = _HEAD.unpack(content[: _HEAD.size].ljust(_HEAD.size, b"\0"))
    lens, flags, width, height, image_width, image_height, x, y, *rest = fields
    numbers = np.frombuffer(content[_HEAD.size :][: len(content[_HEAD.size :]) // 8 * 8], "<f8")
    values = np.zeros(sum(_INTRINSICS) + max(0, min(len(numbers) - sum(_INTRINSICS), 16)))
    values[: len(numbers)] = numbers[: len(values)]
    k, r, p, d = np.split(values, np.cumsum(_INTRINSICS))
    roi_width, roi_height, binning_x, binning_y, _, _ = rest
    info: Any = SimpleNamespace(
        width=width,
        height=height,
        distortion_model=_LENSES[lens % len(_LENSES)],
        d=d,
        k=k,
        r=r,
        p=p,
        binning_x=binning_x,
        binning_y=binning_y,
        roi=SimpleNamespace(
            x_offset=x, y_offset=y, width=roi_width, height=roi_height, do_rectify=bool(flags & 2)
        ),
    )
    points = np.array([[0.0, 0.0], [image_width / 2, image_height / 2], [-5.0, 9999.0]])
    try:
        with np.errstate(all="ignore"):
            camera = CameraModel.from_info(info, image_width, image_height, bool(flags & 1))
            return camera.back_project(points, 2.0)
    except np.linalg.LinAlgError as error:  # which is a ValueError
        raise AssertionError("linear algebra failed") from error
