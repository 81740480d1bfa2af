"""What blur costs: joints found in crops that are out of focus, or of people in motion.

    python -m benchmarks.out_of_focus flic=PATH --weights final small --json

Every person of a data set is shown in the crop of their annotation as it is, and blurred by
Gaussians of some crop pixels; a crop of 224 pixels and one of 160 are blurred alike, by the share
of the person.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mobilepose_core import crop, datasets, photo
from mobilepose_core.datasets import Sample, held_out
from mobilepose_core.evaluation import pck
from mobilepose_core.heatmap import Floats
from mobilepose_core.inference.session import PoseSession
from mobilepose_core.training.sources import Source

BLURS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Standard deviations, pixels of a crop of `SIDE`."""

SIDE = 224

Image = npt.NDArray[np.uint8]

PARTS = ("mean", "elbows", "wrists")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", metavar="NAME=PATH", help="such as flic=PATH")
    parser.add_argument("--split", default="held-out", help="train, val, test or held-out")
    parser.add_argument("--weights", nargs="+", default=["final", "small"])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    source = Source.parse(options.data)
    dataset = datasets.load(source.name, source.root)
    samples = held_out.people(dataset, options.split).samples
    rows = []
    for name in options.weights:
        distances = blurred(PoseSession(name, "cpu"), samples)
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
    if options.json:
        print(json.dumps({"data": source.name, "split": options.split, "rows": rows}))
    return 0


def blurred(session: PoseSession, samples: Sequence[Sample]) -> Floats:
    """(len(BLURS), N, 11) distances of joints, torso lengths, NaN where not annotated.

    People whose photograph cannot be read are left out.
    """
    found, known = [], []
    for sample in tqdm(samples, session.model.path.stem, unit="person", leave=False):
        image = photo.read(sample.image)
        if image is None:
            continue
        region = crop.region_of_box(sample.box)
        sharp = crop.cut(image, region, session.size)
        crops = np.stack([softened(sharp, blur * session.size / SIDE) for blur in BLURS])
        found.append(session(crops)[0])
        known.append(crop.transform(crop.crop_from_image(region, session.size), sample.upper_body))
    return np.stack(
        [pck.normalised_distances(one, np.stack(known)) for one in np.stack(found, axis=1)]
    )


def softened(pixels: Image, deviation: float) -> Image:
    """A picture blurred by a Gaussian of that standard deviation, its pixels."""
    if not deviation:
        return pixels
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), deviation), np.uint8)


if __name__ == "__main__":
    sys.exit(main())
