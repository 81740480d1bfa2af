"""What people do: where they are and how they move, which way they face, gestures, posture, target.

NumPy only, without ROS. `People` follows everybody from frame to frame, `TargetLock` one person.
"""

from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.behaviour.facing import Heading
from mobilepose_core.behaviour.motion import Motion
from mobilepose_core.behaviour.person import GESTURES, People, PersonState, Pointing
from mobilepose_core.behaviour.position import Position, locate
from mobilepose_core.behaviour.posture import POSTURES
from mobilepose_core.behaviour.target import Candidate, LockSettings, Target, TargetLock

__all__ = [
    "GESTURES",
    "POSTURES",
    "Body",
    "Candidate",
    "Ground",
    "Heading",
    "LockSettings",
    "Motion",
    "People",
    "PersonState",
    "Pinhole",
    "Pointing",
    "Position",
    "Target",
    "TargetLock",
    "locate",
]
