"""Results go to standard output, all else to standard error, as much as is asked for."""

import json
import logging
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mobilepose_core.cli import main
from mobilepose_core.io.sources import Video


@pytest.fixture
def folder(tmp_path):
    """Of two dark photographs, one that is damaged, and a file that is none."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(photographs / name), np.zeros((60, 80, 3), np.uint8))
    (photographs / "c.png").write_bytes(b"no picture")
    (photographs / "notes.txt").write_text("no picture either")
    return photographs


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (80, 60))
    for _ in range(3):
        writer.write(np.zeros((60, 80, 3), np.uint8))
    writer.release()
    assert len(list(Video(path))) == 3
    return path


@pytest.fixture
def network(red_model):
    """Options for a network that takes no time."""
    return ["--model", str(red_model), "--finder", "full_frame"]


def test_json_is_alone_on_standard_output(folder, film, network, capfd):
    assert main(["predict", str(folder), str(film), *network, "--json"]) == 1
    output = capfd.readouterr()
    assert len([json.loads(line) for line in output.out.splitlines()]) == 5
    for text in ("c.png: no picture", "notes.txt", "film.avi: 3 frames", "1 of 4 inputs"):
        assert text in output.err


def test_the_json_of_a_measurement_is_one_line(folder, flic, network, capfd):
    (flic / "images" / "0.png").write_bytes(b"no picture")

    assert main(["evaluate-finder", "--empty", str(folder), *network, "--json"]) == 0
    output = capfd.readouterr()
    assert json.loads(output.out)["unreadable"] == 1
    assert "mobilepose: 1 of 3 photographs could not be read" in output.err

    assert main(["evaluate", "--data", str(flic), *network[:2], "--json"]) == 0
    output = capfd.readouterr()
    assert json.loads(output.out)["dataset"] == "flic"


def test_a_line_is_written_once_although_a_library_writes_all_of_them(folder, network, capfd):
    of_library = logging.StreamHandler()
    logging.getLogger().addHandler(of_library)
    try:
        main(["predict", str(folder), *network])
    finally:
        logging.getLogger().removeHandler(of_library)

    assert capfd.readouterr().err.count("c.png: no picture") == 1
    assert logging.getLogger("mobilepose_core").propagate


@pytest.mark.parametrize("is_first", [True, False], ids=["before the command", "behind it"])
def test_quiet_leaves_errors_alone_on_standard_error(folder, film, network, is_first, capfd):
    command = ["predict", str(folder), str(film), *network, "--json"]

    before = dict(os.environ)
    assert main(["--quiet", *command] if is_first else [*command, "--quiet"]) == 1
    assert dict(os.environ) == before, "programs started later would show no progress"

    unreadable, summary = capfd.readouterr().err.splitlines()
    assert "c.png: no picture" in unreadable
    assert "1 of 4 inputs" in summary


def test_quiet_training_writes_nothing_on_standard_error(one_flic, tmp_path):
    network = ["--from-scratch", "--width", "0.25", "--input-size", "64"]
    command = ["train", "--data", f"flic={one_flic}", "--out", str(tmp_path / "run"), *network]
    steps = ["--steps", "1", "--batch", "2"]

    process = subprocess.run(
        [sys.executable, "-m", "mobilepose_core.cli", "--quiet", *command, *steps],
        capture_output=True,
        text=True,
        check=True,
    )

    assert process.stderr == ""


def test_verbose_shows_where_an_error_happened(tmp_path, capfd):
    command = ["predict", str(tmp_path / "nowhere.png")]

    assert main(command) == 1
    assert "Traceback" not in capfd.readouterr().err

    assert main(["--verbose", *command]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_messages_are_those_of_one_command(tmp_path, capfd):
    for _ in range(2):
        main(["predict", str(tmp_path / "nowhere.png")])

    assert len(capfd.readouterr().err.splitlines()) == 2
