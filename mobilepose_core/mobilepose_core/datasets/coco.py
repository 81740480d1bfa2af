"""COCO person keypoints (Lin et al., ECCV 2014): `annotations/person_keypoints_*.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core import photo, skeleton
from mobilepose_core.datasets.sample import Dataset, Sample, check_person

_KEYPOINTS = 17
VISIBLE = 2


def load(root: Path) -> Dataset:
    """All annotated people that are not crowds; `train` or `val` after the annotation file's name.

    Args:
        root: the folder with `annotations/`, and the photographs in `images/`, or in
            `train2017/`, `val2017/` and the like, wherever their `file_name` is found.

    Raises:
        ValueError: no annotation file, or one that is not COCO's JSON.
    """
    paths = sorted((root / "annotations").glob("person_keypoints_*.json"))
    if not paths:
        raise ValueError(f"{root}/annotations holds no person_keypoints_*.json; expected COCO's")
    dataset = Dataset("coco")
    files = {path.name: path for path in root.rglob("*") if path.suffix.lower() in (".jpg", ".png")}
    for path in paths:
        split = "val" if "val" in path.stem else "test" if "test" in path.stem else "train"
        _load_file(path, split, files, dataset)
    return dataset


def _load_file(path: Path, split: str, files: dict[str, Path], dataset: Dataset) -> None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        images: dict[int, dict[str, Any]] = {entry["id"]: entry for entry in content["images"]}
        annotations: list[dict[str, Any]] = content["annotations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not COCO's JSON of keypoints: {error!r}") from error
    peopled = {annotation.get("image_id") for annotation in annotations}
    for number, entry in images.items():
        name = Path(str(entry.get("file_name"))).name
        if number not in peopled and name in files:
            dataset.empty[files[name]] = split
    for annotation in annotations:
        if annotation.get("iscrowd") or not annotation.get("num_keypoints", 1):
            _note_doubtful(annotation, images, files, dataset)
            continue
        try:
            keypoints = np.asarray(annotation["keypoints"], dtype=np.float32)
            keypoints = keypoints.reshape(_KEYPOINTS, 3)
            entry = images[annotation["image_id"]]
            size, name = (int(entry["width"]), int(entry["height"])), Path(entry["file_name"]).name
        except (KeyError, TypeError, ValueError):
            dataset.faults["annotation without 17 keypoints or its image's entry (left out)"] += 1
            continue
        if name not in files:
            dataset.faults["image missing (person left out)"] += 1
            continue
        points = np.where(keypoints[:, 2:] > 0, keypoints[:, :2], np.float32(np.nan))
        joints = check_person(skeleton.pick(points, skeleton.COCO_COLUMNS), size, dataset.faults)
        if joints is None:
            _note_doubtful(annotation, images, files, dataset)
        else:
            area = _area_of(annotation)
            dataset.samples.append(Sample(files[name], joints, name, split, area))


SHARE_OF_BOX = 0.53
"""Area of a person in areas of their box, where it is not annotated (Jin et al., ECCV 2020)."""


def _area_of(annotation: dict[str, Any]) -> float | None:
    """That a person covers, pixels squared; None where the annotation does not say."""
    try:
        area = float(annotation.get("area") or 0)
        if not area > 0:
            _, _, width, height = (float(value) for value in annotation["bbox"])
            area = SHARE_OF_BOX * width * height
    except (KeyError, TypeError, ValueError):
        return None
    return area if math.isfinite(area) and area > 0 else None


def _note_doubtful(
    annotation: dict[str, Any],
    images: dict[int, dict[str, Any]],
    files: dict[str, Path],
    dataset: Dataset,
) -> None:
    """Keeps the box of people whose joints are not annotated, so that nobody takes it for empty."""
    try:
        name = Path(images[annotation["image_id"]]["file_name"]).name
        x, y, width, height = (float(value) for value in annotation["bbox"])
    except (KeyError, TypeError, ValueError):
        return
    if name in files:
        box = np.array([x, y, x + width, y + height], np.float32)
        dataset.doubtful.setdefault(files[name], []).append(box)


def save(samples: Sequence[Sample], root: Path) -> None:
    """Writes people as a data set that `load` reads, with links to their photographs.

    Args:
        samples: the people; photographs of the same name are the same photograph.
        root: folder of the data set; made where it is missing.

    Raises:
        ValueError: a photograph cannot be read.
    """
    for folder in ("annotations", "images"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    images: dict[Path, dict[str, Any]] = {}
    annotations: list[dict[str, Any]] = []
    for number, sample in enumerate(samples, start=1):
        if sample.image not in images:
            images[sample.image] = _linked(sample.image, len(images) + 1, root / "images")
        keypoints = np.zeros((_KEYPOINTS, 3))
        for name, column in skeleton.COCO_COLUMNS.items():
            joint = sample.joints[skeleton.ALL_19.index[name]]
            if np.isfinite(joint).all():
                keypoints[column] = [*joint.astype(float).round(2), VISIBLE]
        annotations.append(
            {
                "id": number,
                "image_id": images[sample.image]["id"],
                "category_id": 1,
                "iscrowd": 0,
                "num_keypoints": int((keypoints[:, 2] > 0).sum()),
                "keypoints": keypoints.ravel().tolist(),
            }
        )
    content = {
        "images": list(images.values()),
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }
    path = root / "annotations" / "person_keypoints_train.json"
    path.write_text(json.dumps(content), encoding="utf-8")


def _linked(image: Path, number: int, folder: Path) -> dict[str, Any]:
    """The entry of a photograph that a folder now has a link to."""
    picture = photo.read(image)
    if picture is None:
        raise ValueError(f"{image} cannot be read; expected a whole photograph")
    link = folder / image.name
    link.unlink(missing_ok=True)
    link.symlink_to(image.resolve())
    height, width = picture.shape[:2]
    return {"id": number, "file_name": image.name, "width": width, "height": height}
