"""What people do from image to image, where stamps and the camera's place are odd."""

from dataclasses import replace

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped

from mobilepose_core import Pose
from mobilepose_core.behaviour import LEVEL_UP, Ground
from mobilepose_core.evaluation.stick_figure import StickFigure, optical, turned
from mobilepose_core.messages import CameraModel
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_ros.camera_motion import CameraMotion
from mobilepose_ros.people_behaviour import PeopleBehaviour
from mobilepose_ros.rotations import quaternion_of
from mobilepose_ros.stamps import SECOND

CAMERA = replace(CameraModel.of_image(1280, 720), is_default=False)
JOINTS = optical(turned(StickFigure().joints(), np.pi, 3.0, 0.0), 1.1, 0.0)
PLACES = np.array([JOINTS[name] for name in UPPER_BODY_11.joints])
LEVEL = Ground(LEVEL_UP, None)


def seen(places):
    """A tracked person whose joints are at places (11, 3) of the optical frame, m."""
    points = places @ CAMERA.matrix.T
    return Pose((points[:, :2] / points[:, 2:]).astype(np.float32), np.full(11, 0.9), track_id=1)


def yaw(angle):
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


@pytest.fixture
def filmed():
    """Somebody who stands still before a camera that turns by 0.35 radians a second, or jumps."""
    behaviour, motion = PeopleBehaviour(), CameraMotion()

    def film(image, late=0.0, is_known=True):
        turn = yaw(0.035 * image - 0.4)
        place = TransformStamped(child_frame_id="camera")
        place.header.frame_id = "odom"
        place.transform.rotation = quaternion_of(turn)
        time = 100 + image / 10
        (person,) = behaviour.update(
            round((time - late) * SECOND),
            image / 10,
            [seen(PLACES @ turn)],
            LEVEL,
            CAMERA,
            moved=motion.step(place if is_known else None),
            now=round(time * SECOND),
        )
        return float(np.linalg.norm(person.state.motion.velocity))

    return film


@pytest.mark.parametrize(
    "odd", [{"late": 0.12}, {"late": -50.0}, {"late": 5.0}, {"is_known": False}], ids=str
)
def test_one_odd_image_on_a_robot_that_turns_makes_nobody_walk(filmed, odd):
    for image in range(12):
        filmed(image)

    speeds = [filmed(12, **odd), *(filmed(image) for image in range(13, 20))]

    assert max(speeds) < 0.1


def test_stamps_that_jump_ahead_for_good_make_nobody_walk(filmed):
    for image in range(12):
        filmed(image)

    speeds = [filmed(image, late=-50.0) for image in range(12, 20)]

    assert max(speeds) < 0.1


def test_a_recording_that_begins_anew_is_told():
    behaviour = PeopleBehaviour()

    told = []
    for stamp in (100.0, 100.1, 50.0, 50.1, 50.2):
        behaviour.update(round(stamp * SECOND), stamp, [], LEVEL, CAMERA)
        told.append(behaviour.began_anew)

    assert told == [False, False, False, True, False]
