import json

import numpy as np
import onnx
import pytest

from mobilepose_core import skeleton
from mobilepose_core.cli import main
from mobilepose_core.datasets import Sample
from mobilepose_core.evaluation.outcomes import Outcomes
from mobilepose_core.evaluation.platt import fit
from mobilepose_core.evaluation.reliability import expected_calibration_error, reliability
from mobilepose_core.inference.pose_model import PoseModel, ScoreCalibration
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.release import card, metadata
from mobilepose_core.release.calibration import calibrate, halves
from mobilepose_core.training.sources import DataSource

CALIBRATION = ScoreCalibration(joint=1.5, person=3.0, border=-2.0, offset=0.5)


def _miscalibrated(seed, people=2000):
    """Joints whose peaks say 0.8 where they are right half of the time: logit(chance) is lower."""
    random = np.random.default_rng(seed)
    peaks = random.uniform(0.02, 0.98, (people, 11)).astype(np.float32)
    chance = 1 / (1 + np.exp(-(2 * np.log(peaks / (1 - peaks)) - 2.8)))
    everywhere = np.ones((people, 11), bool)
    margins = np.full((people, 11), 0.3, np.float32)
    return Outcomes(peaks, everywhere, random.random((people, 11)) < chance, margins)


@pytest.fixture
def source(lights):
    """Photographs of which the network finds one joint in eleven, as surely as all the others."""
    return DataSource("coco", lights(16, joint=5).root)


def test_fitting_repairs_scores_that_are_wrong_in_a_known_way():
    other = _miscalibrated(seed=1)

    calibration = fit([_miscalibrated(seed=0)], [1.0])

    before = expected_calibration_error(reliability(*other.scored(None)))
    after = expected_calibration_error(reliability(*other.scored(calibration)))
    assert before > 0.2
    assert after < 0.02
    assert calibration.joint == pytest.approx(2, abs=0.2)


def test_a_set_counts_by_its_share_however_many_people_it_has():
    many, few = _miscalibrated(seed=0), _miscalibrated(seed=1, people=200)
    few = Outcomes(few.peaks, few.annotated, ~few.right, few.margins)

    def nearer_to_few(shares):
        scores, right = few.scored(fit([many, few], shares))
        return np.abs(scores - right).mean()

    assert nearer_to_few([1, 9]) < nearer_to_few([9, 1]) - 0.1


def test_joints_that_are_all_right_teach_nothing():
    some = _miscalibrated(seed=0)
    right = Outcomes(some.peaks, some.annotated, some.annotated, some.margins)

    with pytest.raises(ValueError, match="needs correct and wrong ones"):
        fit([right], [1.0])


def test_calibrating_makes_scores_of_a_model_and_says_so_in_its_card(red_model, source, capsys):
    digest = model_file.sha256(red_model)
    content = {"name": "red", "recipe": "mine", "files": card.described([red_model])}
    card.write(content, red_model.parent)

    data = f"coco={source.root}"
    assert main(["calibrate", str(red_model), "--data", data, "--split", "train"]) == 0

    session = PoseModel(red_model)
    assert session.calibration is not None
    assert session.file.checksum != digest
    assert session.file.card["recipe"] == "mine"
    errors = session.file.card["calibration"]["expected_calibration_error"][str(source)]
    assert errors["fitting"]["before"] > 0.5
    assert errors["fitting"]["after"] < 0.05
    assert session.file.card["calibration"]["expected_calibration_error_of_all"]["after"] < 0.05
    printed = capsys.readouterr().out
    assert "all of them" in printed
    assert "share right" in printed


def test_a_calibration_that_ends_before_its_card_is_written_leaves_the_model_as_it_was(
    red_model, source, monkeypatch
):
    card.write({"name": "red", "files": card.described([red_model])}, red_model.parent)
    digest = model_file.sha256(red_model)

    def end(content, folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(card, "write", end)
    with pytest.raises(KeyboardInterrupt):
        calibrate(red_model, [source], "train")

    assert model_file.find(red_model).checksum == digest
    assert PoseModel(red_model).calibration is None


def test_calibrating_again_replaces_what_was_there(red_model, source):
    first = calibrate(red_model, [source], "train")

    second = calibrate(red_model, [source], "train")

    assert second.calibration == first.calibration
    assert len(onnx.load(str(red_model)).metadata_props) == 2


def test_a_network_without_heatmaps_is_refused(make_model, source):
    with pytest.raises(ValueError, match="no heatmaps"):
        calibrate(make_model(output="coordinates"), [source], "train")


def test_data_sets_of_the_same_name_are_refused(red_model, source):
    with pytest.raises(ValueError, match="different names"):
        calibrate(red_model, [source, source], "train")


def test_flics_hips_do_not_count_beside_those_of_others(red_model, source, one_flic):
    films = DataSource("flic", one_flic)
    hips = [skeleton.INDEX[f"{side}_hip"] for side in ("left", "right")]

    def hips_count(*sources):
        parts = calibrate(red_model, sources, "train").outcomes[str(films)]
        return any(part.annotated[:, hips].any() for part in parts.values())

    assert hips_count(films)
    assert not hips_count(films, source)


def test_no_film_is_in_both_halves(tmp_path):
    joints = np.zeros((11, 2), np.float32)
    films = ["b", "a", "c", "a", "d", "b"]
    samples = [
        Sample(tmp_path / f"{i}.png", skeleton.among_all(joints), film)
        for i, film in enumerate(films)
    ]

    half, other = halves(samples, DataSource("flic", tmp_path))

    assert {sample.group for sample in half} == {"a", "c"}
    assert {sample.group for sample in other} == {"b", "d"}
    assert len(half) + len(other) == 6
    with pytest.raises(ValueError, match="1 films or photographs"):
        halves(samples[:1], DataSource("flic", tmp_path))


def test_the_same_network_keeps_its_calibration_and_another_does_not(make_model):
    earlier = make_model("earlier.onnx")
    metadata.write_metadata(earlier, {"calibration": str(CALIBRATION)})
    same, another = make_model("same.onnx"), make_model("another.onnx", size=96)

    assert metadata.copy_metadata(onnx.load(str(earlier)), same) == ["calibration"]
    assert metadata.copy_metadata(onnx.load(str(earlier)), another) == []

    assert PoseModel(same).calibration == CALIBRATION
    assert PoseModel(another).calibration is None


def test_evaluation_prints_the_error_of_scores_at_a_fifth_of_the_torso_alone(
    red_model, source, capsys
):
    command = ["evaluate", "--data", f"coco={source.root}", "--split", "train"]
    command += ["--model", str(red_model), "--json"]

    def figures(*options):
        assert main([*command, *options]) == 0
        return json.loads(capsys.readouterr().out)

    peaks = figures()["ece"]
    calibrate(red_model, [source], "train")

    assert peaks > 0.5
    assert figures()["ece"] < 0.05
    assert figures("--threshold", "0.05")["ece"] is None
    assert figures("--observer-centric")["ece"] is None
