"""From a finished run to a released model: its files, its card, and what was fitted to it."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mobilepose_core.cli import main
from mobilepose_core.inference.pose_model import PoseModel, ScoreCalibration
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.release import card, metadata
from mobilepose_core.release.publish import release, release_quantised
from mobilepose_core.training import checkpoint
from mobilepose_core.training.sources import DataSource

TINY = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]


@pytest.fixture(scope="module")
def one_release(one_run, tmp_path_factory):
    """The folder of a released model, `tiny`; not to be changed."""
    weights = tmp_path_factory.mktemp("released") / "weights"
    evaluation = weights.with_name("figures.json")
    evaluation.write_text('{"dataset": "flic", "wrists": 12.5}')
    release(one_run, "tiny", [evaluation], weights)
    return weights


@pytest.fixture
def weights(one_release, tmp_path, monkeypatch):
    """A copy of it, where released models are found, with a folder for checkpoints beside it."""
    weights, checkpoints = tmp_path / "weights", tmp_path / "checkpoints"
    shutil.copytree(one_release, weights)
    checkpoints.mkdir()
    monkeypatch.setattr(model_file, "WEIGHTS", weights)
    monkeypatch.setattr(checkpoint, "RELEASED", checkpoints)
    return weights


def test_a_released_run_is_found_by_its_name_and_checked_against_its_card(weights):
    model = model_file.find("tiny")

    assert model.path == weights / "tiny.onnx"
    assert model.card["evaluations"] == [{"dataset": "flic", "wrists": 12.5}]
    assert model.card["recipe"]["batch"] == 2
    assert set(model.card["files"]) == {"tiny.onnx", "tiny.safetensors"}
    assert (model.card["mean"], model.card["start_from"], model.card["beside"]) == (None,) * 3
    assert model.card["processes"] == 1
    model.path.write_bytes(b"another")
    with pytest.raises(ValueError, match="damaged or was replaced"):
        model_file.find("tiny")


def test_the_checkpoint_of_a_packaged_model_goes_to_a_folder_outside_the_package(
    one_run, weights, capsys
):
    assert main(["release", str(one_run), "--name", "mine"]) == 0

    assert {path.name for path in weights.glob("mine*")} == {"mine.json", "mine.onnx"}
    stated = model_file.find("mine").card["files"]["mine.safetensors"]
    assert checkpoint.of_released("mine") == weights.with_name("checkpoints") / "mine.safetensors"
    assert model_file.sha256(checkpoint.of_released("mine")) == stated["sha256"]
    assert "mine has no calibration; run: mobilepose calibrate" in capsys.readouterr().err


def test_a_run_is_released_as_the_mean_with_another_checkpoint_and_its_card_says_so(
    one_run, tmp_path, capsys
):
    weights, other = tmp_path / "weights", one_run / checkpoint.LAST
    to_weights = ["--name", "tiny", "--out", str(weights)]

    main(["release", str(one_run), *to_weights, "--mean-with", str(other), "--share", "0.3"])

    content = json.loads((weights / "tiny.json").read_text())
    assert content["mean"] == {"with": {other.name: model_file.sha256(other)}, "share": 0.3}
    assert main(["release", str(one_run), *to_weights, "--mean-with", str(tmp_path / "lost")]) == 1
    assert "lost not found" in capsys.readouterr().err


def test_a_run_is_released_as_it_ended_where_that_is_asked_for(trained_run, tmp_path):
    out, weights = trained_run, tmp_path / "weights"
    history = out / "history.jsonl"
    first, *_, end = (json.loads(line) for line in history.read_text().splitlines())
    errors = [first | {"validation_loss": 0.1}, end | {"validation_loss": 0.2}]
    history.write_text("".join(f"{json.dumps(entry)}\n" for entry in errors))
    save_file(load_file(out / checkpoint.LAST), out / checkpoint.BEST)  # no configuration
    arguments = ["release", str(out), "--name", "tiny", "--out", str(weights)]

    assert main(arguments) == 1
    assert main([*arguments, "--last"]) == 0

    content = json.loads((weights / "tiny.json").read_text())
    assert content["trained"]["step"] == end["step"]
    kept, ended = (
        load_file(path) for path in (weights / "tiny.safetensors", out / checkpoint.LAST)
    )
    assert all(np.array_equal(kept[name], ended[name]) for name in ended)


def test_a_history_of_an_earlier_version_with_nan_is_released_with_null(trained_run, tmp_path):
    history, weights = trained_run / "history.jsonl", tmp_path / "weights"
    entries = [json.loads(line) for line in history.read_text().splitlines()]
    figures = {"exchanged": {"all": 0.0, "backs": float("nan")}}
    history.write_text("".join(f"{json.dumps(entry | figures)}\n" for entry in entries))
    assert "NaN" in history.read_text()

    release(trained_run, "tiny", [], weights)

    card_text = (weights / "tiny.json").read_text()
    content = json.loads(card_text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert content["trained"]["exchanged"] == {"all": 0.0, "backs": None}


def test_some_joints_of_a_run_are_released_alone(one_flic, tmp_path):
    out, weights = tmp_path / "run", tmp_path / "weights"
    command = ["train", "--data", f"flic={one_flic}", "--out", str(out), "--from-scratch", *TINY]
    assert main([*command, "--skeleton", "all_19", "--heading"]) == 0
    to_weights = ["--out", str(weights), "--joints"]

    upper = ["release", str(out), "--name", "upper", *to_weights, "upper_body_11"]
    assert main(upper) == 0
    assert main(["release", str(out), "--name", "hand", *to_weights, "left_wrist"]) == 0

    cards = [json.loads((weights / f"{name}.json").read_text()) for name in ("upper", "hand")]
    assert [entry["skeleton"] for entry in cards] == ["flic11", "custom"]
    assert cards[1]["model"]["joints"] == ["left_wrist"]
    assert PoseModel(weights / "hand.onnx", "cpu").skeleton.joints == ("left_wrist",)
    with pytest.raises(SystemExit, match="2"):
        main(["release", str(out), "--name", "tail", *to_weights, "tail"])


def test_a_released_model_is_not_replaced_by_one_of_another_kind(one_run, one_flic, weights):
    source = DataSource("flic", one_flic)
    release(one_run, "other", [], weights)
    release_quantised("tiny", "tiny-int8", source, [], weights)
    before = (weights / "tiny.onnx").read_bytes()

    for wrong in (
        lambda: release_quantised("other", "tiny", source, [], weights),
        lambda: release_quantised("other", "tiny-int8", source, [], weights),
        lambda: release(one_run, "tiny-int8", [], weights),
    ):
        with pytest.raises(ValueError, match=r"and would be replaced by .*; give --name another"):
            wrong()

    assert (weights / "tiny.onnx").read_bytes() == before
    release_quantised("tiny", "tiny-int8", source, [], weights)


def test_what_is_no_run_is_not_released(tmp_path, weights):
    with pytest.raises(ValueError, match="is not the folder of a run: it has no run"):
        release(tmp_path, "mine", [], weights)


def test_a_quantised_model_is_released_with_a_card_that_says_what_of(one_flic, weights, red_model):
    checksum = model_file.sha256(red_model)
    card.write({"name": "red", "files": card.described([red_model])}, red_model.parent)

    release_quantised(red_model, "red-int8", DataSource("flic", one_flic), [], weights)

    with pytest.raises(ValueError, match="red-int8 is an INT8 model already; give red"):
        release_quantised("red-int8", "twice", DataSource("flic", one_flic), [], weights)
    quantised = PoseModel("red-int8")
    assert quantised.file.card["quantised"]["sha256"] == checksum
    assert quantised.file.card["quantised"]["people"] == 9
    red_model.with_suffix(".json").unlink()
    with pytest.raises(ValueError, match="has no card"):
        release_quantised(red_model, "red-int8", DataSource("flic", one_flic), [], weights)


def test_a_network_that_is_released_again_keeps_its_calibration_and_a_new_one_is_said_to_need_one(
    one_run, one_flic, weights, capsys
):
    calibration = ScoreCalibration(joint=1.0, person=2.0, border=-1.0, offset=0.0)
    graph, content = weights / "tiny.onnx", json.loads((weights / "tiny.json").read_text())
    metadata.write_metadata(graph, {"calibration": str(calibration)})
    noted = {"calibration": {"model": "tiny"}, "files": card.described([graph])}
    card.write(content | noted, weights)

    main(["release", str(one_run), "--name", "tiny", "--out", str(weights)])

    said = capsys.readouterr().err
    assert "calibration" not in said
    assert "tiny has no presence; run: mobilepose presence" in said
    assert PoseModel("tiny").calibration == calibration
    release_quantised("tiny", "tiny-int8", DataSource("flic", one_flic), [], weights)
    assert PoseModel("tiny-int8").calibration == calibration
    assert PoseModel("tiny-int8").file.card["calibration"] == {"model": "tiny"}


def test_a_card_says_which_weights_a_run_started_from(one_flic, one_run, weights, tmp_path):
    start = one_run / checkpoint.BEST
    refine = ["--start-from", str(start), "--recipe", "refine", "--beside", f"flic={one_flic}"]
    main(["train", "--data", f"flic={one_flic}", *TINY, "--out", str(tmp_path / "run"), *refine])

    release(tmp_path / "run", "second", [], weights)

    assert model_file.find("second").card["beside"] == f"flic={one_flic.name}"
    assert model_file.find("second").card["start_from"] == {start.name: model_file.sha256(start)}
