"""Every parameter of the ROS4HRI bridge: name, type, default, range and description."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core import Tracking
from mobilepose_ros.parameter_table import parameter


@dataclass(frozen=True)
class HriParameters:
    """Parameters of the ROS4HRI bridge."""

    body_timeout: float = parameter(
        Tracking.timeout,
        "time after which the topics of a body that is not seen are removed, s; its ID is not used "
        "again; not less than track_timeout of the pose node",
        span=(0.0, 60.0),
        read_only=True,
    )
    publish_persons: bool = parameter(
        True,
        "publish an anonymous person for each body; false where a person manager does, such as "
        "hri_person_manager",
        read_only=True,
    )
    publish_tf: bool = parameter(
        False,
        "send a TF frame body_ID for each body whose position is known, on the optical frame of "
        "the images; needs `tf2_ros`",
        read_only=True,
    )
    publish_model: bool = parameter(
        False,
        "publish the kinematic model of each body: its URDF, and the angles of its joints from the "
        "pose node's joints_3d, which need use_depth",
        read_only=True,
    )
    silence_timeout: float = parameter(
        5.0,
        "time without people or joints before a warning with the reason, s; 0 never",
        span=(0.0, 1e3),
        read_only=True,
    )
