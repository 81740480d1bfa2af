"""Accuracy of BlazePose on FLIC's test set, measured as docs/results.md measures our models.

    python -m benchmarks.peer_accuracy --data FOLDER

The first region of each person is given by their annotated torso, and refined twice. Writes
docs/peers.json, which `benchmarks.inference` shows next to the times.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import DOCS
from benchmarks.measure.output_file import output_file
from benchmarks.peers.blazepose import BlazePose, region_of_torso
from benchmarks.peers.packages import UnavailableError
from benchmarks.peers.roster import blazepose
from mobilepose_core import datasets, skeleton
from mobilepose_core.cli.former_options import Renamed
from mobilepose_core.cli.parser import CommandParser
from mobilepose_core.cli.values import path
from mobilepose_core.datasets import Sample
from mobilepose_core.evaluation import pck
from mobilepose_core.io import atomic, photo

FILE = DOCS / "peers.json"
SIZES = ("lite", "full", "heavy")
NOWHERE = 1e6
"""Coordinate of missing joints, pixels: far from every joint, and finite, so that PCK counts it."""

NOTE = (
    "person-centric PCK@0.2; the first region is that of the annotated torso, refined twice; "
    "BlazePose means another point by a hip than FLIC does, which lowers hips and mean"
)


def main() -> int:
    parser = CommandParser(
        description=(__doc__ or "").split("\n")[0], former=(Renamed("--root", "--data"),)
    )
    parser.add_argument("--data", type=path, required=True, metavar="FOLDER", help="folder of FLIC")
    parser.add_argument("--every", type=int, default=1, help="use every Nth person")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=output_file, default=FILE, help="JSON file")
    options = parser.parse_args()
    samples = datasets.load("flic", options.data).split("test").samples[:: options.every]
    try:
        paths = [blazepose(size) for size in SIZES]
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    rows = [accuracy_of(BlazePose(path, options.threads), samples) for path in paths]
    print(f"{'':<18}{'mean':>7}{'elbows':>8}{'wrists':>8}{'hips':>7}{'mean without hips':>19}")
    for row in rows:
        figures = row["pck"]
        print(
            f"{row['name']:<18}{figures['mean']:>7.1f}{figures['elbows']:>8.1f}"
            f"{figures['wrists']:>8.1f}{figures['hips']:>7.1f}{row['mean_without_hips']:>19.1f}"
        )
    atomic.write_text(options.out, json.dumps(rows, indent=1) + "\n")
    print(f"{options.out} written")
    return 0


def accuracy_of(model: BlazePose, samples: list[Sample]) -> dict[str, Any]:
    """A model's accuracy; people whose photograph cannot be read count as missed."""
    found = np.full((len(samples), skeleton.JOINT_COUNT, 2), NOWHERE, np.float32)
    for index, sample in enumerate(tqdm(samples, desc=model.name, unit="person", leave=False)):
        image, region = photo.read(sample.image), region_of_torso(sample.upper_body)
        if image is not None and region is not None:
            found[index] = model.joints(image, region)[0]
    distances = pck.normalised_distances(found, np.stack([s.upper_body for s in samples]))
    figures = {name: round(value, 2) for name, value in pck.summary(distances).items()}
    bodies = [figures[name] for name in skeleton.JOINTS if not name.endswith("_hip")]
    return {
        "name": model.name,
        "people": f"{len(samples)} people of FLIC's test set",
        "note": NOTE,
        "pck": figures,
        "mean_without_hips": round(float(np.mean(bodies)), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
