"""What a message about people tells the follower."""

import pytest
from followed_people import NAN
from geometry_msgs.msg import Vector3
from mobilepose_msgs.msg import PersonArray
from rclpy.time import Time
from sensor_msgs.msg import RegionOfInterest

from mobilepose_core.behaviour.candidate import chosen
from mobilepose_ros.follower_parameters import FollowerParameters
from mobilepose_ros.ground import UP_IN_IMAGE
from mobilepose_ros.rotations import matrix_of
from mobilepose_ros.target_messages import sightings
from mobilepose_ros.target_tracking import TargetTracking

VELOCITY = (0.5, 0.0, -1.0)


@pytest.mark.parametrize(
    ("fixed_frame", "velocity_frame", "is_used"),
    [
        ("odom", "odom", True),
        ("odom", "camera", False),
        ("odom", "", False),
        ("", "camera", True),
        ("", "odom", True),
    ],
)
def test_velocities_are_used_where_they_are_relative_to_what_stands_still(
    someone, fixed_frame, velocity_frame, is_used
):
    people = [someone(velocity=VELOCITY)]
    message = PersonArray(velocity_frame=velocity_frame, image_width=640, people=people)
    (seen,) = sightings(message, fixed_frame)
    assert (seen.velocity is not None) == is_used
    if is_used:
        assert seen.velocity == pytest.approx(VELOCITY)


def upright(message):
    """A message about an image of 640 x 480 pixels whose up is that of a level camera."""
    message.image_width, message.image_height = 640, 480
    return message


def turned(message, angle):
    """The same people, and the camera turned so that its image needs that clockwise rotation."""
    quarters = angle // 90
    for _ in range(quarters):
        width, height = message.image_width, message.image_height
        message.image_width, message.image_height = height, width
        for person in message.people:
            roi = person.roi
            person.roi = RegionOfInterest(  # counter-clockwise: x, y becomes y, width - x
                x_offset=roi.y_offset,
                y_offset=width - roi.x_offset - roi.width,
                width=roi.height,
                height=roi.width,
            )
    message.up = Vector3(**dict(zip("xyz", UP_IN_IMAGE[angle], strict=True)))
    return message


@pytest.mark.parametrize("angle", UP_IN_IMAGE)
def test_who_is_in_the_centre_and_who_is_near_is_told_in_the_upright_picture(someone, angle):
    boxes = [(40, 20, 60, 240), (300, 0, 40, 100), (400, 190, 200, 99)]
    near_centre_wide = [
        someone(number, NAN, roi=RegionOfInterest(x_offset=x, y_offset=y, width=w, height=h))
        for number, (x, y, w, h) in enumerate(boxes, 1)
    ]

    message = turned(upright(PersonArray(people=near_centre_wide)), angle)
    seen = [one.candidate for one in sightings(message, "")]

    assert [one.aside for one in seen] == pytest.approx([250 / 640, 0, 180 / 640])
    assert [one.size for one in seen] == pytest.approx([240, 100, 99])
    assert chosen("centre", seen) == 2
    assert chosen("nearest", seen) == 1


@pytest.mark.parametrize("angle", UP_IN_IMAGE)
def test_z_of_the_targets_pose_is_up_as_the_message_tells_it(someone, angle):
    message = turned(upright(PersonArray(people=[someone(facing=(0.0, 0.0, -1.0))])), angle)
    message.header.stamp, message.header.frame_id = Time(seconds=100).to_msg(), "camera"
    tracking = TargetTracking(FollowerParameters(choice="nearest"), None, lambda *_: None)

    _, pose = tracking.update(message, lambda: Time(seconds=100).nanoseconds)

    turn = matrix_of(pose.pose.orientation)
    assert turn[:, 0] == pytest.approx([0, 0, -1])
    assert turn[:, 2] == pytest.approx(UP_IN_IMAGE[angle])
