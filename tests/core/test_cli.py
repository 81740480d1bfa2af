import json
import re
import signal
import subprocess
import sys

import cv2
import numpy as np
import onnxruntime
import pytest
import skimage.data

from mobilepose_core import datasets, skeleton
from mobilepose_core.cli import main
from mobilepose_core.inference.runtime import devices, model_file

needs_final = pytest.mark.skipif(
    "final" not in model_file.released_models(), reason="no released model 'final' yet"
)


def main_refuses(arguments):
    """Whether a command ends as after wrong usage: with status 2."""
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    return ending.value.code == 2


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR))
    return path


@needs_final
def test_a_closed_pipe_ends_the_output_quietly(photo):
    command = [sys.executable, "-m", "mobilepose_core.cli", "predict", str(photo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()

        complaints = process.stderr.read()

    assert complaints == b""
    assert process.returncode == 128 + signal.SIGPIPE


@needs_final
def test_predict_prints_one_line_of_json_and_saves_the_picture(photo, tmp_path, capsys):
    saved = tmp_path / "drawn.png"

    assert main(["predict", str(photo), "--save", str(saved), "--json"]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    (pose,) = json.loads(line)["poses"]
    assert [joint["name"] for joint in pose["joints"]] == list(skeleton.JOINTS)
    assert set(pose["joints"][0]) == {"name", "x", "y", "score"}
    drawn = cv2.imread(str(saved))
    assert drawn.shape == (512, 512, 3)
    assert (drawn != cv2.imread(str(photo))).any()


@pytest.mark.usefixtures("own_opencv_threads")
def test_predict_with_one_thread_scales_photographs_with_one_too(photo, red_model):
    cv2.setNumThreads(3)

    main(["predict", str(photo), "--model", str(red_model), "--threads", "1"])

    assert cv2.getNumThreads() == 1


@needs_final
def test_predict_prints_a_table_for_people(photo, capsys):
    assert main(["predict", str(photo)]) == 0

    assert "left_shoulder" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"not a picture", b""])
def test_predict_names_a_picture_that_it_cannot_read(tmp_path, capsys, red_model, content):
    path = tmp_path / "broken.jpg"
    if content is not None:
        path.write_bytes(content)

    assert main(["predict", str(path), "--model", str(red_model)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "broken.jpg" in line


def test_predict_names_a_file_that_it_cannot_write(photo, tmp_path, capsys, red_model):
    target = "nowhere/drawn.png"
    save = ["--save", str(tmp_path / target)]

    assert main(["predict", str(photo), "--model", str(red_model), *save]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert target in line


@pytest.mark.parametrize("target", ["drawn.xyz", "drawn"])
def test_a_picture_of_no_known_format_is_wrong_usage(photo, tmp_path, capsys, red_model, target):
    save = ["--save", str(tmp_path / target)]

    assert main_refuses(["predict", str(photo), "--model", str(red_model), *save])

    (line,) = capsys.readouterr().err.splitlines()
    assert target in line


def test_predict_names_a_model_that_does_not_exist(photo, capsys):
    assert main(["predict", str(photo), "--model", "nope"]) == 1

    assert "'nope' not found" in capsys.readouterr().err


@pytest.mark.parametrize("finder", ["nope", "boxes"])
@pytest.mark.parametrize(
    ("command", "truth"),
    [
        (["evaluate", "--data", "flic=."], ""),
        (["evaluate-finder", "--empty", "."], ""),
        (["evaluate-tracks", "--data", "coco=.", "--backgrounds", "."], ", truth"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_unknown_detector_is_refused_with_the_known_ones(command, truth, finder, capsys):
    assert main_refuses([*command, "--finder", finder])

    expected = "--finder is detector, full_frame%s or the path of a detector's .onnx file, got %r"
    assert expected % (truth, finder) in capsys.readouterr().err


def test_figures_are_a_table_or_a_line_of_json_with_null_where_nothing_was_to_measure(
    tmp_path, red_model, capsys
):
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((60, 80, 3), np.uint8))
    command = ["evaluate-finder", "--empty", str(tmp_path), "--model", str(red_model)]
    command += ["--finder", "full_frame"]

    assert main([*command, "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert main(command) == 0
    head, *rows = capsys.readouterr().out.splitlines()

    assert (line["command"], line["recall"]) == ("evaluate-finder", None)
    assert line["false_per_empty_frame"] == 0
    assert head.startswith("full_frame: 0 people")
    values = {name.strip(): value for name, _, value in (row.rpartition(" ") for row in rows)}
    assert values["recall"] == "nan"
    assert values["... per empty photograph"] == "0.000"


def test_too_few_photographs_without_people_to_hold_some_out_are_named(tmp_path, red_model, capsys):
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((60, 80, 3), np.uint8))
    command = ["evaluate-finder", "--empty", str(tmp_path), "--model", str(red_model)]

    assert main([*command, "--empty-split", "held-out"]) == 1

    assert "none of the 1 photographs in" in capsys.readouterr().err


def test_the_detector_is_measured_on_each_source_and_on_empty_photographs(flic, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((60, 80, 3), np.uint8))
    command = ["evaluate-finder", "--empty", str(tmp_path), "--alone", "--threshold", "0.44"]
    command += ["--data", f"flic={flic}", "--data", f"flic={flic}", "--find-size", "96", "--json"]

    assert main(command) == 0

    *sources, empty = map(json.loads, capsys.readouterr().out.splitlines())
    assert [line["source"] for line in sources] == [flic.name] * 2
    assert [line["people"] for line in (*sources, empty)] == [3, 3, 0]
    assert {line["find_size"] for line in (*sources, empty)} == {96}
    assert (empty["dataset"], empty["empty_without_false"]) == (None, 1)


def test_train_evaluate_and_export_work_one_after_another(flic, tmp_path, capsys):
    out = tmp_path / "run"
    data = f"flic={flic}"
    train = ["train", "--data", data, "--out", str(out), "--width", "0.25", "--input-size", "64"]

    assert main([*train, "--from-scratch", "--steps", "3", "--batch", "2"]) == 0
    assert main([*train, "--resume", "--steps", "5", "--batch", "2"]) == 0
    command = ["export", str(out / "last.safetensors"), "--out", str(tmp_path / "m.onnx")]
    exporting = [sys.executable, "-m", "mobilepose_core.cli", *command]
    assert subprocess.run(exporting, capture_output=True, check=True).stderr == b""
    capsys.readouterr()
    evaluate = ["evaluate", "--data", f"flic={flic}", "--json"]
    assert main([*evaluate, "--model", str(tmp_path / "m.onnx")]) == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures["people"] == 3
    assert {"elbows", "wrists", "mean", "left_wrist", "ece"} <= set(figures)
    assert (figures["annotated_hips"], figures["threshold"]) == ("flic", 0.2)
    assert figures["hips"] >= 0
    steps = [json.loads(line)["step"] for line in (out / "history.jsonl").open()]
    assert steps[0] == 0
    assert steps[-1] == 5


def test_people_below_a_height_are_not_evaluated(flic, red_model, capsys):
    heights = sorted(sample.height for sample in datasets.load("flic", flic).split("test"))
    command = ["evaluate", "--data", f"flic={flic}", "--model", str(red_model), "--json"]

    assert main([*command, "--min-height", str(heights[1])]) == 0
    assert main([*command, "--min-height", str(heights[-1] + 1)]) == 1

    figures, error = capsys.readouterr()
    assert heights[0] < heights[1]
    assert json.loads(figures)["people"] == len(heights) - 1
    assert "expected a smaller --min-height" in error


def test_train_asks_what_its_weights_start_from(flic, tmp_path, capsys):
    assert main_refuses(["train", "--data", f"flic={flic}", "--out", str(tmp_path)])

    assert "one of the arguments --imagenet --start-from --from-scratch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (["--start-from", "no.safetensors"], "checkpoint no.safetensors not found"),
        (["--resume"], "nothing to resume"),
        (["--imagenet", "no.safetensors"], "no.safetensors"),
    ],
)
def test_train_looks_at_what_it_starts_from_before_it_loads_the_data(
    flic, tmp_path, capsys, start, message
):
    arguments = ["train", "--data", f"flic={flic}", "--out", str(tmp_path / "run"), *start]

    assert main(arguments) == 1

    error = capsys.readouterr().err
    assert message in error
    assert "flic" not in error, "the data was loaded first"


def test_train_refines_only_what_is_trained_already(flic, tmp_path, capsys):
    arguments = ["train", "--data", f"flic={flic}", "--out", str(tmp_path), "--from-scratch"]

    assert main_refuses([*arguments, "--recipe", "refine"])

    assert "--start-from CHECKPOINT" in capsys.readouterr().err


def test_rate_and_skips_are_those_that_were_asked_for(flic, tmp_path):
    tiny = ["--width", "0.25", "--input-size", "64", "--steps", "1", "--batch", "2"]
    arguments = ["train", "--data", f"flic={flic}", "--out", str(tmp_path), "--from-scratch", *tiny]

    assert main([*arguments, "--rate", "0.002", "--skips", "depthwise"]) == 0

    run = json.loads((tmp_path / "run.json").read_text())
    (*_, last) = (json.loads(line) for line in (tmp_path / "history.jsonl").open())
    assert (run["recipe"]["rate"], last["rate"]) == (0.002, 0.002)
    assert run["model"]["skips"] == "depthwise"


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf"])
def test_an_impossible_rate_is_refused(flic, tmp_path, capsys, rate):
    arguments = ["train", "--data", f"flic={flic}", "--out", str(tmp_path), "--from-scratch"]

    assert main_refuses([*arguments, f"--rate={rate}"])

    assert f"--rate: expected a number above 0, got {rate}" in capsys.readouterr().err


def test_dataset_check_counts_people_and_faults(flic, capsys):
    (flic / "images" / "3.png").unlink()
    (flic / "images" / "2.png").write_bytes(b"no picture")

    assert main(["dataset", "check", str(flic)]) == 0

    output = capsys.readouterr().out
    assert "10 people (3 test, 7 train)" in output
    assert "1 x image missing" in output
    assert "1 x image unreadable or cut off" in output


def test_dataset_show_draws_a_sheet(flic, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"

    assert main(["dataset", "show", str(flic), "--save", str(sheet), "--count", "6"]) == 0

    assert cv2.imread(str(sheet)).shape == (224, 8 * 224, 3)


def test_the_help_tells_what_options_are_where_they_are_not_given(capsys):
    with pytest.raises(SystemExit):
        main(["release", "--help"])
    shown = capsys.readouterr().out
    assert re.findall(r"\(default:\s+(.+?)\)", shown) == ["0.5", "16"]  # --share and --weight-bits

    with pytest.raises(SystemExit):
        main(["predict", "--help"])
    assert "(default: final)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "status", "complaint"),
    [
        ("scene.gif", 2, "scene.gif is not the name of a video; it ends in .avi or .mp4"),
        ("nowhere/scene.mp4", 1, "there is no folder nowhere"),
    ],
)
def test_a_scene_that_cannot_be_saved_is_said_before_it_is_composed(
    target, status, complaint, capsys
):
    command = ["evaluate-tracks", "--data", "coco=.", "--backgrounds", ".", "--save", target]

    assert main_refuses(command) if status == 2 else main(command) == status

    assert complaint in capsys.readouterr().err


@needs_final
def test_a_missing_device_is_logged_and_the_cpu_is_used(photo, capsys):
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")

    assert main(["predict", str(photo), "--device", "cuda"]) == 0

    output = capsys.readouterr()
    assert "mobilepose: not on the requested device: " in output.err
    assert "left_shoulder" in output.out


@pytest.mark.parametrize(
    "command", ["predict", "evaluate", "evaluate-finder", "evaluate-tracks", "benchmark"]
)
def test_the_help_names_every_device(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])

    described = capsys.readouterr().out.rpartition("--device {")[2].partition("}")[0]
    assert described.split(",") == list(devices.DEVICES)


def test_a_sheet_without_people_is_refused(flic, tmp_path, capsys):
    save = ["--save", str(tmp_path / "sheet.png")]

    assert main_refuses(["dataset", "show", str(flic), *save, "--count", "0"])

    assert "--count: expected a whole number of 1 or more, got 0" in capsys.readouterr().err


def test_a_scene_that_there_is_not_is_wrong_usage(capsys):
    command = ["evaluate-tracks", "--data", "coco=.", "--backgrounds", "."]

    assert main_refuses([*command, "--save-scene", "3", "--scenes", "3"])

    assert "--save-scene is 0 to 2, got 3" in capsys.readouterr().err


def test_wrong_usage_ends_with_status_two_and_one_line(capsys):
    assert main_refuses(["evaluate"])

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mobilepose evaluate: the following arguments are required: --data")
    assert line.endswith("; see mobilepose evaluate --help")
