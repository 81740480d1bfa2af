"""Boxes of people that arrive late, or from before a change of the image size."""

import time

import cv2
import numpy as np
from mobilepose_msgs.msg import PersonBox, PersonBoxArray


def boxes_of(image, joints, scale=1.0):
    (x0, y0), (x1, y1) = joints.min(axis=0) * scale, joints.max(axis=0) * scale
    box = PersonBox(x_min=float(x0), y_min=float(y0), x_max=float(x1), y_max=float(y1), score=0.9)
    return PersonBoxArray(header=image.header, boxes=[box])


def test_an_image_that_comes_long_after_the_one_before_waits_for_its_boxes(
    ros, network, picture, joints, message, answers
):
    """Three images a second; their boxes come 50 ms later, and are too old for the next image."""
    node = ros.pose_node(network, person_finder="topic", boxes_tolerance=0.2)
    boxes, camera = ros.publisher("person_boxes", kind=PersonBoxArray), ros.publisher()
    ros.connect(node, boxes, camera)

    for number in range(10):
        image = message(picture, 1 + number)
        camera.publish(image)
        time.sleep(0.05)
        boxes.publish(boxes_of(image, joints))
        time.sleep(0.3)
        if answers and answers[-1].poses:
            break

    assert answers[-1].poses


def test_boxes_from_before_a_change_of_the_resolution_are_where_they_belong(
    ros, network, picture, joints, message, answers
):
    node = ros.pose_node(network, person_finder="topic", boxes_tolerance=5.0)
    boxes, camera = ros.publisher("person_boxes", kind=PersonBoxArray), ros.publisher()
    ros.connect(node, boxes, camera)
    blank = message(np.full_like(picture, 40), 10)
    large = message(cv2.resize(picture, (640, 480), interpolation=cv2.INTER_NEAREST), 11)

    ros.publish_until(camera, blank, lambda: answers)
    ros.publish_until(camera, large, lambda: answers[-1].image_width == 640)

    def seen():
        boxes.publish(boxes_of(blank, joints))
        return answers[-1].poses

    ros.publish_until(camera, large, seen)
    found = np.array([(joint.x, joint.y) for joint in answers[-1].poses[0].joints])
    assert np.abs(found - 2 * joints).max() < 15
