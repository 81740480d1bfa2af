import json
from dataclasses import replace

import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.errors import MobilePoseError
from mobilepose_core.inference import Pose
from mobilepose_core.io.drawing import (
    LEFT_COLOUR,
    MIDDLE_COLOUR,
    RIGHT_COLOUR,
    TRACK_COLOURS,
    draw,
    track_colour,
)
from mobilepose_core.pose import PersonBoxes


def _pose(scores=None):
    joints = np.stack([np.arange(11) * 10 + 20, np.arange(11) * 8 + 15], axis=1)
    values = np.ones(11) if scores is None else scores
    return Pose(joints.astype(np.float32), np.asarray(values, np.float32))


def test_a_joint_is_read_by_name():
    assert _pose()["left_wrist"] == (40, 31, 1)


def test_an_unknown_joint_is_refused_with_those_that_are_known():
    with pytest.raises(KeyError, match="left_shoulder"):
        _pose()["left_knee"]


def test_a_pose_of_another_number_of_joints_than_its_skeletons_is_refused():
    with pytest.raises(ValueError, match="upper_body_11 has 11 joints and scores, got 17 and 17"):
        Pose(np.zeros((17, 2), np.float32), np.ones(17, np.float32))


def test_a_pose_can_be_made_of_lists():
    joints = skeleton.of_joints(["right_knee", "nose"])

    pose = Pose([[1, 2], [3, 4]], [0.5, 1], skeleton=joints)

    assert (pose.joints.dtype, pose.box.tolist()) == (np.float32, [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("joints", "scores", "complaint"),
    [
        ([[1, 2, 3]] * 11, [1] * 11, r"joints are \(K, 2\) x, y, got \(11, 3\)"),
        ([1] * 11, [1] * 11, r"joints are \(K, 2\) x, y, got \(11,\)"),
        ([[1, 2]] * 11, [[1]] * 11, "11 joints and scores, got 11 and"),
        (3.0, [1] * 11, r"11 joints and scores, got shape \(\) and 11"),
        ([[1, 2], [3]], [1] * 11, "joints are an array of numbers, or lists of equal length, got"),
        ([["a", "b"]] * 11, [1] * 11, "joints are an array of numbers"),
    ],
)
def test_a_pose_of_other_shapes_is_refused(joints, scores, complaint):
    with pytest.raises(MobilePoseError, match=complaint):
        Pose(joints, scores)


def test_boxes_can_be_given_as_lists():
    boxes = PersonBoxes([[80, 20, 300, 460]], [0.9], bodies=[[80, 20, 300, 700]])

    assert boxes.boxes.tolist() == [[80, 20, 300, 460]]
    assert {array.dtype for array in (boxes.boxes, boxes.scores, boxes.bodies)} == {
        np.dtype(np.float32)
    }
    assert len(boxes.of_joints()) == 1


def test_whole_numbers_are_coordinates_as_others_are():
    boxes = PersonBoxes(np.array([[1, 2, 30, 40]]), np.array([1]))

    assert (boxes.boxes.dtype, boxes.scores.dtype) == (np.float32, np.float32)


def test_empty_lists_are_no_boxes():
    assert PersonBoxes([], []).of_joints().boxes.shape == (0, 4)
    assert PersonBoxes([], [], bodies=[]).bodies.shape == (0, 4)


@pytest.mark.parametrize(
    ("boxes", "scores", "bodies", "complaint"),
    [
        ([1, 2, 3, 4], [1], None, r"boxes are \(N, 4\) x0, y0, x1, y1, got \(4,\)"),
        ([[1, 2, 3, 4]], [1, 1], None, r"1 boxes have as many scores, got \(2,\)"),
        ([[1, 2, 3, 4]], 1, None, r"1 boxes have as many scores, got \(\)"),
        ([[1, 2, 3, 4]], [1], [], r"1 boxes have as many bodies, got \(0, 4\)"),
        ([[1, 2], [3]], [1], None, "boxes are an array of numbers, or lists of equal length"),
    ],
)
def test_boxes_of_other_shapes_are_refused(boxes, scores, bodies, complaint):
    with pytest.raises(MobilePoseError, match=complaint):
        PersonBoxes(boxes, scores, bodies=bodies)


def test_a_pose_names_its_own_joints():
    joints = skeleton.of_joints(["right_knee", "nose"])
    pose = Pose(np.float32([[1, 2], [3, 4]]), np.float32([0.5, 1]), skeleton=joints)

    assert pose["nose"] == (3, 4, 1)
    assert [entry["name"] for entry in pose.to_dict()["joints"]] == ["right_knee", "nose"]
    with pytest.raises(KeyError, match="known: right_knee, nose"):
        pose["left_knee"]


def test_legs_are_drawn_in_the_colours_of_their_sides():
    legs = skeleton.of_joints(["left_hip", "left_knee", "right_hip", "right_knee"])
    places = np.float32([[100, 20], [100, 120], [40, 20], [40, 120]])
    canvas = np.zeros((140, 160, 3), np.uint8)

    picture = draw(canvas, [Pose(places, np.ones(4, np.float32), skeleton=legs)])

    for (x, y), colour in {
        (100, 70): LEFT_COLOUR, (40, 70): RIGHT_COLOUR, (70, 20): MIDDLE_COLOUR
    }.items():  # fmt: skip
        assert picture[y, x] == pytest.approx(colour, abs=30)  # of an antialiased line


def test_iterating_gives_every_joint_in_order():
    assert [name for name, *_ in _pose()] == list(skeleton.JOINTS)


def test_the_box_ignores_joints_that_were_not_seen():
    scores = np.ones(11)
    scores[-1] = 0.05

    assert _pose(scores).box.tolist() == [20, 15, 110, 87]


def test_a_pose_is_plain_json():
    plain = json.loads(json.dumps(_pose().to_dict()))

    assert plain["joints"][0] == {"name": "left_shoulder", "x": 20, "y": 15, "score": 1}


def test_left_is_drawn_in_one_colour_right_in_another_and_unseen_joints_not_at_all():
    scores = np.zeros(11)
    scores[[skeleton.INDEX["left_wrist"], skeleton.INDEX["right_wrist"]]] = 1
    pose = _pose(scores)
    canvas = np.zeros((140, 160, 3), np.uint8)

    picture = draw(canvas, [pose])

    for name, colour in (("left_wrist", LEFT_COLOUR), ("right_wrist", RIGHT_COLOUR)):
        x, y, _ = pose[name]
        assert tuple(picture[int(y), int(x)]) == colour
    nose_x, nose_y, _ = pose["nose"]
    assert not picture[int(nose_y), int(nose_x)].any()
    assert not canvas.any()


def test_joints_far_outside_the_picture_are_drawn_without_an_error():
    pose = Pose(np.full((11, 2), 1e12, np.float32), np.ones(11, np.float32))

    assert draw(np.zeros((20, 20, 3), np.uint8), [pose]).shape == (20, 20, 3)


def test_the_first_person_and_one_who_is_not_tracked_have_the_common_colour():
    assert track_colour(1) == track_colour(-1) == MIDDLE_COLOUR


def test_people_after_one_another_have_colours_that_are_nobodys_side():
    colours = [track_colour(track) for track in range(1, len(TRACK_COLOURS) + 1)]

    assert len({*colours, LEFT_COLOUR, RIGHT_COLOUR}) == len(TRACK_COLOURS) + 2
    assert track_colour(len(TRACK_COLOURS) + 1) == colours[0]


def test_a_person_is_drawn_in_their_own_colour_between_left_and_right():
    second = replace(_pose(), track_id=2)

    picture = draw(np.zeros((200, 200, 3), np.uint8), [second])

    colours = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()}
    assert {LEFT_COLOUR, RIGHT_COLOUR, track_colour(2)} <= colours
    assert MIDDLE_COLOUR not in colours


def test_a_person_keeps_all_but_the_id_when_it_is_given():
    pose = _pose()
    box = pose.box

    followed = pose.with_id(7)

    assert (followed.track_id, pose.track_id) == (7, -1)
    assert followed.box is box
    assert followed.score == pose.score
    assert np.array_equal(followed.joints, pose.joints)


@pytest.mark.parametrize(("lowest", "share"), [(300, 1), (440, 1), (470, 2), (600, 2)])
def test_half_the_score_makes_a_person_of_somebody_cut_off_by_the_lower_border(lowest, share):
    """Most of their joints are out of the picture."""
    rows = np.linspace(lowest - 100, lowest, 11)

    seen = Pose(np.column_stack([rows, rows]), np.full(11, 0.3), frame_height=480)

    assert seen.person_score == pytest.approx(share * 0.3)
    assert seen.score == pytest.approx(0.3)


def test_joints_that_are_not_seen_do_not_tell_who_is_cut_off():
    """Where they are is a guess; and of a frame that is unknown no border is."""
    rows = np.linspace(380, 480, 11)
    joints = np.column_stack([rows, rows])
    upper_half_seen = Pose(joints, np.array([0.6] * 6 + [0.05] * 5), frame_height=480)

    assert upper_half_seen.person_score == upper_half_seen.score
    assert Pose(joints, np.full(11, 0.3)).person_score == pytest.approx(0.3)
