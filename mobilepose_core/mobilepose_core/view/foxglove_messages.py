"""Frames and statuses as messages of Foxglove: pure functions. Needs foxglove-sdk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from foxglove.messages import (
    CircleAnnotation,
    Color,
    CompressedImage,
    Duration,
    FrameTransform,
    FrameTransforms,
    ImageAnnotations,
    LinePrimitive,
    LinePrimitiveLineType,
    Log,
    LogLevel,
    Point2,
    Point3,
    PointsAnnotation,
    PointsAnnotationType,
    Quaternion,
    SceneEntity,
    SceneEntityDeletion,
    SceneUpdate,
    SpherePrimitive,
    TextAnnotation,
    TextPrimitive,
    Timestamp,
    Vector3,
)
from foxglove.messages import (
    Pose as PlacedAt,
)

from mobilepose_core.io import drawing
from mobilepose_core.pose import Pose
from mobilepose_core.typing import FloatArray
from mobilepose_core.view.frames import ERROR, OK, WARN, ViewedFrame, ViewStatus

VIEW_FRAME = "mobilepose_view"
"""Frame at the camera with z up and x forward: the 3D panel expects z up."""

JOINT_SIZE = 0.05
LIMB_WIDTH = 0.02
LABEL_HEIGHT = 0.12
"""Sizes in the 3D scene, m."""

LIFETIME = Duration(1)
"""Time after which a person who is not updated disappears from the 3D scene."""

LEVELS = {OK: LogLevel.Info, WARN: LogLevel.Warning, ERROR: LogLevel.Error}

LINES_PER_LENGTH = 110
"""A line is as thick as the longer side of the person's box by this."""


class SceneHeader(NamedTuple):
    """When people were where they are, ns since 1970, and in which frame."""

    stamp: int
    frame_id: str


def image(frame: ViewedFrame, jpeg: bytes) -> CompressedImage:
    """The picture, which has been encoded."""
    return CompressedImage(
        timestamp=timestamp(frame.stamp), frame_id=frame.frame_id, data=jpeg, format="jpeg"
    )


def image_annotations(frame: ViewedFrame, min_score: float, scale: float = 1.0) -> ImageAnnotations:
    """The skeletons over the image, and the track ID and score of each person.

    Args:
        frame: with the people.
        min_score: joints with a lower score are not drawn.
        scale: size of the encoded picture relative to the frame's image.
    """
    circles: list[CircleAnnotation] = []
    lines: list[PointsAnnotation] = []
    texts: list[TextAnnotation] = []
    for pose in frame.poses:
        _annotate(pose, timestamp(frame.stamp), min_score, scale, circles, lines, texts)
    return ImageAnnotations(
        timestamp=timestamp(frame.stamp), circles=circles, points=lines, texts=texts
    )


def _annotate(
    pose: Pose,
    when: Timestamp,
    min_score: float,
    scale: float,
    circles: list[CircleAnnotation],
    lines: list[PointsAnnotation],
    texts: list[TextAnnotation],
) -> None:
    own, skeleton = drawing.track_colour(pose.track_id), pose.skeleton
    shown = (pose.scores >= min_score) & np.isfinite(pose.joints).all(axis=1)
    if not shown.any():
        return
    # Foxglove's (0, 0) is the corner of the top-left pixel, ours its centre.
    points = [Point2(x=(x + 0.5) * scale, y=(y + 0.5) * scale) for x, y in pose.joints.tolist()]
    x0, y0, x1, y1 = (pose.box * scale).tolist()
    thickness = max(1.0, max(x1 - x0, y1 - y0) / LINES_PER_LENGTH)
    ends, colours = [], []
    for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True):
        if shown[a] and shown[b]:
            ends += [points[a], points[b]]
            colours.append(colour(drawing.edge_colour(start, end, own)))
    if ends:
        lines.append(
            PointsAnnotation(
                timestamp=when,
                type=PointsAnnotationType.LineList,
                points=ends,
                outline_colors=colours,
                thickness=thickness,
            )
        )
    for name, point, is_shown in zip(skeleton.joints, points, shown, strict=True):
        if is_shown:
            circles.append(
                CircleAnnotation(
                    timestamp=when,
                    position=point,
                    diameter=3 * thickness,
                    thickness=thickness / 3,
                    fill_color=colour(drawing.joint_colour(name, own)),
                    outline_color=Color(r=1, g=1, b=1, a=1),
                )
            )
    texts.append(
        TextAnnotation(
            timestamp=when,
            position=Point2(x=x0, y=max(0.0, y0 - 4 * thickness)),
            text=drawing.label(pose),
            font_size=max(12.0, 6 * thickness),
            text_color=Color(r=0, g=0, b=0, a=1),
            background_color=colour(own),
        )
    )


def scene(
    poses: Sequence[Pose],
    positions: Sequence[FloatArray],
    header: SceneHeader,
    min_score: float,
    gone: Iterable[str] = (),
) -> SceneUpdate:
    """The people whose joints have places.

    Args:
        poses: their scores and tracks.
        positions: for each (K, 3) m in the camera's optical frame, NaN where unknown.
        header: of all of them.
        min_score: joints with a lower score are not drawn.
        gone: IDs of entities of people who are not there any more.
    """
    entities = [
        entity
        for index, (pose, places) in enumerate(zip(poses, positions, strict=True))
        if (entity := _entity(pose, index, places, header, min_score)) is not None
    ]
    when = timestamp(header.stamp)
    deletions = [SceneEntityDeletion(timestamp=when, id=name) for name in gone]
    return SceneUpdate(deletions=deletions, entities=entities)


def entity_id(pose: Pose, index: int) -> str:
    """The ID of a person's entity."""
    return f"person {pose.track_id}" if pose.track_id >= 0 else f"untracked {index}"


def _entity(
    pose: Pose, index: int, places: FloatArray, header: SceneHeader, min_score: float
) -> SceneEntity | None:
    shown = (pose.scores >= min_score) & np.isfinite(places).all(axis=1)
    if not shown.any():
        return None
    own, skeleton = drawing.track_colour(pose.track_id), pose.skeleton
    points = [Point3(x=x, y=y, z=z) for x, y, z in places.tolist()]
    ends, colours = [], []
    for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True):
        if shown[a] and shown[b]:
            ends += [points[a], points[b]]
            colours += [colour(drawing.edge_colour(start, end, own))] * 2
    joints = [
        SpherePrimitive(
            pose=_at(place),
            size=Vector3(x=JOINT_SIZE, y=JOINT_SIZE, z=JOINT_SIZE),
            color=colour(drawing.joint_colour(name, own)),
        )
        for name, place, is_shown in zip(skeleton.joints, places.tolist(), shown, strict=True)
        if is_shown
    ]
    limbs = LinePrimitive(
        type=LinePrimitiveLineType.LineList,
        pose=_at((0.0, 0.0, 0.0)),
        thickness=LIMB_WIDTH,
        points=ends,
        colors=colours,
    )
    x, y, z = places[shown][np.argmin(places[shown, 1])].tolist()
    label = TextPrimitive(
        pose=_at((x, y - 1.5 * LABEL_HEIGHT, z)),
        billboard=True,
        font_size=LABEL_HEIGHT,
        color=colour(own),
        text=drawing.label(pose),
    )
    return SceneEntity(
        timestamp=timestamp(header.stamp),
        frame_id=header.frame_id,
        id=entity_id(pose, index),
        lifetime=LIFETIME,
        spheres=joints,
        lines=[limbs] if ends else [],
        texts=[label],
    )


def camera_transform(header: SceneHeader) -> FrameTransforms:
    """The camera's optical frame (z forward, y down) in one with z up and x forward (REP-103)."""
    return FrameTransforms(
        transforms=[
            FrameTransform(
                timestamp=timestamp(header.stamp),
                parent_frame_id=VIEW_FRAME,
                child_frame_id=header.frame_id,
                translation=Vector3(x=0, y=0, z=0),
                rotation=Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5),
            )
        ]
    )


def log(status: ViewStatus, stamp: int) -> Log:
    """A line of the log: the message of a status."""
    return Log(
        timestamp=timestamp(stamp),
        level=LEVELS[status.level],
        message=status.message,
        name=status.title,
    )


def colour(bgr: drawing.Colour) -> Color:
    """A BGR colour as a message."""
    blue, green, red = (value / 255 for value in bgr)
    return Color(r=red, g=green, b=blue, a=1)


def timestamp(stamp: int) -> Timestamp:
    """A time in ns since 1970; those before are 1970."""
    seconds, rest = divmod(max(stamp, 0), 10**9)
    return Timestamp(seconds, rest)


def _at(place: Iterable[float]) -> PlacedAt:
    x, y, z = place
    return PlacedAt(position=Vector3(x=x, y=y, z=z), orientation=Quaternion(x=0, y=0, z=0, w=1))
