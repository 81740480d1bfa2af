"""Which people and photographs COCO's measure counts."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mobilepose_core import crop, datasets
from mobilepose_core.datasets import scenes
from mobilepose_core.evaluation import oks, photographs
from mobilepose_core.skeleton import ALL_19, COCO_17

COCO_NAMES = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder"),
    *("right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)
WHOLE, FACE, LEGS = 1, 2, 3
MARKED = {WHOLE: COCO_NAMES, FACE: ("nose", "left_eye"), LEGS: ("left_knee", "right_ankle")}
"""Names of the annotated joints by person."""

UPPER = ("nose", "left_shoulder")


def annotation(person):
    """Of somebody who is 40 pixels wide and stands by so much farther right than the one before."""
    keypoints = np.zeros((17, 3))
    for column, name in enumerate(COCO_NAMES):
        if name in MARKED[person]:
            keypoints[column] = [40 * person + 2 * column, 50 + column, 2]
    return {
        "id": person,
        "image_id": 1,
        "area": 1600,
        "bbox": [40 * person, 40, 40, 40],
        "keypoints": keypoints.ravel().tolist(),
    }


@pytest.fixture
def people(tmp_path):
    """A photograph of three people, annotated as in `MARKED`, and one of nobody."""
    for folder in ("annotations", "images"):
        (tmp_path / folder).mkdir()
    images = []
    for number, name in ((1, "three.png"), (2, "nobody.png")):
        cv2.imwrite(str(tmp_path / "images" / name), np.zeros((200, 200, 3), np.uint8))
        images.append({"id": number, "file_name": name, "width": 200, "height": 200})
    content = {"images": images, "annotations": list(map(annotation, MARKED))}
    path = tmp_path / "annotations" / "person_keypoints_val2017.json"
    path.write_text(json.dumps(content))
    return datasets.load("coco", tmp_path).split("val")


def poses(people, joints, *wanted):
    """The annotated joints of some of them, as if a pipeline had found these."""
    annotated = {int(s.outline[0]) // 40: s.joints for s in (*people.samples, *people.partial)}
    columns = [ALL_19.index[name] for name in joints]
    return [pose(np.nan_to_num(annotated[one][columns], nan=-1e3)) for one in wanted]


def pose(joints, score=1.0):
    return SimpleNamespace(joints=joints, score=score)


def figures(people, joints, in_three, in_nobody=()):
    """COCO's figures of a pipeline that finds these poses in the two photographs."""
    found = iter([in_three, in_nobody])
    looked_at = photographs.in_whole_photographs(people, lambda image: next(found), joints)
    return oks.average_precision(looked_at, joints)


def test_people_with_too_few_joints_to_locate_them_count_if_one_is_the_models(people):
    every = COCO_17.joints

    assert (len(people.samples), len(people.partial)) == (1, 2)
    assert figures(people, every, poses(people, every, WHOLE))["ar"] == pytest.approx(100 / 3)
    assert figures(people, UPPER, poses(people, UPPER, WHOLE))["ar"] == pytest.approx(50)
    assert figures(people, UPPER, poses(people, UPPER, WHOLE, FACE))["ar"] == 100


def test_a_pose_where_somebody_has_none_of_the_models_joints_is_not_wrong(people):
    right = poses(people, UPPER, WHOLE, FACE)
    on_the_legs, elsewhere = pose([[130, 50], [150, 70]]), pose([[130, 150], [150, 170]])

    assert figures(people, UPPER, [on_the_legs, *right])["ap"] == 100
    assert figures(people, UPPER, [elsewhere, *right])["ap"] < 70


def test_a_pose_in_a_photograph_of_nobody_is_wrong(people):
    every = COCO_17.joints
    right = poses(people, every, WHOLE, FACE, LEGS)

    wrong = pose(right[0].joints, score=2.0)

    assert figures(people, every, right)["ap"] == 100
    assert figures(people, every, right, [wrong])["ap"] < 80


def test_in_given_boxes_people_with_few_joints_are_cut_out_by_their_outlines(people):
    cut_out = []

    def model(crops, borders):
        cut_out.extend(crops)
        scores = np.ones((len(crops), 2), np.float32)
        return np.zeros((len(crops), 2, 2), np.float32), scores

    def around_joints(image, person):
        return crop.region_of_box(person.box)

    looked_at = photographs.in_given_boxes(people, model, 64, around_joints, ("nose", "left_eye"))

    assert len(cut_out) == 2
    assert [len(photograph.truth) for photograph in looked_at] == [2, 0]


def test_the_detector_ignores_the_outlines_of_people_with_few_joints(people):
    nobody, three = sorted(scenes.scenes_of(people), key=lambda scene: scene.image.name)

    assert (len(three.boxes), len(three.doubtful)) == (1, 2)
    assert (len(nobody.boxes), len(nobody.doubtful)) == (0, 0)
