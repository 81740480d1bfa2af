import csv
import json

import pytest

from mobilepose_core import skeleton
from mobilepose_core.output.tables import COLUMNS, Csv, JsonLines


@pytest.fixture
def film(make_result):
    """Two people, one of them, nobody."""
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
    with pytest.raises(ValueError, match=r"nowhere/table cannot be written \(No such file"):
        table(str(tmp_path / "nowhere" / "table"))
