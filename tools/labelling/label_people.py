"""Labels the people in photographs without labels, with a teacher; writes a COCO data set.

    python -m tools.labelling.label_people PHOTOS --out FOLDER

NanoDet detects the people, unless --boxes has them. MoveNet Thunder predicts the joints of each in
the photograph and in its mirror image, and only joints that it finds both times in the same place,
with a certain score, are kept. Look at the result: `mobilepose dataset show FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from benchmarks.peers import movenet_single, roster
from benchmarks.peers.movenet_single import MoveNetSingle
from benchmarks.peers.nanodet import NanoDet
from benchmarks.peers.packages import UnavailableError
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample, coco
from mobilepose_core.io import photo
from mobilepose_core.typing import BoolArray, Float32Array, ImageArray
from tools.labelling.find_people import photographs

DETECTED = 0.45
"""NanoDet's confidence from which a body counts as a person."""

SMALLEST_PERSON = 80.0
"""Smallest longer side of a person's box, image pixels."""

MOST_PEOPLE = 8
"""More people in a photograph are a crowd, of which the surest are labelled."""

AGREEMENT = 0.1
"""Distance between the teacher's two predictions up to which a joint is kept, torso lengths."""

SURE = 0.3
"""Least score of a joint that is kept."""

LEAST_JOINTS = 5
"""Of arms and torso; a person with fewer is skipped."""

SHORTEST_TORSO = 0.12
"""In longer sides of the person's box: for those who are seen along their torso."""

_BODY = [
    skeleton.COCO_17.index[f"{side}_{part}"]
    for side in ("left", "right")
    for part in ("shoulder", "elbow", "wrist", "hip")
]

Boxes = Mapping[str, Sequence[Sequence[float]]]


class JointTeacher(Protocol):
    """What of `MoveNetSingle` is needed."""

    def joints(self, image: ImageArray, region: crop.Region) -> tuple[Float32Array, Float32Array]:
        """As `MoveNetSingle.joints`."""

    def joints_mirrored(
        self, image: ImageArray, region: crop.Region
    ) -> tuple[Float32Array, Float32Array]:
        """As `MoveNetSingle.joints_mirrored`."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("photographs", metavar="PHOTOS", help="folder of photographs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new data set")
    parser.add_argument(
        "--boxes", type=Path, help="JSON file: [[x0, y0, x1, y1], ...] by name of the photograph"
    )
    parser.add_argument("--every", type=int, default=1, help="use every Nth photograph")
    options = parser.parse_args()
    paths = photographs(options.photographs)[:: options.every]
    given: Boxes | None = json.loads(options.boxes.read_text()) if options.boxes else None
    try:
        detector, teacher = NanoDet(roster.nanodet()), MoveNetSingle(roster.movenet("thunder"))
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    counts: Counter[str] = Counter()
    found = list(labelled(paths, detector, teacher, given, counts))
    coco.save(found, options.out)
    print(f"{options.out}: {len(found)} people in {len(paths)} photographs")
    for what, count in counts.most_common():
        print(f"{count} x {what}")
    return 0


def labelled(
    paths: Sequence[Path],
    detector: NanoDet,
    teacher: JointTeacher,
    given: Boxes | None,
    counts: Counter[str],
) -> Iterator[Sample]:
    """The people in photographs.

    Args:
        paths: of the photographs.
        detector: detects people where no boxes are given.
        teacher: of the joints.
        given: (N, 4) boxes of people by name of the photograph.
        counts: of each reason to skip something; updated.
    """
    for path in tqdm(paths, desc="teach", unit="photo"):
        image = photo.read(path)
        if image is None:
            counts["unreadable photographs skipped"] += 1
            continue
        if given is None:
            boxes = detector.people(image, DETECTED)[:, :4]
        else:
            boxes = np.array(given.get(path.name, []), np.float32).reshape(-1, 4)
        for box in boxes[:MOST_PEOPLE]:
            joints = taught(teacher, image, box, counts)
            if joints is not None:
                everything = skeleton.among_all(joints, skeleton.COCO_17.joints)
                yield Sample(path, everything, path.name)


def taught(
    teacher: JointTeacher, image: ImageArray, box: Float32Array, counts: Counter[str]
) -> Float32Array | None:
    """The joints that a teacher finds twice.

    Args:
        teacher: of the joints.
        image: (H, W, 3) uint8, BGR.
        box: (4,) x0, y0, x1, y1 of the person, image pixels.
        counts: of each reason to skip a person; updated.

    Returns:
        (17, 2) image pixels, NaN where it is not sure; None if the person is skipped.
    """
    height = float(max(box[2] - box[0], box[3] - box[1]))
    if height < SMALLEST_PERSON:
        counts["people who are too small skipped"] += 1
        return None
    region = movenet_single.region_of_box(box)
    once, again = teacher.joints(image, region), teacher.joints_mirrored(image, region)
    is_sure = agreed(once, again, SHORTEST_TORSO * height)
    if is_sure[_BODY].sum() < LEAST_JOINTS:
        counts["people with too few certain joints skipped"] += 1
        return None
    counts["joints skipped"] += int((~is_sure).sum())
    return np.where(is_sure[:, None], (once[0] + again[0]) / 2, np.nan).astype(np.float32)


def agreed(
    once: tuple[Float32Array, Float32Array],
    again: tuple[Float32Array, Float32Array],
    least_torso: float,
) -> BoolArray:
    """(17,) whether a joint is found both times, in the same place.

    Args:
        once: (17, 2) image pixels and (17,) scores.
        again: of the mirror image, mirrored back.
        least_torso: of which a distance is measured at least, image pixels.
    """
    sides = [skeleton.COCO_17.index[f"left_{part}"] for part in ("shoulder", "hip")]
    others = [skeleton.COCO_17.index[f"right_{part}"] for part in ("shoulder", "hip")]
    lengths = [np.linalg.norm(np.diff(once[0][ends], axis=0)) for ends in (sides, others)]
    torso = max(float(np.mean(lengths)), least_torso)
    apart = np.linalg.norm(once[0] - again[0], axis=-1)
    is_sure: BoolArray = (apart <= AGREEMENT * torso) & (np.minimum(once[1], again[1]) >= SURE)
    return is_sure


if __name__ == "__main__":
    sys.exit(main())
