"""What belongs to an image on its way through the pose node: depth, calibration, boxes, stamps."""

import time

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import PersonBox, PersonBoxArray, Pose3DArray
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from mobilepose_ros import calibration, pose_node, space

FIELD_OF_VIEW = 40.0
"""Of the camera, degrees: narrower than the guess."""


@pytest.fixture
def info(message, picture):
    height, width = picture.shape[:2]
    return calibration.pinhole_info(message(picture).header, width, height, FIELD_OF_VIEW)


def depth_of(image, metres):
    depth = Image(header=image.header, height=240, width=320, encoding="32FC1", step=1280)
    depth.data.frombytes(np.full((240, 320), metres, "<f4").tobytes())
    return depth


def figures(statuses):
    return {entry.key: entry.value for entry in statuses[-1].status[0].values} if statuses else {}


def test_joints_do_not_wait_for_depth_and_joints_in_metres_have_that_of_their_image(
    ros, network, picture, message, info, answers, monkeypatch
):
    """Depth comes once the joints are there; each image's is 0.1 m farther than the one before."""
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    node = ros.pose_node(network, use_depth=True, depth_wait=10.0)
    infos, depths, camera = (
        ros.publisher("camera_info", kind=CameraInfo),
        ros.publisher("depth"),
        ros.publisher(),
    )
    found = ros.heard(Pose3DArray, "mobilepose/joints_3d")
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.connect(node, infos, depths, camera)
    ros.wait(lambda: infos.publish(info) or node._space._cameras.get(320, 240))

    for number in range(1, 5):
        image = message(picture, number)
        ros.publish_until(
            camera, image, lambda n=number: answers and answers[-1].header.stamp.sec == n
        )
        assert len([one for one in found if one.header.stamp.sec == number]) == 0
        ros.wait(
            lambda i=image, n=number: (
                depths.publish(depth_of(i, 1 + n / 10))
                or (found and found[-1].header.stamp.sec == n)
            )
        )

    for one in found:
        expected = 1 + one.header.stamp.sec / 10
        assert [joint.z for joint in one.poses[0].joints] == pytest.approx([expected] * 11)
    ros.wait(lambda: int(figures(statuses).get("depth: of the same stamp", 0)) >= 4)
    assert figures(statuses)["depth: none"] == "0"


def test_a_calibration_that_was_latched_before_the_node_started_is_used(
    ros, network, picture, joints, message, info
):
    qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    ros.probe.create_publisher(CameraInfo, "camera_info", qos).publish(info)
    node, camera = ros.pose_node(network), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, camera)
    image = message(picture)

    ros.publish_until(camera, image, lambda: node._space._cameras.get(320, 240))
    shown.clear()
    ros.publish_until(camera, image, lambda: shown)

    xs = [point.x for point in shown[-1].markers[0].points]
    focal = 160 / np.tan(np.radians(FIELD_OF_VIEW / 2))
    assert max(xs) - min(xs) == pytest.approx(2.0 * np.ptp(joints[:, 0]) / focal, rel=0.1)


def test_a_guess_for_the_camera_is_said_once_in_the_log_and_in_diagnostics_while_it_lasts(
    ros, network, picture, message, info, monkeypatch, logged
):
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    monkeypatch.setattr(space, "GRACE", 0.2)
    node = ros.pose_node(network)
    infos, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, infos, camera)
    image = message(picture, number=0)

    def says(level, text):
        status = statuses[-1].status[0] if statuses else None
        return status is not None and status.level == level and text in status.message

    expected = "markers use a guess for the camera, 53 degrees wide: no usable CameraInfo"
    ros.publish_until(camera, image, lambda: says(DiagnosticStatus.WARN, expected))
    assert len([text for text in logged("WARN") if expected in text]) == 1

    def calibrated():
        infos.publish(info)
        return says(DiagnosticStatus.OK, "works")

    ros.publish_until(camera, image, calibrated)


@pytest.mark.parametrize(
    ("stamp_of", "words"),
    [
        (lambda n: (7, 0), "stamps of images do not advance"),
        (lambda n: (0, 0), "images have no stamp"),
        (lambda n: (7, (n % 5) * 10_000_000), "stamps of images went back"),
    ],
)
def test_wrong_stamps_are_said_once(
    ros, network, picture, message, answers, logged, stamp_of, words
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    for number in range(20):
        image = message(picture)
        image.header.stamp.sec, image.header.stamp.nanosec = stamp_of(number)
        count = len(answers)
        ros.publish_until(camera, image, lambda c=count: len(answers) > c)

    assert len([text for text in logged("WARN") if words in text]) == 1


def test_people_keep_their_ids_when_the_resolution_changes(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    sizes = [(320, 240)] * 2 + [(640, 480)] * 2 + [(320, 240)] * 2

    for number, size in enumerate(sizes, start=1):
        image = message(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST))
        image.header.stamp.nanosec = number * 50_000_000
        ros.publish_until(camera, image, lambda i=image: answers and answers[-1].header == i.header)

    by_stamp = {answer.header.stamp.nanosec: answer for answer in answers}
    assert [[pose.track_id for pose in answer.poses] for answer in by_stamp.values()] == [[1]] * 6


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
