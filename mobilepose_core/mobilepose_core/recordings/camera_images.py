"""`CameraImages`: pictures, calibration and joints in metres of a recorded camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mobilepose_core.io import BitDepth
from mobilepose_core.io.pixel_limit import DEFAULT_LIMIT
from mobilepose_core.messages import (
    CameraModel,
    CameraModelCache,
    DepthMap,
    bgr_from_image,
    compressed_depth,
    compressed_images,
    people_in_metres,
)
from mobilepose_core.pose import Pose
from mobilepose_core.recordings.frames import RecordedFrame
from mobilepose_core.recordings.message_types import COMPRESSED
from mobilepose_core.typing import Float32Array, ImageArray


class CameraImages:
    """Decodes the frames of one camera in their order.

    Attributes:
        bit_depth: of its 16-bit images, as far as is known.
    """

    def __init__(self, type_: str, fault: Callable[[str], None]) -> None:
        """Starts with the first frame.

        Args:
            type_: message type of its images.
            fault: is told what was wrong with calibration and depth.
        """
        self.bit_depth = BitDepth()
        self._type = type_
        self._fault = fault
        self._cameras = CameraModelCache(lambda _: None)
        self._infos: tuple[Any, ...] = ()

    def picture(self, image: Any) -> ImageArray:
        """(H, W, 3) BGR of an image.

        Raises:
            FrameError: it cannot be decoded.
        """
        if self._type == COMPRESSED:
            return compressed_images.bgr_from_compressed(image, self.bit_depth, DEFAULT_LIMIT)
        return bgr_from_image(image, self.bit_depth, DEFAULT_LIMIT)

    def calibration(
        self, frame: RecordedFrame, header: Any, size: tuple[int, int]
    ) -> CameraModel | None:
        """The calibration of a frame; None without a usable one.

        Args:
            frame: with its calibrations.
            header: of its image.
            size: width and height of its image.
        """
        for info in frame.infos:
            if not any(info is known for known in self._infos):
                self._cameras.put(info)
        self._infos = frame.infos
        camera = self._cameras.get(*size, header.stamp)
        if self._cameras.error:
            self._fault(f"calibration not used: {self._cameras.error}")
        return camera

    def positions(
        self, poses: Sequence[Pose], depth: Any, camera: CameraModel | None, size: tuple[int, int]
    ) -> list[Float32Array]:
        """(K, 3) m of each person; NaN, with a fault, where there is no depth."""
        try:
            if camera is None:
                raise ValueError(self._cameras.error or "no calibration")
            if depth is None:
                raise ValueError("no depth image near the image's stamp")
            return people_in_metres(poses, _depth_map(depth), camera, *size)
        except ValueError as error:
            self._fault(f"no joints in metres: {error}")
            return [np.full((len(pose.joints), 3), np.nan, np.float32) for pose in poses]


def _depth_map(depth: Any) -> DepthMap:
    """The depth in a message, raw or compressed; raises ValueError if it cannot be used."""
    if depth.__msgtype__ == COMPRESSED:
        return compressed_depth.depth_from_compressed(depth, DEFAULT_LIMIT)
    return DepthMap.from_image(depth)
