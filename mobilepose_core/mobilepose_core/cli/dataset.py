"""`mobilepose dataset`: inspect a data set."""

from __future__ import annotations

import argparse
import logging

from mobilepose_core.cli.choices import DATASETS
from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.former_options import warn
from mobilepose_core.cli.options import FORMATS, recognised
from mobilepose_core.cli.values import DataSet, data_set, path, whole

log = logging.getLogger(__name__)


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("dataset", help="inspect a data set")
    actions = parser.add_subparsers(title="actions", dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="count people, and faults by kind")
    show = actions.add_parser("show", help="draw people with their joints on a contact sheet")
    for action in (check, show):
        action.add_argument(
            "data",
            type=data_set,
            metavar="[FORMAT=]FOLDER",
            help=f"data set, such as flic=FOLDER; {FORMATS}",
        )
        action.add_argument("--dataset", choices=DATASETS, help=argparse.SUPPRESS)
    show.add_argument("--save", type=path, required=True, metavar="FILE", help="picture to write")
    show.add_argument(
        "--count", type=whole(1), default=40, metavar="NUMBER", help="people on the sheet"
    )
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.evaluation.sheet import save_sheet
    from mobilepose_core.io import drawing

    if options.action == "show":
        drawing.check_target(options.save)
    data = options.data
    if options.dataset:
        warn("--dataset", f"{options.dataset}={data.root}")
        data = DataSet(options.dataset, data.root)
    data = recognised(data)
    dataset = datasets.load(data.format, data.root)
    if options.action == "show":
        shown = save_sheet(dataset, options.count, options.save)
        print(f"{options.save}: {shown} of {len(dataset)} people")
        return 0
    dataset.check_photographs()
    splits = sorted({sample.split for sample in dataset})
    counts = ", ".join(f"{len(dataset.split(split))} {split}" for split in splits)
    print(f"{data.root}: {dataset.name}, {len(dataset)} people ({counts or 'none'})")
    for line in dataset.fault_lines():
        print(f"  {line}")
    if dataset.samples:
        return 0
    for line in dataset.left_out.lines(dataset.name):
        print(f"  {line}")
    log.error("%s has no usable people", data.root)
    return 1
