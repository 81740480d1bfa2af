"""Tracking metrics in scenes made of the astronaut, whose outline is drawn here."""

import json

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import cli, skeleton
from mobilepose_core.datasets import Sample, coco, cutouts
from mobilepose_core.evaluation.scenes import Moment, TruePerson, compose
from mobilepose_core.evaluation.steadiness import Steadiness
from mobilepose_core.evaluation.tracks import Tally
from mobilepose_core.pose import Pose

# Read off the photograph by eye.
OUTLINE = [(75, 511), (25, 330), (60, 240), (145, 190), (165, 130), (165, 50), (220, 15), (275, 40)]
OUTLINE += [(280, 120), (260, 170), (310, 215), (355, 290), (350, 370), (300, 420), (290, 511)]
JOINTS = [(320, 258), (340, 350), (285, 420), (105, 230), (70, 370), (140, 480), (280, 500)]
JOINTS += [(150, 500), (242, 107), (204, 113), (225, 132)]


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A data set of the astronaut in front of a plain wall, and a folder of backgrounds."""
    root = tmp_path_factory.mktemp("studio")
    picture = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    person = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(person, [np.array(OUTLINE)], 1)
    wall = np.full((560, 640, 3), (200, 180, 60), np.uint8)
    wall[48:, 64:576][person > 0] = picture[person > 0]
    cv2.imwrite(str(root / "astronaut.png"), wall)
    joints = np.array(JOINTS, np.float32) + np.float32([64, 48])
    people = skeleton.among_all(joints.astype(np.float32))
    sample = Sample(root / "astronaut.png", people, "astronaut")
    coco.save([sample], root / "people")
    (root / "empty").mkdir()
    for name in ("coffee", "chelsea"):
        image = cv2.cvtColor(getattr(skimage.data, name)(), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(root / "empty" / f"{name}.jpg"), image)
    return root, sample


@pytest.fixture(scope="module")
def cutout(studio):
    return cutouts.cut_out(studio[1])


def test_a_person_is_cut_out_along_their_outline(studio, cutout):
    drawn = np.zeros((512, 512), np.uint8)
    cv2.fillPoly(drawn, [np.array(OUTLINE)], 1)

    assert cutout.alpha.sum() == pytest.approx(drawn.sum(), rel=0.06)
    x, y = cutout.joints[skeleton.INDEX["nose"]].round().astype(int)
    assert cutout.alpha[y, x] == 1


def test_an_outline_found_in_a_smaller_photograph_is_the_same_and_the_person_as_sharp(
    studio, cutout
):
    quicker = cutouts.cut_out(studio[1], longest=320)

    assert quicker.alpha.sum() == pytest.approx(cutout.alpha.sum(), rel=0.06)
    x, y = quicker.joints[skeleton.INDEX["nose"]].round().astype(int)
    u, v = cutout.joints[skeleton.INDEX["nose"]].round().astype(int)
    assert quicker.alpha[y, x] == 1
    assert (
        quicker.picture[y - 9 : y + 9, x - 9 : x + 9]
        == cutout.picture[v - 9 : v + 9, u - 9 : u + 9]
    ).all()


def test_a_person_with_an_unknown_joint_is_not_cut_out(studio):
    joints = studio[1].joints.copy()
    joints[0] = np.nan

    assert cutouts.cut_out(Sample(studio[1].image, joints, "astronaut")) is None


def test_a_cutout_is_pasted_where_the_affine_says(cutout):
    canvas = np.zeros((300, 400, 3), np.uint8)
    matrix = np.array([[0.5, 0, 20.0], [0, 0.5, 10.0]])

    cover = cutouts.paste(canvas, cutout, matrix)

    x, y = (matrix[:, :2] @ cutout.joints[10] + matrix[:, 2]).round().astype(int)
    assert cover[y, x] == 1
    assert canvas[y, x].any()
    assert not canvas[cover == 0].any()


def test_the_same_seed_makes_the_same_scene(cutout):
    def frames(seed):
        empty = np.full((100, 100, 3), 90, np.uint8)
        return [m.frame for m in compose([cutout], [empty], 2, seed, (160, 120), 0.3, 10)]

    assert all(np.array_equal(*pair) for pair in zip(frames(1), frames(1), strict=True))
    assert not np.array_equal(frames(1)[0], frames(2)[0])


def test_joints_behind_another_person_are_not_visible(cutout):
    empty = np.full((120, 160, 3), 90, np.uint8)
    hidden = 0
    for number in range(3, 9):
        for moment in compose([cutout], [empty], number, 0, (160, 120), 1.0, 5):
            for place, true in enumerate(moment.people, start=1):
                x, y = true.joints.T
                inside = (x >= 0) & (y >= 0) & (x < 160) & (y < 120)
                hidden += int((inside & ~true.visible).sum())
                assert not (true.visible & ~inside).any()
                if place == len(moment.people):
                    assert np.array_equal(true.visible, inside)

    assert hidden > 0


PERSON = np.array(JOINTS, np.float32) / 4


def _true_person(person=0, offset=0.0, is_still=True):
    return TruePerson(person, PERSON + np.float32([offset, 0]), np.ones(11, bool), is_still)


def _pose(track, offset=0.0):
    joints = (PERSON + np.float32([offset, 0])).astype(np.float32)
    return Pose(joints, np.ones(11, np.float32), track)


def _tally(frames):
    tally = Tally()
    tally.begin_scene()
    for people, poses in frames:
        tally.add(Moment(np.zeros((1, 1, 3), np.uint8), 0.0, people), poses, poses)
    return tally.figures(10.0)


def test_two_people_who_exchange_ids_are_two_switches():
    people = [_true_person(0), _true_person(1, 200)]
    before, after = [_pose(1), _pose(2, 200)], [_pose(2), _pose(1, 200)]

    figures = _tally([(people, before)] * 5 + [(people, after)] * 5)

    assert figures["switches"] == 2
    assert figures["person_seconds"] == 2.0
    assert figures["switches_per_100_person_seconds"] == 100
    assert figures["idf1"] == 0.5
    assert figures["mota"] == pytest.approx(1 - 2 / 20)


@pytest.mark.parametrize(
    "names", [skeleton.COCO_17.joints, ("left_wrist", "right_wrist"), ("nose", "left_ankle")]
)
def test_people_are_recognised_by_those_joints_that_a_model_has(names):
    joints = skeleton.of_joints(names)

    def found(track, offset=0.0):
        everything = skeleton.among_all(_pose(track, offset).joints)
        places = np.nan_to_num(skeleton.select(everything, names), nan=5.0)
        return Pose(places, np.ones(len(names), np.float32), track, skeleton=joints)

    figures = _tally([([_true_person()], [found(1)]), ([_true_person()], [found(1, 300)])])

    assert figures["misses"] == 0.5
    assert figures["false_per_frame"] == 0.5
    assert figures["pck"] == 100
    assert figures["jitter_px"] == 0 or np.isnan(figures["jitter_px"])


def test_misses_and_false_positives_are_counted():
    figures = _tally([([_true_person()], [_pose(1)]), ([_true_person()], [_pose(1, 300)])])

    assert figures["misses"] == 0.5
    assert figures["false_per_frame"] == 0.5
    assert figures["pck"] == 100


def test_a_mostly_occluded_person_may_be_found_or_not():
    hardly = TruePerson(0, PERSON, np.arange(11) < 3, True)

    figures = _tally([([hardly], []), ([hardly], [_pose(1)])])

    assert figures["misses"] == 0
    assert figures["false_per_frame"] == 0


def test_jitter_is_the_change_of_the_error_and_not_the_sway():
    steadiness = Steadiness()
    for frame in range(10):
        sway = 3.0 * frame
        steadiness.add([(_true_person(0, sway), _pose(1, sway + frame % 2))])

    assert steadiness.jitter_px == pytest.approx(1.0, abs=1e-4)
    assert np.isnan(steadiness.lag)


def test_joints_two_frames_late_lag_by_two():
    steadiness = Steadiness()
    for frame in range(10):
        steadiness.add(
            [(_true_person(0, 5.0 * frame, is_still=False), _pose(1, 5.0 * (frame - 2)))]
        )

    assert steadiness.lag == pytest.approx(2.0)


def test_the_command_prints_one_line_of_json_and_writes_a_video(studio, tmp_path, capsys):
    root, _ = studio
    arguments = f"evaluate-tracks --data coco={root}/people --backgrounds {root}/empty"
    arguments += " --split train --finder truth --model small --scenes 2 --seconds 1 --rate 10"
    arguments += f" --size 320x240 --json --save {tmp_path}/scene.avi --save-scene 1"

    assert cli.main(arguments.split()) == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures["frames"] == 20
    assert 0 <= figures["misses"] <= 1
    assert figures["crops_per_frame"] > 0
    assert figures["finder_runs_per_frame"] > 0
    video = cv2.VideoCapture(str(tmp_path / "scene.avi"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 10


def test_people_who_cannot_be_cut_out_are_an_error_that_says_what_is_expected(
    studio, tmp_path, capsys
):
    root, sample = studio
    half = sample.joints.copy()
    half[:6] = np.nan
    coco.save([Sample(sample.image, half, "astronaut")], tmp_path / "people")
    arguments = f"evaluate-tracks --data coco={tmp_path}/people --backgrounds {root}/empty"

    assert cli.main([*arguments.split(), "--split", "train", "--finder", "truth"]) == 1
    assert "in front of plain backgrounds" in capsys.readouterr().err
