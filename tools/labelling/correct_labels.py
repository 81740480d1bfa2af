"""Corrects a data set's labels by a teacher, BlazePose heavy, into a COCO data set of its own.

    python -m tools.labelling.correct_labels lsp=PATH --teacher FILE.tflite --out PATH

Labels of a crowd are a few per cent wrong, and LSP has no eyes and no nose. Where teacher and label
agree, the label stays. Left and right are exchanged where the teacher says so of the whole person;
a joint on which they disagree is taken away; eyes and nose that lack are the teacher's. Hips are
never the teacher's: BlazePose means another point by them.
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
"""Torso lengths between teacher and label up to which the label is believed."""

EXCHANGED = 0.5
"""Left and right are exchanged where that makes the mean distance so many times smaller."""

STRANGER = 0.6
"""Mean distance in torso lengths from which teacher and label do not mean the same person."""

PRESENCE = 0.5
VISIBLE = 0.5
HIPS = [skeleton.INDEX["left_hip"], skeleton.INDEX["right_hip"]]
FACE = [skeleton.INDEX[name] for name in ("left_eye", "right_eye", "nose")]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="the data set")
    parser.add_argument("--teacher", type=Path, required=True, help="pose_landmark_heavy.tflite")
    parser.add_argument("--out", type=Path, required=True, help="folder of the corrected data set")
    parser.add_argument("--every", type=int, default=1, help="only every so many people")
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
            counts["people without photograph or torso left out"] += 1
            continue
        found, visible, presence = teacher.joints(image, region)
        joints = corrected(sample.joints, found, visible, counts) if presence > PRESENCE else None
        if joints is None:
            counts["people on whom teacher and label disagree left out"] += 1
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
    """A person's labels after comparison with what a teacher found.

    Args:
        labels: (19, 2) image pixels, NaN where not annotated.
        found: (11, 2) the teacher's, in the same frame.
        visible: (11,) how surely the teacher saw each.
        counts: counted up for each kind of correction.

    Returns:
        (19, 2), or None where teacher and labels do not mean the same person.
    """
    mirror = list(skeleton.ALL_19.mirror)
    found = skeleton.among_all(found)
    hips, shoulders = skeleton.torso_ends(skeleton.select(labels))
    torso = float(np.linalg.norm(hips - shoulders))
    distances = np.linalg.norm(found - labels, axis=-1) / torso
    exchanged = np.linalg.norm(found - labels[mirror], axis=-1) / torso
    if np.nanmean(exchanged) < EXCHANGED * np.nanmean(distances):
        counts["people with left and right exchanged"] += 1
        labels, distances = labels[mirror], exchanged
    if not np.nanmean(distances) <= STRANGER:
        return None
    joints = labels.copy()
    with np.errstate(invalid="ignore"):
        wrong = distances > AGREEMENT
    wrong[HIPS] = False
    joints[wrong] = np.nan
    counts["joints taken away"] += int(wrong.sum())
    for index in FACE:
        if np.isnan(labels[index]).any() and visible[index] > VISIBLE:
            joints[index] = found[index]
            counts["joints of faces added"] += 1
    return joints


if __name__ == "__main__":
    sys.exit(main())
