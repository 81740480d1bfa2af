"""Where a camera was when an image was taken, over real TF topics."""

import math

import pytest
from builtin_interfaces.msg import Time as Stamp
from geometry_msgs.msg import TransformStamped
from rclpy.parameter import Parameter
from rclpy.time import Time
from rosgraph_msgs.msg import Clock

from mobilepose_ros.transforms import TOLERANCE, TransformInput


@pytest.fixture
def known(ros, tf2):
    """What a node knows of TF; `known.tell(second, x)` moves the camera in odom."""
    node = ros.add(type(ros.probe)("listener"))
    transforms = TransformInput(node)
    transforms.listen(True)
    transforms.node = node
    moving = tf2.TransformBroadcaster(ros.probe)
    fixed = tf2.StaticTransformBroadcaster(ros.probe)
    fixed.sendTransform(frame("base", "camera", 0))
    ros.wait(lambda: transforms.lookup("base", "camera", Time(seconds=9)), what="/tf_static")
    ros.wait(lambda: moving.pub_tf.get_subscription_count() > 0, what="/tf")

    def tell(second, x):
        moving.sendTransform(frame("odom", "base", second, x))

        def arrived():
            found = transforms.lookup("odom", "camera", Time(seconds=second), math.inf)
            return found is not None and found.transform.translation.x == x

        ros.wait(arrived, what="the transform")

    transforms.tell = tell
    yield transforms
    transforms.listen(False)


def frame(parent, child, second, x=0.0):
    found = TransformStamped(child_frame_id=child)
    found.header.frame_id, found.header.stamp = parent, Stamp(sec=second)
    found.transform.translation.x = x
    found.transform.rotation.w = 1.0
    return found


def x_at(transforms, seconds, *tolerance):
    found = transforms.lookup("odom", "camera", Time(nanoseconds=round(seconds * 1e9)), *tolerance)
    return None if found is None else found.transform.translation.x


def test_a_transform_a_little_before_the_image_is_used_and_an_old_one_is_not(known):
    known.tell(100, 1.0)

    assert x_at(known, 100) == 1.0
    assert x_at(known, 100 + 0.9 * TOLERANCE) == 1.0
    assert x_at(known, 103, 4.0) == 1.0
    with pytest.raises(
        ValueError,
        match=r"from camera to odom is more than 0\.5 s .* is the robot's odometry running",
    ):
        x_at(known, 103)


def test_an_image_from_before_all_transforms_has_none(known):
    known.tell(100, 1.0)

    with pytest.raises(ValueError, match="newest transform"):
        x_at(known, 5)


def test_an_image_without_a_stamp_was_taken_now(known):
    now = known.node.get_clock().now().nanoseconds // 10**9
    known.tell(now - 60, 1.0)
    with pytest.raises(ValueError, match="newest transform"):
        x_at(known, 0)

    known.tell(now + 60, 2.0)

    assert 1.0 <= x_at(known, 0) <= 2.0


def test_a_frame_that_is_not_connected_is_unknown(known):
    assert x_at(known, 100) is None


def test_after_transforms_were_cleared_those_of_before_are_unknown_and_static_ones_are_not(known):
    known.tell(100, 1.0)

    known.clear()

    assert x_at(known, 100) is None
    assert known.lookup("base", "camera", Time(seconds=100)) is not None


def test_when_simulated_time_jumps_back_the_poses_of_before_are_forgotten(ros, known):
    clock = ros.publisher("/clock", kind=Clock)
    known.node.set_parameters([Parameter("use_sim_time", value=True)])

    def set_clock(second):
        ros.wait(
            lambda: (
                clock.publish(Clock(clock=Stamp(sec=second)))
                or known.node.get_clock().now().nanoseconds == second * 10**9
            ),
            what="the clock",
        )

    set_clock(100)
    known.tell(99, 1.0)
    known.tell(100, 2.0)

    set_clock(101)
    assert x_at(known, 99) == 1.0
    set_clock(3)

    ros.wait(lambda: x_at(known, 99) is None, what="an empty buffer")
    known.tell(3, 5.0)
    assert x_at(known, 3) == 5.0
