"""From a finished run to a released model: its files, its card, and what was fitted to it."""

import json

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


def test_a_released_run_is_found_by_its_name_and_checked_against_its_card(
    flic, tmp_path, capsys, monkeypatch
):
    out, weights = tmp_path / "run", tmp_path / "weights"
    weights.mkdir()
    monkeypatch.setattr("mobilepose_core.inference.runtime.model_file.WEIGHTS", weights)
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    main(["train", "--data", f"flic={flic}", "--out", str(out), "--from-scratch", *tiny])
    evaluation = tmp_path / "figures.json"
    evaluation.write_text('{"dataset": "flic", "wrists": 12.5}')

    release(out, "tiny", [evaluation], weights)

    model = model_file.find("tiny")
    assert model.path == weights / "tiny.onnx"
    assert model.card["evaluations"] == [{"dataset": "flic", "wrists": 12.5}]
    assert model.card["recipe"]["batch"] == 2
    assert set(model.card["files"]) == {"tiny.onnx", "tiny.safetensors"}
    assert model.card["mean"] is None
    model.path.write_bytes(b"another")
    with pytest.raises(ValueError, match="damaged or was replaced"):
        model_file.find("tiny")


def test_a_run_is_released_as_the_mean_with_another_checkpoint_and_its_card_says_so(
    flic, tmp_path, capsys
):
    out, weights = tmp_path / "run", tmp_path / "weights"
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    main(["train", "--data", f"flic={flic}", "--out", str(out), "--from-scratch", *tiny])
    other = out / checkpoint.LAST
    to_weights = ["--name", "tiny", "--out", str(weights)]

    main(["release", str(out), *to_weights, "--mean-with", str(other), "--share", "0.3"])

    content = json.loads((weights / "tiny.json").read_text())
    assert content["mean"] == {"with": {other.name: model_file.sha256(other)}, "share": 0.3}
    assert main(["release", str(out), *to_weights, "--mean-with", str(tmp_path / "lost")]) == 1
    assert "lost cannot be read" in capsys.readouterr().err


def test_a_run_is_released_as_it_ended_where_that_is_asked_for(flic, tmp_path):
    out, weights = tmp_path / "run", tmp_path / "weights"
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    main(["train", "--data", f"flic={flic}", "--out", str(out), "--from-scratch", *tiny])
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


def test_some_joints_of_a_run_are_released_alone(flic, tmp_path):
    out, weights = tmp_path / "run", tmp_path / "weights"
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    command = ["train", "--data", f"flic={flic}", "--out", str(out), "--from-scratch", *tiny]
    assert main([*command, "--skeleton", "all_19", "--heading"]) == 0
    to_weights = ["--out", str(weights), "--joints"]

    upper = ["release", str(out), "--name", "upper", *to_weights, "upper_body_11"]
    assert main(upper) == 0
    assert main(["release", str(out), "--name", "hand", *to_weights, "left_wrist"]) == 0

    cards = [json.loads((weights / f"{name}.json").read_text()) for name in ("upper", "hand")]
    assert [entry["skeleton"] for entry in cards] == ["flic11", "custom"]
    assert cards[1]["model"]["joints"] == ["left_wrist"]
    assert PoseModel(weights / "hand.onnx", "cpu").skeleton.joints == ("left_wrist",)
    assert main(["release", str(out), "--name", "tail", *to_weights, "tail"]) == 1


def test_a_quantised_model_is_released_with_a_card_that_says_what_of(
    flic, tmp_path, monkeypatch, red_model
):
    weights = tmp_path / "weights"
    weights.mkdir()
    monkeypatch.setattr("mobilepose_core.inference.runtime.model_file.WEIGHTS", weights)
    checksum = model_file.sha256(red_model)
    card.write({"name": "red", "files": card.described([red_model])}, red_model.parent)

    release_quantised(red_model, "red-int8", DataSource("flic", flic), [], weights)

    quantised = PoseModel("red-int8")
    assert quantised.file.card["quantised"]["sha256"] == checksum
    assert quantised.file.card["quantised"]["people"] == 9
    red_model.with_suffix(".json").unlink()
    with pytest.raises(ValueError, match="has no card"):
        release_quantised(red_model, "red-int8", DataSource("flic", flic), [], weights)


def test_a_network_that_is_released_again_keeps_its_calibration_and_a_new_one_is_said_to_need_one(
    flic, tmp_path, capsys, monkeypatch
):
    out, weights = tmp_path / "run", tmp_path / "weights"
    monkeypatch.setattr("mobilepose_core.inference.runtime.model_file.WEIGHTS", weights)
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    main(["train", "--data", f"flic={flic}", "--out", str(out), "--from-scratch", *tiny])
    again = ["release", str(out), "--name", "tiny", "--out", str(weights)]
    main(again)
    assert "tiny has no calibration; fit its own: mobilepose calibrate" in capsys.readouterr().err
    calibration = ScoreCalibration(joint=1.0, person=2.0, border=-1.0, offset=0.0)
    graph, content = weights / "tiny.onnx", json.loads((weights / "tiny.json").read_text())
    metadata.write_metadata(graph, {"calibration": str(calibration)})
    noted = {"calibration": {"model": "tiny"}, "files": card.described([graph])}
    card.write(content | noted, weights)

    main(again)

    assert "calibration" not in capsys.readouterr().err
    assert PoseModel("tiny").calibration == calibration
    release_quantised("tiny", "tiny-int8", DataSource("flic", flic), [], weights)
    assert PoseModel("tiny-int8").calibration == calibration
    assert PoseModel("tiny-int8").file.card["calibration"] == {"model": "tiny"}


def test_a_card_says_which_weights_a_run_started_from(flic, tmp_path, monkeypatch):
    first, second, weights = (tmp_path / name for name in ("first", "second", "weights"))
    monkeypatch.setattr("mobilepose_core.inference.runtime.model_file.WEIGHTS", weights)
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
    arguments = ["train", "--data", f"flic={flic}", *tiny]
    main([*arguments, "--out", str(first), "--from-scratch"])
    start = first / "best.safetensors"
    refine = ["--start-from", str(start), "--recipe", "refine", "--beside", f"flic={flic}"]
    main([*arguments, "--out", str(second), *refine])

    release(first, "first", [], weights)
    release(second, "second", [], weights)

    assert model_file.find("first").card["start_from"] is None
    assert model_file.find("first").card["processes"] == 1
    assert model_file.find("first").card["beside"] is None
    assert model_file.find("second").card["beside"] == f"flic={flic.name}"
    assert model_file.find("second").card["start_from"] == {start.name: model_file.sha256(start)}
