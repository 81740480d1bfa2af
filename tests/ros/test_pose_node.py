"""An image's way through the pose node, over real DDS topics."""

import array
import threading
import time

import cv2
import numpy as np
import pytest
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from mobilepose_msgs.msg import Pose2DArray, Skeleton
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image
from visualization_msgs.msg import MarkerArray

from mobilepose_core import skeleton
from mobilepose_ros import images, markers
from mobilepose_ros.counters import Drop

JOINTS_TOPIC = "mobilepose/joints"
# A heatmap's cell is up to 6 pixels of the picture wide; the peak is found to a fraction of it.
PIXELS = 5.0


def test_every_person_has_all_joints_in_canonical_order_where_they_are(
    ros, network, picture, joints, message, answers
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(picture), lambda: answers)

    (person,) = answers[0].poses
    assert [joint.name for joint in person.joints] == list(skeleton.JOINTS)
    found = np.array([(joint.x, joint.y) for joint in person.joints])
    assert np.abs(found - joints).max() < PIXELS
    assert all(0.3 < joint.score <= 1 for joint in person.joints)
    assert person.track_id == 1
    assert (answers[0].image_width, answers[0].image_height) == (320, 240)
    assert answers[0].skeleton == skeleton.NAME


def test_the_header_of_the_image_is_copied_unchanged(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    image = message(picture, number=1234)
    image.header.stamp.nanosec = 567
    ros.connect(node, camera)

    ros.publish_until(camera, image, lambda: answers)

    assert answers[0].header == image.header


def test_an_image_without_people_is_answered_with_an_empty_array(ros, network, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(np.full((48, 64, 3), 40, np.uint8), 7), lambda: answers)

    assert answers[0].poses == []
    assert answers[0].header.stamp.sec == 7
    assert (answers[0].image_width, answers[0].image_height) == (64, 48)


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE])
def test_best_effort_and_reliable_cameras_are_heard(
    ros, network, picture, message, answers, reliability
):
    node, camera = ros.pose_node(network), ros.publisher(reliability=reliability)
    ros.connect(node, camera)

    ros.publish_until(camera, message(picture), lambda: answers)

    assert answers


def test_a_late_joiner_gets_the_skeleton(ros, network):
    ros.pose_node(network)
    time.sleep(0.2)

    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    skeletons = ros.heard(Skeleton, "mobilepose/skeleton", latched)

    ros.wait(lambda: skeletons, what="the skeleton")
    assert skeletons[0].name == skeleton.NAME
    assert skeletons[0].joints == list(skeleton.JOINTS)
    edges = np.array(skeletons[0].edges).reshape(-1, 2)
    assert [tuple(edge) for edge in edges] == list(skeleton.EDGE_INDICES)


def spoilt(image, **changes):
    for field, value in changes.items():
        setattr(image, field, value)
    return image


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"encoding": "jpeg"}, "encoding 'jpeg' is not supported"),
        ({"data": array.array("B", bytes(100))}, "was it cut off?"),
        ({"width": 0, "height": 0}, "has no pixels"),
        ({"step": 12}, "step of at least 960 bytes, got 12"),
        ({"width": 4294967295, "step": 4294967295}, "step of at least"),
    ],
)
def test_a_bad_image_is_reported_and_survived(
    ros, network, picture, message, answers, logged, changes, complaint
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    bad = spoilt(message(picture), **changes)
    ros.publish_until(camera, bad, lambda: node.counters.dropped[Drop.BAD])
    ros.publish_until(camera, message(picture, 2), lambda: answers)

    errors = logged("ERROR")
    assert len(errors) == 1
    assert "bad image dropped (number 1)" in errors[0]
    assert complaint in errors[0]
    assert answers[0].header.stamp.sec == 2
    assert len(answers[0].poses) == 1


def test_an_unforeseen_error_does_not_end_the_inference_thread(
    ros, network, picture, message, answers, logged, monkeypatch
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    with monkeypatch.context() as patch:
        patch.setattr(images, "bgr_from_image", lambda *_: 1 / 0)
        ros.publish_until(camera, message(picture), lambda: node.counters.dropped[Drop.FAILED])

    ros.publish_until(camera, message(picture), lambda: answers)

    assert any("ZeroDivisionError" in text for text in logged("ERROR"))
    assert answers[0].poses


def test_nothing_is_logged_per_frame(ros, network, picture, message, answers, logged):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    lines_before = logged()

    for number in range(1, 6):
        image = message(picture, number)
        ros.publish_until(
            camera, image, lambda n=number: answers and answers[-1].header.stamp.sec == n
        )

    assert logged() == lines_before


def test_the_newest_image_wins_when_the_network_is_slow(
    ros, slow_network, picture, message, answers
):
    node, camera = ros.pose_node(slow_network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture, 1), lambda: answers)

    last = 60
    for number in range(2, last + 1):
        camera.publish(message(picture, number))
        time.sleep(0.002)
    ros.wait(lambda: node.counters.received > node.counters.dropped[Drop.REPLACED] + 1)
    ros.publish_until(camera, message(picture, last), lambda: answers[-1].header.stamp.sec == last)

    stamps = [answer.header.stamp.sec for answer in answers]
    assert stamps == sorted(stamps)
    assert node.counters.dropped[Drop.REPLACED] > 0
    assert len(stamps) < last


def test_the_executor_is_free_while_the_network_works(ros, slow_network, picture, message):
    node, camera = ros.pose_node(slow_network), ros.publisher()
    client = ros.probe.create_client(GetState, "mobilepose/get_state")
    ros.connect(node, camera)
    assert client.wait_for_service(30)
    started = threading.Event()
    process = node.processing.pipeline.process
    node.processing.pipeline.process = lambda *given: (started.set(), process(*given))

    ros.publish_until(camera, message(picture), started.is_set)
    answered_before = node.counters.answered
    future = client.call_async(GetState.Request())
    ros.wait(future.done, what="an answer of the service")

    assert node.counters.answered <= answered_before + 1
    assert future.result().current_state.id == State.PRIMARY_STATE_ACTIVE


def test_markers_and_overlay_are_made_only_for_subscribers(
    ros, network, picture, message, answers, monkeypatch
):
    made = []
    make_markers, make_overlay = markers.marker_array, images.image_from_bgr
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    image = message(picture)
    monkeypatch.setattr(
        markers, "marker_array", lambda *args: made.append("markers") or make_markers(*args)
    )
    monkeypatch.setattr(
        images, "image_from_bgr", lambda *args: made.append("overlay") or make_overlay(*args)
    )

    ros.publish_until(camera, image, lambda: node.counters.answered > 1 and answers)
    assert made == []

    shown = ros.heard(MarkerArray, "mobilepose/markers")
    overlays = ros.heard(Image, "mobilepose/overlay")
    ros.connect(node, camera)
    ros.publish_until(camera, image, lambda: shown and overlays)
    assert {"markers", "overlay"} <= set(made)


def test_the_overlay_is_the_image_with_joints_drawn_where_they_are(
    ros, network, picture, joints, message
):
    overlays = ros.heard(Image, "mobilepose/overlay")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    image = message(picture, 3)

    ros.publish_until(camera, image, lambda: overlays)

    drawn = images.bgr_from_image(overlays[0])
    assert overlays[0].header == image.header
    assert drawn.shape == picture.shape
    rows, columns = np.nonzero((drawn != picture).any(axis=-1))
    assert rows.min() > joints[:, 1].min() - 15
    assert columns.max() < joints[:, 0].max() + 15


@pytest.mark.parametrize(
    "remapping",
    [
        ["image:=/front/image_raw"],
        ["image:=/front/image_raw/compressed"],
        ["image:=/x", "image/compressed:=/front/image_raw/compressed"],
    ],
)
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_compressed_images_are_answered_with_their_header(
    ros, network, picture, joints, message, answers, remapping, suffix
):
    rules = [word for rule in remapping for word in ("-r", rule)]
    node = ros.pose_node(network, arguments=rules, image_transport="compressed")
    camera = ros.publisher("/front/image_raw/compressed", kind=CompressedImage)
    data = array.array("B", cv2.imencode(suffix, picture)[1].tobytes())
    image = CompressedImage(header=message(picture, 9).header, format=suffix, data=data)
    ros.connect(node, camera)

    ros.publish_until(camera, image, lambda: answers)

    assert answers[0].header == image.header
    assert (answers[0].image_width, answers[0].image_height) == (320, 240)
    (person,) = answers[0].poses
    found = np.array([(joint.x, joint.y) for joint in person.joints])
    assert np.abs(found - joints).max() < PIXELS


def test_markers_have_labels_on_demand(ros, network, picture, message):
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: shown)
    assert "labels" not in {marker.ns for marker in shown[-1].markers}

    node.set_parameters([Parameter("labels", value=True)])

    ros.publish_until(
        camera,
        message(picture),
        lambda: "labels" in {marker.ns for marker in shown[-1].markers},
    )


def test_two_nodes_work_side_by_side(ros, network, picture, message):
    nodes = [ros.pose_node(network, name=name) for name in ("left", "right")]
    answers = [ros.heard(Pose2DArray, f"{name}/joints") for name in ("left", "right")]
    camera = ros.publisher()
    ros.wait(lambda: camera.get_subscription_count() == 2)
    for node in nodes:
        ros.connect(node)

    ros.publish_until(camera, message(picture), lambda: all(answers))

    assert all(answer[0].poses for answer in answers)


def test_joints_are_steadied_by_the_time_of_the_images_once_that_is_asked_for(
    ros, network, paint, joints, message, answers
):
    """Images a tenth of a second apart, however fast they are worked on."""
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    values = [Parameter("smoothing_time", value=1.0), Parameter("smoothing_speed", value=100.0)]
    assert node.set_parameters_atomically(values).successful
    pictures = [message(paint(joints + offset)) for offset in (0, 0, 20)]

    for number, image in enumerate(pictures):
        image.header.stamp.sec, image.header.stamp.nanosec = 5, number * 100_000_000
        ros.publish_until(camera, image, lambda n=number: len(answers) > n)

    last = next(a for a in answers if a.header.stamp.nanosec == 200_000_000)
    first = answers[0]
    moved = [b.x - a.x for a, b in zip(first.poses[0].joints, last.poses[0].joints, strict=True)]
    # A tenth of a second's share of an average over one second, of 20 pixels.
    assert 0.5 < np.median(moved) < 5
