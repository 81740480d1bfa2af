"""`mobilepose benchmark`: how fast models are on the user's machine."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_device, warn_of_fallbacks

if TYPE_CHECKING:
    from mobilepose_core.evaluation.mannequin import Image

_DESCRIPTION = """
Times networks on one crop, the whole pipe from a frame to the joints of the people in it, and the
finder of people, which the pipe asks in one frame of ten. Each round calls all of them, so that
what else the machine does falls on all alike. The picture stands still: somebody in it is followed.
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
        help="a released model, or an .onnx file; all released ones where none is given",
    )
    add_device(parser)
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0 takes all cores")
    parser.add_argument("--rounds", type=int, default=100, help="calls of each that count")
    parser.add_argument("--image", type=Path, help="a photograph; somebody drawn by default")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(run=_run, extra="cpu")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import speed
    from mobilepose_core.inference.model_file import released_pose_models

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
        print(json.dumps(head | {"models": [asdict(row) for row in measured.rows]}))
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


def _frame(path: Path | None) -> Image:
    from mobilepose_core import photo
    from mobilepose_core.evaluation.mannequin import mannequin

    if path is None:
        return mannequin()
    return photo.load(path)
