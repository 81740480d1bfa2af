"""Poses as visualization_msgs for RViz: pure functions.

Without a distance to the person, joints lie on a plane in front of the camera, in its optical
frame: x right, y down, z forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core import Pose, skeleton
from mobilepose_core.inference.drawing import edge_colour, joint_colour

JOINTS = "joints"
LIMBS = "limbs"

Key = tuple[str, int]
"""Namespace and id of a marker."""

JOINT_SIZE = 0.02
LIMB_WIDTH = 0.008
"""Sizes of markers, m per m of distance: they look the same on every plane."""


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion: focal lengths and principal point, image pixels."""

    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def of_image(cls, width: int, height: int) -> Pinhole:
        """A guess for a camera that nobody calibrated: 53 degrees wide, axis in the middle."""
        return cls(float(width), float(width), (width - 1) / 2, (height - 1) / 2)

    def back_project(
        self, points: npt.NDArray[np.floating], depth: float
    ) -> npt.NDArray[np.float64]:
        """Points (K, 2) of the image as (K, 3) m in the optical frame, at z = `depth` m."""
        x = (points[:, 0] - self.cx) / self.fx * depth
        y = (points[:, 1] - self.cy) / self.fy * depth
        return np.stack([x, y, np.full(len(points), depth)], axis=-1)


@dataclass(frozen=True)
class Look:
    """How markers look.

    Attributes:
        depth: distance of their plane, m.
        lifetime: after which RViz drops them, s; 0 never.
        min_score: joints that score less are not drawn.
    """

    depth: float
    lifetime: float
    min_score: float


def pose_markers(
    poses: Sequence[Pose], header: Header, camera: Pinhole, look: Look
) -> list[Marker]:
    """A marker of the joints and one of the limbs for each person, as far as there are any.

    Args:
        poses: joints in image pixels.
        header: the image's, taken over as it is.
        camera: that took the image.
        look: how they look.
    """
    markers = []
    for index, pose in enumerate(poses):
        points = [
            Point(x=float(x), y=float(y), z=float(z))
            for x, y, z in camera.back_project(pose.joints, look.depth)
        ]
        shown = pose.scores >= look.min_score
        joints = _marker(JOINTS, pose.track_id, index, header, look)
        for name, point, is_shown in zip(skeleton.JOINTS, points, shown, strict=True):
            if is_shown:
                joints.points.append(point)
                joints.colors.append(_colour(joint_colour(name)))
        limbs = _marker(LIMBS, pose.track_id, index, header, look)
        for (start, end), (a, b) in zip(skeleton.EDGES, skeleton.EDGE_INDICES, strict=True):
            if shown[a] and shown[b]:
                limbs.points += [points[a], points[b]]
                limbs.colors += [_colour(edge_colour(start, end))] * 2
        markers += [marker for marker in (joints, limbs) if marker.points]
    return markers


def deletions(keys: Iterable[Key], header: Header) -> list[Marker]:
    """Markers that delete those shown before."""
    return [
        Marker(header=header, ns=ns, id=number, action=Marker.DELETE) for ns, number in sorted(keys)
    ]


def keys_of(markers: Iterable[Marker]) -> frozenset[Key]:
    """Namespaces and ids of markers."""
    return frozenset((marker.ns, marker.id) for marker in markers)


def marker_array(
    shown: frozenset[Key], poses: Sequence[Pose], header: Header, camera: Pinhole, look: Look
) -> tuple[MarkerArray, frozenset[Key]]:
    """The message for one image, and what RViz shows after it.

    Args:
        shown: what it shows before; what is not there any more is deleted.
        poses: see `pose_markers`.
        header: see `pose_markers`.
        camera: see `pose_markers`.
        look: see `pose_markers`.
    """
    markers = pose_markers(poses, header, camera, look)
    keys = keys_of(markers)
    return MarkerArray(markers=deletions(shown - keys, header) + markers), keys


def _marker(ns: str, track_id: int, index: int, header: Header, look: Look) -> Marker:
    """A marker without points; a person who is not tracked gets a number below zero."""
    seconds, fraction = divmod(look.lifetime, 1)
    marker = Marker(
        header=header,
        ns=ns,
        id=track_id if track_id >= 0 else -1 - index,
        type=Marker.SPHERE_LIST if ns == JOINTS else Marker.LINE_LIST,
        action=Marker.ADD,
        lifetime=Duration(sec=int(seconds), nanosec=int(fraction * 1e9)),
    )
    marker.pose.orientation.w = 1.0
    size = look.depth * (JOINT_SIZE if ns == JOINTS else LIMB_WIDTH)
    marker.scale = Vector3(x=size, y=size, z=size) if ns == JOINTS else Vector3(x=size)
    return marker


def _colour(bgr: tuple[int, int, int]) -> ColorRGBA:
    blue, green, red = (value / 255 for value in bgr)
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)
