"""The CameraInfo of an image, and its camera model, recomputed only when the CameraInfo changes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from mobilepose_core.messages.camera_model import CameraModel
from mobilepose_core.messages.fields import CameraInfo
from mobilepose_core.messages.stamps import nanoseconds

SIZE = 8
"""Number of CameraInfos kept: as many images may be in transit."""


class RecentCameraInfos:
    """The last few CameraInfos. `put` and `of_image` may be called from different threads."""

    def __init__(self) -> None:
        """Starts empty."""
        self._infos: deque[tuple[int, CameraInfo]] = deque(maxlen=SIZE)

    def put(self, info: CameraInfo) -> None:
        """Adds the newest CameraInfo."""
        self._infos.append((nanoseconds(info.header.stamp), info))

    def of_image(self, stamp: Any | None, width: int, height: int) -> CameraInfo | None:
        """The CameraInfo for an image; None without any.

        That with the same stamp; otherwise the nearest in time, preferably one of the image's size.
        Without stamps the newest.

        Args:
            stamp: of the image; None selects the newest.
            width: of the image, pixels.
            height: of the image, pixels.
        """
        infos = tuple(self._infos)
        if not infos:
            return None
        newest, info = infos[-1]
        wanted = 0 if stamp is None else nanoseconds(stamp)
        if wanted == newest or not wanted or not newest:
            return info
        return min(
            reversed(infos),
            key=lambda kept: (
                kept[0] != wanted,
                (kept[1].width, kept[1].height) != (width, height),
                abs(kept[0] - wanted),
            ),
        )[1]


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

    def get(self, width: int, height: int, stamp: Any | None = None) -> CameraModel | None:
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
