"""Poses as visualization_msgs for RViz: pure functions.

Joints lie where they are in metres, if that is known; else on a plane in front of the camera.

RViz's Camera display draws them with CameraInfo's P, which knows no distortion. So they overlay the
rectified picture to the pixel, and the raw one as far as its lens does not distort: markers are
where the joints are in the world, not where a raw picture bends them to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core import Pose
from mobilepose_core.io import drawing
from mobilepose_core.io.drawing import edge_colour, joint_colour, track_colour
from mobilepose_core.typing import BoolArray, FloatArray
from mobilepose_ros.calibration import Calibration

JOINTS = "joints"
LIMBS = "limbs"
LABELS = "labels"

Key = tuple[str, int]
"""Namespace and id of a marker."""

JOINT_SIZE = 0.02
LIMB_WIDTH = 0.008
LABEL_HEIGHT = 0.05
"""Sizes of markers, m per m of distance: they look the same at every depth."""


@dataclass(frozen=True)
class Look:
    """How markers look.

    Attributes:
        depth: distance of the plane for people who are not known in metres, m.
        lifetime: after which RViz drops them, s; 0 never.
        min_score: joints that score less are not drawn.
        labels: whether each person has a text with track and score.
    """

    depth: float
    lifetime: float
    min_score: float
    labels: bool = False


def pose_markers(
    poses: Sequence[Pose],
    header: Header,
    camera: Calibration,
    look: Look,
    places: Sequence[FloatArray] | None = None,
) -> list[Marker]:
    """A marker of the joints, one of the limbs and one with a label for each person, if any.

    Left and right have their colours; what is neither, and the label, has the person's own.

    Args:
        poses: joints in image pixels.
        header: the image's, taken over as it is.
        camera: that took the image.
        look: how they look.
        places: for each person (K, 3) m in the optical frame, NaN where unknown. A joint of
            unknown place is not drawn, unless all of a person's are: they lie on the plane.
    """
    markers = []
    for index, pose in enumerate(poses):
        known = None if places is None else places[index]
        if known is None or not np.isfinite(known).all(axis=1).any():
            known = camera.back_project(pose.joints, look.depth)
        shown = (pose.scores >= look.min_score) & np.isfinite(known).all(axis=1)
        if shown.any():
            markers += _person(pose, known, shown, _Style(header, look, _number(pose, index)))
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
    shown: frozenset[Key],
    poses: Sequence[Pose],
    header: Header,
    camera: Calibration,
    look: Look,
    places: Sequence[FloatArray] | None = None,
) -> tuple[MarkerArray, frozenset[Key]]:
    """The message for one image, and what RViz shows after it.

    Args:
        shown: what it shows before; what is not there any more is deleted.
        poses: see `pose_markers`.
        header: see `pose_markers`.
        camera: see `pose_markers`.
        look: see `pose_markers`.
        places: see `pose_markers`.
    """
    markers = pose_markers(poses, header, camera, look, places)
    keys = keys_of(markers)
    return MarkerArray(markers=deletions(shown - keys, header) + markers), keys


@dataclass(frozen=True)
class _Style:
    """What the markers of one person share."""

    header: Header
    look: Look
    number: int

    def marker(self, ns: str, kind: int, scale: Vector3) -> Marker:
        """A marker without content."""
        seconds, fraction = divmod(self.look.lifetime, 1)
        marker = Marker(
            header=self.header,
            ns=ns,
            id=self.number,
            type=kind,
            action=Marker.ADD,
            lifetime=Duration(sec=int(seconds), nanosec=int(fraction * 1e9)),
            scale=scale,
        )
        marker.pose.orientation.w = 1.0
        return marker


def _person(pose: Pose, places: FloatArray, shown: BoolArray, style: _Style) -> list[Marker]:
    """Markers of the joints that are shown, of which there is at least one."""
    distance = float(np.median(places[shown, 2]))
    size, width = distance * JOINT_SIZE, distance * LIMB_WIDTH
    own = track_colour(pose.track_id)
    points = [Point(x=x, y=y, z=z) for x, y, z in places.tolist()]
    joints = style.marker(JOINTS, Marker.SPHERE_LIST, Vector3(x=size, y=size, z=size))
    skeleton = pose.skeleton
    for name, point, is_shown in zip(skeleton.joints, points, shown, strict=True):
        if is_shown:
            joints.points.append(point)
            joints.colors.append(_colour(joint_colour(name, own)))
    limbs = style.marker(LIMBS, Marker.LINE_LIST, Vector3(x=width))
    for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True):
        if shown[a] and shown[b]:
            limbs.points += [points[a], points[b]]
            limbs.colors += [_colour(edge_colour(start, end, own))] * 2
    markers = [joints, limbs] if limbs.points else [joints]
    if style.look.labels:
        height = distance * LABEL_HEIGHT
        label = style.marker(LABELS, Marker.TEXT_VIEW_FACING, Vector3(z=height))
        label.text = drawing.label(pose)
        label.color = _colour(own)
        x, y, z = places[shown][np.argmin(places[shown, 1])].tolist()
        label.pose.position = Point(x=x, y=y - 1.5 * height, z=z)
        markers.append(label)
    return markers


def _number(pose: Pose, index: int) -> int:
    """A person who is not tracked gets a number below zero."""
    return pose.track_id if pose.track_id >= 0 else -1 - index


def _colour(bgr: tuple[int, int, int]) -> ColorRGBA:
    blue, green, red = (value / 255 for value in bgr)
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)
