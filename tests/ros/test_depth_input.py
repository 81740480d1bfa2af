"""Which depth image an image gets, over real DDS topics."""

import array
import contextlib
import threading
import time

import numpy as np
import pytest
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_ros import depth_input as module
from mobilepose_ros.depth_input import DepthInput
from mobilepose_ros.parameters import PoseParameters

PERIOD = 33_000_000


@pytest.fixture
def depth_input(ros):
    """Makes a DepthInput with settings, and gives the publisher of its depth images too."""
    inputs = []

    def make(**settings):
        node = ros.add(Node("receiver"))
        inputs.append(DepthInput(node, PoseParameters(use_depth=True, **settings)))
        publisher = ros.publisher("depth")
        ros.wait(lambda: publisher.get_subscription_count() > 0, what="a subscription")
        return inputs[-1], publisher

    yield make
    for one in inputs:
        one.destroy()


def header(nanoseconds):
    stamp = Header()
    stamp.stamp.sec, stamp.stamp.nanosec = divmod(5_000_000_000 + nanoseconds, 1_000_000_000)
    return stamp


def depth_image(nanoseconds, value=1000):
    depth = Image(header=header(nanoseconds), height=2, width=2, encoding="16UC1", step=4)
    depth.data = array.array("B", np.full(4, value, "<u2").tobytes())
    return depth


class Asked:
    """An image that asks for its depth: its stamp, and the answer once it is there."""

    def __init__(self, depths, nanoseconds, age=0.0, size=1_000_000):
        self.answered = threading.Event()
        depths.request(header(nanoseconds).stamp, time.monotonic() - age, self, size)

    def __call__(self, depth, why):
        self.depth, self.why, self.time = depth, why, time.monotonic()
        self.answered.set()

    def value(self):
        assert self.answered.wait(10), "no answer"
        return None if self.depth is None else int(np.frombuffer(self.depth.data, "<u2")[0])


def seen(depths):
    return len(depths._depths)


def test_an_image_gets_the_depth_of_its_stamp_that_comes_after_it(ros, depth_input):
    depths, publisher = depth_input(depth_wait=10.0)

    for number in range(4):
        image = Asked(depths, number * PERIOD)
        assert not image.answered.wait(0.02)
        publisher.publish(depth_image(number * PERIOD, 1000 + number))
        assert image.value() == 1000 + number

    assert depths.report.figures()["depth: of the same stamp"] == "4"


def test_images_are_answered_in_their_order_though_a_depth_image_is_lost(depth_input):
    depths, publisher = depth_input(depth_wait=10.0, depth_tolerance=0.01)
    images = [Asked(depths, number * PERIOD) for number in range(3)]

    for number in (0, 2):
        publisher.publish(depth_image(number * PERIOD, 1000 + number))

    assert [image.value() for image in images] == [1000, None, 1002]
    assert images[0].time <= images[1].time <= images[2].time
    assert "no depth image within 0.01 s" in images[1].why


@pytest.mark.parametrize(("tolerance", "expected"), [(0.05, 1002), (0.005, None)])
def test_where_stamps_differ_the_nearest_counts_and_not_the_last_that_came(
    ros, depth_input, tolerance, expected
):
    """Depth 23 ms before the image and 10 ms after it."""
    depths, publisher = depth_input(depth_wait=10.0, depth_tolerance=tolerance)
    publisher.publish(depth_image(10_000_000, 1001))
    ros.wait(lambda: seen(depths))
    image = Asked(depths, PERIOD)
    assert not image.answered.wait(0.02)

    publisher.publish(depth_image(43_000_000, 1002))

    assert image.value() == expected


def test_depth_of_half_the_rate_serves_the_image_in_between_too(depth_input):
    depths, publisher = depth_input(depth_wait=10.0)
    images = [Asked(depths, number * PERIOD) for number in range(3)]

    publisher.publish(depth_image(0, 1000))
    publisher.publish(depth_image(2 * PERIOD, 1002))

    assert images[0].value() == 1000
    assert images[1].value() in (1000, 1002)
    assert images[2].value() == 1002


def test_an_image_waits_no_longer_than_it_is_to(depth_input):
    depths, _ = depth_input(depth_wait=0.1)
    start = time.monotonic()

    image = Asked(depths, 0)

    assert image.value() is None
    assert 0.1 <= image.time - start < 1.0
    assert "no depth image was received on /depth" in image.why


def test_the_depth_of_the_image_before_is_not_taken_where_its_own_does_not_come(ros, depth_input):
    depths, publisher = depth_input(depth_wait=0.1, depth_tolerance=0.05)
    publisher.publish(depth_image(0))
    ros.wait(lambda: seen(depths))
    assert Asked(depths, 0).value() == 1000

    image = Asked(depths, PERIOD)

    assert image.value() is None
    assert "own depth image did not arrive on /depth within depth_wait, 0.1 s" in image.why


def test_wrong_answers_do_not_end_the_answering_and_are_logged_now_and_then(
    depth_input, capfd, monkeypatch
):
    monkeypatch.setattr(module, "LOG_INTERVAL", 1e6)
    monkeypatch.setattr(module, "MAX_LATE", 1e6)
    depths, _ = depth_input(depth_wait=0.0)

    for number in range(3):
        depths.request(header(number).stamp, time.monotonic(), lambda depth, why: 1 / 0, 1)

    assert Asked(depths, PERIOD).value() is None
    log = capfd.readouterr().err
    assert log.count("joints in metres not published: ZeroDivisionError") == 1
    assert depths.report.figures()["depth: not published"] == "3"
    assert "ZeroDivisionError('division by zero') (3 images of the last" in depths.report.trouble


@pytest.fixture
def busy():
    """Has a DepthInput answer an image until the block ends."""

    @contextlib.contextmanager
    def answering(depths):
        begun, may_end = threading.Event(), threading.Event()

        def answer(depth, why):
            begun.set()
            may_end.wait(30)

        depths.request(header(0).stamp, time.monotonic(), answer, 1)
        assert begun.wait(30)
        try:
            yield
        finally:
            may_end.set()

    return answering


def test_the_oldest_images_are_dropped_where_answers_take_too_long(
    depth_input, busy, capfd, monkeypatch
):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    monkeypatch.setattr(module, "MAX_LATE", 1e6)
    depths, _ = depth_input(depth_wait=0.0)

    with busy(depths):
        images = [Asked(depths, number * PERIOD) for number in range(1, 6)]

    assert images[-1].value() is None
    assert [image.answered.is_set() for image in images] == [False, False, True, True, True]
    assert depths.report.figures()["depth: not published"] == "2"
    assert f"{module.TOO_SLOW} (2 images" in depths.report.trouble
    assert f"image dropped: {module.TOO_SLOW}" in capfd.readouterr().err


def test_an_image_whose_turn_comes_far_too_late_is_dropped_for_a_later_one(depth_input, busy):
    depths, _ = depth_input(depth_wait=0.1)

    with busy(depths):
        old = [Asked(depths, number * PERIOD, age=100.0) for number in (1, 2)]
        new = Asked(depths, 3 * PERIOD, age=100.0)

    assert new.value() is None
    assert not any(image.answered.is_set() for image in old)
    assert depths.report.figures()["depth: not published"] == "2"


def test_a_long_wait_for_depth_ends_where_many_images_wait(ros, depth_input, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    depths, publisher = depth_input(depth_wait=10.0)
    publisher.publish(depth_image(-100 * PERIOD))
    ros.wait(lambda: seen(depths))
    first, second = Asked(depths, 0), Asked(depths, PERIOD)
    assert not first.answered.wait(0.02)

    Asked(depths, 2 * PERIOD)

    assert first.value() is None
    assert "too many images wait for their depth images on /depth" in first.why
    assert not second.answered.wait(0.02)
    assert depths.report.figures()["depth: not published"] == "0"


def test_a_long_wait_for_depth_ends_where_few_large_images_wait(ros, depth_input):
    depths, publisher = depth_input(depth_wait=10.0)
    publisher.publish(depth_image(-100 * PERIOD))
    ros.wait(lambda: seen(depths))
    half = module.MAX_WAITING_BYTES // 2
    first, second = Asked(depths, 0, size=half), Asked(depths, PERIOD, size=half)

    assert first.value() is None
    assert "too many images wait for their depth images on /depth" in first.why
    assert not second.answered.wait(0.02)


def test_unused_depth_images_do_not_pile_up(ros, depth_input):
    depths, publisher = depth_input()
    for number in range(4):
        publisher.publish(depth_image(number * PERIOD))
        ros.wait(lambda n=number: depths._depths.nearest(header(n * PERIOD).stamp, 0.0))

    depths.skip(header(10 * PERIOD).stamp)

    assert seen(depths) == 1
