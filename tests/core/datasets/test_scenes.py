import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import Dataset, Sample, held_out, scenes, teacher_detections


def _sample(image, x):
    joints = np.full((11, 2), np.nan, np.float32)
    joints[:4] = [[x, 10], [x + 20, 10], [x, 60], [x + 20, 60]]
    return Sample(Path(image), skeleton.among_all(joints), image)


def test_everybody_of_a_photograph_is_in_its_scene():
    dataset = Dataset("coco", [_sample("a.jpg", 0), _sample("b.jpg", 5), _sample("a.jpg", 100)])

    first, second = scenes.scenes_of(dataset)

    assert first.boxes.tolist() == [[0, 10, 20, 60], [100, 10, 120, 60]]
    assert second.boxes.tolist() == [[5, 10, 25, 60]]
    assert first.doubtful.shape == (0, 4)


def test_a_person_annotated_twice_is_one_person():
    dataset = Dataset("flic", [_sample("a.jpg", 0), _sample("a.jpg", 2), _sample("a.jpg", 10)])

    (scene,) = scenes.scenes_of(dataset)

    assert scene.boxes.tolist() == [[0, 10, 20, 60], [10, 10, 30, 60]]


def test_a_teachers_people_complete_a_scene_as_far_as_they_are_new(tmp_path):
    found = [
        [1, 11, 21, 61, 0.9],
        [200, 0, 240, 90, 0.8],
        [300, 0, 340, 90, 0.2],
        [0, 0, 9, 9, 0],
        [2, 10, 12, 40, 0.9],
    ]
    path = tmp_path / "others.json"
    path.write_text(json.dumps({"people": {"a.jpg": found, "b.jpg": []}}), encoding="utf-8")
    dataset = Dataset("coco", [_sample("a.jpg", 0), _sample("b.jpg", 0)])

    first, second = scenes.scenes_of(dataset, teacher_detections.load(path))

    assert first.boxes.tolist() == [[0, 10, 20, 60], [200, 0, 240, 90]]
    assert first.doubtful.tolist() == [[300, 0, 340, 90], [2, 10, 12, 40]]
    assert second.boxes.tolist() == [[0, 10, 20, 60]]


def test_an_unmatched_body_is_an_ignored_region(tmp_path):
    bodies = [
        [0, 5, 25, 160, 0.9],  # of the one who is annotated
        [195, 0, 245, 200, 0.9],  # of the one that the teacher detects
        [300, 0, 340, 150, 0.5],
        [400, 0, 440, 150, 0.3],
    ]
    content = {
        "people": {"a.jpg": [[200, 0, 240, 90, 0.8]]},
        "bodies": {"a.jpg": bodies, "b.jpg": [[50, 0, 80, 90, 0.9]]},
    }
    path = tmp_path / "others.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    dataset = Dataset("coco", [_sample("a.jpg", 0), _sample("b.jpg", 0)])

    first, second = scenes.scenes_of(dataset, teacher_detections.load(path))

    assert first.boxes.tolist() == [[0, 10, 20, 60], [200, 0, 240, 90]]
    assert first.doubtful.tolist() == [[300, 0, 340, 150]]
    assert second.doubtful.tolist() == [[50, 0, 80, 90]]


def test_people_by_a_name_that_two_photographs_have_are_refused(tmp_path):
    path = tmp_path / "others.json"
    path.write_text('{"people": {"1.jpg": [[0, 0, 9, 9, 1]]}}', encoding="utf-8-sig")
    dataset = Dataset("coco", [_sample("train/1.jpg", 0), _sample("val/1.jpg", 0)])

    with pytest.raises(ValueError, match=r"'1\.jpg'.*several photographs"):
        scenes.scenes_of(dataset, teacher_detections.load(path))


@pytest.mark.parametrize("text", ["", "{}", '{"people": {"a.jpg": [[1, 2]]}}', '{"people": 3}'])
def test_a_file_without_people_is_refused(tmp_path, text):
    path = tmp_path / "others.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match="expected"):
        teacher_detections.load(path)


def test_cocos_crowds_are_doubtful_and_its_photographs_without_people_empty(tmp_path):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "images").mkdir()
    images = [{"id": i, "file_name": f"{i}.png", "width": 99, "height": 99} for i in (1, 2)]
    crowd = {"image_id": 1, "iscrowd": 1, "bbox": [5, 6, 30, 40], "keypoints": [0] * 51}
    for entry in images:
        cv2.imwrite(str(tmp_path / "images" / entry["file_name"]), np.zeros((99, 99, 3), np.uint8))
    content = {"images": images, "annotations": [crowd]}
    path = tmp_path / "annotations" / "person_keypoints_val.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    dataset = datasets.load("coco", tmp_path)

    assert [box.tolist() for box in dataset.doubtful[tmp_path / "images/1.png"]] == [[5, 6, 35, 46]]
    assert dataset.split("train").empty == {}
    (empty,) = scenes.scenes_of(dataset.split("val"))
    assert (empty.image.name, len(empty.boxes)) == ("2.png", 0)


def test_photographs_without_people_are_held_out_by_their_names(tmp_path):
    for number in range(60):
        (tmp_path / f"{number}.webp").touch()
    (tmp_path / "._1.webp").touch()

    outside, inside = held_out.split_off(scenes.empty_scenes(tmp_path))

    assert len(outside) + len(inside) == 60
    assert 1 <= len(inside) <= 20


def test_a_folder_without_photographs_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no photographs"):
        scenes.empty_scenes(tmp_path)
