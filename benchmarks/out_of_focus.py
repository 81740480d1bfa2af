"""Accuracy on blurred crops, as of people out of focus or in motion.

    python -m benchmarks.out_of_focus flic=PATH --model final small --json

Every person of a data set is evaluated in the crop of their annotation, sharp and blurred by
Gaussians. The standard deviation scales with the crop's size, so that models of different input
sizes are comparable.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import cv2
import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, datasets, skeleton
from mobilepose_core.cli import options
from mobilepose_core.cli.parser import CommandParser
from mobilepose_core.datasets import Sample, held_out
from mobilepose_core.evaluation import pck
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import Float32Array, ImageArray

BLURS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Standard deviations, pixels of a crop of `SIDE`."""

SIDE = 224


PARTS = ("mean", "elbows", "wrists")


def main() -> int:
    parser = CommandParser(
        description=(__doc__ or "").split("\n")[0], former=(options.FORMER_WEIGHTS,)
    )
    parser.add_argument("data", metavar="FORMAT=FOLDER", help="data set, such as flic=FOLDER")
    options.add_split(parser, "held-out")
    parser.add_argument(
        "--model",
        nargs="+",
        default=["final", "small"],
        metavar="MODEL",
        help="released models or .onnx files",
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    source = DataSource.parse(given.data)
    dataset = datasets.load(source.name, source.root)
    samples = held_out.people(dataset, given.split).samples
    rows = []
    for name in given.model:
        distances = blurred(PoseModel(name, "cpu"), samples)
        for blur, far in zip(BLURS, distances, strict=True):
            figures = pck.summary(far)
            row = {
                "name": name,
                "blur": blur,
                "people": len(far),
                **{part: round(figures[part], 2) for part in PARTS},
            }
            print("  ".join(f"{value}" for value in row.values()))
            rows.append(row)
    if given.json:
        print(json.dumps({"data": source.name, "split": given.split, "rows": rows}))
    return 0


def blurred(session: PoseModel, samples: Sequence[Sample]) -> Float32Array:
    """(len(BLURS), N, 11) distances of joints in torso lengths, NaN where not annotated.

    People whose photograph cannot be read are skipped.
    """
    columns = [session.skeleton.index[name] for name in skeleton.JOINTS]
    found, known = [], []
    for sample in tqdm(samples, session.file.path.stem, unit="person", leave=False):
        image = photo.read(sample.image)
        if image is None:
            continue
        region = session.framing.region(sample.joints)
        sharp = crop.cut(image, region, session.size)
        crops = np.stack([softened(sharp, blur * session.size / SIDE) for blur in BLURS])
        found.append(session.infer(crops).joints[:, columns])
        known.append(crop.transform(crop.crop_from_image(region, session.size), sample.upper_body))
    return np.stack(
        [pck.normalised_distances(one, np.stack(known)) for one in np.stack(found, axis=1)]
    )


def softened(pixels: ImageArray, deviation: float) -> ImageArray:
    """A picture blurred by a Gaussian of that standard deviation, pixels."""
    if not deviation:
        return pixels
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), deviation), np.uint8)


if __name__ == "__main__":
    sys.exit(main())
