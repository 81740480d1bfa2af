"""What people do as visualization_msgs: heading, velocity, pointing ray and caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Vector3
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mobilepose_core import Pose
from mobilepose_core.behaviour import Ground
from mobilepose_core.io import drawing
from mobilepose_core.messages import CameraModel, PersonMarkers
from mobilepose_core.typing import Float64Array, FloatArray
from mobilepose_ros.captions import caption, clear_speed
from mobilepose_ros.markers import LABEL_HEIGHT, MarkerStyle, colour
from mobilepose_ros.messages import TYPES
from mobilepose_ros.people_behaviour import ObservedPerson
from mobilepose_ros.vectors import point

HEADING, VELOCITY, POINTING, CAPTIONS = "heading", "velocity", "pointing", "behaviour"

HEADING_LENGTH = 0.5
POINTING_LENGTH = 2.0
"""m."""

VELOCITY_TIME = 1.0
"""An arrow of the velocity reaches to where the person is after so long, s."""

SHAFT = 0.03
"""Diameter of an arrow, m; its head is twice as wide."""

VELOCITY_COLOUR = (235, 235, 235)
"""BGR."""

ABOVE = 0.65
"""Of a caption above the middle of the torso, m."""


def behaviour_markers(
    people: Sequence[ObservedPerson], header: Header, ground: Ground, style: MarkerStyle
) -> list[Marker]:
    """Markers of those people whose position is known.

    The heading and the caption have the colour of the track, a pointing ray that of its side.

    Args:
        people: in an image.
        header: of the image.
        ground: where up is.
        style: how markers are drawn.
    """
    markers = []
    for one in people:
        if one.state.motion is not None:
            base = PersonMarkers(TYPES, header, style, one.pose.track_id)
            markers += _of_person(one, base, np.asarray(ground.up, np.float64))
    return markers


def joints_at_people(
    people: Sequence[ObservedPerson],
    poses: Sequence[Pose],
    camera: CameraModel,
    positions: Sequence[FloatArray] | None,
) -> list[FloatArray]:
    """For each pose (K, 3) m to draw joints at; NaN where nothing is known.

    Without depth these are on a plane at the person's distance.

    Args:
        people: in an image.
        poses: all in that image.
        camera: of the image.
        positions: by depth, for each pose (K, 3) m, NaN where unknown; None without depth.
    """
    joints: list[FloatArray] = [np.full((len(pose.joints), 3), np.nan) for pose in poses]
    for one in people:
        if one.state.motion is not None and one.state.motion.place[2] > 0:
            depth = float(one.state.motion.place[2] - camera.origin[2])
            joints[one.index] = camera.back_project(one.pose.joints, depth)
    for index, known in enumerate(positions or ()):
        if np.isfinite(known).all(axis=1).any():
            joints[index] = known
    return joints


def _of_person(one: ObservedPerson, base: PersonMarkers, up: Float64Array) -> list[Marker]:
    motion, pointing = one.state.motion, one.state.pointing
    assert motion is not None
    own = drawing.track_colour(one.pose.track_id)
    markers = []
    if one.facing is not None:
        end = motion.place + HEADING_LENGTH * one.facing
        markers.append(_arrow(base, HEADING, motion.place, end, own))
    if clear_speed(motion) is not None:
        end = motion.place + VELOCITY_TIME * motion.velocity
        markers.append(_arrow(base, VELOCITY, motion.place, end, VELOCITY_COLOUR))
    if pointing is not None and pointing.origin is not None and pointing.ray is not None:
        end = pointing.origin + POINTING_LENGTH * pointing.ray
        side = drawing.joint_colour(f"{pointing.side}_wrist")
        markers.append(_arrow(base, POINTING, pointing.origin, end, side))
    if text := caption(one.state):
        height = LABEL_HEIGHT * float(motion.place[2])
        label = base.marker(CAPTIONS, Marker.TEXT_VIEW_FACING, Vector3(z=height))
        label.text, label.color = text, colour(own)
        label.pose.position = point(motion.place + ABOVE * up)
        markers.append(label)
    return markers


def _arrow(
    base: PersonMarkers, ns: str, start: FloatArray, end: FloatArray, bgr: drawing.Colour
) -> Marker:
    arrow = base.marker(ns, Marker.ARROW, Vector3(x=SHAFT, y=2 * SHAFT, z=3 * SHAFT))
    arrow.points = [point(start), point(end)]
    arrow.color = colour(bgr)
    return arrow
