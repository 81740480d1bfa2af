"""Poses as visualization_msgs for RViz: pure functions.

Joints are drawn at their position in metres if it is known, otherwise on a plane in front of the
camera.

RViz's Camera display projects markers with CameraInfo's P, without distortion. So they match the
rectified image exactly, and the raw image only where the lens distorts little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mobilepose_core.io import drawing
from mobilepose_core.messages.camera_model import CameraModel
from mobilepose_core.messages.fields import Header, MessageTypes
from mobilepose_core.pose import Pose
from mobilepose_core.typing import BoolArray, FloatArray

JOINTS = "joints"
LIMBS = "limbs"
LABELS = "labels"

ADD, DELETE = 0, 2
LINE_LIST, SPHERE_LIST, TEXT_VIEW_FACING = 5, 7, 9
"""Constants of visualization_msgs/Marker."""

MarkerKey = tuple[str, int]
"""Namespace and ID of a marker."""

JOINT_SIZE = 0.02
LIMB_WIDTH = 0.008
LABEL_HEIGHT = 0.05
"""Sizes of markers relative to their distance, so that they look the same at every depth."""


@dataclass(frozen=True)
class MarkerStyle:
    """How markers are drawn.

    Attributes:
        depth: distance of the plane for people without a position in metres, m.
        lifetime: time after which RViz removes them, s; 0 never.
        min_score: joints with a lower score are not drawn.
        labels: whether to show the track ID and score of each person.
    """

    depth: float = 2.0
    lifetime: float = 0.5
    min_score: float = drawing.MIN_SCORE
    labels: bool = False


def pose_markers(
    types: MessageTypes,
    poses: Sequence[Pose],
    header: Header,
    camera: CameraModel,
    style: MarkerStyle,
    positions: Sequence[FloatArray] | None = None,
) -> list[Any]:
    """For each person one marker for joints, one for limbs and, optionally, one for a label.

    Left and right have fixed colours; the nose, other limbs and the label have the track's colour.

    Args:
        types: of the messages.
        poses: joints in image pixels.
        header: of the image.
        camera: of the image.
        style: how they are drawn.
        positions: for each person (K, 3) m in the optical frame, NaN where unknown. Joints of
            unknown position are not drawn; a person without any is drawn on the plane.
    """
    markers = []
    for index, pose in enumerate(poses):
        known = None if positions is None else positions[index]
        if known is None or not np.isfinite(known).all(axis=1).any():
            known = camera.back_project(pose.joints, style.depth)
        shown = (pose.scores >= style.min_score) & np.isfinite(known).all(axis=1)
        if shown.any():
            markers += _person(
                pose, known, shown, PersonMarkers(types, header, style, _marker_id(pose, index))
            )
    return markers


def deletions(types: MessageTypes, keys: Iterable[MarkerKey], header: Header) -> list[Any]:
    """Markers that delete earlier ones."""
    return [
        types.Marker(header=header, ns=ns, id=number, action=DELETE) for ns, number in sorted(keys)
    ]


def keys_of(markers: Iterable[Any]) -> frozenset[MarkerKey]:
    """Namespaces and IDs of markers."""
    return frozenset((marker.ns, marker.id) for marker in markers)


def marker_array(
    types: MessageTypes,
    shown: frozenset[MarkerKey],
    poses: Sequence[Pose],
    header: Header,
    camera: CameraModel,
    style: MarkerStyle,
    positions: Sequence[FloatArray] | None = None,
    others: Sequence[Any] = (),
) -> tuple[Any, frozenset[MarkerKey]]:
    """The message for one image, and the markers that RViz shows afterwards.

    Args:
        types: of the messages.
        shown: markers that RViz shows; those of people without a pose are deleted.
        poses: see `pose_markers`.
        header: see `pose_markers`.
        camera: see `pose_markers`.
        style: see `pose_markers`.
        positions: see `pose_markers`.
        others: further markers in the message.
    """
    markers = [*pose_markers(types, poses, header, camera, style, positions), *others]
    keys = keys_of(markers)
    return types.MarkerArray(markers=deletions(types, shown - keys, header) + markers), keys


@dataclass(frozen=True)
class PersonMarkers:
    """What the markers of one person share."""

    types: MessageTypes
    header: Header
    style: MarkerStyle
    id: int

    def marker(self, ns: str, kind: int, scale: Any) -> Any:
        """An empty marker."""
        seconds, fraction = divmod(self.style.lifetime, 1)
        marker = self.types.Marker(
            header=self.header,
            ns=ns,
            id=self.id,
            type=kind,
            action=ADD,
            lifetime=self.types.Duration(sec=int(seconds), nanosec=int(fraction * 1e9)),
            scale=scale,
        )
        marker.pose.orientation.w = 1.0
        return marker


def _person(pose: Pose, positions: FloatArray, shown: BoolArray, base: PersonMarkers) -> list[Any]:
    """Markers for a person with at least one visible joint."""
    types = base.types
    distance = float(np.median(positions[shown, 2]))
    size, width = distance * JOINT_SIZE, distance * LIMB_WIDTH
    own = drawing.track_colour(pose.track_id)
    points = [types.Point(x=x, y=y, z=z) for x, y, z in positions.tolist()]
    joints = base.marker(JOINTS, SPHERE_LIST, types.Vector3(x=size, y=size, z=size))
    skeleton = pose.skeleton
    for name, point, is_shown in zip(skeleton.joints, points, shown, strict=True):
        if is_shown:
            joints.points.append(point)
            joints.colors.append(colour(types, drawing.joint_colour(name, own)))
    limbs = base.marker(LIMBS, LINE_LIST, types.Vector3(x=width))
    for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True):
        if shown[a] and shown[b]:
            limbs.points += [points[a], points[b]]
            limbs.colors += [colour(types, drawing.edge_colour(start, end, own))] * 2
    markers = [joints, limbs] if limbs.points else [joints]
    if base.style.labels:
        height = distance * LABEL_HEIGHT
        label = base.marker(LABELS, TEXT_VIEW_FACING, types.Vector3(z=height))
        label.text = drawing.label(pose)
        label.color = colour(types, own)
        x, y, z = positions[shown][np.argmin(positions[shown, 1])].tolist()
        label.pose.position = types.Point(x=x, y=y - 1.5 * height, z=z)
        markers.append(label)
    return markers


def _marker_id(pose: Pose, index: int) -> int:
    """The track ID; negative for a person who is not tracked."""
    return pose.track_id if pose.track_id >= 0 else -1 - index


def colour(types: MessageTypes, bgr: tuple[int, int, int]) -> Any:
    """A BGR colour as a message."""
    blue, green, red = (value / 255 for value in bgr)
    return types.ColorRGBA(r=red, g=green, b=blue, a=1.0)
