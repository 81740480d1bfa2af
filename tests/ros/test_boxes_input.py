"""Boxes of people from another node, on their way through the pose node over real DDS topics."""

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from mobilepose_msgs.msg import PersonBox, PersonBoxArray
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import RegionOfInterest

from mobilepose_ros import messages, pose_node


@pytest.fixture
def boxes_of():
    """The boxes that go with an image: around the joints of people, (N, 11, 2) image pixels."""

    def make(image, people):
        corners = [(*joints.min(axis=0), *joints.max(axis=0), 0.9) for joints in people]
        names = ("x_min", "y_min", "x_max", "y_max", "score")
        return PersonBoxArray(
            header=image.header,
            boxes=[
                PersonBox(**{name: float(value) for name, value in zip(names, values, strict=True)})
                for values in corners
            ],
        )

    return make


@pytest.fixture
def waiting(ros, network):
    """Starts a node that takes people from boxes, with the publishers of boxes and of images."""

    def start(kind=PersonBoxArray, **values):
        node = ros.pose_node(
            network, person_finder="topic", person_boxes_type=kind.__name__, **values
        )
        boxes, camera = ros.publisher("person_boxes", kind=kind), ros.publisher()
        ros.connect(node, boxes, camera)
        return node, boxes, camera

    return start


@pytest.fixture
def introduced(ros, waiting, two_people, message, boxes_of, answers):
    """Introduces two people to a node by boxes; gives what publishes further images to it."""
    _, boxes, camera = waiting()
    picture, people = two_people
    image = message(picture)
    ros.publish_together(
        [(boxes, boxes_of(image, people)), (camera, image)],
        lambda: answers and len(answers[-1].poses) == 2,
    )
    return camera


@pytest.mark.usefixtures("introduced")
def test_people_are_looked_for_where_the_boxes_of_their_image_are(two_people, answers):
    _, people = two_people

    found = [np.median([joint.x for joint in pose.joints]) for pose in answers[-1].poses]
    assert sorted(found) == pytest.approx(sorted(np.median(people[..., 0], axis=1)), abs=5)


def test_without_boxes_there_are_no_people_however_clearly_they_are_seen(
    ros, waiting, two_people, message, boxes_of, answers
):
    _, boxes, camera = waiting()
    image = message(two_people[0])

    ros.publish_together([(boxes, boxes_of(image, [])), (camera, image)], lambda: len(answers) >= 3)

    assert not any(answer.poses for answer in answers)


def test_boxes_of_another_time_start_no_track(ros, waiting, two_people, message, boxes_of, answers):
    _, boxes, camera = waiting(boxes_tolerance=0.5)
    picture, people = two_people
    others = boxes_of(message(picture, number=8), people)

    ros.publish_together(
        [(boxes, others), (camera, message(picture, 10))], lambda: len(answers) >= 3
    )
    assert not any(answer.poses for answer in answers)

    image = message(picture, 8)
    image.header.stamp.nanosec = 400_000_000
    ros.publish_together([(boxes, others), (camera, image)], lambda: answers[-1].poses)


def test_people_found_by_boxes_are_tracked_without_further_boxes(
    ros, introduced, two_people, message, answers
):
    picture, _ = two_people
    ids = [pose.track_id for pose in answers[-1].poses]

    for number in (1, 2, 3):
        later = message(picture)
        later.header.stamp.nanosec = number * 100_000_000
        ros.publish_until(
            introduced, later, lambda m=later: answers[-1].header.stamp == m.header.stamp
        )
        assert [pose.track_id for pose in answers[-1].poses] == ids


def test_a_region_without_a_stamp_goes_with_the_image_that_comes_in_beside_it(
    ros, waiting, two_people, message, answers
):
    _, boxes, camera = waiting(RegionOfInterest)
    picture, people = two_people
    region = messages.region_of_interest(
        (*people[1].min(axis=0), *people[1].max(axis=0)), picture.shape[1], picture.shape[0]
    )

    ros.publish_together(
        [(boxes, region), (camera, message(picture))], lambda: answers and answers[-1].poses
    )

    (person,) = answers[-1].poses
    assert np.median([joint.x for joint in person.joints]) > 320


@pytest.mark.parametrize("kind", [PersonBoxArray, RegionOfInterest])
def test_boxes_of_a_publisher_that_comes_later_are_taken_whatever_their_type(
    ros, network, elsewhere, two_people, message, boxes_of, answers, kind
):
    node = ros.pose_node(network, person_finder="topic")
    camera = ros.publisher()
    ros.connect(node, camera)
    boxes = elsewhere.create_publisher(kind, "person_boxes", 10)
    ros.wait(lambda: boxes.get_subscription_count() == 1, what="a subscription of the type")
    picture, people = two_people
    image = message(picture)
    corners = (*people[1].min(axis=0), *people[1].max(axis=0))
    region = messages.region_of_interest(corners, picture.shape[1], picture.shape[0])
    sent = region if kind is RegionOfInterest else boxes_of(image, people[1:])

    ros.publish_together([(boxes, sent), (camera, image)], lambda: answers and answers[-1].poses)

    assert len(answers[-1].poses) == 1


def test_a_type_that_is_given_is_kept_whatever_is_published(ros, network, elsewhere, logged):
    ros.pose_node(
        network, person_finder="topic", person_boxes_type="PersonBoxArray", silence_timeout=0.1
    )
    regions = elsewhere.create_publisher(RegionOfInterest, "person_boxes", 10)

    expected = "publishes sensor_msgs/msg/RegionOfInterest, expected mobilepose_msgs/msg"
    ros.wait(lambda: any(expected in text for text in logged("WARN")), what="a warning")

    assert regions.get_subscription_count() == 0


def test_malformed_boxes_are_counted_reported_once_and_survived(
    ros, waiting, two_people, message, boxes_of, answers, logged, monkeypatch
):
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    node, boxes, camera = waiting()
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    picture, people = two_people
    image = message(picture)
    bad = boxes_of(image, people)
    bad.boxes = [
        PersonBox(x_min=float("nan")),
        PersonBox(x_min=30.0, x_max=10.0, y_max=5.0),
        *bad.boxes,
    ]

    ros.publish_together(
        [(boxes, bad), (camera, image)], lambda: answers and len(answers[-1].poses) == 2
    )
    ros.publish_together([(boxes, bad), (camera, image)], lambda: node.counters.rejected_boxes > 2)

    warnings = [text for text in logged("WARN") if "not used" in text]
    assert len(warnings) == 1
    assert "2 of the boxes on /person_boxes not used: a box x0, y0, x1, y1 = nan" in warnings[0]
    ros.wait(lambda: statuses and int(figures(statuses[-1])["rejected boxes"]) > 2)


def figures(array):
    """The values of a diagnostics message by their names."""
    return {entry.key: entry.value for entry in array.status[0].values}


def says(statuses, level, text):
    status = statuses[-1].status[0] if statuses else None
    return status is not None and status.level == level and text in status.message


def test_a_topic_without_boxes_is_a_warning_that_names_it(
    ros, network, picture, message, monkeypatch, logged
):
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    node = ros.pose_node(
        network,
        person_finder="topic",
        silence_timeout=0.3,
        arguments=["-r", "person_boxes:=/detector/people"],
    )
    camera = ros.publisher()
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.connect(node, camera)

    ros.publish_until(
        camera,
        message(picture, 0),
        lambda: says(statuses, DiagnosticStatus.WARN, "no boxes of people on /detector/people"),
    )

    assert figures(statuses[-1])["boxes topic"] == "/detector/people"
    assert "it has 0 publisher(s): is the detector running" in statuses[-1].status[0].message
    ros.publish_until(
        camera,
        message(picture, 0),
        lambda: any("no boxes of people" in text for text in logged("WARN")),
    )


def test_boxes_that_never_belong_to_an_image_are_a_warning_that_says_so(
    ros, waiting, picture, message, boxes_of, monkeypatch
):
    monkeypatch.setattr(pose_node, "DIAGNOSTICS_INTERVAL", 0.1)
    _, boxes, camera = waiting(silence_timeout=0.5)
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    late = boxes_of(message(picture, 100), [])

    def boxes_are_late():
        boxes.publish(late)
        return says(statuses, DiagnosticStatus.WARN, "none within 0.5 s of an image's stamp")

    ros.publish_until(camera, message(picture, 0), boxes_are_late)


def test_no_silence_is_a_trouble_where_silence_is_not_watched(ros, network):
    node = ros.pose_node(network, person_finder="topic")

    ros.wait(lambda: node.processing.boxes.trouble(0.1))

    assert node.processing.boxes.trouble(0.0) == ""


def test_the_quality_of_service_of_boxes_can_be_overridden(ros, network):
    name = "qos_overrides./person_boxes.subscription.reliability"

    node = ros.pose_node(network, person_finder="topic", **{name: "reliable"})

    (subscription,) = node.get_subscriptions_info_by_topic("/person_boxes")
    assert subscription.qos_profile.reliability == ReliabilityPolicy.RELIABLE


def test_a_wrong_quality_of_service_of_boxes_leaves_no_subscription_behind(ros, network):
    name = "qos_overrides./person_boxes.subscription.reliability"
    node = ros.pose_node(network, start=False, person_finder="topic", **{name: "perhaps"})

    assert not node.start()

    assert [s.topic_name for s in node.subscriptions if "parameter" not in s.topic_name] == []


def test_boxes_are_subscribed_to_on_demand_and_while_enabled_only(ros, network):
    plain = ros.pose_node(network, name="plain")
    assert plain.count_subscribers("/person_boxes") == 0

    node = ros.pose_node(network, person_finder="topic")
    assert node.count_subscribers("/person_boxes") == 1

    node.set_parameters([Parameter("enabled", value=False)])
    ros.wait(lambda: node.count_subscribers("/person_boxes") == 0)
