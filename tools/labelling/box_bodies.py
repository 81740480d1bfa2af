"""Boxes around the joints of people of whom only a box of the whole body is known.

    python -m tools.labelling.box_bodies PHOTOS --bodies FILE --people FILE --out FILE

A person detector learns boxes from the eyes to the hips. Boxes that people drew, or that a teacher
detected, are of whole bodies. Where the teacher of joints missed somebody, such a body would be an
ignored region, and the detector would learn from easy people alone. Our own pose network finds the
joints inside these bodies. `PHOTOS` is a folder, or `NAME=PATH` of a data set. Reads and writes
the format of `find_people`; drawn boxes may be `{FILE NAME: [[x0, y0, x1, y1], …]}` as well.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from benchmarks.measure.output_file import output_file
from tqdm import tqdm

from mobilepose_core import PersonBoxes, Pose, crop, datasets
from mobilepose_core.datasets.scenes import HELD, SURE
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import atomic, photo
from mobilepose_core.pose import boxes_of
from mobilepose_core.typing import BoolArray, Float32Array, ImageArray
from tools.labelling.find_people import photographs, rounded

LEAST_BODY = 0.35
"""Confidence of a teacher in a body from which joints are looked for."""

SURE_POSE, SURE_BOTH = 0.4, 1.05
"""Mean score of the joints, and its sum with the confidence in the body, from which a body is a
person and the box of the joints right; otherwise it stays a body."""

SMALLEST_BODY = 24.0
"""Longer side of a body below which no joints are looked for, image pixels."""

DRAWN = 1.0
"""Confidence in a box that people drew."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="PHOTOS", help="a folder of photographs, or NAME=PATH")
    parser.add_argument("--bodies", type=Path, required=True, help="JSON of body boxes")
    parser.add_argument("--people", type=Path, help="JSON of people found before; default: none")
    parser.add_argument("--model", default="final", help="pose network; default: %(default)s")
    parser.add_argument("--out", type=output_file, required=True, help="JSON file of the people")
    options = parser.parse_args()
    bodies = bodies_of(options.bodies)
    found = json.loads(options.people.read_bytes()) if options.people else {"people": {}}
    model = PoseModel(options.model, threads=1)
    people: dict[str, list[list[float]]] = dict(found["people"])
    left: dict[str, list[list[float]]] = dict(found.get("bodies", {}))
    annotated = annotated_in(options.data)
    boxed = seen = 0
    for path in tqdm(photographs(options.data), desc="box", unit="photo"):
        image = photo.read(path)
        if image is None or path.name not in bodies:
            continue
        taught = [row[:4] for row in people.get(path.name, []) if row[4] >= SURE]
        known = np.array([*taught, *annotated.get(path.name, [])], np.float32).reshape(-1, 4)
        new, unsure = boxes_in(model, image, bodies[path.name], known)
        boxed, seen = boxed + len(new), seen + 1
        people[path.name] = [*people.get(path.name, []), *rounded(new)]
        earlier = left.get(path.name, [])
        left[path.name] = [*earlier, *(row for row in rounded(unsure) if row not in earlier)]
    teacher = ", ".join(filter(None, [found.get("teacher"), f"joints of {options.model}"]))
    content = {"teacher": teacher, "people": people, "bodies": left}
    atomic.write_text(options.out, json.dumps(content))
    print(f"{options.out}: {boxed} people boxed in {seen} photographs with bodies")
    return 0


def annotated_in(data: str) -> dict[str, list[Float32Array]]:
    """The boxes (4,) of annotated people by name of the photograph; none in a plain folder."""
    name, equals, root = data.partition("=")
    boxes: dict[str, list[Float32Array]] = {}
    for sample in datasets.load(name, Path(root)) if equals else ():
        boxes.setdefault(sample.image.name, []).append(sample.box)
    return boxes


def bodies_of(path: Path) -> dict[str, Float32Array]:
    """Body boxes and confidences (N, 5) by name of the photograph, from either format."""
    content = json.loads(path.read_bytes())
    bodies: dict[str, Float32Array] = {}
    for name, rows in content.get("bodies", content).items():
        boxes = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
        scores = [row[4] if len(row) > 4 else DRAWN for row in rows]
        bodies[name] = np.column_stack([boxes, np.array(scores, np.float32)])
    return bodies


def boxes_in(
    model: PoseModel, image: ImageArray, bodies: Float32Array, known: Float32Array
) -> tuple[Float32Array, Float32Array]:
    """People among bodies, and the bodies of which nothing more is known.

    Args:
        model: finds the joints.
        image: (H, W, 3) uint8, BGR.
        bodies: (N, 5) boxes of whole bodies, image pixels, and confidences.
        known: (M, 4) boxes around the joints of people who are known already.

    Returns:
        (P, 5) boxes around joints and confidences, and (Q, 5) of the bodies.
    """
    is_new = ~(crop.shares_of(known, bodies[:, :4]) >= HELD).any(axis=0)
    is_large = (bodies[:, 2:4] - bodies[:, :2]).max(axis=1, initial=0) >= SMALLEST_BODY
    asked = is_new & is_large & (bodies[:, 4] >= LEAST_BODY)
    chosen = bodies[asked]
    if not len(chosen):
        return chosen, bodies[is_new]
    whole = PersonBoxes(chosen[:, :4], chosen[:, 4], of_bodies=True).of_joints()
    regions, first = verification.first_poses(model, image, whole)
    poses = verification.recrop(model, image, regions, first)
    boxes, are_sure = joints_within(poses, chosen)
    people = np.column_stack(crop.box_nms(boxes[are_sure], chosen[are_sure, 4]))
    return people.astype(np.float32), np.concatenate([chosen[~are_sure], bodies[is_new & ~asked]])


def joints_within(poses: list[Pose], bodies: Float32Array) -> tuple[Float32Array, BoolArray]:
    """(N, 4) boxes of poses, cut off where their bodies (N, 5) end, and which can be relied on.

    Joints that are mostly outside the body are somebody else's.
    """
    boxes = boxes_of(poses)
    shares = np.diagonal(crop.shares_of(boxes, bodies[:, :4]))
    scores = np.array([pose.person_score for pose in poses])
    inside = np.concatenate(
        [np.maximum(boxes[:, :2], bodies[:, :2]), np.minimum(boxes[:, 2:], bodies[:, 2:4])], axis=1
    )
    least = np.maximum(SURE_POSE, SURE_BOTH - bodies[:, 4])
    return inside, (shares >= HELD) & (scores >= least)


if __name__ == "__main__":
    sys.exit(main())
