import csv
import json
import os
import subprocess
import sys

import pytest

from mobilepose_core import skeleton
from mobilepose_core.io.tables import COLUMNS, Csv, JsonLines


@pytest.fixture
def film(make_result):
    """Two people, one of them, no one."""
    times = (0.0, 1 / 3, 2 / 3)
    tracks = ((1, 2), (2,), ())
    return [
        make_result("film.mp4", index, time, people)
        for index, (time, people) in enumerate(zip(times, tracks, strict=True))
    ]


def test_each_frame_is_a_line_of_json(film, tmp_path):
    table = JsonLines(str(tmp_path / "film.jsonl"))
    for result in film:
        table.write(result)
    table.close()

    lines = [json.loads(line) for line in (tmp_path / "film.jsonl").open()]
    assert [(line["source"], line["frame"], line["time"]) for line in lines] == [
        ("film.mp4", 0, 0),
        ("film.mp4", 1, 0.3333),
        ("film.mp4", 2, 0.6667),
    ]
    assert [line["poses"] for line in lines] == [
        [pose.to_dict() for pose in result.poses] for result in film
    ]


def test_a_photographs_line_of_json_names_the_image(make_result, capsys):
    table = JsonLines("-")
    table.write(make_result("photo.jpg"))
    table.close()

    assert set(json.loads(capsys.readouterr().out)) == {"image", "poses"}


def test_each_joint_of_each_person_is_a_row_with_the_figures_of_the_json(film, tmp_path):
    table = Csv(str(tmp_path / "film.csv"))
    for result in film:
        table.write(result)
    table.close()

    with (tmp_path / "film.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * skeleton.JOINT_COUNT
    assert tuple(rows[0]) == COLUMNS
    people = [(result, pose.to_dict()) for result in film for pose in result.poses]
    expected = [
        (result.frame.index, person["track_id"], person["score"], *joint.values())
        for result, person in people
        for joint in person["joints"]
    ]
    numbers = ("x", "y", "score")
    assert expected == [
        (
            int(row["frame"]),
            int(row["track_id"]),
            float(row["person_score"]),
            row["joint"],
            *(float(row[name]) for name in numbers),
        )
        for row in rows
    ]
    assert {row["time"] for row in rows} == {"0.0", "0.3333"}


def test_a_photographs_row_has_no_time_and_a_name_with_a_comma_stays_whole(make_result, capsys):
    Csv("-").write(make_result("one, two.jpg"))

    row = next(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert (row["source"], row["frame"], row["time"]) == ("one, two.jpg", "0", "")


@pytest.mark.parametrize(("table", "kept"), [(JsonLines, 1), (Csv, 1 + 2 * skeleton.JOINT_COUNT)])
def test_what_was_written_is_in_the_file_before_it_is_closed(film, tmp_path, table, kept):
    path = tmp_path / "table"
    open_table = table(str(path))

    open_table.write(film[0])

    assert len(path.read_text().splitlines()) == kept
    open_table.close()


@pytest.mark.parametrize("table", [JsonLines, Csv])
def test_a_file_that_cannot_be_written_is_named(tmp_path, table):
    with pytest.raises(ValueError, match=r"nowhere/table cannot be written: there is no folder"):
        table(str(tmp_path / "nowhere" / "table"))


@pytest.mark.parametrize("table", [JsonLines, Csv])
def test_a_table_that_is_not_watched_gets_its_name_once_it_is_whole(film, tmp_path, table):
    path = tmp_path / "table"
    path.write_text("kept")
    whole = table(str(path), grows_in_place=False)
    for result in film:
        whole.write(result)
    assert path.read_text() == "kept"

    whole.close()

    watched = table(str(tmp_path / "watched"))
    for result in film:
        watched.write(result)
    watched.close()
    assert path.read_bytes() == (tmp_path / "watched").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["table", "watched"]


@pytest.mark.parametrize("table", [JsonLines, Csv])
@pytest.mark.parametrize("grows_in_place", [True, False])
@pytest.mark.parametrize("people", [0, 1])
def test_a_table_goes_to_a_device_or_a_pipe(film, table, grows_in_place, people):
    reading, writing = os.pipe()
    for path in ("/dev/null", f"/dev/fd/{writing}"):
        made = table(path, grows_in_place)
        for result in film[:people]:
            made.write(result)
        made.close()
    os.close(writing)

    with open(reading, "rb") as pipe:
        assert bool(pipe.read()) == bool(people or table is Csv)


def test_standard_output_that_is_full_is_named(film, monkeypatch):
    full = open("/dev/full", "w")  # noqa: SIM115 - closing it fails, as it is full
    monkeypatch.setattr(sys, "stdout", full)

    with pytest.raises(ValueError, match="standard output cannot be written: No space"):
        JsonLines("-").write(film[0])


def test_a_table_of_nothing_is_an_empty_file(tmp_path):
    JsonLines(str(tmp_path / "lines"), grows_in_place=False).close()

    assert (tmp_path / "lines").read_bytes() == b""


def test_names_that_are_no_utf_8_are_written_as_valid_utf_8(make_result, tmp_path):
    name = os.fsdecode(b"stra\xdfe.jpg")
    for table, path in ((JsonLines, tmp_path / "lines"), (Csv, tmp_path / "csv")):
        output = table(str(path))
        output.write(make_result(name))
        output.close()

    assert json.loads((tmp_path / "lines").read_text("utf-8"))["image"] == r"stra\xdfe.jpg"
    row = next(csv.DictReader((tmp_path / "csv").open(encoding="utf-8")))
    assert row["source"] == r"stra\xdfe.jpg"


FULL = """
import resource, signal, sys
import numpy as np
from mobilepose_core.io.sources import Frame
from mobilepose_core.inference import Pose
from mobilepose_core.io import tables
from mobilepose_core.io.result import Result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
kind, path, in_place = sys.argv[1:]
table = getattr(tables, kind)(path, in_place == "True")
pose = Pose(np.zeros((11, 2), np.float32), np.ones(11, np.float32), 1)
try:
    for index in range(100):
        frame = Frame(np.zeros((4, 4, 3), np.uint8), "film.mp4", index, index / 10)
        table.write(Result(frame, [pose]))
except ValueError as error:
    print(error)
table.close()
"""


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize(("kind", "rows"), [("JsonLines", 1), ("Csv", skeleton.JOINT_COUNT)])
def test_a_full_disk_is_an_error_and_leaves_whole_frames_or_nothing(tmp_path, kind, rows, in_place):
    """The limit of a file's size stands for the disk: both fail a write midway."""
    path = tmp_path / "table"

    result = subprocess.run(
        [sys.executable, "-c", FULL, kind, str(path), str(in_place)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert f"{path} cannot be written: File too large" in result.stdout
    if not in_place:
        assert os.listdir(tmp_path) == []
        return
    content = path.read_text()
    assert content.endswith("\n")
    lines = content.splitlines()[kind == "Csv" :]
    assert lines
    assert len(lines) % rows == 0
    if kind == "JsonLines":
        assert [json.loads(line)["frame"] for line in lines] == list(range(len(lines)))


def test_of_a_frame_in_which_an_interrupt_came_nothing_stays(tmp_path, make_result):
    path = tmp_path / "out.jsonl"
    table = JsonLines(str(path), grows_in_place=False)
    table.write(make_result("photo.jpg"))
    whole, write = table._size, table._file.write

    class Interrupted:
        """A file whose writes are interrupted once they are done."""

        def write(self, data):
            write(data)
            raise KeyboardInterrupt

        def __getattr__(self, name):
            return getattr(file, name)

    file, table._file = table._file, Interrupted()
    with pytest.raises(KeyboardInterrupt):
        table.write(make_result("photo.jpg"))

    table.close()

    assert path.stat().st_size == whole
    assert len(path.read_text().splitlines()) == 1
