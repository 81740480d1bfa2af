import json

import pytest

from mobilepose_core.evaluation import pipe

FOUND = {
    "command": "evaluate-finder",
    "finder": "detector",
    "dataset": "flic",
    "split": "test",
    "people": 1016.0,
    "recall": 0.9512,
    "overlap": 0.75,
    "false_per_frame": 0.08,
}


def test_lines_of_one_command_become_one_table(tmp_path):
    empty = FOUND | {"dataset": None, "people": 0.0, "recall": None, "overlap": None}
    looked = {"command": "evaluate", "weights": "final", "finder": "detector", "followed": True}
    path = tmp_path / "pipe.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (FOUND, looked, empty)))

    finding, looking = pipe.sections(pipe.read(path))

    assert finding[3] == [
        ["detector", "flic, test", "1016", "0.951", "0.75", "0.080"],
        ["detector", "without people", "0", "-", "-", "0.080"],
    ]
    assert looking[3][0][:2] == ["final", "detector, tracked crop"]


def test_a_source_is_called_by_its_own_name_not_by_its_format(tmp_path):
    path = tmp_path / "pipe.jsonl"
    path.write_text(json.dumps(FOUND | {"dataset": "coco", "source": "streets"}))

    ((*_, rows),) = pipe.sections(pipe.read(path))

    assert rows[0][1] == "streets, test"


def test_held_out_people_have_a_table_with_other_networks_beside_ours(tmp_path):
    ours = {"command": "evaluate", "weights": "final", "source": "streets", "split": "held-out"}
    ours |= {"people": 30, "finder": "annotation", "mean": 90.04, "exchanged_all": 2.5}
    path = tmp_path / "pipe.jsonl"
    lines = [ours | {"split": "test"}, ours, ours | {"weights": "blazepose_heavy", "mean": 88.0}]
    path.write_text("\n".join(json.dumps(line) for line in lines))

    (_, (_, _, _, rows)) = pipe.sections(pipe.read(path))

    assert [row[:6] for row in rows] == [
        ["streets", "30", "final", "annotation", "90.0", "-"],
        ["streets", "30", "blazepose_heavy", "annotation", "88.0", "-"],
    ]


def test_people_from_a_height_on_are_named_so(tmp_path):
    line = {"command": "evaluate", "source": "streets", "split": "held-out", "min_height": 80.0}
    path = tmp_path / "pipe.jsonl"
    path.write_text(json.dumps(line))

    ((*_, rows),) = pipe.sections(pipe.read(path))

    assert rows[0][0] == "streets, from 80 px"


def test_average_precision_has_a_table_of_its_own(tmp_path):
    line = {"command": "evaluate", "metric": "oks", "source": "streets", "split": "held-out"}
    line |= {"people": 30, "weights": "final", "joints": 11, "finder": "annotation", "ap": 61.23}
    path = tmp_path / "pipe.jsonl"
    path.write_text(json.dumps(line))

    ((title, _, _, rows),) = pipe.sections(pipe.read(path))

    assert title == "COCO's metric"
    assert rows == [["streets", "30", "final", "11", "annotation", "61.2", "-", "-", "-"]]


def test_without_figures_there_are_no_tables(tmp_path):
    assert pipe.sections(pipe.read(tmp_path / "pipe.jsonl")) == []


@pytest.mark.parametrize("text", ["{}", "nonsense", "[]", '{"command": "train"}'])
def test_a_line_that_no_command_printed_is_refused(tmp_path, text):
    path = tmp_path / "pipe.jsonl"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"pipe.jsonl, line 1 is not what"):
        pipe.read(path)


def test_each_gesture_is_a_row(tmp_path):
    waving = {"made": 20, "recall": 1.0, "precision": 0.95, "false_per_hour": 6.0}
    film = {"skeleton": "coco_17", "depth": True, "minutes": 10.0, "gestures": {"waving": waving}}
    cut_out = {
        "people from": "final",
        "people": 24,
        "minutes": 10.0,
        "gestures": {"waving": waving},
    }
    crossed = {"made": 9, "recall": None, "precision": 0.62}
    marked = {"joints": "final", "people": 466, "gestures": {"arms crossed": crossed}}
    line = {"command": "behaviour", "films": [film], "puppets": [cut_out]}
    line["photographs"] = [marked]
    path = tmp_path / "pipe.jsonl"
    path.write_text(json.dumps(line))

    ((title, *_, rows),) = pipe.sections(pipe.read(path))

    assert title == "Gestures"
    assert rows == [
        [
            "films of simulated joints, 10 minutes, those of coco_17, with depth",
            "waving",
            "20",
            "1.00",
            "0.95",
            "6",
        ],
        ["films of 24 people cut out, 10 minutes, final", "waving", "20", "1.00", "0.95", "6"],
        ["466 people in photographs, final", "arms crossed", "9", "-", "0.62", "-"],
    ]
