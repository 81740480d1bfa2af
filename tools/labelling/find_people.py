"""Detects all people in a data set's photographs with teacher networks, annotated or not.

    python -m tools.labelling.find_people flic=PATH --teacher FOLDER --out people.json

Data sets annotate only some of the people in their photographs; a person detector must not learn
the others as background. Writes `{"teacher": NAME, "people": {FILE NAME: [[x0, y0, x1, y1, score],
…]}}`: boxes around our joints in image pixels, and the teacher's confidence; and `"bodies"` in the
same format, boxes of whole bodies from a second teacher, which detects more people who are
occluded, blurred or far away. Without --teacher only bodies are detected, which suffices if nearly
all people are annotated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benchmarks.measure.output_file import output_file
from benchmarks.peers import nanodet, roster
from benchmarks.peers.movenet import NAME, PEOPLE, SIZE, MoveNet
from benchmarks.peers.nanodet import NanoDet
from benchmarks.peers.packages import UnavailableError
from tqdm import tqdm

from mobilepose_core import crop, datasets, skeleton
from mobilepose_core.datasets import joint_columns
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import Float32Array, ImageArray

PERSON = 0.1
"""Confidence from which a person is written; readers of the file may filter further."""

BODY = 0.25
"""Confidence from which a body is written."""

HALF = 0.6
"""Width of each half in which crowds are detected, in widths of the photograph."""

CUT = 0.25
"""Distance to the edge of a half up to which a person may be cut off, in widths of the person."""

_OURS = [joint_columns.COCO_COLUMNS[name] for name in skeleton.JOINTS]
_PHOTOGRAPHS = (".jpg", ".jpeg", ".png")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="a data set, or a folder of photographs")
    parser.add_argument("--teacher", type=Path, help="folder with node_modules; none: bodies only")
    parser.add_argument("--size", type=int, default=SIZE, help="of the teacher's canvas, pixels")
    parser.add_argument("--every", type=int, default=1, help="use every Nth photograph")
    parser.add_argument("--out", type=output_file, required=True, help="JSON file of the people")
    options = parser.parse_args()
    paths = photographs(options.data)[:: options.every]
    people: dict[str, list[list[float]]] = {}
    bodies: dict[str, list[list[float]]] = {}
    try:
        detector = NanoDet(roster.nanodet())
    except UnavailableError as error:
        print(f"NanoDet is unavailable: {error}", file=sys.stderr)
        return 1
    with contextlib.ExitStack() as stack:
        teacher = options.teacher and stack.enter_context(MoveNet(options.teacher, options.size))
        for path in tqdm(paths, desc="detect", unit="photo"):
            image = photo.read(path)
            if image is None:
                continue
            bodies[path.name] = rounded(detector.people(image, BODY))
            if teacher:
                people[path.name] = rounded(find(image, teacher.people))
    teachers = f"{NAME}, {nanodet.NAME}" if teacher else nanodet.NAME
    content = {"teacher": teachers, "people": people, "bodies": bodies}
    atomic.write_text(options.out, json.dumps(content))
    found, seen = (sum(len(boxes) for boxes in each.values()) for each in (people, bodies))
    print(f"{options.out}: {found} people and {seen} bodies in {len(bodies)} photographs")
    print(f"{len(paths) - len(bodies)} photographs cannot be read and are skipped")
    return 0


def photographs(data: str) -> list[Path]:
    """All photographs of a data set, `NAME=PATH`, or of a folder and those inside it.

    Raises:
        ValueError: an unknown data set, no photographs, or two of one name.
    """
    name, equals, root = data.partition("=")
    if equals:
        dataset = datasets.load(name, Path(root))
        paths = {sample.image for sample in dataset} | set(dataset.empty)
    else:
        paths = {path for path in Path(data).rglob("*") if path.suffix.lower() in _PHOTOGRAPHS}
    if not paths:
        raise ValueError(f"{data} holds no photographs; expected {', '.join(_PHOTOGRAPHS)}")
    if len({path.name for path in paths}) < len(paths):
        raise ValueError(f"{data} holds photographs of one name in several folders; run each alone")
    return sorted(paths)


def find(
    image: ImageArray, look: Callable[[ImageArray], tuple[Float32Array, Float32Array]]
) -> Float32Array:
    """All people in a photograph; if the teacher's limit of six is reached, also in its halves.

    Args:
        image: (H, W, 3) uint8, BGR.
        look: as `MoveNet.people`.

    Returns:
        (N, 5) x0, y0, x1, y1 in image pixels, and score.
    """
    found = people_of(*look(image))
    if len(found) < PEOPLE:
        return found
    width = image.shape[1]
    half = round(HALF * width)
    left = people_of(*look(image[:, :half]))
    right = people_of(*look(image[:, width - half :]))
    right[:, [0, 2]] += width - half
    everyone = np.concatenate([found, whole(left, half), whole(right, width - half)])
    boxes, scores = crop.box_nms(everyone[:, :4], everyone[:, 4])
    return np.column_stack([boxes, scores])


def people_of(keypoints: Float32Array, scores: Float32Array) -> Float32Array:
    """A teacher's detections above the threshold, (N, 5) with the box around our joints.

    Joints of low score count, too: the teacher predicts occluded joints well.

    Args:
        keypoints: (M, 17, 3) x, y and score of COCO's keypoints.
        scores: (M,) of the people.
    """
    boxes = [
        [*crop.box_of_joints(person[_OURS, :2]), score]
        for person, score in zip(keypoints, scores, strict=True)
        if score >= PERSON
    ]
    return np.array(boxes, dtype=np.float32).reshape(-1, 5)


def whole(people: Float32Array, edge: float) -> Float32Array:
    """The detections (N, 5) that the edge of a half, in image pixels, does not cut off."""
    x0, x1 = people[:, 0], people[:, 2]
    kept: Float32Array = people[np.minimum(abs(x0 - edge), abs(x1 - edge)) > CUT * (x1 - x0)]
    return kept


def rounded(people: Float32Array) -> list[list[float]]:
    """Detections (N, 5) as they are written to the file."""
    return [[*(round(float(v), 1) for v in row[:4]), round(float(row[4]), 3)] for row in people]


if __name__ == "__main__":
    sys.exit(main())
