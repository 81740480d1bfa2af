"""The main job on a real photograph: joints follow a motion that is known exactly."""

import time

import numpy as np
import pytest
from mobilepose_msgs.msg import Pose2DArray

from mobilepose_core import crop, skeleton
from mobilepose_core.inference.runtime import model_file
from mobilepose_ros import camera_source, motion

AMPLITUDE = 1.0
"""The photograph moves by up to 31 pixels each way, turns by 8 degrees, and grows by 8 %."""

PIXELS = 10.0  # of 512: her shoulders are inside the suit; a joint that stands still is off by 20

CLEAR = 0.9  # the suit hides the outline of her arms, so that not every joint is certain


@pytest.fixture
def answer(ros, message):
    """Sends a frame to a node that runs the released model, and waits for its answer."""
    if "final" not in model_file.released_models():
        pytest.skip("the model 'final' is not in weights/")
    heard = ros.heard(Pose2DArray, "mobilepose/joints")
    node, camera = ros.pose_node("final", person_finder="detector"), ros.publisher()
    ros.connect(node, camera)

    def answer(frame, number):
        deadline = time.monotonic() + 60
        image = message(frame, number)
        while True:
            camera.publish(image)
            for _ in range(300):
                if heard and heard[-1].header.stamp.sec == number:
                    return heard[-1]
                time.sleep(0.01)
            assert time.monotonic() < deadline, "no answer"

    return answer


def test_joints_follow_the_photograph_as_it_moves(answer):
    pytest.importorskip("skimage", reason="scikit-image has the photograph")
    photo = camera_source.demo_photo()
    height, width = photo.shape[:2]
    indices = range(0, motion.PERIOD, 4)

    on_photo, scores, ids = [], [], set()
    for second, index in enumerate(indices, start=1):
        people = answer(motion.move(photo, index, AMPLITUDE), second).poses
        for person in people:
            ids.add(person.track_id)
            found = np.array([(joint.x, joint.y) for joint in person.joints])
            back = crop.invert(motion.matrix(index, width, height, AMPLITUDE))
            on_photo.append(crop.transform(back, found))
            scores.append([joint.score for joint in person.joints])

    assert ids == {1}
    assert 0.9 * len(indices) <= len(on_photo) <= len(indices)
    clear = np.median(scores, axis=0) >= CLEAR
    assert {"left_eye", "right_eye", "nose"} <= set(np.array(skeleton.JOINTS)[clear])
    errors = np.linalg.norm(on_photo - np.median(on_photo, axis=0), axis=-1)
    assert np.median(errors, axis=0)[clear].max() < PIXELS
