import json

import cv2
import numpy as np
import pytest
from astronaut_films import nose

from mobilepose_core.cli import main
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.detection import finder_detector
from mobilepose_core.inference.detection.finder_detector import FinderDetector


def test_a_sideways_photograph_is_turned_and_its_joints_are_where_it_shows_them(
    tmp_path, astronaut, capsys
):
    upright, sideways = tmp_path / "upright.png", tmp_path / "sideways.png"
    cv2.imwrite(str(upright), astronaut)
    cv2.imwrite(str(sideways), cv2.rotate(astronaut, cv2.ROTATE_90_COUNTERCLOCKWISE))

    assert main(["predict", str(upright), "--json"]) == 0
    assert main(["predict", str(sideways), "--rotate", "90", "--json"]) == 0

    expected, found = (
        nose(json.loads(line)["poses"][0]) for line in capsys.readouterr().out.splitlines()
    )
    # A quarter anticlockwise takes the left edge of 320 pixels to the bottom.
    assert [found["x"], 319 - found["y"]] == pytest.approx([expected["y"], expected["x"]], abs=0.1)


def test_each_photograph_of_a_folder_is_looked_at_on_its_own_by_its_name(
    photographs, tmp_path, capsys
):
    (photographs / "damaged.jpg").unlink()
    out = tmp_path / "drawn"

    assert main(["predict", str(photographs), "--save", str(out), "--json"]) == 0

    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [result["image"] for result in results] == [
        str(photographs / "a.png"),
        str(photographs / "b.png"),
    ]
    for result in results:
        alone = PoseEstimator("final").photograph(cv2.imread(result["image"]))
        assert [person["joints"] for person in result["poses"]] == [
            pose.to_dict()["joints"] for pose in alone
        ]
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]


def test_people_in_a_photograph_are_numbered_and_none_is_left_out(tmp_path, astronaut, capsys):
    crowd = tmp_path / "crowd.png"
    cv2.imwrite(str(crowd), np.vstack([np.hstack([astronaut] * 4)] * 3))

    assert main(["predict", str(crowd), "--model", "small", "--json"]) == 0

    poses = json.loads(capsys.readouterr().out)["poses"]
    assert [pose["track_id"] for pose in poses] == list(range(1, 13))


def test_a_photograph_gets_both_looks_of_the_detector(tmp_path, astronaut, monkeypatch):
    run, seen = FinderDetector.run, []
    monkeypatch.setattr(
        FinderDetector, "run", lambda self, frames: seen.append(frames.shape) or run(self, frames)
    )
    cv2.imwrite(str(tmp_path / "a.png"), astronaut)

    assert main(["predict", str(tmp_path / "a.png")]) == 0

    assert len(set(seen)) == len(seen) == len(finder_detector.LOOKS)


def test_a_photograph_that_cannot_be_read_is_named_and_the_others_are_done(photographs, capsys):
    assert main(["predict", str(photographs), "--json"]) == 1

    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 2
    assert "damaged.jpg: no picture of a known format" in output.err
    assert "1 of 3 inputs could not be read or saved whole" in output.err


def test_a_picture_that_its_format_cannot_hold_is_named_and_the_others_are_saved(
    photographs, tmp_path, capsys
):
    wide = np.zeros((3, 66_000, 3), np.uint8)  # a JPEG has 65 500 columns at most
    (photographs / "damaged.jpg").write_bytes(cv2.imencode(".png", wide)[1].tobytes())
    out = tmp_path / "drawn"

    assert main(["predict", str(photographs), "--save", str(out), "--json"]) == 1

    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 3
    assert "damaged.jpg: a picture of 66000 x 3 pixels does not fit this format" in output.err
    assert "1 of 3 inputs could not be read or saved whole" in output.err
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]


def test_a_photograph_of_too_many_pixels_is_refused_by_the_option(photographs, capsys):
    photo = str(photographs / "a.png")

    assert main(["predict", photo, "--max-image-pixels", "1000"]) == 1

    assert "at most 1000 are allowed (option --max-image-pixels)" in capsys.readouterr().err


def test_one_photograph_shows_no_progress(photographs, capsys):
    assert main(["predict", str(photographs / "a.png")]) == 0

    assert capsys.readouterr().err == ""


def test_what_is_left_out_of_a_folder_is_named(photographs, capsys):
    (photographs / "damaged.jpg").unlink()
    for name in ("film.mp4", ".hidden.txt", "._a.png"):
        (photographs / name).write_bytes(b"")

    assert main(["predict", str(photographs), "--json"]) == 0

    complaints = capsys.readouterr().err
    assert "skipped, not photographs by their names: film.mp4\n" in complaints
    assert "hidden" not in complaints
