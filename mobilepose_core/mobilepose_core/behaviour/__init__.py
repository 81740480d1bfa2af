"""What people do: where they are and how they move, which way they face, gestures, posture, target.

Without ROS, torch and ONNX Runtime. `Behaviour` follows everybody from frame to frame, `TargetLock`
one person.
"""

from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.body_size import ADULT, BodySize, SizeEstimate
from mobilepose_core.behaviour.camera import LEVEL_UP, Ground, Pinhole, picture_up
from mobilepose_core.behaviour.candidate import Candidate
from mobilepose_core.behaviour.facing import TorsoHeading
from mobilepose_core.behaviour.following import CameraPose, Follower, Sighting, TargetPose
from mobilepose_core.behaviour.human_urdf import urdf
from mobilepose_core.behaviour.kinematics import joint_angles, seen_places, torso_axes
from mobilepose_core.behaviour.motion import Motion
from mobilepose_core.behaviour.person import GESTURES, Behaviour, PersonState, Pointing
from mobilepose_core.behaviour.position import Position, locate
from mobilepose_core.behaviour.posture import POSTURES
from mobilepose_core.behaviour.target import (
    FOUND_AGAIN,
    LOCKED,
    LOST,
    SEARCHING,
    LockSettings,
    TargetLock,
    TargetState,
)
from mobilepose_core.pose import appearance_distance, appearance_of, is_isolated

__all__ = [
    "ADULT",
    "FOUND_AGAIN",
    "GESTURES",
    "LEVEL_UP",
    "LOCKED",
    "LOST",
    "POSTURES",
    "SEARCHING",
    "Behaviour",
    "Body",
    "BodySize",
    "CameraPose",
    "Candidate",
    "Follower",
    "Ground",
    "LockSettings",
    "Motion",
    "PersonState",
    "Pinhole",
    "Pointing",
    "Position",
    "Sighting",
    "SizeEstimate",
    "TargetLock",
    "TargetPose",
    "TargetState",
    "TorsoHeading",
    "appearance_distance",
    "appearance_of",
    "is_isolated",
    "joint_angles",
    "locate",
    "picture_up",
    "seen_places",
    "torso_axes",
    "urdf",
]
