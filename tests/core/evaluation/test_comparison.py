import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.evaluation import sides
from mobilepose_core.evaluation.comparison import Comparison

# A torso of 50 pixels; wrists and elbows hang down beside it.
PLACES = {
    "left_shoulder": (115, 50), "right_shoulder": (85, 50), "left_elbow": (120, 75),
    "right_elbow": (80, 75), "left_wrist": (120, 100), "right_wrist": (80, 100),
    "left_hip": (110, 100), "right_hip": (90, 100), "left_eye": (103, 28), "right_eye": (97, 28),
    "nose": (100, 30),
}  # fmt: skip
FRONT = np.array([PLACES[name] for name in skeleton.JOINTS], np.float32)
EXCHANGED = FRONT[list(skeleton.MIRROR)]


def test_a_person_with_left_and_right_swapped_is_exchanged():
    wrong, telling = sides.exchanged(np.stack([FRONT, EXCHANGED]), np.stack([FRONT, FRONT]))

    assert wrong.tolist() == [False, True]
    assert telling.all()


def test_one_exchanged_pair_does_not_make_a_person_exchanged():
    half = FRONT.copy()
    elbows = [skeleton.INDEX["left_elbow"], skeleton.INDEX["right_elbow"]]
    half[elbows] = half[elbows[::-1]]

    assert not sides.exchanged(half[None], FRONT[None])[0][0]


def test_a_person_seen_from_the_side_is_no_evidence_of_a_swap():
    side = FRONT * [0, 1]

    wrong, telling = sides.exchanged(side[None], side[None])

    assert not wrong[0]
    assert not telling[0]


def test_flics_hips_are_evaluated_by_their_own_streams_or_replace_the_hips():
    flic = skeleton.among_all(FRONT)
    for side in ("left", "right"):
        hip = skeleton.ALL_19.index[f"{side}_hip"]
        flic[skeleton.ALL_19.index[f"flic_{side}_hip"]] = flic[hip]
        flic[hip] = np.nan
    everything = np.repeat(skeleton.select(flic, skeleton.JOINTS)[None], 1, axis=0)
    own = skeleton.among_all(FRONT)
    own[skeleton.ALL_19.index["flic_left_hip"]] = own[skeleton.ALL_19.index["left_hip"]] + [50, 0]

    of_eleven = Comparison(everything, flic[None], skeleton.JOINTS).distances()
    of_all = Comparison(own[None], flic[None], skeleton.ALL_19.joints).distances()

    assert of_eleven == pytest.approx(0)
    assert np.isnan(of_all[0, skeleton.ALL_19.index["left_hip"]])
    assert of_all[0, skeleton.ALL_19.index["flic_left_hip"]] == pytest.approx(50 / np.hypot(25, 50))


def test_figures_name_sources_and_backs():
    truth = skeleton.among_all(np.stack([FRONT, EXCHANGED, EXCHANGED]))
    found = np.stack([FRONT, EXCHANGED, FRONT])

    figures = Comparison(found, truth, skeleton.JOINTS).figures(np.array(["a", "a", "b"]))

    assert figures["sources@0.2"]["a"] == pytest.approx(100)
    assert figures["sources@0.2"]["b"] < 50
    assert figures["exchanged"] == {"all": pytest.approx(100 / 3), "backs": pytest.approx(50)}
