"""`mobilepose benchmark`: how fast models are on the user's machine."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_device, add_json, add_threads, warn_of_fallbacks
from mobilepose_core.cli.values import path, whole
from mobilepose_core.io import json_text

if TYPE_CHECKING:
    from mobilepose_core.typing import ImageArray

_DESCRIPTION = """
Times networks on one crop, the whole pipeline from a frame to joints, and the person detector,
which the pipeline runs in one frame of ten. Every round calls all of them, so that other work of
the machine slows all of them alike. The frame is a still picture, in which a person is tracked.
"""


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "benchmark", help="time models on this machine", description=_DESCRIPTION
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="released model or .onnx file; all released models if none is given",
    )
    add_device(parser)
    add_threads(parser)
    parser.add_argument(
        "--rounds", type=whole(2), default=100, metavar="NUMBER", help="timed calls of each"
    )
    parser.add_argument(
        "--image", type=path, metavar="FILE", help="photograph; by default a drawing of a person"
    )
    add_json(parser)
    parser.set_defaults(run=_run, extra="cpu")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import speed
    from mobilepose_core.inference.runtime.model_file import released_pose_models

    frame = _frame(options.image)
    models = list(dict.fromkeys(options.models)) or released_pose_models()
    measured = speed.measure(models, frame, options.device, options.threads, options.rounds)
    warn_of_fallbacks(measured.fallbacks)
    height, width = frame.shape[:2]
    if options.json:
        head = {
            "command": "benchmark",
            "threads": options.threads,
            "rounds": options.rounds,
            "width": width,
            "height": height,
        }
        print(json_text.of(head | {"models": [asdict(row) for row in measured.rows]}))
        return 0
    threads = options.threads or "all"
    print(f"frame of {width}x{height}, {threads} CPU threads, {options.rounds} rounds")
    longest = max(len(row.name) for row in measured.rows)
    print(f"{'':<{longest}} {'median ms':>10} {'quartiles ms':>16} {'people':>7}  provider")
    for row in measured.rows:
        quartiles = f"{row.low:.2f} - {row.high:.2f}"
        people = "" if row.people is None else row.people
        print(f"{row.name:<{longest}} {row.ms:>10.2f} {quartiles:>16} {people:>7}  {row.provider}")
    return 0


def _frame(path: Path | None) -> ImageArray:
    from mobilepose_core.evaluation.mannequin import mannequin
    from mobilepose_core.io import photo

    if path is None:
        return mannequin()
    return photo.load(path)
