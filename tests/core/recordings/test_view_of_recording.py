"""The images of a recording as they are viewed."""

import numpy as np
import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.pose import Pose
from mobilepose_core.recordings.playback import chosen_camera, images_of

FRAME = "camera_optical_frame"
START, STEP = 1_700_000_000_000_000_000, 33_333_333
"""Frame, first stamp and time between stamps, ns, of the recordings."""


def pose_at(joints):
    return Pose(np.asarray(joints, np.float32), np.ones(len(joints), np.float32), 1)


def test_images_come_with_their_times_and_joints_in_metres(recorder, person, joints):
    with recorder() as bag:
        bag.info(0)
        for number in range(3):
            bag.depth(number)
            bag.image(person(number), number)

    played = list(images_of(bag.path, chosen_camera(bag.path)))

    assert [image.time for image in played] == pytest.approx([0, STEP / 1e9, 2 * STEP / 1e9])
    assert [image.stamp for image in played] == [START + number * STEP for number in range(3)]
    assert [image.is_first for image in played] == [True, False, False]
    assert played[0].frame_id == FRAME
    assert (played[1].image == person(1)).all()
    (places,) = played[0].locate([pose_at(joints)])
    assert places.shape == (11, 3)
    assert np.isfinite(places).all()


def test_without_depth_there_are_no_places(recorder, person, joints):
    with recorder() as bag:
        bag.image(person(0), 0)

    (image,) = images_of(bag.path, chosen_camera(bag.path))

    assert image.locate([pose_at(joints)]) is None


def test_of_several_cameras_one_is_chosen(recorder, person, caplog):
    with recorder() as bag:
        for topic in ("/front/image_raw", "/rear/image_raw"):
            bag.image(person(0), 0, topic)

    caplog.set_level("INFO")
    assert chosen_camera(bag.path).image == "/front/image_raw"
    assert "shows /front/image_raw; also in the recording (--image): /rear/image_raw" in caplog.text
    assert chosen_camera(bag.path, "/rear/image_raw").image == "/rear/image_raw"
    with pytest.raises(DataError, match="topic /left is not in it"):
        chosen_camera(bag.path, "/left")


def test_a_damaged_image_is_left_out_and_said_once(recorder, person, caplog):
    with recorder() as bag:
        for number in range(3):
            height = 240 if number == 1 else 10_000  # more rows than there is data
            bag.image(person(number), number, height=height)

    played = list(images_of(bag.path, chosen_camera(bag.path)))

    assert [image.stamp for image in played] == [START + STEP]
    assert caplog.text.count("images not decoded") == 1


def test_a_damaged_first_image_is_left_out(recorder, person):
    with recorder() as bag:
        bag.damaged(0)
        bag.image(person(1), 1)

    played = list(images_of(bag.path, chosen_camera(bag.path)))

    assert [image.stamp for image in played] == [START + STEP]


def test_a_recording_without_an_image_that_can_be_decoded_is_refused_with_the_reason(
    recorder, person
):
    with recorder() as bag:
        bag.image(person(0), 0, height=10_000)  # more rows than there is data
    camera = chosen_camera(bag.path)

    with pytest.raises(DataError, match=r"no image of /camera/image_raw can be decoded; images"):
        list(images_of(bag.path, camera))


def test_what_is_lost_of_a_recording_is_said(recorder, person, cut, caplog):
    with recorder() as bag:
        for number in range(8):
            bag.image(person(number), number)
    cut(bag.path / "walk.mcap", 0.5)

    played = list(images_of(bag.path, chosen_camera(bag.path)))

    assert 0 < len(played) < 8
    assert "cut off or damaged from byte" in caplog.text
