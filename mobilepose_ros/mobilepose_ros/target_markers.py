"""The target as visualization_msgs: a ring at its place, arrows, and a caption."""

from __future__ import annotations

import math

import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point, Pose, PoseStamped, Vector3
from mobilepose_msgs.msg import Target
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core.behaviour import FOUND_AGAIN, LOCKED, LOST, SEARCHING
from mobilepose_core.typing import Float64Array
from mobilepose_ros.behaviour_markers import HEADING_LENGTH, SHAFT, VELOCITY_COLOUR, VELOCITY_TIME
from mobilepose_ros.captions import LEAST_SPEED
from mobilepose_ros.markers import colour
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.vectors import array_of, point

RING, HEADING, VELOCITY, CAPTION = "ring", "heading", "velocity", "state"

RADIUS, WIDTH = 0.45, 0.05
"""Of the ring around the torso, m."""

CORNERS = 24

LETTERS, ABOVE = 0.12, 0.75
"""Height of the caption's letters, and of the caption above the middle of the torso, m."""

LIFETIME = 2
"""RViz removes the markers after so long without an update, s."""

COLOURS = {
    LOCKED: (80, 200, 60),
    FOUND_AGAIN: (230, 190, 40),
    LOST: (30, 140, 255),
    SEARCHING: (50, 50, 230),
}
"""BGR by state: green, blue, orange, red."""


class TargetMarkers:
    """What is shown of the target, from message to message.

    A lost target is shown where it was last.
    """

    def __init__(self) -> None:
        """Shows nothing yet."""
        self._place: PoseStamped | None = None
        self._shown: list[Marker] = []

    def forget(self) -> None:
        """Shows no place of before: the target is another, or stamps jumped."""
        self._place = None

    def see(self, target: Target, pose: PoseStamped | None) -> None:
        """Remembers where the target is; call it for each message."""
        if pose is not None or target.state not in (LOST, SEARCHING):
            self._place = pose

    def array(self, target: Target, velocity: Float64Array | None) -> MarkerArray:
        """What is shown now, and what is deleted.

        Args:
            target: that was seen last.
            velocity: (3,) m/s in the frame of the pose that was seen last; None if unknown, or if
                there is none now.
        """
        before, self._shown = self._shown, self._markers(target, velocity)
        kept = {one.ns for one in self._shown}
        gone = [
            Marker(header=one.header, ns=one.ns, action=Marker.DELETE)
            for one in before
            if one.ns not in kept
        ]
        return MarkerArray(markers=[*gone, *self._shown])

    def _markers(self, target: Target, velocity: Float64Array | None) -> list[Marker]:
        at = self._place
        if at is None or target.state not in COLOURS:
            return []
        ring = _marker(RING, Marker.LINE_STRIP, at, target, Vector3(x=WIDTH))
        ring.points = [_on_ring(corner) for corner in range(CORNERS + 1)]
        caption = _marker(CAPTION, Marker.TEXT_VIEW_FACING, at, target, Vector3(z=LETTERS))
        caption.text = _caption(target)
        caption.pose.position = point(array_of(at.pose.position) + ABOVE * _up(at))
        if velocity is None:  # where it was last: with the newest transform, whatever the time
            for one in (ring, caption):
                one.header.stamp = Time()
            return [ring, caption]
        size = Vector3(x=HEADING_LENGTH, y=SHAFT, z=SHAFT)
        markers = [ring, caption, _marker(HEADING, Marker.ARROW, at, target, size)]
        if np.linalg.norm(velocity) > LEAST_SPEED:
            size = Vector3(x=SHAFT, y=2 * SHAFT, z=3 * SHAFT)
            arrow = _marker(VELOCITY, Marker.ARROW, at, target, size)
            arrow.pose = Pose()
            start = array_of(at.pose.position)
            ends = (start, start + VELOCITY_TIME * velocity)
            arrow.points = [point(end) for end in ends]
            arrow.color = colour(VELOCITY_COLOUR)
            markers.append(arrow)
        return markers


def _marker(ns: str, kind: int, at: PoseStamped, target: Target, scale: Vector3) -> Marker:
    """At the target's pose, in the colour of its state."""
    return Marker(
        header=Header(stamp=at.header.stamp, frame_id=at.header.frame_id),
        ns=ns,
        type=kind,
        pose=Pose(position=at.pose.position, orientation=at.pose.orientation),
        scale=scale,
        color=colour(COLOURS[target.state]),
        lifetime=Duration(sec=LIFETIME),
    )


def _caption(target: Target) -> str:
    state = target.state.replace("_", " ")
    return f"{state} {target.track_id}" if target.track_id >= 0 else f"{state}: {target.reason}"


def _on_ring(corner: int) -> Point:
    angle = 2 * math.pi * corner / CORNERS
    return Point(x=RADIUS * math.cos(angle), y=RADIUS * math.sin(angle))


def _up(at: PoseStamped) -> Float64Array:
    """(3,) z of the pose in its frame."""
    return np.asarray(matrix_of(at.pose.orientation)[:, 2], np.float64)
