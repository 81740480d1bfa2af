from dataclasses import replace

import numpy as np
import pytest

from mobilepose_core.inference.detection.verification import Fusion, Presence, fuse_scores
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.release import metadata

PRESENCE = Presence(np.array([2.0, -1.0, 0.5], np.float32), -0.25)


def test_what_is_written_is_read_again():
    summaries = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)

    again = Presence.parse(str(PRESENCE))

    assert np.array_equal(again.weights, PRESENCE.weights)
    assert again.offset == PRESENCE.offset
    logits = summaries @ PRESENCE.weights - 0.25
    assert again(summaries) == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-6)


def test_that_of_people_who_are_cut_off_is_written_and_read_too():
    close = Presence(np.array([0.0, 0.0, 1.0], np.float32), 1.0)
    again = Presence.parse(str(Presence(PRESENCE.weights, PRESENCE.offset, close)))

    features = np.float32([[1, 2, 3], [1, 2, 3]])
    whole, cut = again(features, np.array([False, True]))

    assert whole == pytest.approx(PRESENCE(features)[0])
    assert cut == pytest.approx(1 / (1 + np.exp(-4)))
    assert again(features)[1] == whole


def test_its_fusion_with_detector_and_pose_is_written_and_read_too():
    fusion = Fusion(detector=0.75, presence=1.25, pose=0.5, offset=-0.5)
    close = Presence(np.array([0.0, 0.0, 1.0], np.float32), 1.0)

    again = Presence.parse(str(replace(PRESENCE, of_cut=close, fusion=fusion)))

    assert again.fusion == fusion
    assert again.of_cut.fusion == Fusion()


def test_detector_presence_and_pose_add_up_as_log_odds():
    odds = 2**0.75 * 3**1.25 * 4**0.5 * np.exp(-0.5)
    two, three, four = (np.float32([n / (1 + n)]) for n in (2, 3, 4))

    score = Fusion(detector=0.75, presence=1.25, pose=0.5, offset=-0.5)(two, three, four)

    assert score == pytest.approx([odds / (1 + odds)], abs=1e-5)
    assert Fusion()(two, three, four) == pytest.approx(fuse_scores(two, three))


def test_who_is_cut_off_has_a_fusion_of_their_own():
    by_pose = Fusion(0.0, 0.0, 1.0)
    presence = replace(PRESENCE, of_cut=PRESENCE, fusion=by_pose)
    found, posed = np.float32([0.5, 0.5]), np.float32([0.25, 0.25])
    features = np.float32([[1, 2, 3], [1, 2, 3]])

    whole, cut = presence.fused(found, posed, features, np.array([False, True]))

    assert whole == pytest.approx(0.25)
    assert cut == pytest.approx(PRESENCE(features)[0])


@pytest.mark.parametrize(
    "text",
    [
        *["", "[]", "{}", '{"weights": [1.0]}', '{"weights": 1.0, "offset": 0}'],
        *['{"weights": [NaN], "offset": 0}', '{"weights": [1], "offset": Infinity}'],
        '{"weights": [[1]], "offset": 0}',
        '{"weights": [1], "offset": 0, "of_cut": {"weights": [1, 2], "offset": 0}}',
        '{"weights": [1], "offset": 0, "of_cut": 1}',
        '{"weights": [1], "offset": 0, "fusion": {"detector": -1}}',
        '{"weights": [1], "offset": 0, "fusion": {"offset": NaN}}',
        '{"weights": [1], "offset": 0, "fusion": {"colour": 1}}',
        '{"weights": [1], "offset": 0, "fusion": 1}',
    ],
)
def test_what_is_no_presence_is_refused_with_what_to_do(text):
    with pytest.raises(ValueError, match="mobilepose presence"):
        Presence.parse(text)


def test_a_session_gives_the_features_of_each_crop_and_what_its_file_says_of_it(make_model):
    path = make_model(with_summary=True)
    metadata.write_metadata(path, {"presence": str(PRESENCE)})
    crops = np.zeros((2, 64, 64, 3), np.uint8)
    crops[1, ..., 2] = 255

    session = PoseModel(path)
    features = session.infer(crops).features

    assert features == pytest.approx(np.array([[0, 0, 0], [0, 0, 1]]), abs=1e-6)
    assert session.presence(features)[1] == pytest.approx(1 / (1 + np.exp(-0.25)), abs=1e-6)


def test_a_network_without_features_gives_none(red_model):
    session = PoseModel(red_model)

    assert session.infer(np.zeros((1, 64, 64, 3), np.uint8)).features is None
    assert session.presence is None


@pytest.mark.parametrize("with_summary", [False, True])
def test_the_presence_of_another_network_is_refused(make_model, with_summary):
    path = make_model(with_summary=with_summary)
    metadata.write_metadata(path, {"presence": str(Presence(np.ones(2, np.float32), 0.0))})

    with pytest.raises(ValueError, match="presence of 2; export it again"):
        PoseModel(path)
