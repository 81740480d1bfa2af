import json

import numpy as np
import onnx
import pytest

from mobilepose_core import crop
from mobilepose_core.inference.pose_model import (
    CALIBRATION_KEY,
    NEAR_BORDER,
    PoseModel,
    ScoreCalibration,
    border_margins,
)
from mobilepose_core.inference.runtime import model_file

CALIBRATION = ScoreCalibration(joint=1.5, person=3.0, border=-2.0, offset=0.5)
FAR = np.full((1, 11), 0.5, np.float32)
"""Margins of joints in the middle of the picture."""


def _with_calibration(path, text):
    proto = onnx.load(str(path))
    entry = proto.metadata_props.add()
    entry.key, entry.value = CALIBRATION_KEY, text
    onnx.save_model(proto, str(path))
    return path


def test_a_score_is_the_logistic_of_what_the_calibration_weighs():
    peaks = np.full((1, 11), 0.8, np.float32)

    scores = CALIBRATION(peaks, np.full((1, 11), NEAR_BORDER, np.float32))

    logit = 1.5 * np.log(0.8 / 0.2) + 3.0 * 0.8 - 2.0 * np.exp(-1) + 0.5
    assert np.allclose(scores, 1 / (1 + np.exp(-logit)), atol=1e-6)


def test_a_higher_peak_never_lowers_a_score_and_all_stay_between_0_and_1():
    random = np.random.default_rng(0)
    peaks = np.tile(random.random(11, dtype=np.float32), (101, 1))
    peaks[:, 4] = np.linspace(0, 1, 101)

    scores = CALIBRATION(peaks, np.repeat(FAR, 101, axis=0))

    assert (np.diff(scores, axis=0) >= 0).all()
    assert (np.diff(scores[2:-2, 4]) > 0).all()
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_a_joint_scores_less_beside_the_pictures_border_and_0_beyond_it():
    peaks = np.full((1, 11), 0.6, np.float32)
    margins = np.concatenate([[-0.01, 0.0, 0.05], np.full(8, 0.5)]).astype(np.float32)[None]

    beyond, at, beside, far = CALIBRATION(peaks, margins)[0, :4]

    assert beyond == 0
    assert 0 < at < beside < far


def test_margins_are_distances_from_the_border_of_the_picture_in_the_crop():
    region = crop.Region(x=10.0, y=60.0, side=64.0)
    picture = crop.picture_in_crop(region, 64, width=200, height=100)
    joints = np.full((1, 11, 2), 31.5, np.float32)
    joints[0, 1] = (10, 31.5)

    margins = border_margins(joints, picture[None], 64)

    # The crop begins 22 pixels left of the centre of the picture's first pixel.
    assert margins[0, 0] == pytest.approx((31.5 - (31.5 - 10.5)) / 64)
    assert margins[0, 1] == pytest.approx((10 - 21) / 64)


def test_a_calibration_is_read_as_it_was_written():
    assert ScoreCalibration.parse(str(CALIBRATION)) == CALIBRATION


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "{}",
        '{"joint": 1, "person": 1, "border": 0}',
        '{"joint": 1, "person": 1, "border": 0, "offset": 0, "mood": 1}',
        '{"joint": "high", "person": 1, "border": 0, "offset": 0}',
        '{"joint": null, "person": 1, "border": 0, "offset": 0}',
        '{"joint": NaN, "person": 1, "border": 0, "offset": 0}',
        '{"joint": -1, "person": 1, "border": 0, "offset": 0}',
        '{"joint": 1, "person": -1, "border": 0, "offset": 0}',
        '{"joint": 1, "person": 1, "border": 1, "offset": 0}',
    ],
)
def test_a_damaged_calibration_is_refused_with_the_file_and_the_remedy(red_model, text):
    _with_calibration(red_model, text)

    with pytest.raises(ValueError, match=r"red\.onnx: calibration .* `mobilepose calibrate`"):
        PoseModel(red_model)


def test_a_session_gives_chances_where_the_model_is_calibrated_and_else_peaks(
    make_model, red_light
):
    plain = PoseModel(make_model("plain.onnx"))
    calibrated = PoseModel(_with_calibration(make_model("own.onnx"), str(CALIBRATION)))
    crops = red_light(30, 40, width=64, height=64)[None]

    joints, peaks = plain.infer(crops)[:2]
    same_joints, scores = calibrated.infer(crops)[:2]

    assert plain.calibration is None
    assert np.array_equal(joints, same_joints)
    assert np.array_equal(peaks, plain.infer(crops).peaks)
    assert np.allclose(scores, CALIBRATION(peaks, FAR * np.inf))


def test_a_session_that_knows_the_picture_border_gives_no_score_beyond_it(make_model, red_light):
    session = PoseModel(_with_calibration(make_model(), str(CALIBRATION)))
    crops = red_light(30, 40, width=64, height=64)[None]

    inside = session.infer(crops, np.array([[-0.5, -0.5, 63.5, 63.5]], np.float32)).scores
    beyond = session.infer(crops, np.array([[-0.5, -0.5, 63.5, 31.5]], np.float32)).scores

    assert (inside > 0.5).all()
    assert (beyond == 0).all()


@pytest.mark.parametrize("name", model_file.released_pose_models())
def test_every_released_pose_model_is_calibrated_and_its_card_says_how_well(name):
    session = PoseModel(name)

    note = session.file.card["calibration"]

    assert session.calibration is not None
    assert note["model"] == name
    errors = note["expected_calibration_error"]
    assert errors
    assert note["expected_calibration_error_of_all"]["after"] <= 0.05
    for views in errors.values():
        assert views["fitting"]["after"] < views["fitting"]["before"]


def test_the_text_of_a_calibration_is_json():
    assert set(json.loads(str(CALIBRATION))) == {"joint", "person", "border", "offset"}
