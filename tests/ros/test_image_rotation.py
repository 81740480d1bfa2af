"""A camera that is mounted sideways or upside down, on its way through the pose node."""

import cv2
import numpy as np
import pytest
from mobilepose_msgs.msg import PersonBox, PersonBoxArray
from sensor_msgs.msg import Image

from mobilepose_core import PoseEstimator
from mobilepose_core.inference.rotation import Rotation
from mobilepose_core.inference.runtime import model_file
from mobilepose_ros import camera_source, images

TURNS_BACK = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


def joints_of(pose):
    return np.array([(joint.x, joint.y) for joint in pose.joints])


@pytest.fixture(scope="module")
def photograph():
    """A photograph, 512 x 400, and the joints of the person that it shows upright."""
    pytest.importorskip("skimage", reason="scikit-image has the photograph")
    if "final" not in model_file.released_models():
        pytest.skip("the model 'final' is not in weights/")
    photo = np.ascontiguousarray(camera_source.demo_photo()[:400])
    (pose,) = PoseEstimator("final", "cpu", threads=1)(photo)
    return photo, pose


@pytest.mark.parametrize("angle", TURNS_BACK)
def test_a_person_in_front_of_a_turned_camera_is_found_in_its_image(
    ros, message, photograph, answers, angle
):
    photo, pose = photograph
    published = np.ascontiguousarray(cv2.rotate(photo, TURNS_BACK[angle]))
    height, width = published.shape[:2]
    node = ros.pose_node("final", person_finder="detector", image_rotation=angle)
    camera, overlays = ros.publisher(), ros.heard(Image, "mobilepose/overlay")
    ros.connect(node, camera)

    ros.publish_until(camera, message(published), lambda: answers and overlays)

    (person,) = answers[0].poses
    (expected,) = Rotation(angle).poses_in_image([pose], width, height)
    assert (answers[0].image_width, answers[0].image_height) == (width, height)
    assert joints_of(person) == pytest.approx(expected.joints, abs=1e-3)
    x0, y0, x1, y1 = expected.box
    roi = person.roi
    assert [roi.x_offset, roi.y_offset] == [int(x0), int(y0)]
    assert [roi.width, roi.height] == pytest.approx([x1 - x0, y1 - y0], abs=3)
    drawn = images.bgr_from_image(overlays[0])
    assert drawn.shape == published.shape
    rows, columns = np.nonzero((drawn != published).any(axis=-1))
    drawn_box = [columns.min(), rows.min(), columns.max(), rows.max()]
    seen = expected.joints[expected.scores >= node.settings.joint_threshold]
    assert drawn_box == pytest.approx([*seen.min(axis=0), *seen.max(axis=0)], abs=15)


def test_boxes_are_in_the_coordinates_of_the_image_as_published(
    ros, network, two_people, message, answers
):
    picture, people = two_people
    node = ros.pose_node(network, person_finder="topic", image_rotation=90)
    boxes, camera = ros.publisher("person_boxes", kind=PersonBoxArray), ros.publisher()
    ros.connect(node, boxes, camera)
    image = message(picture)
    x0, y0, x1, y1 = map(float, [*people[1].min(axis=0), *people[1].max(axis=0)])
    found = PersonBoxArray(header=image.header)
    found.boxes = [PersonBox(x_min=x0, y_min=y0, x_max=x1, y_max=y1, score=0.9)]

    def send_boxes_and_look():
        boxes.publish(found)
        return answers and answers[-1].poses

    ros.publish_until(camera, image, send_boxes_and_look)

    (person,) = answers[-1].poses
    assert joints_of(person) == pytest.approx(people[1], abs=5)


def test_an_angle_between_is_refused_with_those_that_are_possible(ros, network):
    node = ros.pose_node(network, start=False, image_rotation=45)

    assert not node.start()

    assert "image_rotation is one of 0, 90, 180, 270, got 45" in node.failure
