"""`mobilepose evaluate-finder`: how many people a finder finds, and how many who are not there."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, print_lines, rounded
from mobilepose_core.cli.options import add_device, check_finder, path, warn_of_fallbacks

if TYPE_CHECKING:
    from mobilepose_core.datasets.scenes import Scene


_ALL = "all"


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "evaluate-finder", help="people found and falsely found in whole photographs"
    )
    parser.add_argument("--dataset", help="flic, lsp or coco; recognised where not given")
    parser.add_argument("--root", type=path, help="the data set's folder")
    parser.add_argument("--split", default="test", help="train, val, test or held-out")
    parser.add_argument(
        "--others",
        type=path,
        help="JSON of people in its photographs who may not be annotated, as "
        "benchmarks.find_people writes it",
    )
    parser.add_argument("--empty", type=path, help="folder of photographs without people")
    parser.add_argument(
        "--empty-split",
        default=_ALL,
        choices=(_ALL, "held-out"),
        help="all of them, or those held out of training",
    )
    parser.add_argument(
        "--finder", default="detector", help="detector, full_frame, or a detector's .onnx file"
    )
    parser.add_argument(
        "--weights",
        default="final",
        help="pose network, which has a say in who is there, and is what full_frame looks with",
    )
    parser.add_argument(
        "--alone",
        action="store_true",
        help="all that the finder gives, whatever the pose network says of it; see --threshold",
    )
    parser.add_argument("--threshold", type=float, help="score from which somebody is found")
    add_device(parser)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import finding
    from mobilepose_core.inference import PoseEstimator

    check_finder(options.finder)
    scenes = _scenes(options)
    estimator = PoseEstimator(options.weights, options.device, finder=options.finder)
    warn_of_fallbacks([estimator.session.fallback])
    assert estimator.finder is not None
    find = estimator.finder if options.alone else estimator.find
    figures = finding.judge(scenes, find, options.threshold)
    if unreadable := int(figures["unreadable"]):
        print(f"{unreadable} of {len(scenes)} photographs could not be read", file=sys.stderr)
    head = {
        "command": "evaluate-finder",
        "finder": options.finder,
        "weights": None if options.alone else options.weights,
        "dataset": options.dataset,
        "split": options.split if options.root else None,
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
    "false_per_frame": "false people per photograph",
    "false_per_empty_frame": "... per empty photograph",
    "milliseconds": "time per photograph, ms (median)",
}


def _scenes(options: argparse.Namespace) -> list[Scene]:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out, scenes

    found: list[Scene] = []
    if options.root is not None:
        options.dataset = options.dataset or datasets.recognise(options.root)
        dataset = datasets.load(options.dataset, options.root)
        others = None if options.others is None else scenes.load_others(options.others)
        found += scenes.scenes_of(held_out.people(dataset, options.split), others)
        if not found:
            raise ValueError(
                f"{options.root} has no photograph in its split {options.split!r}"
                f"{dataset.reasons()}"
            )
        for line in dataset.fault_lines():
            print(line, file=sys.stderr)
    if options.empty is not None:
        empty = scenes.empty_scenes(options.empty)
        found += held_out.apart(empty)[1] if options.empty_split == held_out.SPLIT else empty
    if not found:
        raise ValueError("nothing to look at: give --root, --empty, or both")
    return found
