import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped, Vector3

from mobilepose_ros.camera_motion import MOST_MISSED, CameraMotion
from mobilepose_ros.person_frames import moved_to
from mobilepose_ros.rotations import matrix_of, quaternion_of


def at(x, y, yaw, frame="odom"):
    """A camera's frame, turned about z."""
    transform = TransformStamped(child_frame_id="camera")
    transform.header.frame_id = frame
    transform.transform.translation = Vector3(x=x, y=y, z=1.0)
    cos, sin = np.cos(yaw), np.sin(yaw)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    transform.transform.rotation = quaternion_of(turn)
    return transform


def place_of(transform):
    moved = transform.transform.translation
    return np.array([moved.x, moved.y, moved.z])


def test_what_stands_still_is_seen_where_the_camera_has_moved_to():
    motion, before, after = CameraMotion(), at(1.0, 2.0, 0.3), at(1.5, 1.0, -0.4)
    motion.step(before)

    moved = motion.step(after)

    place = np.array([3.0, 0.5, 0.2])  # as the camera sees it at first
    in_odom = matrix_of(before.transform.rotation) @ place + place_of(before)
    seen = matrix_of(after.transform.rotation).T @ (in_odom - place_of(after))
    assert moved.turn @ place + moved.shift == pytest.approx(seen)


def test_a_motion_needs_two_places_in_one_frame():
    motion = CameraMotion()

    steps = [at(0.0, 0.0, 0.0), None, at(0.0, 0.0, 0.0), at(0.0, 0.0, 0.0, "map")]

    moved = [motion.step(one) for one in steps]
    assert [one is not None for one in moved] == [False, False, True, False]
    assert motion.step(at(0.0, 0.0, 0.0, "map")).shift.tolist() == [0, 0, 0]


def after(*places):
    """Where a place of the first image, (3, 0.5, 0.2), is in the last one."""
    motion, place = CameraMotion(), np.array([3.0, 0.5, 0.2])
    for camera in places:
        if (moved := motion.step(camera)) is not None:
            place = moved.turn @ place + moved.shift
    return place


@pytest.mark.parametrize("missed", range(MOST_MISSED + 1))
def test_images_without_a_place_do_not_lose_what_moved_before_and_after(missed):
    driven = [at(0.1 * step, 0.0, 0.2 * step) for step in range(3)]
    turned = [at(1.0, 2.0, -0.4), at(1.5, 2.0, -0.4)]

    gap = after(*driven, *[None] * missed, *turned)

    assert gap == pytest.approx(after(*driven, *turned))


def test_in_an_image_without_a_place_the_camera_goes_on_as_before():
    turning = [at(0.0, 0.0, 0.1 * step) for step in range(6)]

    assert after(*turning[:4], None, None) == pytest.approx(after(*turning))


def test_after_many_images_without_a_place_the_motion_is_unknown():
    motion = CameraMotion()
    for place in (at(0.0, 0.0, 0.0), at(0.1, 0.0, 0.0), *[None] * MOST_MISSED):
        motion.step(place)

    assert motion.step(None) is None
    assert motion.step(at(5.0, 0.0, 0.0)) is None


def test_a_frame_is_moved_to_the_parent_of_its_camera():
    camera, person = at(1.0, 2.0, np.pi / 2), at(3.0, 0.0, 0.0, "camera")
    person.child_frame_id = "person_1"

    (moved,) = moved_to(camera, [person])

    assert (moved.header.frame_id, moved.child_frame_id) == ("odom", "person_1")
    assert place_of(moved) == pytest.approx([1.0, 5.0, 2.0])
    assert matrix_of(moved.transform.rotation)[:, 0] == pytest.approx([0, 1, 0])
