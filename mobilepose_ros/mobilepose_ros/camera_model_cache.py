"""The camera model for each image, recomputed only when the CameraInfo changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo

from mobilepose_core.messages import CameraModel
from mobilepose_ros.camera_info_input import RecentCameraInfos


class CameraModelCache:
    """Builds a camera model once for each CameraInfo and image size.

    `put` and `get` may be called from different threads.

    Attributes:
        error: why the CameraInfo last used by `get` is invalid; empty if it is valid.
        doubt: what had to be assumed about it; empty if nothing.
        frame_id: of that CameraInfo; empty before the first.
    """

    def __init__(self, report: Callable[[str], None], rectified: bool = False) -> None:
        """Starts without a CameraInfo.

        Args:
            report: called once for each new error.
            rectified: see `CameraModel.from_info`.
        """
        self._report = report
        self._rectified = rectified
        self._infos = RecentCameraInfos()
        self._key: tuple[object, ...] = ()
        self._model: CameraModel | None = None
        self.error = ""
        self.doubt = ""
        self.frame_id = ""

    def put(self, info: CameraInfo) -> None:
        """Adds the newest CameraInfo."""
        self._infos.put(info)

    def get(self, width: int, height: int, stamp: Time | None = None) -> CameraModel | None:
        """The camera model for an image; None without a valid CameraInfo.

        Args:
            width: of the image, pixels.
            height: of the image, pixels.
            stamp: of the image; None selects the newest CameraInfo.
        """
        info = self._infos.of_image(stamp, width, height)
        if info is None:
            return None
        self.frame_id = info.header.frame_id
        key = (*_content(info), width, height)
        if key != self._key:
            self._key, self._model, error = key, None, ""
            try:
                self._model = CameraModel.from_info(info, width, height, self._rectified)
            except ValueError as invalid:
                error = str(invalid)
            previous, self.error = self.error, error
            if error and error != previous:
                self._report(error)
            self.doubt = "" if self._model is None else self._model.doubt
        return self._model


def _content(info: CameraInfo) -> tuple[object, ...]:
    """Everything except the header."""
    roi = info.roi
    return (
        (info.width, info.height, info.binning_x, info.binning_y),
        (roi.x_offset, roi.y_offset, roi.width, roi.height),
        info.distortion_model,
        *(np.asarray(values, np.float64).tobytes() for values in (info.d, info.k, info.r, info.p)),
    )
