"""What a message about people tells the follower."""

import pytest
from mobilepose_msgs.msg import PersonArray

from mobilepose_ros.target_messages import sightings

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
