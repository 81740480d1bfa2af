"""`mobilepose dataset`: a look at a data set."""

from __future__ import annotations

import argparse
import sys

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("dataset", help="look at a data set")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="count its people and its faults")
    show = actions.add_parser("show", help="draw people with their joints on a contact sheet")
    for action in (check, show):
        action.add_argument("root", type=path, help="the data set's folder")
        action.add_argument("--dataset", help="flic, lsp or coco; recognised where not given")
    show.add_argument("--save", type=path, required=True, help="the picture to write")
    show.add_argument("--count", type=int, default=40, help="how many people")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.evaluation.sheet import save_sheet

    if options.action == "show" and options.count < 1:
        raise ValueError(f"--count is 1 or more, got {options.count}")
    dataset = datasets.load(options.dataset or datasets.recognise(options.root), options.root)
    if options.action == "show":
        shown = save_sheet(dataset, options.count, options.save)
        print(f"{options.save}: {shown} of {len(dataset)} people")
        return 0
    dataset.check_photographs()
    splits = sorted({sample.split for sample in dataset})
    counts = ", ".join(f"{len(dataset.split(split))} {split}" for split in splits)
    print(f"{options.root}: {dataset.name}, {len(dataset)} people ({counts or 'none'})")
    for line in dataset.fault_lines():
        print(f"  {line}")
    if dataset.samples:
        return 0
    for line in dataset.left_out.lines(dataset.name):
        print(f"  {line}")
    print(f"mobilepose: {options.root} has no usable person", file=sys.stderr)
    return 1
