"""Labels people who are not annotated in a data set, with a teacher; writes a COCO data set.

    python -m tools.labelling.label_bystanders flic=PATH --teacher FILE.tflite --out PATH

FLIC annotates only some of the people in its frames. Our own detector and pose network find the
others. BlazePose heavy then predicts their joints in the photograph and in its mirror image, and
only joints on which both agree are kept. Hips are ours: BlazePose defines them differently.
Held-out photographs are not labelled.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm import tqdm

from mobilepose_core import PoseEstimator, crop, datasets, skeleton
from mobilepose_core.datasets import Sample, coco, held_out
from mobilepose_core.inference import Pose
from mobilepose_core.io import photo
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import Float32Array, ImageArray
from tools.labelling.correct_labels import HIPS, PRESENCE

ANNOTATED = 0.4
"""IoU from which a detection matches an annotated person."""

SMALLEST_PERSON = 72.0
"""Smallest longer side of the box of a person's joints, image pixels."""

AGREEMENT = 0.25
"""Distance between a teacher's two predictions up to which a joint is kept, torso lengths."""

VISIBLE = 0.3
SURE_HIP = 0.3
LEAST_JOINTS = 7
"""A person with fewer joints is skipped."""


class Teacher(Protocol):
    """The interface of `BlazePose`."""

    def joints(
        self, image: ImageArray, region: crop.Region
    ) -> tuple[Float32Array, Float32Array, float]:
        """As `BlazePose.joints`."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="the data set")
    parser.add_argument("--teacher", type=Path, required=True, help="pose_landmark_heavy.tflite")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new data set")
    parser.add_argument("--every", type=int, default=1, help="use every Nth photograph")
    options = parser.parse_args()
    source = DataSource.parse(options.data)
    training, _ = held_out.divided(datasets.load(source.name, source.root))
    photographs: dict[Path, list[Float32Array]] = {}
    for sample in training:
        photographs.setdefault(sample.image, []).append(sample.box)
    from benchmarks.peers.blazepose import BlazePose  # LiteRT is needed here only

    teacher, estimator = BlazePose(options.teacher), PoseEstimator("final", threads=1)
    taught: list[Sample] = []
    counts: Counter[str] = Counter()
    for path in tqdm(sorted(photographs)[:: options.every], desc="teach", unit="photo"):
        image = photo.read(path)
        if image is None:
            counts["unreadable photographs skipped"] += 1
            continue
        estimator.begin_video()
        bystanders = others(estimator(image, time=0.0), photographs[path])
        for pose in bystanders:
            joints = agreed(teacher, image, pose, counts)
            if joints is not None:
                taught.append(Sample(path, skeleton.among_all(joints), path.name))
    coco.save(taught, options.out)
    print(f"{options.out}: {len(taught)} people who were not annotated")
    for what, count in counts.most_common():
        print(f"{count} x {what}")
    return 0


def others(poses: list[Pose], annotated: list[Float32Array]) -> list[Pose]:
    """The poses that are large enough and match no annotated box (4,)."""
    if not poses:
        return []
    boxes = np.array([pose.box for pose in poses])
    is_known = (crop.overlaps(boxes, np.array(annotated)) >= ANNOTATED).any(axis=1)
    is_large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) >= SMALLEST_PERSON
    kept = ~is_known & is_large
    return [pose for pose, is_kept in zip(poses, kept, strict=True) if is_kept]


def agreed(
    teacher: Teacher, image: ImageArray, pose: Pose, counts: Counter[str]
) -> Float32Array | None:
    """The joints on which a teacher's predictions for an image and its mirror image agree.

    Args:
        teacher: of the joints.
        image: (H, W, 3) uint8, BGR.
        pose: our own network's.
        counts: of each reason to skip a person; updated.

    Returns:
        (11, 2) image pixels, NaN where the predictions differ; None if the person is skipped.
    """
    found = [_taught(teacher, image, pose.joints), _taught_mirrored(teacher, image, pose.joints)]
    if any(labels is None or labels.presence < PRESENCE for labels in found):
        counts["people that the teacher does not find skipped"] += 1
        return None
    first, second = (labels for labels in found if labels is not None)
    hips, shoulders = skeleton.torso_ends(pose.joints)
    torso = float(np.linalg.norm(hips - shoulders))
    is_agreed = np.linalg.norm(first.joints - second.joints, axis=-1) <= AGREEMENT * torso
    is_agreed &= np.minimum(first.visible, second.visible) >= VISIBLE
    joints = np.where(is_agreed[:, None], (first.joints + second.joints) / 2, np.nan)
    joints[HIPS] = np.where(pose.scores[HIPS, None] >= SURE_HIP, pose.joints[HIPS], np.nan)
    if is_agreed.sum() < LEAST_JOINTS or np.isnan(joints[_TORSO]).any():
        counts["people with too few certain joints skipped"] += 1
        return None
    if np.linalg.norm(joints - pose.joints, axis=-1)[_SHOULDERS].max() > SAME * torso:
        counts["people with different joints by teacher and network skipped"] += 1
        return None
    counts["joints skipped"] += int(np.isnan(joints).any(axis=-1).sum())
    return joints.astype(np.float32)


SAME = 0.5
"""Distance between the shoulders of teacher and network up to which they agree, torso lengths."""

_SHOULDERS = [skeleton.INDEX["left_shoulder"], skeleton.INDEX["right_shoulder"]]
_TORSO = _SHOULDERS + HIPS


@dataclass(frozen=True)
class _Labels:
    joints: Float32Array
    visible: Float32Array
    presence: float


def _taught(teacher: Teacher, image: ImageArray, guess: Float32Array) -> _Labels | None:
    from benchmarks.peers.blazepose import region_of_torso

    region = region_of_torso(guess)
    return None if region is None else _Labels(*teacher.joints(image, region))


def _taught_mirrored(teacher: Teacher, image: ImageArray, guess: Float32Array) -> _Labels | None:
    mirror = list(skeleton.MIRROR)
    found = _taught(teacher, np.ascontiguousarray(image[:, ::-1]), _flipped(guess, image)[mirror])
    if found is None:
        return None
    return _Labels(_flipped(found.joints, image)[mirror], found.visible[mirror], found.presence)


def _flipped(joints: Float32Array, image: ImageArray) -> Float32Array:
    return np.column_stack([image.shape[1] - 1 - joints[:, 0], joints[:, 1]])


if __name__ == "__main__":
    sys.exit(main())
