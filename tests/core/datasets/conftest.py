"""A small COCO data set whose pictures differ in their grey, and what goes wrong with pictures."""

import copy
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import datasets, skeleton

WIDTH, HEIGHT = 80, 60

COCO_NAMES = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
]


class CocoFolder:
    """A data set in the making: change `content`, place pictures, then `load`.

    Person n is annotated on picture n, whose grey is 20 n; their joint k is at (k + n, k + 20).
    """

    width, height = WIDTH, HEIGHT
    names = COCO_NAMES

    def __init__(self, root, count=3):
        self.root = root
        numbers = range(1, count + 1)
        self.content = {
            "images": [
                {"id": n, "file_name": f"{n}.png", "width": WIDTH, "height": HEIGHT}
                for n in numbers
            ],
            "annotations": [
                {"id": n, "image_id": n, "category_id": 1, "iscrowd": 0, "num_keypoints": 17}
                | {"keypoints": [v for k in range(17) for v in (k + n, k + 20, 2)]}
                for n in numbers
            ],
            "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_NAMES)}],
        }

    @property
    def images(self):
        return self.content["images"]

    @property
    def people(self):
        return self.content["annotations"]

    def place(self, name, number):
        """Writes picture `number` under a name."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 20 * number, np.uint8))
        return path

    def place_all(self, folder="images"):
        for number, entry in enumerate(self.images, start=1):
            self.place(f"{folder}/{entry['file_name']}", number)

    def annotate(self, name="person_keypoints_train.json", content=None, encoding="utf-8"):
        path = self.root / "annotations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.content if content is None else content)
        path.write_text(text, encoding=encoding)
        return path

    def part(self, numbers):
        """The content with some of the people only."""
        content = copy.deepcopy(self.content)
        content["images"] = [i for i in content["images"] if i["id"] in numbers]
        content["annotations"] = [a for a in content["annotations"] if a["image_id"] in numbers]
        return content

    def load(self):
        self.annotate()
        return datasets.load("coco", self.root)


@pytest.fixture
def people_of():
    """Says which person is on which picture, as joints and grey tell."""

    def people(dataset):
        nose = skeleton.INDEX["nose"]
        return [(round(float(sample.joints[nose, 0])), _number(sample.image)) for sample in dataset]

    return people


def _number(path):
    return round(float(cv2.imread(str(path)).mean()) / 20)


@pytest.fixture
def coco_folder(tmp_path):
    """Makes such a data set in a folder of its own."""

    def make(name="data", count=3):
        return CocoFolder(Path(tmp_path) / name, count)

    return make


@pytest.fixture
def turn():
    """Adds EXIF to a JPEG that says to turn it by a quarter."""

    def added(path):
        exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        content = path.read_bytes()
        path.write_bytes(content[:2] + segment + content[2:])
        assert cv2.imread(str(path)).shape == (80, 60, 3)

    return added
