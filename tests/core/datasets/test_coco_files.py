"""COCO's files, read and written."""

import json

import cv2
import numpy as np
import pytest

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import coco

PIXELS = np.full((60, 80, 3), 90, np.uint8)


def _write_coco(root, annotations, name="person_keypoints_val2017.json"):
    (root / "annotations").mkdir()
    (root / "val2017").mkdir()
    content = {
        "images": [{"id": 7, "file_name": "000007.jpg", "width": 80, "height": 60}],
        "annotations": annotations,
    }
    (root / "annotations" / name).write_text(json.dumps(content))
    cv2.imwrite(str(root / "val2017" / "000007.jpg"), PIXELS)


def _coco_person(**changes):
    keypoints = []
    for index in range(17):
        keypoints += [index + 3, index + 20, 2]
    return {"image_id": 7, "iscrowd": 0, "num_keypoints": 17, "keypoints": keypoints} | changes


def test_coco_maps_joints_by_name_and_leaves_unlabelled_ones_unknown(tmp_path):
    person = _coco_person()
    person["keypoints"][0:3] = [0, 0, 0]
    _write_coco(tmp_path, [person])

    (sample,) = datasets.load(datasets.recognise(tmp_path), tmp_path)

    assert sample.split == "val"
    assert np.isnan(sample.joints[skeleton.INDEX["nose"]]).all()
    assert sample.joints[skeleton.INDEX["right_wrist"]].tolist() == [13, 30]


def test_coco_leaves_out_crowds_and_counts_damaged_annotations(tmp_path):
    annotations = [
        _coco_person(iscrowd=1),
        _coco_person(num_keypoints=0),
        _coco_person(keypoints=[1, 2, 3]),
        _coco_person(image_id=99),
        _coco_person(),
    ]
    _write_coco(tmp_path, annotations)

    dataset = datasets.load("coco", tmp_path)

    assert len(dataset) == 1
    assert sum(dataset.faults.values()) == 3
    assert sum(dataset.left_out.values()) == 1


def test_a_truncated_coco_file_is_named(tmp_path):
    _write_coco(tmp_path, [_coco_person()])
    path = tmp_path / "annotations" / "person_keypoints_val2017.json"
    path.write_text(path.read_text()[:-20])

    with pytest.raises(ValueError, match="person_keypoints_val2017"):
        datasets.load("coco", tmp_path)


def test_people_saved_as_coco_come_back_as_they_were(tmp_path):
    photo = tmp_path / "one.jpg"
    cv2.imwrite(str(photo), PIXELS)
    joints = np.stack([np.arange(19) * 3.0, np.arange(19) * 2.0 + 5], axis=1).astype(np.float32)
    joints[17:] = np.nan  # FLIC's hips have no place in COCO's format
    partly = joints + 1
    partly[skeleton.INDEX["nose"]] = np.nan
    people = [datasets.Sample(photo, joints, "g"), datasets.Sample(photo, partly, "g")]

    coco.save(people, tmp_path / "saved")

    loaded = datasets.load("coco", tmp_path / "saved")
    assert not loaded.faults
    assert np.array_equal(loaded.samples[0].joints, joints, equal_nan=True)
    assert np.array_equal(loaded.samples[1].joints, partly, equal_nan=True)
    assert cv2.imread(str(loaded.samples[0].image)).shape == PIXELS.shape
    loaded.check_photographs()
    assert len(loaded) == 2


def test_photographs_of_equal_names_are_saved_apart(tmp_path):
    people = []
    for number, folder in enumerate(("one", "two"), start=1):
        (tmp_path / folder).mkdir()
        photo = tmp_path / folder / "0001.png"
        cv2.imwrite(str(photo), np.full((60, 80, 3), 50 * number, np.uint8))
        joints = np.stack([np.arange(11) * 3.0 + number, np.arange(11) + 5.0], axis=1)
        people.append(datasets.Sample(photo, skeleton.among_all(joints.astype(np.float32)), "g"))

    coco.save(people, tmp_path / "saved")

    loaded = datasets.load("coco", tmp_path / "saved")
    assert [cv2.imread(str(s.image)).max() for s in loaded] == [50, 100]
    assert [s.joints[0, 0] for s in loaded] == [1, 2]


def test_saving_replaces_no_photograph(tmp_path):
    joints = np.stack([np.arange(19) * 3.0, np.arange(19) + 5.0], axis=1).astype(np.float32)
    (tmp_path / "images").mkdir()
    own, other = tmp_path / "images" / "one.png", tmp_path / "one.png"
    for path in (own, other):
        cv2.imwrite(str(path), PIXELS)

    with pytest.raises(ValueError, match="a file of its own"):
        coco.save([datasets.Sample(other, joints, "g")], tmp_path)

    assert not own.is_symlink()


def test_the_real_studio_is_read(shared_data):
    assert len(datasets.load("coco", shared_data / "studio")) == 1000
