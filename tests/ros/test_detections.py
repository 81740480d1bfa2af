"""Boxes of people as vision_msgs/Detection2DArray.

PyPI has no wheel of vision_msgs: where it is not installed it is built here from its interface.
"""

import math
import sys

import pytest
from built_interfaces import messages_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilepose_ros import person_boxes

pytestmark = pytest.mark.timeout(600)  # the first test waits for the build

MESSAGES = {
    "Point2D": "float64 x\nfloat64 y",
    "Pose2D": "vision_msgs/Point2D position\nfloat64 theta",
    "BoundingBox2D": "vision_msgs/Pose2D center\nfloat64 size_x\nfloat64 size_y",
    "ObjectHypothesis": "string class_id\nfloat64 score",
    "ObjectHypothesisWithPose": (
        "vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose"
    ),
    "Detection2D": (
        "std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n"
        "vision_msgs/BoundingBox2D bbox\nstring id"
    ),
    "Detection2DArray": "std_msgs/Header header\nvision_msgs/Detection2D[] detections",
}
"""Fields of those that a Detection2DArray consists of, as of vision_msgs 4."""


@pytest.fixture(scope="session")
def detections(request):
    """The module vision_msgs.msg, the installed one or one that is built for these tests."""
    needs = ["geometry_msgs", "std_msgs"]
    return messages_of("vision_msgs", MESSAGES, needs, request.config.cache)


@pytest.fixture
def make_array(detections):
    """A message with detections (x, y, width, height, class: score, ...), each perhaps turned."""

    def make(*found, angle=0.0, header=None):
        message = detections.Detection2DArray()
        if header is not None:
            message.header = header
        for x, y, width, height, scores in found:
            detection = detections.Detection2D()
            detection.bbox.center.position.x, detection.bbox.center.position.y = x, y
            detection.bbox.center.theta = angle
            detection.bbox.size_x, detection.bbox.size_y = width, height
            for name, score in scores.items():
                result = detections.ObjectHypothesisWithPose()
                result.hypothesis.class_id, result.hypothesis.score = name, score
                detection.results.append(result)
            message.detections.append(detection)
        return message

    return make


def answer_to(message, detection_class="person"):
    source = person_boxes.reader("Detection2DArray")
    return person_boxes.boxes_in_image(source, message, detection_class, 640, 480)


def test_a_detection_is_a_box_of_a_whole_body_around_its_centre(make_array):
    people, rejected, _ = answer_to(make_array((100.0, 200.0, 40.0, 60.0, {"person": 0.75})))

    assert people.boxes.tolist() == [[80, 170, 120, 230]]
    assert people.scores.tolist() == [0.75]
    assert people.of_bodies
    assert rejected == 0


@pytest.mark.parametrize(
    ("wanted", "scores"), [("person", [0.5, 0.25]), ("0", [0.75]), ("", [0.5, 0.75, 0.25, 0.5])]
)
def test_only_detections_of_the_class_asked_for_are_people(make_array, wanted, scores):
    place = (100.0, 200.0, 40.0, 60.0)
    message = make_array(
        (*place, {"person": 0.5}),
        (*place, {"0": 0.75}),
        (*place, {"person": 0.25, "dog": 0.125}),
        (*place, {"dog": 0.5}),
    )

    assert answer_to(message, wanted).people.scores.tolist() == scores


def test_a_detection_without_any_class_is_a_person_only_where_all_are(make_array):
    message = make_array((100.0, 200.0, 40.0, 60.0, {}))

    assert len(answer_to(message, "person").people) == 0
    assert answer_to(message, "").people.scores.tolist() == [1]


def test_a_turned_box_is_that_around_its_corners(make_array):
    message = make_array((100.0, 200.0, 40.0, 60.0, {"person": 1.0}), angle=math.pi / 2)

    assert answer_to(message).people.boxes[0] == pytest.approx([70, 180, 130, 220])


@settings(deadline=None)
@given(data=st.data())
def test_no_detection_whatsoever_is_an_error(detections, data):
    number = st.floats(width=64)
    message = detections.Detection2DArray()
    for _ in range(data.draw(st.integers(0, 3))):
        detection = detections.Detection2D()
        detection.bbox.center.position.x = data.draw(number)
        detection.bbox.center.position.y = data.draw(number)
        detection.bbox.center.theta = data.draw(number)
        detection.bbox.size_x, detection.bbox.size_y = data.draw(number), data.draw(number)
        result = detections.ObjectHypothesisWithPose()
        result.hypothesis.class_id, result.hypothesis.score = "person", data.draw(number)
        detection.results = [result]
        message.detections.append(detection)

    people, rejected, _ = answer_to(message)

    assert len(people) + rejected == len(message.detections)


def test_detections_introduce_people_over_real_topics(
    ros, network, elsewhere, two_people, message, make_array, detections, answers
):
    node = ros.pose_node(network, person_finder="topic", detection_class="0")
    boxes = elsewhere.create_publisher(detections.Detection2DArray, "person_boxes", 10)
    camera = ros.publisher()
    ros.connect(node, boxes, camera)
    image = message(two_people[0])
    found = make_array(
        (160.0, 115.0, 180.0, 190.0, {"0": 0.9}),
        (480.0, 115.0, 180.0, 190.0, {"0": 0.8}),
        (320.0, 115.0, 180.0, 190.0, {"16": 0.8}),
        header=image.header,
    )

    def both_are_found():
        boxes.publish(found)
        return answers and len(answers[-1].poses) == 2

    ros.publish_until(camera, image, both_are_found)


def test_without_vision_msgs_configuring_fails_and_names_the_package(
    ros, network, monkeypatch, logged
):
    monkeypatch.setitem(sys.modules, "vision_msgs.msg", None)
    node = ros.pose_node(
        network, start=False, person_finder="topic", person_boxes_type="Detection2DArray"
    )

    assert not node.start()

    assert any("sudo apt install ros-jazzy-vision-msgs" in text for text in logged("ERROR"))
    assert node.count_subscribers("/image") == 0


def test_published_detections_without_vision_msgs_name_the_package(
    ros, network, elsewhere, detections, monkeypatch, logged
):
    ros.pose_node(network, person_finder="topic")
    monkeypatch.setitem(sys.modules, "vision_msgs.msg", None)
    elsewhere.create_publisher(detections.Detection2DArray, "person_boxes", 10)

    ros.wait(
        lambda: any("sudo apt install ros-jazzy-vision-msgs" in text for text in logged("ERROR")),
        what="an error with the package",
    )
