"""`mobilepose presence`: a pose network that verifies detections."""

from __future__ import annotations

import argparse

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_model_to_fit, sources
from mobilepose_core.cli.values import path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "presence",
        help="fit a model's verification of detections",
        description="Fits the part of a pose network that tells people from false positives of the "
        "detector.",
    )
    add_model_to_fit(
        parser,
        "photographs it was trained on, with ,others=FILE if not every person is annotated, as "
        "`mobilepose train` takes them for the detector",
    )
    parser.add_argument(
        "--empty", type=path, required=True, metavar="FOLDER", help="photographs without people"
    )
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.release.presence import fit_presence

    result = fit_presence(options.model, sources(options.data), options.empty)
    print(
        f"{options.model}: area under the ROC curve {result.before:.4f} by the detector alone, "
        f"{result.after:.4f} with the model's presence ({result.people} held-out boxes with a "
        f"person, {result.false} without)"
    )
    return 0
