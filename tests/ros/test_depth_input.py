"""Which depth image an image gets, over real DDS topics."""

import array
import threading
import time

import numpy as np
import pytest
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

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

    def __init__(self, depths, nanoseconds):
        self.answered = threading.Event()
        depths.request(header(nanoseconds).stamp, time.monotonic(), self)

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


def test_a_wrong_answer_does_not_end_the_answering(depth_input, capfd):
    depths, _ = depth_input(depth_wait=0.0)

    depths.request(header(0).stamp, time.monotonic(), lambda depth, why: 1 / 0)

    assert Asked(depths, PERIOD).value() is None
    assert "joints in metres not published: ZeroDivisionError" in capfd.readouterr().err


def test_unused_depth_images_do_not_pile_up(ros, depth_input):
    depths, publisher = depth_input()
    for number in range(4):
        publisher.publish(depth_image(number * PERIOD))
        ros.wait(lambda n=number: depths._depths.nearest(header(n * PERIOD).stamp, 0.0))

    depths.skip(header(10 * PERIOD).stamp)

    assert seen(depths) == 1
