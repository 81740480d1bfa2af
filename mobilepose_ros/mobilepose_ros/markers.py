"""Poses as rclpy's visualization_msgs: the core's pure functions, bound to its classes."""

from __future__ import annotations

import functools

from mobilepose_core.messages import markers
from mobilepose_ros.messages import TYPES

JOINTS, LIMBS, LABELS = markers.JOINTS, markers.LIMBS, markers.LABELS
LABEL_HEIGHT = markers.LABEL_HEIGHT
MarkerKey = markers.MarkerKey
MarkerStyle = markers.MarkerStyle

pose_markers = functools.partial(markers.pose_markers, TYPES)
deletions = functools.partial(markers.deletions, TYPES)
marker_array = functools.partial(markers.marker_array, TYPES)
keys_of = markers.keys_of
colour = functools.partial(markers.colour, TYPES)
