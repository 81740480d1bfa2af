"""`mobilepose evaluate-finder`: recall and false positives of a person detector."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, print_lines, rounded
from mobilepose_core.cli.options import (
    FORMATS,
    FORMER_WEIGHTS,
    add_device,
    add_find_size,
    add_finder,
    add_json,
    add_model,
    add_split,
    check_finder,
    former_data,
    recognised,
    warn_of_fallbacks,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import DataSet, data_set, path, share, share_above_zero

if TYPE_CHECKING:
    from mobilepose_core.datasets.scenes import Scene


log = logging.getLogger(__name__)

_ALL = "all"


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "evaluate-finder",
        help="measure person detection in whole photographs",
        description="Measures recall and false positives of a person detector in whole "
        "photographs with people, without, or both.",
        former=(FORMER_WEIGHTS, former_data()),
    )
    photographs = parser.add_argument_group("data")
    photographs.add_argument(
        "--data",
        type=data_set,
        action="append",
        default=[],
        metavar="[FORMAT=]FOLDER",
        help=f"data set of photographs with people, such as flic=FOLDER; {FORMATS}; "
        "may be repeated, for figures of each and of --empty",
    )
    add_split(photographs)
    photographs.add_argument(
        "--others",
        type=path,
        metavar="FILE",
        help="JSON of people in these photographs who may not be annotated, from "
        "tools.labelling.find_people; detections of them are not false positives",
    )
    photographs.add_argument(
        "--empty", type=path, metavar="FOLDER", help="photographs without people"
    )
    photographs.add_argument(
        "--empty-split",
        default=_ALL,
        choices=(_ALL, "held-out"),
        help="empty photographs to take; held-out are those that training leaves out",
    )
    estimator = parser.add_argument_group("estimator")
    add_finder(estimator)
    add_find_size(estimator)
    add_model(estimator, "pose network that verifies detections, and searches for full_frame")
    estimator.add_argument(
        "--alone",
        action="store_true",
        help="count all detections, without verification by the pose network; see --threshold",
    )
    estimator.add_argument(
        "--threshold",
        type=share,
        metavar="SCORE",
        help="lowest score of a detection that counts; all of them if not given",
    )
    estimator.add_argument(
        "--overlap",
        type=share_above_zero,
        default=0.5,
        metavar="SHARE",
        help="lowest IoU of a detection with the person that it detects, up to 1",
    )
    add_device(estimator)
    add_json(parser.add_argument_group("output"))
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import detection_metrics
    from mobilepose_core.inference import PoseEstimator

    check_finder(options.finder, options.find_size)
    parts = _photographs(options)
    estimator = PoseEstimator(
        options.model, options.device, finder=options.finder, find_size=options.find_size
    )
    warn_of_fallbacks([estimator.model.fallback])
    assert estimator.detector is not None
    find = estimator.detector if options.alone else estimator.detect
    for part in parts:
        figures = detection_metrics.evaluate_detector(
            part.scenes, find, options.threshold, options.overlap
        )
        if unreadable := int(figures["unreadable"]):
            log.warning("%d of %d photographs could not be read", unreadable, len(part.scenes))
        head = {
            "command": "evaluate-finder",
            "finder": options.finder,
            "find_size": getattr(estimator.detector, "size", None),
            "weights": None if options.alone else options.model,
            **part.named,
        }
        if options.json:
            print_json(head, rounded(figures, 4))
            continue
        title = (
            f"{part.title}{options.finder}: {figures['people']:.0f} people of a fifth of the frame "
            f"or more in {figures['photographs']:.0f} photographs, {figures['empty']:.0f} of them "
            "empty"
        )
        print_lines(title, _LINES, figures)
    return 0


@dataclass(frozen=True)
class _Photographs:
    """Photographs that are measured separately.

    Attributes:
        named: what the line of JSON says of them.
        title: begins the table.
    """

    named: Mapping[str, str | None]
    title: str
    scenes: list[Scene]


_LINES = {
    "recall": "recall",
    "recall_of_a_tenth": "... of people of a tenth of the frame or more",
    "recall_of_a_quarter": "... of people of a quarter of the frame or more",
    "overlap": "overlap of the boxes (mean IoU)",
    "false_per_frame": "false positives per photograph",
    "false_per_empty_frame": "... per empty photograph",
    "empty_without_false": "share of empty photographs without any",
    "milliseconds": "time per photograph, ms (median)",
}


def _photographs(options: argparse.Namespace) -> list[_Photographs]:
    """Each data set separately; a single one is measured with the empty photographs."""
    empty, parts = _empty_scenes(options), []
    is_one = len(options.data) == 1
    for data in map(recognised, options.data):
        name = data.root.resolve().name
        named = {"dataset": data.format, "source": name, "split": options.split}
        scenes = _scenes(data, options)
        title, added = ("", empty) if is_one else (f"{name}, ", [])
        parts.append(_Photographs(named, title, scenes + added))
    if empty and not is_one:
        title = "empty, " if parts else ""
        parts.append(_Photographs({"dataset": None, "source": None, "split": None}, title, empty))
    if not parts:
        raise UsageError("no photographs to measure on: give --data, --empty, or both")
    return parts


def _scenes(data: DataSet, options: argparse.Namespace) -> list[Scene]:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out, scenes, teacher_detections

    dataset = datasets.load(data.format, data.root)
    others = None if options.others is None else teacher_detections.load(options.others)
    found = scenes.scenes_of(held_out.people(dataset, options.split), others)
    if not found:
        raise ValueError(
            f"{data.root} has no photographs in split {options.split!r}{dataset.reasons()}"
        )
    for line in dataset.fault_lines():
        log.warning("%s", line)
    return found


def _empty_scenes(options: argparse.Namespace) -> list[Scene]:
    from mobilepose_core.datasets import held_out, scenes

    if options.empty is None:
        return []
    empty = scenes.empty_scenes(options.empty)
    if options.empty_split != held_out.SPLIT:
        return empty
    inside = held_out.split_off(empty)[1]
    if not inside:
        raise ValueError(
            f"none of the {len(empty)} photographs in {options.empty} is held out: one in "
            f"{held_out.ONE_IN} is, drawn by its name; expected more of them, or --empty-split all"
        )
    return inside
