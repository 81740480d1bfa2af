"""Labels the people whom a data set leaves out, by a teacher, as a COCO data set of their own.

    python -m tools.labelling.label_bystanders flic=PATH --teacher FILE.tflite --out PATH

FLIC annotates some of the people in its frames. Our own finder and network say where the others
are; BlazePose heavy, from there, says where their joints are, of a photograph and of its mirror
image, and only what it says twice is believed. Hips are ours: BlazePose means another point by
them. Nobody comes from what is held out.
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

from mobilepose_core import PoseEstimator, center_map, crop, datasets, skeleton
from mobilepose_core.datasets import Sample, coco, held_out
from mobilepose_core.inference import Pose
from mobilepose_core.io import photo
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import Float32Array, ImageArray
from tools.labelling.correct_labels import HIPS, PRESENCE

ANNOTATED = 0.4
"""IoU from which somebody is taken for a person who is annotated."""

SMALLEST = 72.0
"""Longer side of the box of somebody's joints, image pixels, below which they are left out."""

AGREEMENT = 0.25
"""Torso lengths between a teacher's two answers up to which a joint is believed."""

VISIBLE = 0.3
SURE_HIP = 0.3
LEAST_JOINTS = 7
"""Fewer believed joints than this say that the teacher is not sure of the person."""


class Teacher(Protocol):
    """What `BlazePose` is here."""

    def joints(
        self, image: ImageArray, region: crop.Region
    ) -> tuple[Float32Array, Float32Array, float]:
        """As `BlazePose.joints`."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="the data set")
    parser.add_argument("--teacher", type=Path, required=True, help="pose_landmark_heavy.tflite")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new data set")
    parser.add_argument("--every", type=int, default=1, help="only every so many photographs")
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
            counts["photographs that cannot be read left out"] += 1
            continue
        estimator.begin_video()
        strangers = others(estimator(image, time=0.0), photographs[path])
        for pose in strangers:
            joints = agreed(teacher, image, pose, counts)
            if joints is not None:
                taught.append(Sample(path, skeleton.among_all(joints), path.name))
    coco.save(taught, options.out)
    print(f"{options.out}: {len(taught)} people who were not annotated")
    for what, count in counts.most_common():
        print(f"{count} x {what}")
    return 0


def others(poses: list[Pose], annotated: list[Float32Array]) -> list[Pose]:
    """Those who are large enough and nobody of whom annotation knows, (4,) boxes."""
    if not poses:
        return []
    boxes = np.array([pose.box for pose in poses])
    is_known = (center_map.overlaps(boxes, np.array(annotated)) >= ANNOTATED).any(axis=1)
    is_large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) >= SMALLEST
    kept = ~is_known & is_large
    return [pose for pose, is_kept in zip(poses, kept, strict=True) if is_kept]


def agreed(
    teacher: Teacher, image: ImageArray, pose: Pose, counts: Counter[str]
) -> Float32Array | None:
    """The joints of somebody that a teacher finds twice at the same place.

    Args:
        teacher: asked about the photograph and its mirror image.
        image: (H, W, 3) uint8, BGR.
        pose: where our own network sees the person.
        counts: counted up for each reason to leave somebody out.

    Returns:
        (11, 2) image pixels, NaN where the teacher is not sure; None for nobody.
    """
    looks = [_look(teacher, image, pose.joints), _mirrored_look(teacher, image, pose.joints)]
    if any(look is None or look.presence < PRESENCE for look in looks):
        counts["people whom the teacher does not see left out"] += 1
        return None
    first, second = (look for look in looks if look is not None)
    hips, shoulders = skeleton.torso_ends(pose.joints)
    torso = float(np.linalg.norm(hips - shoulders))
    is_believed = np.linalg.norm(first.joints - second.joints, axis=-1) <= AGREEMENT * torso
    is_believed &= np.minimum(first.visible, second.visible) >= VISIBLE
    joints = np.where(is_believed[:, None], (first.joints + second.joints) / 2, np.nan)
    joints[HIPS] = np.where(pose.scores[HIPS, None] >= SURE_HIP, pose.joints[HIPS], np.nan)
    if is_believed.sum() < LEAST_JOINTS or np.isnan(joints[_TORSO]).any():
        counts["people of whom the teacher is not sure left out"] += 1
        return None
    if np.linalg.norm(joints - pose.joints, axis=-1)[_SHOULDERS].max() > SAME * torso:
        counts["people whom teacher and network see differently left out"] += 1
        return None
    counts["joints left out"] += int(np.isnan(joints).any(axis=-1).sum())
    return joints.astype(np.float32)


SAME = 0.5
"""Torso lengths between the shoulders of teacher and network up to which they mean one person."""

_SHOULDERS = [skeleton.INDEX["left_shoulder"], skeleton.INDEX["right_shoulder"]]
_TORSO = _SHOULDERS + HIPS


@dataclass(frozen=True)
class _Look:
    joints: Float32Array
    visible: Float32Array
    presence: float


def _look(teacher: Teacher, image: ImageArray, guess: Float32Array) -> _Look | None:
    from benchmarks.peers.blazepose import region_of_torso

    region = region_of_torso(guess)
    return None if region is None else _Look(*teacher.joints(image, region))


def _mirrored_look(teacher: Teacher, image: ImageArray, guess: Float32Array) -> _Look | None:
    mirror = list(skeleton.MIRROR)
    look = _look(teacher, np.ascontiguousarray(image[:, ::-1]), _flipped(guess, image)[mirror])
    if look is None:
        return None
    return _Look(_flipped(look.joints, image)[mirror], look.visible[mirror], look.presence)


def _flipped(joints: Float32Array, image: ImageArray) -> Float32Array:
    return np.column_stack([image.shape[1] - 1 - joints[:, 0], joints[:, 1]])


if __name__ == "__main__":
    sys.exit(main())
