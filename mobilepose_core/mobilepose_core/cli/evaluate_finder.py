"""`mobilepose evaluate-finder`: how many people a finder finds, and how many who are not there."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, print_lines, rounded
from mobilepose_core.cli.options import (
    FORMER_WEIGHTS,
    add_data,
    add_device,
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
from mobilepose_core.cli.values import path, share

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
    add_data(photographs, "data set of photographs with people", required=False)
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
    add_device(estimator)
    add_json(parser.add_argument_group("output"))
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import detection_metrics
    from mobilepose_core.inference import PoseEstimator

    check_finder(options.finder)
    scenes = _scenes(options)
    estimator = PoseEstimator(options.model, options.device, finder=options.finder)
    warn_of_fallbacks([estimator.model.fallback])
    assert estimator.detector is not None
    find = estimator.detector if options.alone else estimator.detect
    figures = detection_metrics.evaluate_detector(scenes, find, options.threshold)
    if unreadable := int(figures["unreadable"]):
        log.warning("%d of %d photographs could not be read", unreadable, len(scenes))
    head = {
        "command": "evaluate-finder",
        "finder": options.finder,
        "weights": None if options.alone else options.model,
        "dataset": options.data and options.data.format,
        "split": options.data and options.split,
    }
    if options.json:
        print_json(head, rounded(figures, 4))
        return 0
    title = (
        f"{options.finder}: {figures['people']:.0f} people of a fifth of the frame or more in "
        f"{figures['photographs']:.0f} photographs, {figures['empty']:.0f} of them empty"
    )
    print_lines(title, _LINES, figures)
    return 0


_LINES = {
    "recall": "recall",
    "overlap": "overlap of the boxes (mean IoU)",
    "false_per_frame": "false positives per photograph",
    "false_per_empty_frame": "... per empty photograph",
    "milliseconds": "time per photograph, ms (median)",
}


def _scenes(options: argparse.Namespace) -> list[Scene]:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out, scenes

    found: list[Scene] = []
    if options.data is not None:
        options.data = data = recognised(options.data)
        dataset = datasets.load(data.format, data.root)
        others = None if options.others is None else scenes.load_others(options.others)
        found += scenes.scenes_of(held_out.people(dataset, options.split), others)
        if not found:
            raise ValueError(
                f"{data.root} has no photographs in split {options.split!r}{dataset.reasons()}"
            )
        for line in dataset.fault_lines():
            log.warning("%s", line)
    if options.empty is not None:
        empty = scenes.empty_scenes(options.empty)
        found += held_out.apart(empty)[1] if options.empty_split == held_out.SPLIT else empty
    if not found:
        raise UsageError("no photographs to measure on: give --data, --empty, or both")
    return found
