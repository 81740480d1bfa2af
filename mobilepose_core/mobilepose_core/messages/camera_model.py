"""Back-projection with a sensor_msgs/CameraInfo: from image points to rays and 3D points.

The optical frame is ROS's: x right, y down, z forward, in metres. It is the frame that CameraInfo's
P projects from, the one of the rectified image, as in image_geometry and RViz.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mobilepose_core.messages.fields import CameraInfo
from mobilepose_core.messages.image_scale import scale_between, scaled
from mobilepose_core.messages.lens import PINHOLE, Lens, distortion_of
from mobilepose_core.typing import Float64Array, FloatArray

FOCAL_LENGTHS = (0.01, 1000.0)
"""Possible focal lengths, relative to the sensor's longer side: 178 to 0.06 degrees wide."""

FARTHEST_CENTER = 2.0
"""Largest distance of the principal point from the sensor's middle, relative to its longer side."""

LONGEST_BASELINE = 100.0
"""Largest distance between the cameras of a stereo pair, m."""

SMALLEST_SHARE = 0.1
"""Least share of the sensor that must have rays; a fisheye's corners have none."""

SHARE_SAMPLES = 16
"""Number of points in x and in y by which that share is measured."""


@dataclass(frozen=True, eq=False)
class CameraModel:
    """Intrinsics and distortion of a camera, for images of one size.

    Attributes:
        matrix: (3, 3) focal lengths and principal point, image pixels.
        lens: the distortion model.
        distortion: (N,) coefficients in OpenCV's order.
        rotation: (3, 3) from the unrectified camera frame to the optical frame.
        origin: (3,) camera centre in the optical frame, m; not zero for the second camera of a
            stereo pair.
        doubt: what had to be assumed about the CameraInfo; empty if nothing.
        is_default: whether there is no CameraInfo, so that all of it is assumed.
    """

    matrix: Float64Array
    lens: Lens
    distortion: Float64Array
    rotation: Float64Array
    origin: Float64Array
    doubt: str = ""
    is_default: bool = False

    @classmethod
    def of_image(cls, width: int, height: int) -> CameraModel:
        """Default for an uncalibrated camera: 53 degrees wide, principal point in the centre."""
        matrix = np.array(
            [[width, 0, (width - 1) / 2], [0, width, (height - 1) / 2], [0, 0, 1]], np.float64
        )
        return cls(matrix, PINHOLE, np.zeros(0), np.eye(3), np.zeros(3), is_default=True)

    @classmethod
    def from_info(
        cls, info: CameraInfo, width: int, height: int, rectified: bool = False
    ) -> CameraModel:
        """The camera model of a CameraInfo, for images of a given size.

        Accounts for binning, the region of interest, and images scaled afterwards.

        Args:
            info: the calibration.
            width: of the image, pixels.
            height: of the image, pixels.
            rectified: whether the image is rectified (`image_rect`): uses P and no distortion.
                Otherwise K, D and R apply.

        Raises:
            ValueError: the CameraInfo is invalid, no camera can have it, or the image has another
                aspect.
        """
        if rectified or np.any(info.p):
            projection = _matrix(info, "p", (3, 4))
        else:
            projection = np.hstack([_matrix(info, "k", (3, 3)), np.zeros((3, 1))])
        origin = -projection[:, 3] / [projection[0, 0], projection[1, 1], 1]
        if rectified:
            matrix = _for_image(projection[:, :3], info, width, height)
            return cls(matrix, PINHOLE, np.zeros(0), np.eye(3), origin)
        sensor = _matrix(info, "k", (3, 3))
        matrix = _for_image(sensor, info, width, height)
        lens, distortion, doubt = distortion_of(info.distortion_model, _finite(info, "d"))
        camera = cls(matrix, lens, distortion, _rotation(info), origin, doubt)
        _check_rays(replace(camera, matrix=sensor), info)
        return camera

    def rays(self, points: FloatArray) -> Float64Array:
        """Undistorted rays (K, 3) through image points (K, 2), in the optical frame, with z = 1.

        NaN where no such ray exists: outside the lens model's range, or 90 degrees and more off the
        optical axis.
        """
        plane = self.lens.to_plane(np.asarray(points, np.float64), self.matrix, self.distortion)
        rays = np.concatenate([plane, np.ones((len(plane), 1))], axis=1) @ self.rotation.T
        forward = rays[:, 2:]
        return rays / np.where(forward > 0, forward, np.nan)

    def back_project(self, points: FloatArray, depth: float | FloatArray) -> Float64Array:
        """Image points (K, 2) as 3D points (K, 3) in the optical frame, m.

        Args:
            points: image pixels.
            depth: z of all points, or (K,) of each, m. NaN gives NaN.
        """
        z = np.asarray(depth, np.float64).reshape(-1, 1)
        return self.rays(points) * z + self.origin


def _for_image(matrix: Float64Array, info: CameraInfo, width: int, height: int) -> Float64Array:
    """A camera matrix adapted to the region of interest, binning and scaling of the image."""
    x, y, roi_width, roi_height = _region(info)
    binning = max(1, info.binning_x), max(1, info.binning_y)
    taken = roi_width // binning[0], roi_height // binning[1]
    scale = scale_between(taken, (width, height), "CameraInfo") / binning
    result = matrix.copy()
    result[:2, 2] = scaled(matrix[:2, 2] - (x, y), scale)
    result[[0, 1], [0, 1]] *= scale
    return result


def _region(info: CameraInfo) -> tuple[int, int, int, int]:
    """Left, top, width and height of the region of interest, unbinned sensor pixels."""
    roi = info.roi
    if roi.width == roi.height == 0:
        return 0, 0, info.width, info.height
    if roi.x_offset + roi.width > info.width or roi.y_offset + roi.height > info.height:
        raise ValueError(
            f"CameraInfo's roi of {roi.width}x{roi.height} pixels at ({roi.x_offset}, "
            f"{roi.y_offset}) exceeds the sensor's {info.width}x{info.height}"
        )
    return roi.x_offset, roi.y_offset, roi.width, roi.height


def _matrix(info: CameraInfo, name: str, shape: tuple[int, int]) -> Float64Array:
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
    _check_possible(title, matrix, info)
    return matrix


def _check_possible(title: str, matrix: Float64Array, info: CameraInfo) -> None:
    """Raises ValueError if no camera with a sensor of this size has this K or P."""
    width, height = info.width, info.height
    if not width or not height:
        return  # there is no image of that size
    sensor, longer = f"{width}x{height}", max(width, height)
    least, most = (limit * longer for limit in FOCAL_LENGTHS)
    for focal_length in matrix.diagonal()[:2]:
        if not least <= focal_length <= most:
            raise ValueError(
                f"{title} has a focal length of {focal_length:g} pixels for a sensor of {sensor}; "
                f"expected {least:g} to {most:g}"
            )
    center, middle = matrix[:2, 2], np.array([width, height]) / 2
    if np.abs(center - middle).max() > FARTHEST_CENTER * longer:
        raise ValueError(
            f"{title} has its principal point at ({center[0]:g}, {center[1]:g}) pixels for a "
            f"sensor of {sensor}; expected one at most {FARTHEST_CENTER * longer:g} pixels from "
            "its middle"
        )
    baseline = np.abs(matrix[:2, 3:].T / matrix.diagonal()[:2]).max(initial=0)
    if baseline > LONGEST_BASELINE:
        raise ValueError(
            f"{title} places the camera {baseline:g} m beside its pair; expected at most "
            f"{LONGEST_BASELINE:g} m (the fourth column is focal length times distance)"
        )


def _check_rays(camera: CameraModel, info: CameraInfo) -> None:
    """Raises ValueError if hardly any point of the sensor has a ray, and says why.

    Args:
        camera: for images of the whole sensor.
        info: of it.
    """
    x, y = np.meshgrid(
        *(np.linspace(0, size - 1, SHARE_SAMPLES) for size in (info.width, info.height))
    )
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    with np.errstate(all="ignore"):
        plane = camera.lens.to_plane(points, camera.matrix, camera.distortion)
        rays = camera.rays(points)
    if (share := np.isfinite(plane).all(axis=1).mean()) < SMALLEST_SHARE:
        largest = int(np.argmax(np.abs(camera.distortion)))
        raise ValueError(
            f"CameraInfo's D is {camera.distortion.tolist()}; no lens distorts so: {share:.0%} of "
            f"the image can be undistorted, expected at least {SMALLEST_SHARE:.0%}. The largest "
            f"coefficient ({camera.lens.names[largest]}) is {camera.distortion[largest]:g}; "
            "calibrate the camera again, or set rectified:=true if the images are rectified"
        )
    if np.isfinite(rays).all(axis=1).mean() < SMALLEST_SHARE:
        raise ValueError(
            f"CameraInfo's R is {camera.rotation.tolist()}: it turns the rays of the image "
            "backwards; expected the small rotation of a rectification"
        )


def _rotation(info: CameraInfo) -> Float64Array:
    rotation = _finite(info, "r").reshape(3, 3)
    if not rotation.any():
        return np.eye(3)
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3) or np.linalg.det(rotation) < 0:
        raise ValueError(f"CameraInfo's R is {rotation.tolist()}; expected a rotation")
    return rotation


def _finite(info: CameraInfo, name: str) -> Float64Array:
    values = np.asarray(getattr(info, name), np.float64)
    if not np.isfinite(values).all():
        raise ValueError(
            f"CameraInfo's {name.upper()} is {values.tolist()}; expected finite numbers"
        )
    return values
