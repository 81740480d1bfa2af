import csv
import json

import cv2
import numpy as np
import pytest
from astronaut_films import RATE, STEP, nose, write_film

from mobilepose_core import skeleton
from mobilepose_core.cli import main
from mobilepose_core.io.sources import Video


def test_a_film_becomes_a_film_lines_of_json_and_a_table_of_the_same_figures(
    film, tmp_path, capsys
):
    saved, lines, table = (tmp_path / name for name in ("out.mp4", "out.jsonl", "out.csv"))

    wanted = ["--save", str(saved), "--jsonl", str(lines), "--csv", str(table)]
    assert main(["predict", str(film), *wanted]) == 0

    frames = [json.loads(line) for line in lines.open()]
    assert [frame["frame"] for frame in frames] == list(range(6))
    assert [frame["time"] for frame in frames] == pytest.approx([i / RATE for i in range(6)])
    (track,) = {person["track_id"] for frame in frames for person in frame["poses"]}
    noses = [nose(frame["poses"][0])["x"] for frame in frames]
    assert noses == pytest.approx([noses[0] + STEP * index for index in range(6)], abs=4)
    with table.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["joint"] == "nose"]
    assert [float(row["x"]) for row in rows] == noses
    assert {int(row["track_id"]) for row in rows} == {track}
    drawn, plain = list(Video(saved)), list(Video(film))
    assert len(drawn) == len(plain)
    assert drawn[0].image.shape == plain[0].image.shape
    assert cv2.absdiff(drawn[5].image, plain[5].image).max() > 100
    assert "film.avi: 6 frames, 1 person" in capsys.readouterr().out


def test_two_people_in_a_film_keep_a_track_each(tmp_path, astronaut, capsys):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (760, 320))
    pair = np.full((320, 760, 3), 128, np.uint8)
    pair[:, :320], pair[:, -320:] = astronaut, astronaut[:, ::-1]
    for _ in range(4):
        writer.write(pair)
    writer.release()

    assert main(["predict", str(path), "--json"]) == 0

    frames = [json.loads(line)["poses"] for line in capsys.readouterr().out.splitlines()]
    sides = [{person["track_id"]: nose(person)["x"] < 380 for person in frame} for frame in frames]
    assert sorted(sides[0].values()) == [False, True]
    assert all(frame == sides[0] for frame in sides)


def test_ids_begin_anew_in_each_video_and_in_each_photograph(film, photographs, capsys):
    inputs = [str(film), str(photographs / "a.png"), str(photographs / "b.png"), str(film)]

    assert main(["predict", *inputs, "--json"]) == 0

    frames = [json.loads(line)["poses"] for line in capsys.readouterr().out.splitlines()]
    assert [[person["track_id"] for person in frame] for frame in frames] == [[1]] * 14


def test_progress_goes_to_standard_error_and_only_lines_to_standard_output(film, capsys):
    assert main(["predict", str(film), "--csv", "-"]) == 0

    output = capsys.readouterr()
    rows = list(csv.DictReader(output.out.splitlines()))
    assert len(rows) == 6 * skeleton.JOINT_COUNT
    assert "/6 [" in output.err
    assert "film.avi: 6 frames" in output.err


def test_smoothing_holds_joints_back(film, tmp_path):
    def noses(*options):
        path = tmp_path / "out.jsonl"
        main(["predict", str(film), "--jsonl", str(path), *options])
        return [nose(json.loads(line)["poses"][0])["x"] for line in path.open()]

    found, smoothed = noses(), noses("--smoothing-time", "0.5")

    assert smoothed[0] == found[0]
    assert smoothed[-1] < found[-1] - STEP


def test_a_film_that_is_cut_off_is_done_as_far_as_it_goes_and_named(tmp_path, astronaut, capsys):
    film = write_film(tmp_path / "film.avi", astronaut, 20)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    saved = tmp_path / "out.avi"

    assert main(["predict", str(film), "--save", str(saved), "--json"]) == 1

    output = capsys.readouterr()
    frames = [json.loads(line)["frame"] for line in output.out.splitlines()]
    assert frames == list(range(len(frames)))
    assert f"ends after {len(frames)} of 20 frames" in output.err
    assert len(list(Video(saved))) == len(frames)
    assert f"{len(frames) / RATE:.1f} s at 10 frames per second, Motion JPEG" in output.err


def test_a_film_that_cannot_be_opened_does_not_keep_others_from_being_done(film, tmp_path, capsys):
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(b"no film")

    assert main(["predict", str(damaged), str(film), "--json"]) == 1

    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 6
    assert "damaged.mp4: cannot be opened" in output.err
