"""Models of other joints than the upper body's, from frames to tracked poses."""

import cv2
import numpy as np
import pytest

from mobilepose_core import ModelError, PersonBoxes, PoseEstimator, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.evaluation.outcomes import outcomes
from mobilepose_core.evaluation.views import VIEWS
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.release.quantisation import calibration_crops

HEIGHT = 420
WRISTS = ("left_wrist", "right_wrist")
PLACES = {
    "nose": (160, 75), "left_eye": (180, 40), "right_eye": (140, 40),
    "left_ear": (215, 50), "right_ear": (105, 50),
    "left_shoulder": (200, 95), "right_shoulder": (120, 95),
    "left_elbow": (230, 140), "right_elbow": (90, 140),
    "left_wrist": (240, 190), "right_wrist": (80, 190),
    "left_hip": (185, 200), "right_hip": (135, 200),
    "left_knee": (190, 290), "right_knee": (130, 290),
    "left_ankle": (195, 380), "right_ankle": (125, 380),
}  # fmt: skip
UPPER_BODY = np.float32([[80, 40, 240, 200]])


def _at(names):
    return np.array([PLACES[name] for name in names], np.float32)


@pytest.fixture
def estimator_of(write_network, tmp_path):
    """Makes an estimator of such joints, whose people others detect."""

    def make(joints, framing="upper_body", finder="boxes"):
        path = write_network(tmp_path / "markers.onnx", joints=joints, framing=framing)
        return PoseEstimator(path, "cpu", 1, finder)

    return make


def _boxes(boxes=UPPER_BODY, **of):
    return PersonBoxes(np.asarray(boxes, np.float32), np.ones(len(boxes), np.float32), **of)


def test_a_whole_body_is_found_from_the_box_of_the_upper_body(estimator_of, paint):
    estimator = estimator_of(skeleton.COCO_17.joints, "body")

    (pose,) = estimator(paint(_at(skeleton.COCO_17.joints), HEIGHT, 18), boxes=_boxes())

    assert pose.skeleton is skeleton.COCO_17
    assert np.abs(pose.joints - _at(skeleton.COCO_17.joints)).max() < 5
    assert pose["left_ankle"][:2] == pytest.approx(PLACES["left_ankle"], abs=5)
    assert pose.box == pytest.approx([80, 40, 240, 380], abs=5)
    assert pose.upper_body == pytest.approx(UPPER_BODY[0], abs=5)


def test_a_whole_body_is_followed_by_all_of_its_joints(estimator_of, paint):
    estimator = estimator_of(skeleton.COCO_17.joints, "body")
    frame = paint(_at(skeleton.COCO_17.joints), HEIGHT, 18)
    estimator(frame, time=0.0, boxes=_boxes())

    for number in range(1, 6):
        (pose,) = estimator(np.roll(frame, 4 * number, axis=1), time=number / 30)
        expected = np.add(_at(skeleton.COCO_17.joints), (4 * number, 0))
        assert np.abs(pose.joints - expected).max() < 5
        assert pose.track_id == 1


def test_a_detector_of_whole_bodies_says_itself_where_legs_are(estimator_of, paint):
    estimator = estimator_of(skeleton.COCO_17.joints, "body")
    joints = _at(skeleton.COCO_17.joints)
    joints[-4:] = (235, 245), (85, 245), (200, 250), (120, 250)  # somebody sits
    body = [[75, 25, 245, 260]]

    (pose,) = estimator.photograph(paint(joints, HEIGHT, 18), _boxes(body, of_bodies=True))

    assert np.abs(pose.joints - joints).max() < 5


@pytest.mark.parametrize("framing", ["upper_body", "body"])
def test_a_network_of_whole_bodies_finds_people_in_a_frame_by_itself(estimator_of, paint, framing):
    joints = skeleton.COCO_17.joints
    estimator = estimator_of(joints, framing, "full_frame")

    (pose,) = estimator(paint(_at(joints), HEIGHT, 18))

    known = slice(None) if framing == "body" else slice(0, 13)
    assert np.abs(pose.joints - _at(joints))[known].max() < 8


def test_legs_do_not_move_the_crop_of_a_network_of_upper_bodies(estimator_of, paint):
    joints = skeleton.COCO_17.joints
    estimator = estimator_of(joints)
    frame = paint(_at(joints), HEIGHT, 18)

    poses = [estimator(frame, number / 30, _boxes())[0] for number in range(3)]

    for pose in poses:
        assert np.abs(pose.joints - _at(joints))[:13].max() < 5
    assert estimator._tracker.predict(0.1, Tracking()).regions[0].side < 300


def test_wrists_are_followed_by_the_boxes_of_their_people(estimator_of, paint):
    estimator = estimator_of(WRISTS)
    estimator.smoothing = Smoothing(0.1)
    frame = paint(_at(WRISTS))

    for number in range(6):
        moved = 10 * number
        boxes = _boxes(UPPER_BODY + np.float32([moved, 0, moved, 0])) if number % 2 == 0 else None
        (pose,) = estimator(np.roll(frame, moved, axis=1), number / 10, boxes)
        assert pose.track_id == 1
        assert np.abs(pose.joints - _at(WRISTS) - (moved, 0)).max() < 15
        assert pose.upper_body[2] - pose.upper_body[0] == pytest.approx(160)


def test_hands_that_wave_do_not_take_the_crop_along(estimator_of, paint):
    estimator = estimator_of(WRISTS)
    below, above = _at(WRISTS), _at(WRISTS) - (0, 120)
    estimator(paint(below), 0.0, _boxes())

    for number in range(1, 7):
        hands = above if number % 2 else below
        (pose,) = estimator(paint(hands), number / 10)
        assert pose.track_id == 1
        assert np.abs(pose.joints - hands).max() < 5
        assert pose.upper_body == pytest.approx(UPPER_BODY[0])


def test_two_people_of_whom_only_hands_are_looked_for_stay_apart(estimator_of, paint):
    estimator = estimator_of(WRISTS)
    frame = np.concatenate([paint(_at(WRISTS)), paint(_at(WRISTS))], axis=1)
    both = np.concatenate([UPPER_BODY, UPPER_BODY + np.float32([320, 0, 320, 0])])

    ids = [
        {pose.track_id: pose.joints[:, 0].mean() > 320 for pose in estimator(frame, number / 30, b)}
        for number, b in enumerate([_boxes(both), None, None])
    ]

    assert len(ids[0]) == 2
    assert ids[0] == ids[1] == ids[2]


def test_hands_alone_cannot_be_searched_for_in_a_whole_frame(estimator_of):
    with pytest.raises(ModelError, match=r"left_wrist, right_wrist only.*face, shoulders and hips"):
        estimator_of(WRISTS, finder="full_frame")


def test_crops_of_bodies_are_the_middle_of_the_squares(write_network, tmp_path):
    joints = skeleton.COCO_17.joints
    model = PoseModel(write_network(tmp_path / "a.onnx", joints=joints, framing="body"), "cpu")
    crops = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)

    middle = model._decode(model.run(np.ascontiguousarray(crops[:, :, 28:-28])), None)

    assert np.array_equal(model.infer(crops).joints, middle.joints)


def test_crops_to_quantise_by_are_what_the_network_sees(write_network, tmp_path, paint):
    joints = skeleton.COCO_17.joints
    model = PoseModel(write_network(tmp_path / "a.onnx", joints=joints, framing="body"), "cpu")
    sample = Sample(tmp_path / "a.png", skeleton.among_all(_at(joints), joints), "a")
    cv2.imwrite(str(sample.image), paint(_at(joints), HEIGHT, 18))

    (seen,) = calibration_crops([sample], model)

    assert seen.shape == (1, 224, 168, 3)
    assert model.run(seen)[0].max(axis=(2, 3)).min() > 0.5


@pytest.mark.parametrize(
    ("joints", "framing"), [(skeleton.COCO_17.joints, "body"), (WRISTS, "upper_body")]
)
def test_scores_can_be_calibrated_for_any_joints(write_network, tmp_path, paint, joints, framing):
    model = PoseModel(write_network(tmp_path / "a.onnx", joints=joints, framing=framing), "cpu")
    everything = skeleton.among_all(_at(PLACES), list(PLACES))
    sample = Sample(tmp_path / "a.png", everything, "a")
    cv2.imwrite(str(sample.image), paint(_at(joints), HEIGHT, 18))

    seen = outcomes([sample], VIEWS["fitting"], model)

    assert seen.peaks.shape == (1, len(joints))
    assert seen.annotated.all()
    assert seen.right.all()
