"""Accuracy of BlazePose and MoveNet, measured as docs/results.md measures our models.

    python -m benchmarks.peer_accuracy --data flic=FOLDER --out docs/peers.json
    python -m benchmarks.peer_accuracy --data coco=FOLDER --split held-out --json >> docs/pipe.jsonl

BlazePose's first region is given by the annotated torso, and refined twice; MoveNet's is a square
around all annotated joints. `benchmarks.inference` shows the accuracies of docs/peers.json next to
the times.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.measure.output_file import output_file
from benchmarks.peers import blazepose, movenet_single, roster
from benchmarks.peers.packages import UnavailableError
from mobilepose_core import datasets, skeleton
from mobilepose_core.cli.figures import print_json, rounded
from mobilepose_core.cli.former_options import Renamed
from mobilepose_core.cli.options import (
    add_data,
    add_json,
    add_min_height,
    add_split,
    recognised,
)
from mobilepose_core.cli.parser import CommandParser
from mobilepose_core.datasets import Sample, held_out
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import Float32Array, ImageArray

NOTE = (
    "person-centric PCK@0.2; BlazePose's first region is that of the annotated torso, refined "
    "twice, MoveNet's a square around all annotated joints; both mean another point by a hip than "
    "FLIC does, which lowers hips and mean there"
)


@dataclass(frozen=True)
class Peer:
    """A network that finds the joints of one person whose place is given.

    Attributes:
        name: as of `roster.PEERS`.
        find: (11, 2) image pixels, in an image and for a person in it.
    """

    name: str
    find: Callable[[ImageArray, Sample], Float32Array]


def by_torso(size: str, threads: int) -> Peer:
    """BlazePose, given the torso; where that is not annotated, a square around all joints."""
    model = blazepose.BlazePose(roster.blazepose(size), threads)

    def find(image: ImageArray, sample: Sample) -> Float32Array:
        region = blazepose.region_of_torso(sample.upper_body)
        region = region or movenet_single.region_of_person(sample.joints)
        return model.joints(image, region)[0]

    return Peer(model.name, find)


def by_person(size: str, threads: int) -> Peer:
    """MoveNet, given a square around all joints."""
    model = movenet_single.MoveNetSingle(roster.movenet(size), threads)
    columns = [skeleton.COCO_17.index[name] for name in skeleton.JOINTS]

    def find(image: ImageArray, sample: Sample) -> Float32Array:
        points, _ = model.joints(image, movenet_single.region_of_person(sample.joints))
        return points[columns]

    return Peer(model.name, find)


PEERS: Mapping[str, Callable[[int], Peer]] = {
    **{f"blazepose_{size}": partial(by_torso, size) for size in ("lite", "full", "heavy")},
    **{f"movenet_{size}": partial(by_person, size) for size in ("lightning", "thunder")},
}


def main() -> int:
    parser = CommandParser(
        description=(__doc__ or "").split("\n")[0], former=(Renamed("--root", "--data"),)
    )
    add_data(parser)
    add_split(parser)
    add_min_height(parser)
    parser.add_argument("--only", nargs="+", choices=tuple(PEERS), default=list(PEERS))
    parser.add_argument("--every", type=int, default=1, help="use every Nth person")
    parser.add_argument("--threads", type=int, default=1)
    add_json(parser)
    parser.add_argument("--out", type=output_file, help="JSON file for benchmarks.inference")
    options = parser.parse_args()
    data = recognised(options.data)
    people = held_out.people(datasets.load(data.format, data.root), options.split)
    samples = people.from_height(options.min_height).samples[:: options.every]
    if not samples:
        parser.error(
            f"{data.root} has nobody of {options.min_height:g} pixels in split {options.split!r}"
        )
    head = {
        "command": "evaluate",
        "dataset": data.format,
        "source": data.root.name,
        "split": options.split,
        "min_height": options.min_height,
        "people": len(samples),
        "finder": "annotation",
    }
    rows = []
    for name in options.only:
        try:
            peer = PEERS[name](options.threads)
        except UnavailableError as error:
            print(error, file=sys.stderr)
            return 1
        figures = accuracy_of(peer, samples)
        rows.append(_row(peer.name, f"{len(samples)} people of {data.root.name}", figures))
        if options.json:
            print_json({**head, "weights": peer.name}, rounded(figures, 2))
        else:
            _print(rows[-1], is_first=len(rows) == 1)
    if options.out:
        atomic.write_text(options.out, json.dumps(rows, indent=1) + "\n")
    return 0


def accuracy_of(peer: Peer, samples: Sequence[Sample]) -> dict[str, float]:
    """PCK of each joint and left-right swaps, per cent, as `mobilepose evaluate --json` names them.

    People whose photograph cannot be read count as missed.
    """
    found = np.full((len(samples), len(skeleton.JOINTS), 2), np.inf, np.float32)
    for index, sample in enumerate(tqdm(samples, desc=peer.name, unit="person", leave=False)):
        image = photo.read(sample.image)
        if image is not None:
            found[index] = peer.find(image, sample)
    truth = np.stack([sample.joints for sample in samples])
    comparison = Comparison(found, truth, skeleton.JOINTS)
    swapped = {f"exchanged_{group}": share for group, share in comparison.exchanged().items()}
    return pck.summary(comparison.distances(), pck.RIGHT, skeleton.JOINTS) | swapped


def _row(name: str, people: str, figures: Mapping[str, float]) -> dict[str, Any]:
    """As docs/peers.json has it."""
    bodies = [figures[joint] for joint in skeleton.JOINTS if not joint.endswith("_hip")]
    return {
        "name": name,
        "people": people,
        "note": NOTE,
        "pck": {key: round(value, 2) for key, value in figures.items() if "exchanged" not in key},
        "mean_without_hips": round(float(np.nanmean(bodies)), 2),
    }


def _print(row: Mapping[str, Any], is_first: bool) -> None:
    if is_first:
        print(f"{'':<18}{'mean':>7}{'elbows':>8}{'wrists':>8}{'hips':>7}{'mean without hips':>19}")
    figures = row["pck"]
    print(
        f"{row['name']:<18}{figures['mean']:>7.1f}{figures['elbows']:>8.1f}"
        f"{figures['wrists']:>8.1f}{figures['hips']:>7.1f}{row['mean_without_hips']:>19.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
