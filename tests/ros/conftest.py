"""What tests of the nodes share; each fixture is in a module of its concern."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from ros_domain import context  # isort: skip  (it sets the domain before ROS is imported)
from calibrated_camera import camera_info, depth_of
from depth_scene import scene
from figure_scene import body_network, figure, figure_info
from followed_people import follower, people, poses, said, select, send, someone, told
from following_server import nav2
from hri import hri
from hri_scene import bridge
from image_messages import bgr, message, raw_image
from marker_network import (
    joints,
    network,
    picture,
    slow_network,
    two_people,
)
from ros_programs import program
from ros_world import answers, diagnostics, elsewhere, logged, ros
from tf import tf2, tf2_msgs

__all__ = [
    "answers",
    "bgr",
    "body_network",
    "bridge",
    "camera_info",
    "context",
    "depth_of",
    "diagnostics",
    "elsewhere",
    "figure",
    "figure_info",
    "follower",
    "hri",
    "joints",
    "logged",
    "message",
    "nav2",
    "network",
    "people",
    "picture",
    "poses",
    "program",
    "raw_image",
    "ros",
    "said",
    "scene",
    "select",
    "send",
    "slow_network",
    "someone",
    "tf2",
    "tf2_msgs",
    "told",
    "two_people",
]
