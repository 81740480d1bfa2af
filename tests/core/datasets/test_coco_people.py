"""Which joints people of a COCO data set have, and why some have none."""

import json

import numpy as np
import pytest

from mobilepose_core import datasets, skeleton
from mobilepose_core.cli import main
from mobilepose_core.datasets import joint_columns


@pytest.fixture
def data(coco_folder):
    """Three people with their pictures."""
    folder = coco_folder()
    folder.place_all()
    return folder


def _expected(number, names=skeleton.COCO_17.joints):
    """Those joints of person `number` in our order."""
    columns = [joint_columns.COCO_COLUMNS[name] for name in names]
    joints = np.array([[k + number, k + 20] for k in columns], np.float32)
    return skeleton.among_all(joints, names)


def _reorder(data, order, names):
    data.content["categories"][0]["keypoints"] = names
    for person in data.people:
        rows = np.array(person["keypoints"]).reshape(-1, 3)[order]
        person["keypoints"] = rows.ravel().tolist()


@pytest.mark.parametrize(
    "spelt",
    [
        str,
        lambda name: name.replace("_", " ").title(),
        lambda name: name.replace("left_", "L-").replace("right_", "R-"),
        lambda name: "_".join(reversed(name.split("_"))),
        lambda name: name.replace("_", ""),
        lambda name: "".join(word.capitalize() for word in name.split("_")),
    ],
)
def test_joints_go_by_the_names_in_the_category(data, spelt):
    order = list(range(16, -1, -1))
    _reorder(data, order, [spelt(data.names[k]) for k in order])

    dataset = data.load()

    assert np.array_equal(dataset.samples[0].joints, _expected(1), equal_nan=True)
    assert not dataset.faults


def test_a_category_may_name_fewer_joints_than_coco(data):
    columns = [joint_columns.COCO_COLUMNS[name] for name in skeleton.JOINTS]
    _reorder(data, columns, list(skeleton.JOINTS))

    expected = _expected(3, skeleton.JOINTS)
    assert np.array_equal(data.load().samples[2].joints, expected, equal_nan=True)


def test_without_names_the_order_is_cocos(data):
    data.content["categories"] = []

    assert np.array_equal(data.load().samples[0].joints, _expected(1), equal_nan=True)


def test_dogs_with_seventeen_joints_are_no_people(data, people_of):
    data.content["categories"].append({"id": 2, "name": "dog", "keypoints": list(data.names)})
    data.people[1]["category_id"] = 2

    dataset = data.load()

    assert people_of(dataset) == [(1, 1), (3, 3)]
    assert "category whose name is not a person category" in dataset.fault_lines()[0]
    assert "'dog'" in dataset.fault_lines()[0]


def _all(data, **changes):
    for person in data.people:
        person.update(changes)


def _without_visibility(data):
    for person in data.people:
        person["keypoints"][2::3] = [0] * 17


def _as_pairs(data):
    for person in data.people:
        person["keypoints"] = [v for k, v in enumerate(person["keypoints"]) if k % 3 < 2]


def _as_shares(data):
    for person in data.people:
        rows = np.array(person["keypoints"], float).reshape(-1, 3)
        rows[:, :2] /= 60
        person["keypoints"] = rows.ravel().tolist()


def _text_ids(data):
    for person in data.people:
        person["image_id"] = str(person["image_id"])


def _unknown_names(data):
    data.content["categories"][0]["keypoints"] = [f"point {k}" for k in range(17)]


def _doubled_name(data):
    data.content["categories"][0]["keypoints"][5] = "right_shoulder"


NOBODY_LEFT = {
    "num_keypoints 0 though joints are marked": lambda d: _all(d, num_keypoints=0),
    "image_id of another type": _text_ids,
    "image_id '1', the image's id is 1": _text_ids,
    "image_id that is not a number": lambda d: _all(d, image_id=[1]),
    "image_id of no image": lambda d: _all(d, image_id=99),
    "visibility is 0, which means not annotated": _without_visibility,
    "34 numbers; expected 3 x 17": _as_pairs,
    "399 numbers; expected 3 x 17": lambda d: _all(d, keypoints=[1, 2, 2] * 133),
    "shares of the picture; expected pixels": _as_shares,
    "without keypoints": lambda d: _all(d, keypoints=None),
    "keypoints that are not numbers": lambda d: _all(d, keypoints=["a"] * 51),
    "crowd, which has no joints of one person": lambda d: _all(d, iscrowd=1),
    "category that the file does not describe": lambda d: _all(d, category_id=5),
    "fewer than 3 known joints": _unknown_names,
    "names a joint twice": _doubled_name,
    "person with num_keypoints 0": lambda d: _all(d, num_keypoints=0, keypoints=[0] * 51),
    "file without a single annotation": lambda d: d.people.clear(),
    "without a file name": lambda d: [entry.update(file_name=None) for entry in d.images],
}


@pytest.mark.parametrize("reason", NOBODY_LEFT)
def test_the_check_fails_with_the_reason_if_no_people_are_left(data, capsys, reason):
    NOBODY_LEFT[reason](data)
    data.annotate()

    assert main(["dataset", "check", str(data.root)]) == 1

    printed = capsys.readouterr()
    assert reason in printed.out
    assert "no usable people" in printed.err


@pytest.mark.parametrize("broken", [None, "x", 3, []])
def test_an_annotation_that_is_no_object_is_counted_and_the_others_stay(data, people_of, broken):
    data.people[0] = broken

    dataset = data.load()

    assert people_of(dataset) == [(2, 2), (3, 3)]
    assert f"at place 0: {json.dumps(broken)}" in dataset.fault_lines()[0]


def test_a_repeated_annotation_id_is_reported_and_its_people_are_kept(data, people_of):
    data.people[2]["id"] = 1

    dataset = data.load()

    assert people_of(dataset) == [(1, 1), (2, 2), (3, 3)]
    assert "2 annotations have id 1" in dataset.fault_lines()[0]


@pytest.mark.parametrize("count", [None, 5])
def test_a_num_keypoints_that_says_nothing_is_no_reason_to_leave_anybody_out(data, count):
    _all(data, num_keypoints=count)

    assert len(data.load()) == 3


def test_whole_numbers_that_are_written_as_fractions_are_ids(data, people_of):
    for person in data.people:
        person["image_id"] = float(person["image_id"])

    assert people_of(data.load()) == [(1, 1), (2, 2), (3, 3)]


def test_a_byte_order_mark_is_no_obstacle(data):
    data.annotate(encoding="utf-8-sig")

    assert len(datasets.load("coco", data.root)) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "it is a list"),
        ({"images": []}, "'annotations' is missing"),
        ({"images": {}, "annotations": []}, "'images' is dict"),
        ({"images": [], "annotations": None}, "'annotations' is NoneType"),
    ],
)
def test_a_file_that_is_not_cocos_says_what_is_wrong(data, content, reason):
    data.annotate(content=content)

    with pytest.raises(ValueError, match=reason):
        datasets.load("coco", data.root)


def test_training_on_a_data_set_without_usable_people_tells_the_reason(data, tmp_path, capsys):
    _text_ids(data)
    data.annotate()
    train = ["train", "--data", f"coco={data.root}", "--from-scratch", "--out"]

    assert main([*train, str(tmp_path / "run")]) == 1

    assert "image_id of another type" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--data"],
        ["dataset", "show", "--save", "x.png"],
        ["evaluate-finder", "--split", "val", "--data"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_needs_people_tells_why_there_are_none(data, capsys, red_model, command):
    _all(data, num_keypoints=0)
    data.annotate()
    model = [] if command[0] == "dataset" else ["--model", str(red_model)]

    assert main([*command, str(data.root), *model]) == 1

    assert "num_keypoints 0 though joints are marked" in capsys.readouterr().err


def test_a_json_file_under_another_name_is_pointed_out(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "_annotations.coco.json").write_text("{}")

    with pytest.raises(ValueError, match=r"if train/_annotations\.coco\.json is COCO's"):
        datasets.recognise(tmp_path)
