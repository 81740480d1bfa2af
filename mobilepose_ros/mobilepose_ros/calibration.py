"""sensor_msgs/CameraInfo, made and turned to rays: where in space a point of an image may lie.

The optical frame is ROS's: x right, y down, z forward, m. It is the frame that CameraInfo's P
projects from, as for image_geometry and RViz: that of the rectified picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mobilepose_ros.camera_infos import RecentCameraInfos
from mobilepose_ros.lens import PINHOLE, Lens, distortion_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A camera, for the images that it takes.

    Attributes:
        matrix: (3, 3) focal lengths and principal point, image pixels.
        lens: how it distorts.
        distortion: (N,) the lens's coefficients, in OpenCV's order.
        rotation: (3, 3) from the lens's own axes to the optical frame's.
        origin: (3,) the lens in the optical frame, m; not zero for the second camera of a pair.
        doubt: what was taken for granted to read it; empty where nothing was.
    """

    matrix: Floats
    lens: Lens
    distortion: Floats
    rotation: Floats
    origin: Floats
    doubt: str = ""

    @classmethod
    def of_image(cls, width: int, height: int) -> Calibration:
        """A guess for a camera that nobody calibrated: 53 degrees wide, axis in the middle."""
        matrix = np.array(
            [[width, 0, (width - 1) / 2], [0, width, (height - 1) / 2], [0, 0, 1]], np.float64
        )
        return cls(matrix, PINHOLE, np.zeros(0), np.eye(3), np.zeros(3))

    @classmethod
    def from_info(
        cls, info: CameraInfo, width: int, height: int, rectified: bool = False
    ) -> Calibration:
        """The camera that a CameraInfo describes, for an image of a size.

        Binning, region of interest and an image that was scaled afterwards are taken in.

        Args:
            info: of the camera.
            width: of the image, pixels.
            height: of the image, pixels.
            rectified: whether the image is (`image_rect`): then P holds for it, and nothing is
                distorted; else K, D and R do.

        Raises:
            ValueError: what in it is not usable, or the image has another aspect.
        """
        if rectified or np.any(info.p):
            projection = _matrix(info, "p", (3, 4))
        else:
            projection = np.hstack([_matrix(info, "k", (3, 3)), np.zeros((3, 1))])
        origin = -projection[:, 3] / [projection[0, 0], projection[1, 1], 1]
        if rectified:
            matrix = _for_image(projection[:, :3], info, width, height)
            return cls(matrix, PINHOLE, np.zeros(0), np.eye(3), origin)
        matrix = _for_image(_matrix(info, "k", (3, 3)), info, width, height)
        lens, distortion, doubt = distortion_of(info.distortion_model, _finite(info, "d"))
        return cls(matrix, lens, distortion, _rotation(info), origin, doubt)

    def rays(self, points: npt.NDArray[np.floating]) -> Floats:
        """Points (K, 2) of the image as (K, 3) directions in the optical frame, distortion removed.

        Each reaches z = 1; NaN where no such ray leads to the point: beside what the lens can
        show, or at 90 degrees from its axis and more.
        """
        plane = self.lens.to_plane(np.asarray(points, np.float64), self.matrix, self.distortion)
        rays = np.concatenate([plane, np.ones((len(plane), 1))], axis=1) @ self.rotation.T
        forward = rays[:, 2:]
        return rays / np.where(forward > 0, forward, np.nan)

    def back_project(
        self, points: npt.NDArray[np.floating], depth: float | npt.NDArray[np.floating]
    ) -> Floats:
        """Points (K, 2) of the image as (K, 3) m in the optical frame.

        Args:
            points: image pixels.
            depth: z of all, or (K,) of each, m; NaN gives NaN.
        """
        z = np.asarray(depth, np.float64).reshape(-1, 1)
        return self.rays(points) * z + self.origin


class CalibrationCache:
    """What the CameraInfo of an image says, worked out once for each that differs.

    `put` may be called in another thread than `get`.

    Attributes:
        wrong: why the one that `get` was last asked about cannot be used; empty where it can.
        doubt: what was taken for granted to read it; empty where nothing was.
        frame_id: its frame; empty where none has come.
    """

    def __init__(self, report: Callable[[str], None], rectified: bool = False) -> None:
        """Starts without a CameraInfo.

        Args:
            report: called with what is wrong with one, once until that changes.
            rectified: see `Calibration.from_info`.
        """
        self._report = report
        self._rectified = rectified
        self._infos = RecentCameraInfos()
        self._key: tuple[object, ...] = ()
        self._calibration: Calibration | None = None
        self.wrong = ""
        self.doubt = ""
        self.frame_id = ""

    def put(self, info: CameraInfo) -> None:
        """The camera's latest."""
        self._infos.put(info)

    def get(self, width: int, height: int, stamp: Time | None = None) -> Calibration | None:
        """For an image of this size in pixels; None where no usable CameraInfo has come.

        Args:
            width: of the image, pixels.
            height: of the image, pixels.
            stamp: the image's; None takes the latest.
        """
        info = self._infos.of_image(stamp, width, height)
        if info is None:
            return None
        self.frame_id = info.header.frame_id
        key = (*_content(info), width, height)
        if key != self._key:
            self._key, self._calibration, wrong = key, None, ""
            try:
                self._calibration = Calibration.from_info(info, width, height, self._rectified)
            except ValueError as error:
                wrong = str(error)
            was_wrong, self.wrong = self.wrong, wrong
            if wrong and wrong != was_wrong:
                self._report(wrong)
            self.doubt = "" if self._calibration is None else self._calibration.doubt
        return self._calibration


def pinhole_info(header: Header, width: int, height: int, field_of_view: float) -> CameraInfo:
    """The calibration of a camera without distortion, its axis in the middle of the image.

    Args:
        header: the image's.
        width: of the image, pixels.
        height: of the image, pixels.
        field_of_view: between the left edge and the right one, degrees, more than 0.
    """
    focal = width / 2 / math.tan(math.radians(field_of_view) / 2)
    cx, cy = (width - 1) / 2, (height - 1) / 2
    return CameraInfo(
        header=header,
        width=width,
        height=height,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[focal, 0.0, cx, 0.0, focal, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[focal, 0.0, cx, 0.0, 0.0, focal, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def scale_between(size: tuple[int, int], image_size: tuple[int, int], name: str) -> Floats:
    """How much larger an image is than what has a size and the same aspect.

    Args:
        size: width and height of `name`, pixels.
        image_size: width and height of the image, pixels.
        name: of what has the size, for the error.

    Returns:
        (2,) in x and in y, which differ by rounding to whole pixels.

    Raises:
        ValueError: no pixels, or another aspect.
    """
    (width, height), (image_width, image_height) = size, image_size
    has_pixels = min(*size, *image_size) > 0
    if not has_pixels or abs(image_width * height - image_height * width) > max(size):
        raise ValueError(
            f"{name} is for {width}x{height} pixels, and the image has {image_width}x"
            f"{image_height}: expected the same size, or another of the same aspect"
        )
    return np.array([image_width / width, image_height / height])


def scaled(points: npt.NDArray[np.floating], scale: Floats) -> Floats:
    """Points (..., 2) px of an image as those of the image scaled by (2,).

    The centre of the top-left pixel is (0, 0), and the corner half a pixel beside it stays.
    """
    return (np.asarray(points, np.float64) + 0.5) * scale - 0.5


def _content(info: CameraInfo) -> tuple[object, ...]:
    """All of it but the header."""
    roi = info.roi
    return (
        (info.width, info.height, info.binning_x, info.binning_y),
        (roi.x_offset, roi.y_offset, roi.width, roi.height),
        info.distortion_model,
        *(np.asarray(values, np.float64).tobytes() for values in (info.d, info.k, info.r, info.p)),
    )


def _for_image(matrix: Floats, info: CameraInfo, width: int, height: int) -> Floats:
    """A matrix for the image: cut to the region of interest, binned, and scaled."""
    x, y, roi_width, roi_height = _region(info)
    binning = max(1, info.binning_x), max(1, info.binning_y)
    taken = roi_width // binning[0], roi_height // binning[1]
    scale = scale_between(taken, (width, height), "CameraInfo") / binning
    result = matrix.copy()
    result[:2, 2] = scaled(matrix[:2, 2] - (x, y), scale)
    result[[0, 1], [0, 1]] *= scale
    return result


def _region(info: CameraInfo) -> tuple[int, int, int, int]:
    """Left, top, width and height of the region of interest, pixels of the whole sensor."""
    roi = info.roi
    if roi.width == roi.height == 0:
        return 0, 0, info.width, info.height
    if roi.x_offset + roi.width > info.width or roi.y_offset + roi.height > info.height:
        raise ValueError(
            f"CameraInfo's roi of {roi.width}x{roi.height} pixels at ({roi.x_offset}, "
            f"{roi.y_offset}) reaches beyond its {info.width}x{info.height}"
        )
    return roi.x_offset, roi.y_offset, roi.width, roi.height


def _matrix(info: CameraInfo, name: str, shape: tuple[int, int]) -> Floats:
    title, matrix = f"CameraInfo's {name.upper()}", _finite(info, name).reshape(shape)
    if not matrix.any():
        raise ValueError(f"{title} is all zeros: the camera is not calibrated")
    expected = np.zeros(shape)
    expected[[0, 1], [0, 1]] = matrix[[0, 1], [0, 1]]
    expected[:2, 2:] = matrix[:2, 2:]
    expected[2, 2] = 1
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or not np.allclose(matrix, expected, atol=1e-6):
        raise ValueError(
            f"{title} is {matrix.tolist()}; expected rows fx 0 cx, 0 fy cy, 0 0 1 with focal "
            "lengths above 0"
        )
    return matrix


def _rotation(info: CameraInfo) -> Floats:
    rotation = _finite(info, "r").reshape(3, 3)
    if not rotation.any():
        return np.eye(3)
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3) or np.linalg.det(rotation) < 0:
        raise ValueError(f"CameraInfo's R is {rotation.tolist()}; expected a rotation")
    return rotation


def _finite(info: CameraInfo, name: str) -> Floats:
    values = np.asarray(getattr(info, name), np.float64)
    if not np.isfinite(values).all():
        raise ValueError(
            f"CameraInfo's {name.upper()} is {values.tolist()}; expected finite numbers"
        )
    return values
