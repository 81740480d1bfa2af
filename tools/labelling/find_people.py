"""Finds all people in a data set's photographs by a teacher, annotated or not.

    python -m tools.labelling.find_people flic=PATH --teacher FOLDER --out people.json

Data sets annotate some of the people in their photographs; a network that learns to find people
must not take the others for background. Writes `{"teacher": NAME, "people": {FILE NAME: [[x0, y0,
x1, y1, score], …]}}`: boxes around our joints in image pixels, and how sure the teacher is; and
`"bodies"` likewise, around whole bodies, of a second teacher who sees more of those who are in part
hidden, blurred or far away. Without --teacher only bodies are looked for, which is enough where
nearly everybody is annotated.
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

from mobilepose_core import center_map, crop, datasets, skeleton
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import Float32Array, ImageArray

PERSON = 0.1
"""Score from which somebody is written down; who reads the file may ask for more."""

BODY = 0.25
"""Likewise, of a body."""

HALF = 0.6
"""Width of each half that a crowd is looked at in, in widths of the photograph."""

CUT = 0.25
"""Distance to where a photograph was halved, in widths of a person, up to which they may be cut."""

_OURS = [skeleton.COCO_COLUMNS[name] for name in skeleton.JOINTS]
_PHOTOGRAPHS = (".jpg", ".jpeg", ".png")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="a data set, or a folder of photographs")
    parser.add_argument("--teacher", type=Path, help="folder with node_modules; none: bodies only")
    parser.add_argument("--size", type=int, default=SIZE, help="of the teacher's canvas, pixels")
    parser.add_argument("--every", type=int, default=1, help="only every so many photographs")
    parser.add_argument("--out", type=output_file, required=True, help="JSON file of the people")
    options = parser.parse_args()
    paths = photographs(options.data)[:: options.every]
    people: dict[str, list[list[float]]] = {}
    bodies: dict[str, list[list[float]]] = {}
    try:
        detector = NanoDet(roster.nanodet())
    except UnavailableError as error:
        print(f"NanoDet cannot be had: {error}", file=sys.stderr)
        return 1
    with contextlib.ExitStack() as stack:
        teacher = options.teacher and stack.enter_context(MoveNet(options.teacher, options.size))
        for path in tqdm(paths, desc="find", unit="photo"):
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
    print(f"{len(paths) - len(bodies)} photographs cannot be read and are left out")
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
    """Everybody in a photograph; where the teacher's six are not enough, also in its halves.

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
    everybody = np.concatenate([found, whole(left, half), whole(right, width - half)])
    boxes, scores = center_map.box_nms(everybody[:, :4], everybody[:, 4])
    return np.column_stack([boxes, scores])


def people_of(keypoints: Float32Array, scores: Float32Array) -> Float32Array:
    """The people of whom a teacher is sure enough, (N, 5) with the box around our joints.

    Joints that it did not see count too: it knows well where they must be.

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
    """Those (N, 5) whom the edge of a half, image pixels from the left, does not cut."""
    x0, x1 = people[:, 0], people[:, 2]
    kept: Float32Array = people[np.minimum(abs(x0 - edge), abs(x1 - edge)) > CUT * (x1 - x0)]
    return kept


def rounded(people: Float32Array) -> list[list[float]]:
    """People (N, 5) as they are written down."""
    return [[*(round(float(v), 1) for v in row[:4]), round(float(row[4]), 3)] for row in people]


if __name__ == "__main__":
    sys.exit(main())
