import csv
import json
import os
import re
import signal
import subprocess
import sys
from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import skeleton
from mobilepose_core.cli import main
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io.sources import Video

pytestmark = pytest.mark.skipif(
    "final" not in model_file.released_models(), reason="no released model 'final' yet"
)

STEP = 4
"""How far the astronaut of the film moves from frame to frame, pixels."""

RATE = 10


@pytest.fixture(scope="module")
def astronaut():
    """(320, 320, 3) uint8 BGR."""
    picture = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    return cv2.resize(picture, (320, 320), interpolation=cv2.INTER_AREA)


def write_film(path, astronaut, frames):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (480, 320))
    for index in range(frames):
        frame = np.full((320, 480, 3), 128, np.uint8)
        left = STEP * (index % 40)
        frame[:, left : left + 320] = astronaut
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory, astronaut):
    """A video in which the astronaut moves to the right."""
    return write_film(tmp_path_factory.mktemp("film") / "film.avi", astronaut, 6)


@pytest.fixture
def photographs(tmp_path, astronaut):
    """A folder of two photographs, the second mirrored, and one that is damaged."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    cv2.imwrite(str(folder / "b.png"), astronaut[:, ::-1])
    cv2.imwrite(str(folder / "a.png"), astronaut)
    (folder / "damaged.jpg").write_bytes(b"no photograph")
    return folder


def status_of(arguments):
    """The exit status of a command."""
    try:
        return main(arguments)
    except SystemExit as ending:
        return ending.code


def nose(person):
    return next(joint for joint in person["joints"] if joint["name"] == "nose")


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


def test_ids_begin_anew_in_each_video_and_in_each_photograph(film, photographs, capsys):
    inputs = [str(film), str(photographs / "a.png"), str(photographs / "b.png"), str(film)]

    assert main(["predict", *inputs, "--json"]) == 0

    frames = [json.loads(line)["poses"] for line in capsys.readouterr().out.splitlines()]
    assert [[person["track_id"] for person in frame] for frame in frames] == [[1]] * 14


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
        alone = PoseEstimator("final")(cv2.imread(result["image"]))
        assert [person["joints"] for person in result["poses"]] == [
            pose.to_dict()["joints"] for pose in alone
        ]
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]


def test_a_photograph_that_cannot_be_read_is_named_and_the_others_are_done(photographs, capsys):
    assert main(["predict", str(photographs), "--json"]) == 1

    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 2
    assert "damaged.jpg: no picture of a known format" in output.err
    assert "1 of 3 inputs could not be read whole" in output.err


def test_a_photograph_of_too_many_pixels_is_refused_by_the_option(photographs, capsys):
    photo = str(photographs / "a.png")

    assert main(["predict", photo, "--max-image-pixels", "1000"]) == 1

    assert "at most 1000 are allowed (option --max-image-pixels)" in capsys.readouterr().err


def test_progress_goes_to_standard_error_and_only_lines_to_standard_output(film, capsys):
    assert main(["predict", str(film), "--csv", "-"]) == 0

    output = capsys.readouterr()
    rows = list(csv.DictReader(output.out.splitlines()))
    assert len(rows) == 6 * skeleton.JOINT_COUNT
    assert "/6 [" in output.err
    assert "film.avi: 6 frames" in output.err


def test_one_photograph_shows_no_progress(photographs, capsys):
    assert main(["predict", str(photographs / "a.png")]) == 0

    assert capsys.readouterr().err == ""


def test_smoothing_holds_joints_back(film, tmp_path):
    def noses(*options):
        path = tmp_path / "out.jsonl"
        main(["predict", str(film), "--jsonl", str(path), *options])
        return [nose(json.loads(line)["poses"][0])["x"] for line in path.open()]

    found, smoothed = noses(), noses("--smoothing-time", "0.5")

    assert smoothed[0] == found[0]
    assert smoothed[-1] < found[-1] - STEP


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        (["--save", "out.png"], 2, "out.png is not the name of a video"),
        (["--save", "out.txt"], 2, "out.txt is not the name of a video"),
        (["--save", "nowhere/out.avi"], 1, "there is no folder nowhere"),
        (["--model", "nope"], 1, "'nope' not found"),
        (["--finder", "nope.onnx"], 1, "'nope.onnx' not found; is its path right?"),
        (["--csv", "out.jsonl"], 2, "out.jsonl would be written twice"),
        (["--save", "out.mp4", "--csv", "./out.mp4"], 2, "out.mp4 would be written twice"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    film, tmp_path, monkeypatch, capsys, options, status, complaint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.jsonl").write_text("kept\n")

    assert status_of(["predict", str(film), *options, "--jsonl", "out.jsonl"]) == status

    output = capsys.readouterr()
    assert output.out == ""
    assert complaint in output.err
    assert (tmp_path / "out.jsonl").read_text() == "kept\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--smoothing-time", "-1"], "--smoothing-time: expected a number of 0 or more, got -1"),
        (["--csv", "-", "--json"], "cannot both be printed"),
        (["--json", "--jsonl", "out.jsonl"], "--jsonl: not allowed with argument --json"),
        (["--finder", "boxes"], "--finder is detector, full_frame or the path of a detector's "),
        (["--device", "gpu"], "--device: invalid choice: 'gpu' (choose from 'auto', 'cpu', "),
        (["--rotate", "45"], "--rotate: invalid choice: 45 (choose from 0, 90, 180, 270)"),
    ],
)
def test_wrong_usage_ends_with_status_two(film, capsys, options, complaint):
    with pytest.raises(SystemExit) as ending:
        main(["predict", str(film), *options])

    output = capsys.readouterr()
    assert (ending.value.code, output.out) == (2, "")
    assert complaint in output.err


@pytest.mark.parametrize("table", ["--csv", "--jsonl"])
def test_a_table_is_not_written_over_what_is_looked_at(photographs, capsys, table):
    photograph = photographs / "a.png"
    kept = photograph.read_bytes()

    assert status_of(["predict", str(photographs), table, str(photograph)]) == 2

    assert "a.png would be written over itself" in capsys.readouterr().err
    assert photograph.read_bytes() == kept


def test_an_input_that_is_not_there_stops_the_run_before_it_begins(photographs, capsys):
    assert main(["predict", str(photographs), "nowhere.mp4", "--json"]) == 1

    output = capsys.readouterr()
    assert output.out == ""
    assert "nowhere.mp4: no such file; expected a photograph" in output.err


@pytest.mark.parametrize(
    ("is_live", "number", "status"),
    [(False, signal.SIGINT, 130), (False, signal.SIGTERM, 143), (True, signal.SIGINT, 0)],
    ids=["a file", "a file and SIGTERM", "a live device"],
)
def test_what_was_written_is_whole_after_an_interrupt(tmp_path, astronaut, is_live, number, status):
    film = write_film(tmp_path / "film.avi", astronaut, 600)
    saved, table = tmp_path / "out.avi", tmp_path / "out.csv"
    name = "/dev/stdin" if is_live else str(film)
    command = [sys.executable, "-m", "mobilepose_core.cli", "predict", name, "--json"]
    wanted = ["--save", str(saved), "--csv", str(table)]
    with (
        film.open() as source,
        subprocess.Popen(
            [*command, *wanted],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(number)
        rest, complaints = process.communicate(timeout=60)

    assert process.returncode == status
    assert {path.name for path in tmp_path.iterdir()} == {film.name, saved.name, table.name}
    frames = [json.loads(line)["frame"] for line in [*lines, *rest.splitlines()]]
    assert 3 <= len(frames) < 600
    assert frames == list(range(len(frames)))
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row.values() for row in rows)
    assert abs(int(rows[-1]["frame"]) - frames[-1]) <= 1
    times = [frame.time for frame in Video(saved)]
    assert len(times) >= len(frames) or is_live
    assert all(later > earlier for earlier, later in pairwise(times))
    (summed_up,) = re.findall(r"(\d+) frames, 1 person", complaints)
    assert abs(int(summed_up) - len(frames)) <= 1


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


def test_what_is_left_out_of_a_folder_is_named(photographs, capsys):
    (photographs / "damaged.jpg").unlink()
    for name in ("film.mp4", ".hidden.txt", "._a.png"):
        (photographs / name).write_bytes(b"")

    assert main(["predict", str(photographs), "--json"]) == 0

    complaints = capsys.readouterr().err
    assert "skipped, not photographs by their names: film.mp4\n" in complaints
    assert "hidden" not in complaints


def test_a_home_is_found_in_the_name_of_an_output(photographs, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert main(["predict", str(photographs / "a.png"), "--csv=~/a.csv", "--save=~/b.png"]) == 0

    assert (tmp_path / "a.csv").is_file()
    assert (tmp_path / "b.png").is_file()


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_names_that_are_no_utf_8_or_not_the_locales_end_nothing(tmp_path, astronaut, locale):
    """OpenCV's binding ends the process over such a name: a test of the process, not in it."""
    picture = cv2.imencode(".png", astronaut)[1].tobytes()
    folder = os.fsencode(tmp_path) + b"/stra\xdfe"
    os.mkdir(folder)
    for name in (b"a.png", b"b\xe9.png", "写.png".encode()):
        with open(folder + b"/" + name, "wb") as file:
            file.write(picture)
    with open(folder + b"/c\xe9.png", "wb") as file:
        file.write(b"no picture")
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    result = subprocess.run(
        [
            os.fsencode(sys.executable),
            *(b"-m", b"mobilepose_core.cli", b"predict", folder),
            *(b"--save", folder + b"/drawn\xe9", b"--csv", folder + b"/t\xe9.csv"),
        ],
        capture_output=True,
        env=environment,
        timeout=120,
    )

    assert result.returncode == 1, result.stderr
    assert rb"c\xe9.png: no picture of a known format" in result.stderr
    assert sorted(os.listdir(folder + b"/drawn\xe9")) == sorted(
        [b"a.png", b"b\xe9.png", "写.png".encode()]
    )
    with open(folder + b"/t\xe9.csv", encoding="utf-8", newline="") as file:
        sources = {row["source"].rpartition("/")[2] for row in csv.DictReader(file)}
    assert sources == {"a.png", r"b\xe9.png", "写.png"}


def test_a_model_of_any_name_is_loaded(photographs, tmp_path, red_model):
    named = tmp_path / os.fsdecode(b"mod\xe9le.onnx")
    red_model.rename(named)

    assert main(["predict", str(photographs / "a.png"), "--model", str(named)]) == 0
