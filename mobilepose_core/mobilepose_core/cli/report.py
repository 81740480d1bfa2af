"""`mobilepose report`: tables and curves of all models."""

from __future__ import annotations

import argparse
from pathlib import Path

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_data, add_split, add_threads, former_data, recognised
from mobilepose_core.cli.values import path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "report",
        help="write the tables and curves of all models",
        description="Measures the released models and writes docs/results.md with its plots.",
        former=(former_data("flic"),),
    )
    add_data(parser)
    add_split(parser)
    parser.add_argument(
        "--models",
        type=path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="more models, in a folder that `mobilepose release` wrote to; may be repeated",
    )
    add_threads(parser, 2)
    parser.add_argument(
        "--out",
        type=path,
        default=Path("docs/results.md"),
        metavar="FILE",
        help="page to write; plots go beside it",
    )
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.inference.runtime.model_file import released_pose_models
    from mobilepose_core.release.report import write_report

    models: list[str | Path] = [*released_pose_models()]
    for folder in options.models:
        models += sorted(folder.glob("*.onnx"))
    data = recognised(options.data)
    dataset = datasets.load(data.format, data.root)
    write_report(models, dataset, options.split, options.out, options.threads)
    print(options.out)
    return 0
