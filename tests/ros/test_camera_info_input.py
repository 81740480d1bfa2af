"""Which calibration belongs to an image, and that latched ones come in."""

import pytest
from builtin_interfaces.msg import Time
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo

from mobilepose_core.messages import RecentCameraInfos
from mobilepose_ros.camera_info_input import CameraInfoInput


def info(sec=0, nanosec=0, size=(320, 240)):
    message = CameraInfo(width=size[0], height=size[1])
    message.header.stamp = Time(sec=sec, nanosec=nanosec)
    return message


def chosen(infos, stamp, size=(320, 240)):
    recent = RecentCameraInfos()
    for one in infos:
        recent.put(one)
    found = recent.of_image(stamp, *size)
    return next((i for i, one in enumerate(infos) if one is found), None)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_the_calibration_of_the_same_stamp_counts_whenever_it_came(order):
    assert chosen([info(sec) for sec in order], Time(sec=2)) == order.index(2)


def test_else_the_nearest_in_time_counts():
    infos = [info(1), info(2), info(3)]

    assert chosen(infos, Time(sec=2, nanosec=300_000_000)) == 1


def test_one_for_the_images_size_goes_before_one_that_is_nearer():
    """The resolution has just changed, and the calibrations are not of the images' stamps."""
    infos = [info(1, size=(640, 480)), info(2)]

    assert chosen(infos, Time(sec=2, nanosec=1), (640, 480)) == 0


@pytest.mark.parametrize("stamps", [(1, 2), (1, 0), (0, 0)])
def test_a_calibration_that_is_published_once_counts_until_there_is_another(stamps):
    assert chosen([info(sec) for sec in stamps], Time(sec=1000)) == 1


def test_without_a_stamp_of_the_image_the_latest_counts():
    assert chosen([info(1), info(2)], Time()) == 1
    assert chosen([info(2), info(1)], None) == 1


def test_there_is_no_result_before_the_first():
    assert chosen([], Time(sec=1)) is None


@pytest.fixture
def received(ros):
    """Makes an input, and gives the widths of the calibrations that it has received."""
    node = ros.add(Node("receiver"))
    widths, inputs = [], []

    def make():
        inputs.append(CameraInfoInput(node, "camera_info", lambda one: widths.append(one.width)))
        return inputs[-1], widths

    yield make
    for one in inputs:
        one.destroy()


def latching(ros, **policies):
    qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL, **policies)
    return ros.probe.create_publisher(CameraInfo, "camera_info", qos)


def test_a_calibration_that_was_latched_before_comes_in(ros, received):
    latching(ros).publish(info(size=(320, 240)))
    source, widths = received()

    ros.wait(lambda: source.update_subscriptions() or widths)

    assert widths == [320]


def test_one_that_is_latched_later_comes_in_beside_those_of_a_volatile_publisher(ros, received):
    source, widths = received()
    volatile = ros.publisher("camera_info", kind=CameraInfo)

    ros.wait(lambda: volatile.publish(info(size=(640, 480))) or 640 in widths)
    latching(ros).publish(info(size=(320, 240)))
    ros.wait(lambda: source.update_subscriptions() or 320 in widths)
    ros.wait(lambda: volatile.publish(info(size=(100, 80))) or 100 in widths)


def test_volatile_publishers_are_not_bothered_by_a_subscription_that_cannot_match(
    ros, received, capfd
):
    volatile = ros.publisher("camera_info", kind=CameraInfo)
    source, widths = received()

    ros.wait(lambda: volatile.publish(info()) or widths)
    source.update_subscriptions()

    assert ros.probe.count_subscribers("camera_info") == 1
    assert "incompatible QoS" not in capfd.readouterr().err


def test_a_latching_publisher_of_best_effort_matches_too(ros, received):
    publisher = latching(ros, reliability=ReliabilityPolicy.BEST_EFFORT)
    source, widths = received()

    ros.wait(lambda: source.update_subscriptions() or publisher.publish(info()) or widths)
