"""What positions, gestures, postures and the target lock are worth.

    python -m benchmarks.behaviour --minutes 30 --marks marks.json --data PATH --json

Simulated people tell how far positions are off and how many gestures are seen; photographs that
were marked by hand, and films and scenes composed of photographs, are measured where they are
given.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.behaving import (
    crossings,
    films,
    headings,
    photographs,
    picture,
    positions,
    puppet_films,
    puppets,
    strangers,
)
from benchmarks.behaving.careless_tracker import CarelessTracker
from benchmarks.measure.output_file import output_file
from mobilepose_core import PoseEstimator, datasets
from mobilepose_core.behaviour.target import LockSettings
from mobilepose_core.datasets import Dataset, held_out
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.evaluation import composed
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.skeleton import COCO_17, UPPER_BODY_11
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import ImageArray

FAMILIAR = LockSettings.familiar, 0.2, 0.1
"""Appearance distances up to which a lock takes a stranger for its target."""

CARELESS, EXCHANGED = "truth, IDs exchanged at half of all meetings", 0.5


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="of simulated gestures; 0: none"
    )
    parser.add_argument("--sizes", type=int, default=1000, help="simulated people; 0: none")
    parser.add_argument("--marks", type=Path, help="people in photographs, marked by hand")
    parser.add_argument("--data", type=Path, help="folder of the data sets that were marked")
    parser.add_argument(
        "--model", nargs="*", default=["final"], metavar="MODEL", help="none for truth alone"
    )
    parser.add_argument(
        "--headings",
        nargs="+",
        metavar="FORMAT=FOLDER",
        help="data sets whose held-out people tell by their joints which way they face",
    )
    parser.add_argument(
        "--people", metavar="FORMAT=FOLDER", help="to compose films and scenes of: coco=FOLDER"
    )
    parser.add_argument("--backgrounds", type=Path, help="photographs without people")
    parser.add_argument(
        "--strangers",
        nargs="+",
        metavar="FORMAT=FOLDER",
        help="data sets whose held-out people come alone after a target has left",
    )
    parser.add_argument("--trials", type=int, default=1500, help="of strangers who come alone")
    parser.add_argument("--scenes", type=int, default=20, help="composed, of 24 s each; 0: none")
    parser.add_argument(
        "--puppets",
        type=float,
        default=10.0,
        metavar="MINUTES",
        help="of gestures of people cut out of photographs; 0: none",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", type=output_file, help="write the gestures as a picture")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    if (options.marks is None) != (options.data is None):
        parser.error("--marks needs --data, the folder of the photographs, and the other way round")
    if (options.people is None) != (options.backgrounds is None):
        parser.error("--people needs --backgrounds, and the other way round")
    if options.picture is not None:
        picture.write(options.picture)
    figures: dict[str, Any] = {"seed": options.seed}
    if options.sizes:
        figures["positions"] = positions.measure(options.sizes, options.seed)
    if options.minutes:
        figures["films"] = [
            films.gestures(options.minutes, skeleton, options.seed, depth)
            for skeleton, depth in ((UPPER_BODY_11, False), (COCO_17, False), (UPPER_BODY_11, True))
        ]
    if options.marks is not None:
        figures["photographs"] = _photographs(options)
    if options.headings:
        figures["headings"] = _headings(options)
    if options.strangers:
        figures["strangers"] = _strangers(options)
    if options.people is not None:
        figures |= _composed(options)
    _print(figures)
    if options.json:
        print(json.dumps({"command": "behaviour", **figures}))
    return 0


def _photographs(options: argparse.Namespace) -> list[dict[str, Any]]:
    people = photographs.load(options.marks, options.data)
    rows = [photographs.judge(photographs.ANNOTATED, list(photographs.annotated(people)))]
    for name in options.model:
        model = PoseModel(name, "cpu")
        unseen = [one for one in people if one.is_held_out]
        for title, chosen in ((name, people), (f"{name}, not trained on", unseen)):
            rows.append(photographs.judge(title, list(photographs.found(chosen, model))))
    return rows


def _headings(options: argparse.Namespace) -> list[dict[str, Any]]:
    sources = [DataSource.parse(text) for text in options.headings]
    people = [sample for source in sources for sample in _held_out(source).samples]
    return [
        {"heading of": name, **headings.measure(people, PoseModel(name, "cpu"))}
        for name in options.model
    ]


def _strangers(options: argparse.Namespace) -> list[dict[str, Any]]:
    sources = [DataSource.parse(text) for text in options.strangers]
    people = [sample for source in sources for sample in _held_out(source).samples]
    rows = []
    for name in options.model:
        looks = strangers.looks(people, PoseModel(name, "cpu"), options.seed)
        for familiar in FAMILIAR:
            settings = LockSettings(familiar=familiar)
            row = strangers.measure(looks, options.trials, options.seed, settings)
            rows.append({"joints of": name, "familiar": familiar, **row})
    return rows


def _held_out(source: DataSource) -> Dataset:
    return held_out.people(datasets.load(source.name, source.root), held_out.SPLIT)


def _composed(options: argparse.Namespace) -> dict[str, Any]:
    source = DataSource.parse(options.people)
    cast = composed.cutouts_of(_held_out(source).samples)
    backgrounds = composed.backgrounds(options.backgrounds)
    figures: dict[str, Any] = {}
    if options.puppets:
        figures["puppets"] = _puppets(options, cast, backgrounds)
    if options.scenes:
        figures["crossings"] = _crossings(options, cast, backgrounds)
    return figures


def _puppets(
    options: argparse.Namespace, people: Sequence[Cutout], backgrounds: Sequence[ImageArray]
) -> list[dict[str, Any]]:
    cast, minutes = puppets.puppets_of(people), options.puppets
    return [
        {
            "people from": name,
            **puppet_films.gestures(
                PoseEstimator(name, "cpu"), cast, backgrounds, minutes, options.seed
            ),
        }
        for name in options.model
    ]


def _crossings(
    options: argparse.Namespace, cast: Sequence[Cutout], backgrounds: Sequence[ImageArray]
) -> list[dict[str, Any]]:
    careless = CarelessTracker(EXCHANGED, options.seed)
    rows = [
        {
            "people from": CARELESS,
            **crossings.measure(careless, cast, backgrounds, options.scenes, options.seed),
            "ids_exchanged": careless.exchanges,
        }
    ]
    for name in options.model:
        estimator = PoseEstimator(name, "cpu")
        figures = crossings.measure(estimator, cast, backgrounds, options.scenes, options.seed)
        rows.append({"people from": name, **figures})
    return rows


def _print(figures: dict[str, Any]) -> None:
    for part, rows in figures.items():
        print(part)
        for row in rows if isinstance(rows, list) else [rows]:
            if not isinstance(row, dict):
                print(f"  {row}")
                continue
            print("  " + "  ".join(f"{k} {v}" for k, v in row.items() if not isinstance(v, dict)))
            for name, table in row.items():
                for key, value in table.items() if isinstance(table, dict) else ():
                    print(f"    {name}: {key}: {value}")


if __name__ == "__main__":
    sys.exit(main())
