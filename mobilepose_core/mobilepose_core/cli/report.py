"""`mobilepose report`: tables and curves of all models."""

from __future__ import annotations

import argparse
from pathlib import Path

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("report", help="write the tables and curves of all models")
    parser.add_argument("--dataset", default="flic", help="flic, lsp or coco")
    parser.add_argument("--root", required=True, type=path, help="the data set's folder")
    parser.add_argument("--split", default="test", help="train, val or test")
    parser.add_argument(
        "--models",
        type=path,
        action="append",
        default=[],
        help="a folder that `mobilepose release` wrote to, beside the released models",
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads for the timing")
    parser.add_argument("--out", type=path, default=Path("docs/results.md"), help="the page")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.inference.model_file import released_pose_models
    from mobilepose_core.report import write_report

    models: list[str | Path] = [*released_pose_models()]
    for folder in options.models:
        models += sorted(folder.glob("*.onnx"))
    dataset = datasets.load(options.dataset, options.root)
    write_report(models, dataset, options.split, options.out, options.threads)
    print(options.out)
    return 0
