import numpy as np
import pytest

from mobilepose_core import Pose
from mobilepose_core.inference.rotation import ANGLES, Rotation
from mobilepose_core.pose import PersonBoxes

WIDTH, HEIGHT = 7, 4


def image_with(x, y):
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[y, x] = 255
    return image


def pose_at(points):
    return Pose(np.float32(points), np.linspace(0.2, 0.9, 11, dtype=np.float32), 5)


@pytest.mark.parametrize(
    ("angle", "place"), [(0, (1, 0)), (90, (HEIGHT - 1, 1)), (180, (5, 3)), (270, (0, 5))]
)
def test_a_picture_is_turned_clockwise(angle, place):
    upright = Rotation(angle).upright(image_with(1, 0))

    ((y, x),) = np.argwhere(upright[..., 0])
    assert (x, y) == place


@pytest.mark.parametrize("angle", ANGLES)
def test_what_is_found_in_the_upright_picture_is_where_the_image_shows_it(angle):
    rotation = Rotation(angle)
    places = [
        (0, 0),
        (6, 0),
        (0, 3),
        (6, 3),
        (2, 1),
        (3, 3),
        (5, 2),
        (4, 0),
        (1, 1),
        (6, 1),
        (0, 2),
    ]
    found = []
    for x, y in places:
        ((row, column),) = np.argwhere(rotation.upright(image_with(x, y))[..., 0])
        found.append((column, row))

    (pose,) = rotation.poses_in_image([pose_at(found)], WIDTH, HEIGHT)

    assert pose.joints.dtype == np.float32
    assert np.array_equal(pose.joints, places)


def test_a_pose_keeps_its_scores_and_id():
    pose = pose_at(np.zeros((11, 2)))

    (turned,) = Rotation(90).poses_in_image([pose], WIDTH, HEIGHT)

    assert turned.track_id == pose.track_id
    assert np.array_equal(turned.scores, pose.scores)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_box_in_the_image_is_around_the_same_pixels_in_the_upright_one(angle):
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[1:3, 2:6] = 255
    people = PersonBoxes(np.float32([[2, 1, 5, 2]]), np.float32([0.7]), of_bodies=True)

    turned = Rotation(angle).boxes_upright(people, WIDTH, HEIGHT)

    rows, columns, _ = np.nonzero(Rotation(angle).upright(image))
    assert turned.boxes.dtype == np.float32
    assert turned.boxes[0].tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]
    assert turned.scores == people.scores
    assert turned.of_bodies


@pytest.mark.parametrize("angle", ANGLES)
def test_no_people_stay_no_people(angle):
    no_boxes = PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    assert len(Rotation(angle).boxes_upright(no_boxes, WIDTH, HEIGHT)) == 0
    assert Rotation(angle).poses_in_image([], WIDTH, HEIGHT) == []


def test_without_a_turn_nothing_is_copied():
    image = image_with(1, 1)

    assert Rotation(0).upright(image) is image


@pytest.mark.parametrize("angle", [45, -90, 360])
def test_other_angles_are_refused(angle):
    with pytest.raises(ValueError, match=f"rotation {angle} unknown; known: 0, 90, 180, 270"):
        Rotation(angle)
