import json
import math
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmarks.behaving import (
    acts,
    crossings,
    films,
    gesture_tally,
    headings,
    photographs,
    picture,
    positions,
    strangers,
)

from mobilepose_core.behaviour.target import LOCKED, TargetState
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.motions import Stance
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import COCO_17, UPPER_BODY_11


def test_positions_by_depth_are_nearer_than_by_size_and_honest():
    rows = {row["from"]: row for row in positions.measure(25, 0)}

    assert rows["depth and size"]["median_m"] < rows["size"]["median_m"]
    assert all(1.0 < row["nees"] < 5.0 for row in rows.values())


def watched(*names, skeleton=UPPER_BODY_11):
    draw = np.random.default_rng(2)
    known = {act.name: act for act in (*acts.gestures(draw), *acts.others(draw))}
    return films.watch([known[name] for name in names], skeleton, draw, False)


def counted(film):
    tally = gesture_tally.GestureTally()
    tally.add(film)
    return tally


def test_a_gesture_that_is_made_is_counted_as_seen():
    tally = counted(watched("stand", "raise left", "stand"))

    assert dict(tally.made) == {"left_hand_raised": 1}
    assert dict(tally.seen) == {"left_hand_raised": 1}
    assert tally.right["left_hand_raised"] >= 1  # again after a joint was hidden
    assert not tally.wrong


def test_a_gesture_that_is_not_made_is_counted_as_wrong():
    tally = counted(replace(frame, act=None) for frame in watched("stand", "raise left"))

    assert not tally.seen
    assert tally.wrong["left_hand_raised"] >= 1


def test_a_gesture_that_is_told_long_after_it_was_made_is_wrong():
    draw = np.random.default_rng(0)
    raise_left = next(act for act in acts.gestures(draw) if act.name == "raise left")
    late = gesture_tally.GRACE + 0.5
    film = [(0.0, raise_left, ()), (late, None, ("left_hand_raised",))]

    tally = counted(gesture_tally.Told(*frame, posture=None) for frame in film)

    assert dict(tally.wrong) == {"left_hand_raised": 1}


def test_postures_are_shares_of_what_was_filmed():
    table = gesture_tally.posture_table(
        Counter({("sitting", "sitting"): 3, ("sitting", "unknown"): 1})
    )

    assert table == {"sitting": {"sitting": 0.75, "unknown": 0.25}}


def test_skeletons_with_legs_see_more_postures():
    told = [
        set(counted(watched("sit", skeleton=skeleton)).postures)
        for skeleton in (UPPER_BODY_11, COCO_17)
    ]

    assert ("sitting", "sitting") not in told[0]
    assert ("sitting", "sitting") in told[1]


@pytest.fixture
def data(tmp_path):
    """A COCO data set of one person whose left hand is up, and marks that say so."""
    keypoints = np.zeros((17, 3), int)
    places = {
        "nose": (100, 40),
        "left_shoulder": (118, 60),
        "right_shoulder": (82, 60),
        "left_elbow": (130, 40),
        "left_wrist": (130, 12),
        "right_elbow": (78, 95),
        "right_wrist": (76, 125),
        "left_hip": (110, 120),
        "right_hip": (90, 120),
    }
    for name, place in places.items():
        keypoints[COCO_17.index[name]] = (*place, 2)
    folder = tmp_path / "some"
    (folder / "annotations").mkdir(parents=True)
    (folder / "images").mkdir()
    cv2.imwrite(str(folder / "images" / "a.png"), np.zeros((200, 200, 3), np.uint8))
    (folder / "annotations" / "person_keypoints_train.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 200}],
                "annotations": [
                    {
                        "id": 1,
                        "image_id": 1,
                        "category_id": 1,
                        "keypoints": keypoints.ravel().tolist(),
                        "num_keypoints": len(places),
                        "bbox": [70, 10, 65, 120],
                        "area": 5000,
                        "iscrowd": 0,
                    }
                ],
                "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_17.joints)}],
            }
        )
    )
    mark = {"data": "some", "image": "some/images/a.png", "box": [76, 12, 130, 125]}
    marks = tmp_path / "marks.json"
    marks.write_text(
        json.dumps({"people": [mark | {"raised": "left", "pointing": False, "facing": "front"}]})
    )
    return marks


def test_marks_are_compared_with_what_the_joints_say(data):
    people = photographs.load(data, data.parent)

    row = photographs.judge("annotated", list(photographs.annotated(people)))

    assert row["gestures"]["left hand raised"]["recall"] == 1.0
    assert row["gestures"]["right hand raised"]["false"] == 0
    assert row["gestures"]["arms crossed"]["made"] == 0
    assert row["facing"] == {"front": {"front": 1}}
    assert [one.is_held_out for one in people] == [False]


class Told:
    """A network that tells the same heading of everybody."""

    def __init__(self, *heading, framing="upper_body"):
        self.heading = np.array(heading, np.float32)
        self.framing = FRAMINGS[framing]
        self.regions = []

    def __call__(self, frame, regions):
        self.regions += regions
        return [
            Pose(np.zeros((11, 2), np.float32), np.ones(11, np.float32), heading=self.heading)
            for _ in regions
        ]


@pytest.mark.parametrize(
    ("told", "view", "error"), [((0.9, 0.0), "front", 0.0), ((-0.9, 0.0), "back", 180.0)]
)
def test_headings_that_a_network_tells_are_compared_with_those_of_the_joints(
    data, told, view, error
):
    (person,) = photographs.load(data, data.parent)

    row = headings.measure([person.sample], Told(*told))

    assert row["seen"] == {"front": {view: 1}}
    assert row["median_error_deg"] == pytest.approx(error, abs=20)
    assert row["within_2_deviations"] == (view == "front")


@pytest.mark.parametrize("framing", ["upper_body", "body"])
def test_people_in_photographs_are_cropped_as_the_network_wants_them(data, framing):
    people = photographs.load(data, data.parent)
    network = Told(0.9, 0.0, framing=framing)

    list(photographs.found(people, network))
    headings.measure([people[0].sample], network)

    assert network.regions == 2 * [FRAMINGS[framing].region(people[0].sample.joints)]


def test_marks_of_somebody_who_is_not_there_are_refused(data):
    data.write_text(data.read_text().replace("[76, 12", "[77, 12"))

    with pytest.raises(DataError, match="not in"):
        photographs.load(data, data.parent)


def test_a_file_that_is_none_of_marks_is_refused(tmp_path):
    (tmp_path / "marks.json").write_text("[]")

    with pytest.raises(DataError, match="no file of marks"):
        photographs.load(tmp_path / "marks.json", tmp_path)


def test_people_who_pass_the_target_are_counted():
    def walk(start, speed):
        return lambda time: Stance(start + speed * time, 0.5, 0.4, 0.0)

    still, passing, away = walk(0.5, 0.0), walk(0.1, 0.03), walk(0.1, 0.001)

    assert crossings._crossings([still, passing, away]) == 1


def test_a_lost_target_is_nobody():
    pose = Pose(np.zeros((11, 2), np.float32), np.ones(11, np.float32), track_id=4)

    assert crossings._held(TargetState("lost", None, 0.0), [pose], [1]) is None
    assert crossings._held(TargetState(LOCKED, 4, 0.0), [pose], [1]) == 1
    assert crossings._held(TargetState(LOCKED, 5, 0.0), [pose], [1]) is None


def dressed(before, after=None):
    """Somebody in one colour (brightness, blue, red), who returns in another one."""
    looks = [np.tile(np.array(one, float), (5, 1)) for one in (before, after or before)]
    return strangers.Look(*looks)


def test_strangers_in_other_clothes_are_not_taken_for_the_target():
    crowd = [dressed((60.0, 80.0 * i, 0.0)) for i in range(-2, 3)]

    row = strangers.measure(crowd, 10, 0)

    assert (row["strangers_taken"], row["exchanged_by_4_in_turn"]) == (0, 0)
    assert row["returns_found"] == 1


def test_strangers_in_the_same_clothes_are_and_who_changes_them_is_not_found_again():
    uniform = [dressed((60.0, 0.0, 0.0), after=(60.0, 90.0, 0.0)) for _ in range(3)]

    row = strangers.measure(uniform, 10, 0)

    assert (row["strangers_taken"], row["exchanged_by_2_in_turn"]) == (1, 1)
    assert row["returns_found"] == 0


def test_looks_are_those_of_the_torso_that_a_model_finds(data):
    (person,) = photographs.load(data, data.parent)
    image = np.zeros((200, 200, 3), np.uint8)
    image[:] = (200, 50, 50)
    cv2.imwrite(str(person.sample.image), image)

    (look,) = strangers.looks([person.sample], PoseModel("final", "cpu"), 0)

    assert look.before == pytest.approx(np.tile([50.0, 100.0, -50.0], (5, 1)))
    assert look.after != pytest.approx(look.before), "in another light"


def test_recoveries_that_never_were_have_no_time():
    assert math.isnan(crossings.Outcome().figures()["median_recovery_s"])


def test_the_picture_shows_all_gestures(tmp_path):
    picture.write(tmp_path / "gestures.png")

    shown = cv2.imread(str(tmp_path / "gestures.png"))
    assert shown.shape == (2 * picture.TILE[1], 6 * picture.TILE[0], 3)
    assert (shown != 255).any(axis=2).mean() > 0.01
