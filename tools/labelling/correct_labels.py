"""Corrects a data set's labels with a teacher, BlazePose heavy; writes a COCO data set.

    python -m tools.labelling.correct_labels lsp=PATH --teacher FILE.tflite --out PATH

Crowd-sourced labels are wrong in a few per cent of cases, and LSP has no eyes and nose. If teacher
and label agree, the label stays. Left and right are swapped if the teacher disagrees for the whole
person. A joint on which they disagree is removed; missing eyes and noses are taken from the
teacher. Hips are never taken from it: BlazePose defines them differently.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import Sample, coco
from mobilepose_core.io import photo
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import Float32Array

AGREEMENT = 0.5
"""Distance between teacher and label up to which the label is kept, torso lengths."""

EXCHANGED = 0.5
"""Left and right are swapped if that reduces the mean distance to less than this share."""

STRANGER = 0.6
"""Mean distance from which teacher and label are of different people, torso lengths."""

PRESENCE = 0.5
VISIBLE = 0.5
HIPS = [skeleton.INDEX["left_hip"], skeleton.INDEX["right_hip"]]
FACE = [skeleton.INDEX[name] for name in ("left_eye", "right_eye", "nose")]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="the data set")
    parser.add_argument("--teacher", type=Path, required=True, help="pose_landmark_heavy.tflite")
    parser.add_argument("--out", type=Path, required=True, help="folder of the corrected data set")
    parser.add_argument("--every", type=int, default=1, help="use every Nth person")
    options = parser.parse_args()
    source = DataSource.parse(options.data)
    samples = datasets.load(source.name, source.root).split("train").samples[:: options.every]
    from benchmarks.peers.blazepose import BlazePose, region_of_torso  # LiteRT is needed here only

    teacher = BlazePose(options.teacher)
    taught: list[Sample] = []
    counts: Counter[str] = Counter()
    for sample in tqdm(samples, desc="teach", unit="person"):
        image = photo.read(sample.image)
        region = region_of_torso(sample.upper_body)
        if image is None or region is None:
            counts["people without photograph or torso skipped"] += 1
            continue
        found, visible, presence = teacher.joints(image, region)
        joints = corrected(sample.joints, found, visible, counts) if presence > PRESENCE else None
        if joints is None:
            counts["people with different joints by teacher and label skipped"] += 1
            continue
        taught.append(replace(sample, joints=joints))
    coco.save(taught, options.out)
    print(f"{options.out}: {len(taught)} of {len(samples)} people")
    for what, count in counts.most_common():
        print(f"{count} x {what}")
    return 0


def corrected(
    labels: Float32Array, found: Float32Array, visible: Float32Array, counts: Counter[str]
) -> Float32Array | None:
    """A person's labels, corrected with a teacher's joints.

    Args:
        labels: (19, 2) image pixels, NaN where not annotated.
        found: (11, 2) the teacher's joints, image pixels.
        visible: (11,) the teacher's visibility of each.
        counts: of each kind of correction; updated.

    Returns:
        (19, 2), or None if teacher and labels are of different people.
    """
    mirror = list(skeleton.ALL_19.mirror)
    found = skeleton.among_all(found)
    hips, shoulders = skeleton.torso_ends(skeleton.select(labels))
    torso = float(np.linalg.norm(hips - shoulders))
    distances = np.linalg.norm(found - labels, axis=-1) / torso
    exchanged = np.linalg.norm(found - labels[mirror], axis=-1) / torso
    if np.nanmean(exchanged) < EXCHANGED * np.nanmean(distances):
        counts["people with left and right swapped"] += 1
        labels, distances = labels[mirror], exchanged
    if not np.nanmean(distances) <= STRANGER:
        return None
    joints = labels.copy()
    with np.errstate(invalid="ignore"):
        wrong = distances > AGREEMENT
    wrong[HIPS] = False
    joints[wrong] = np.nan
    counts["joints removed"] += int(wrong.sum())
    for index in FACE:
        if np.isnan(labels[index]).any() and visible[index] > VISIBLE:
            joints[index] = found[index]
            counts["joints of faces added"] += 1
    return joints


if __name__ == "__main__":
    sys.exit(main())
