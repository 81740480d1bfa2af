"""Where people are and what they do, from images to ~/people, over real DDS topics."""

import math

import numpy as np
import pytest
from figure_scene import DISTANCE, camera_above, depth_message
from mobilepose_msgs.msg import Gesture, PersonArray
from rclpy.parameter import Parameter
from rclpy.time import Time
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo

from mobilepose_core.behaviour import GESTURES
from mobilepose_core.evaluation.stick_figure import RAISED
from mobilepose_core.skeleton import COCO_17
from mobilepose_ros.people_behaviour import PeopleBehaviour
from mobilepose_ros.stamps import SECOND, nanoseconds, stamp_of

AWAY = 1.8
TOPIC = "mobilepose/people"
CHI_SQUARE = 11.3
"""Of three degrees of freedom: one error in a hundred is larger."""


@pytest.fixture
def people(ros):
    """The arrays on ~/people from now on."""
    return ros.heard(PersonArray, TOPIC)


def error_of(person, middle):
    """How far off a position is, as a normalised error squared."""
    covariance = np.array(person.position_covariance).reshape(3, 3)
    off = place_of(person.position) - middle
    return float(off @ np.linalg.solve(covariance, off))


def place_of(point):
    return np.array([point.x, point.y, point.z])


def is_located(people):
    return people and people[-1].people and math.isfinite(people[-1].people[0].position.x)


def show(ros, camera, image, people):
    """The array of an image."""
    stamp = image.header.stamp
    ros.publish_until(camera, image, lambda: any(one.header.stamp == stamp for one in people))
    return next(one for one in people if one.header.stamp == stamp)


def test_a_person_with_depth_is_where_they_are_within_the_covariance(
    ros, network, figure, message, figure_info, people, answers
):
    node = ros.pose_node(network, use_depth=True)
    info, depth = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera = ros.publisher()
    ros.connect(node, info, depth, camera)
    seen = figure(AWAY, aside=0.3)
    image = message(seen.picture, number=12)

    ros.publish_together(
        [(info, figure_info), (depth, depth_message(image, seen.metres)), (camera, image)],
        lambda: is_located(people) and "depth" in people[-1].people[0].position_source,
    )

    array, (person,) = people[-1], people[-1].people
    assert array.header == image.header
    assert (array.image_width, array.image_height) == (320, 240)
    assert error_of(person, seen.middle) < CHI_SQUARE
    assert np.sqrt(person.position_covariance[8]) < 0.12
    assert place_of(person.position) == pytest.approx(seen.middle, abs=0.15)
    (pose,) = answers[-1].poses
    assert (person.track_id, person.score, person.roi) == (pose.track_id, pose.score, pose.roi)
    assert len(person.appearance) == 15
    assert person.is_isolated
    facing = place_of(person.facing_direction)
    assert facing[2] < -0.9
    assert np.linalg.norm(facing) == pytest.approx(1)


def test_without_depth_a_person_is_where_their_size_says_within_the_covariance(
    ros, network, figure, message, figure_info, people
):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    ros.connect(node, info, camera)
    seen = figure(AWAY, aside=-0.2)

    ros.publish_together(
        [(info, figure_info), (camera, message(seen.picture))], lambda: is_located(people)
    )

    (person,) = people[-1].people
    assert person.position_source == "size"
    assert error_of(person, seen.middle) < CHI_SQUARE
    assert place_of(people[-1].up).tolist() == [0, -1, 0], "a camera that is taken to be level"
    assert 0.1 < np.sqrt(person.position_covariance[8]) < 0.4
    assert place_of(person.predicted_position) == pytest.approx(place_of(person.position))


def test_with_tf_the_ankles_on_the_ground_say_better_where_a_person_is(
    ros, body_network, figure, message, figure_info, people, tf2
):
    """The camera looks down by 0.1 radians."""
    seen = figure(DISTANCE, pitch=0.1, skeleton=COCO_17)
    node = ros.pose_node(body_network, ground_frame="floor")
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    broadcaster = tf2.StaticTransformBroadcaster(ros.probe)
    broadcaster.sendTransform(camera_above("floor", pitch=0.1))
    ros.connect(node, info, camera)

    ros.publish_together(
        [(info, figure_info), (camera, message(seen.picture))],
        lambda: is_located(people) and "ankles" in people[-1].people[0].position_source,
    )

    (person,) = people[-1].people
    assert person.position_source in ("ankles+size", "size+ankles")
    assert error_of(person, seen.middle) < CHI_SQUARE
    up = -place_of(person.facing_direction)
    assert up[1] == pytest.approx(-math.sin(0.1), abs=0.02)  # level, in a camera that looks down
    assert place_of(people[-1].up) == pytest.approx([0, -math.cos(0.1), -math.sin(0.1)])


def test_without_a_calibration_the_place_is_unknown_and_the_rest_is_told(
    ros, network, figure, message, people
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(
        camera,
        message(figure(AWAY).picture),
        lambda: people and people[-1].people[0].posture == "upright",
    )

    (person,) = people[-1].people
    places = (person.position, person.velocity, person.predicted_position, person.facing_direction)
    assert all(math.isnan(place.x) and math.isnan(place.z) for place in places)
    assert all(map(math.isnan, person.position_covariance))
    assert person.position_source == ""
    assert abs(person.heading) < 0.5
    assert 0 < person.heading_deviation < 1
    assert person.posture_score > 0.5
    assert [gesture.name for gesture in person.gestures] == list(GESTURES)
    assert person.pointing == []


def test_an_image_without_people_is_an_empty_array(ros, network, message, people):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(np.full((48, 64, 3), 40, np.uint8), 7), lambda: people)

    assert people[0].people == []
    assert people[0].header.stamp.sec == 7


def test_nothing_is_computed_for_nobody(ros, network, figure, message, answers, monkeypatch):
    computed = []
    monkeypatch.setattr(PeopleBehaviour, "update", lambda *_: computed.append(1) or [])
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(figure(AWAY).picture), lambda: len(answers) >= 2)

    assert computed == []
    assert not node.processing.views.people._transforms.is_listening


def test_a_raised_hand_begins_after_a_moment_and_a_recording_that_restarts_begins_anew(
    ros, network, figure, message, people
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    def film(start, steps):
        for step in range(steps):
            image = message(figure(AWAY, left=RAISED).picture)
            image.header.stamp = stamp_of(start * SECOND + step * SECOND // 10)
            (person,) = show(ros, camera, image, people).people
            yield next(one for one in person.gestures if one.name == "left_hand_raised")

    first = list(film(100, 7))
    _, *again = film(50, 3)  # the second image confirms that stamps went back

    assert first[0].state != Gesture.YES
    assert first[-1].state == Gesture.YES
    assert first[-1].score > 0.9
    assert 100 * SECOND <= nanoseconds(first[-1].since) < 101 * SECOND
    assert again[0].state != Gesture.YES


@pytest.mark.parametrize("wrong", [50, 3700])
def test_one_image_with_a_wrong_stamp_ends_neither_track_nor_gesture(
    ros, network, figure, message, people, logged, wrong
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    def seen(seconds):
        image = message(figure(AWAY, left=RAISED).picture)
        image.header.stamp = stamp_of(round(seconds * SECOND))
        (person,) = show(ros, camera, image, people).people
        raised = next(one for one in person.gestures if one.name == "left_hand_raised")
        return person.track_id, raised.state

    *_, before = (seen(100 + step / 10) for step in range(7))
    seen(wrong)

    assert before == (1, Gesture.YES)
    words = "stamped far ahead" if wrong > 100 else "stamps of images went back"
    assert len([text for text in logged("WARN") if words in text]) == 1
    assert [seen(100.8 + step / 10) for step in range(3)] == [before] * 3


def test_positions_are_predicted_to_now(ros, network, figure, message, figure_info, people):
    node = ros.pose_node(network)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    ros.connect(node, info, camera)
    ros.wait(lambda: info.publish(figure_info) or node.processing.locator._cameras.get(320, 240))
    start = ros.probe.get_clock().now().nanoseconds - SECOND // 2

    for step in range(8):
        image = message(figure(AWAY, aside=0.05 * step).picture)
        image.header.stamp = stamp_of(start + step * SECOND // 20)
        array = show(ros, camera, image, people)

    (person,) = array.people
    ahead = (nanoseconds(array.predicted_stamp) - nanoseconds(array.header.stamp)) / SECOND
    assert 0.1 < ahead < 1.0
    assert person.velocity.x < -0.3  # towards the picture's left
    assert person.predicted_position.x - person.position.x == pytest.approx(
        ahead * person.velocity.x, abs=1e-6
    )
    assert person.predicted_position_covariance[0] > person.position_covariance[0]


def test_now_is_that_of_the_simulation(ros, network, figure, message, people):
    node = ros.pose_node(network)
    node.set_parameters([Parameter("use_sim_time", value=True)])
    clock, camera = ros.publisher("/clock", kind=Clock), ros.publisher()
    ros.connect(node, camera)
    now = Clock(clock=stamp_of(12 * SECOND + SECOND // 4))
    ros.wait(
        lambda: clock.publish(now) or node.get_clock().now().nanoseconds == nanoseconds(now.clock)
    )

    array = show(ros, camera, message(figure(AWAY).picture, 12), people)

    assert array.predicted_stamp == now.clock


def test_a_person_who_leaves_is_not_in_the_array_and_the_other_stays(
    ros, network, two_people, message, people
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    picture, _ = two_people
    alone = picture.copy()
    alone[:, 320:] = 40

    both = show(ros, camera, message(picture, 1), people)
    for number in range(2, 8):
        left = show(ros, camera, message(alone, number), people)

    assert [person.track_id for person in both.people] == [1, 2]
    assert all(person.is_isolated for person in both.people)
    assert len(left.people) == 1


def test_a_node_that_is_stopped_and_started_tells_of_people_again(
    ros, network, figure, message, people
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    show(ros, camera, message(figure(AWAY).picture, 3), people)

    node.set_parameters([Parameter("enabled", value=False)])
    node.set_parameters([Parameter("enabled", value=True)])
    ros.connect(node, camera)
    again = show(ros, camera, message(figure(AWAY).picture, 2), people)

    assert len(again.people) == 1


def test_on_a_robot_that_drives_nobody_who_stands_walks(
    ros, network, figure, message, figure_info, people, tf2
):
    """It drives towards a person by 1 m/s; odom knows it."""
    node = ros.pose_node(network, people_frame="odom", ground_frame="", use_depth=True)
    info, depth = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera = ros.publisher()
    broadcaster = tf2.TransformBroadcaster(ros.probe)
    ros.connect(node, info, depth, camera)
    ros.wait(lambda: info.publish(figure_info) or node.processing.locator._cameras.get(320, 240))
    ros.wait(lambda: ros.probe.count_subscribers("/tf") > 0, what="TF")

    for step in range(10):
        seen = figure(2.6 - step / 10)
        image = message(seen.picture)
        image.header.stamp = stamp_of(100 * SECOND + step * SECOND // 10)
        place = camera_above("odom")
        place.header.stamp = image.header.stamp
        place.transform.translation.x = step / 10
        broadcaster.sendTransform(place)
        transforms = node.processing.views.people._transforms
        ros.wait(
            lambda p=place, t=transforms: (
                (at := t.lookup("odom", "front_camera", Time.from_msg(p.header.stamp)))
                and at.transform.translation.x == p.transform.translation.x
            )
        )
        depth.publish(depth_message(image, seen.metres))
        array = show(ros, camera, image, people)

    (person,) = array.people
    assert "depth" in person.position_source
    assert array.velocity_frame == "odom"
    assert abs(person.velocity.z) < 0.25
    assert place_of(person.position) == pytest.approx(seen.middle, abs=0.15)
