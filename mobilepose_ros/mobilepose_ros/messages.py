"""Poses as rclpy's mobilepose_msgs: the core's pure functions, bound to its classes."""

from __future__ import annotations

import functools

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Vector3
from mobilepose_msgs.msg import (
    Joint2D,
    Joint3D,
    Pose2D,
    Pose2DArray,
    Pose3D,
    Pose3DArray,
    Skeleton,
)
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core.messages import MessageTypes, poses

TYPES = MessageTypes(
    Joint2D=Joint2D,
    Joint3D=Joint3D,
    Pose2D=Pose2D,
    Pose2DArray=Pose2DArray,
    Pose3D=Pose3D,
    Pose3DArray=Pose3DArray,
    Skeleton=Skeleton,
    RegionOfInterest=RegionOfInterest,
    Duration=Duration,
    Point=Point,
    Vector3=Vector3,
    ColorRGBA=ColorRGBA,
    Marker=Marker,
    MarkerArray=MarkerArray,
)

pose_array = functools.partial(poses.pose_array, TYPES)
pose_3d_array = functools.partial(poses.pose_3d_array, TYPES)
skeleton_message = functools.partial(poses.skeleton_message, TYPES)
region_of_interest = functools.partial(poses.region_of_interest, TYPES)
poses_of = poses.poses_of
