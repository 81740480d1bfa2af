"""`mobilepose evaluate-tracks`: how well people are followed in videos whose truth is known."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, print_lines, rounded
from mobilepose_core.cli.options import (
    add_device,
    add_weights,
    check_finder,
    path,
    warn_of_fallbacks,
)

if TYPE_CHECKING:
    from mobilepose_core.datasets.cutouts import Cutout
    from mobilepose_core.evaluation.composed import Image


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "evaluate-tracks", help="id switches, misses and jitter in scenes of people who move"
    )
    parser.add_argument(
        "--people",
        required=True,
        metavar="NAME=PATH",
        help="data set to cut people out of, who stand in front of plain backgrounds: coco=PATH",
    )
    parser.add_argument("--split", default="held-out", help="train, val, test or held-out")
    parser.add_argument(
        "--backgrounds", required=True, type=path, help="folder of photographs without people"
    )
    add_weights(parser)
    add_device(parser)
    parser.add_argument(
        "--finder",
        default="detector",
        help="detector, full_frame, a detector's .onnx file, or truth: true boxes, a little off",
    )
    parser.add_argument("--find-interval", type=int, help="frames between runs of the finder")
    parser.add_argument("--timeout", type=float, help="s after which someone unseen is forgotten")
    parser.add_argument("--max-people", type=int, help="followed at most")
    parser.add_argument("--person-threshold", type=float, help="score from which a pose counts")
    parser.add_argument("--smoothing-time", type=float, default=0.2, help="s; for the comparison")
    parser.add_argument("--smoothing-speed", type=float, default=0.5, help="lengths per second")
    parser.add_argument("--scenes", type=int, default=20, help="1 to 5 people each, in turn")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each scene")
    parser.add_argument("--rate", type=float, default=15.0, help="frames per second")
    parser.add_argument("--size", default="640x480", help="of the frames, pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=path, help="write a scene with what was found, as a video")
    parser.add_argument(
        "--save-scene", type=int, metavar="NUMBER", help="which one, from 0; the fifth by default"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import composed
    from mobilepose_core.inference.smoothing import Smoothing
    from mobilepose_core.inference.tracker import Tracking

    check_finder(options.finder, (composed.TRUTH,))
    given = {
        "find_interval": options.find_interval,
        "timeout": options.timeout,
        "max_people": options.max_people,
        "person_threshold": options.person_threshold,
    }
    tracking = Tracking(**{name: value for name, value in given.items() if value is not None})
    width, _, height = options.size.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ValueError(f"--size is WIDTHxHEIGHT in pixels, such as 640x480, got {options.size}")
    setting = composed.Setting(
        scenes=options.scenes,
        seconds=options.seconds,
        rate=options.rate,
        size=(int(width), int(height)),
        seed=options.seed,
    )
    saved = _saved_scene(options)
    estimator = composed.estimator(options.weights, options.device, options.finder, tracking)
    warn_of_fallbacks([estimator.session.fallback])
    smoothing = Smoothing(options.smoothing_time, options.smoothing_speed)
    people, backgrounds = _material(options)
    figures = composed.evaluate(
        estimator, people, backgrounds, setting, smoothing, options.save, saved
    )
    if options.json:
        head = {
            "command": "evaluate-tracks",
            "weights": estimator.session.model.name,
            "finder": options.finder,
            "seed": options.seed,
            "scenes": options.scenes,
        }
        print_json(head, rounded(figures, 4))
        return 0
    title = (
        f"{estimator.session.model.name} with finder {options.finder}: {options.scenes} scenes of "
        f"{options.seconds:g} s, {figures['person_seconds']:.0f} s of people in view"
    )
    print_lines(title, _LINES, figures)
    return 0


_LINES = {
    "switches_per_100_person_seconds": "id switches per 100 s of a person in view",
    "misses": "misses, share of people in view",
    "false_per_frame": "false people per frame",
    "mota": "MOTA",
    "idf1": "IDF1",
    "pck": "PCK@0.2 of visible joints, %",
    "jitter": "jitter of people who stand, torso lengths",
    "jitter_smoothed": "... smoothed",
    "jitter_px": "jitter of people who stand, pixels",
    "jitter_smoothed_px": "... smoothed",
    "lag_frames": "lag behind people who move, frames",
    "lag_smoothed_frames": "... smoothed",
    "crops_per_frame": "pose inferences per frame",
    "crops_per_person": "... per person in view",
    "finder_runs_per_frame": "runs of the finder per frame",
}


def _saved_scene(options: argparse.Namespace) -> int:
    """Number of the scene that is written as a video, where one is; looks at its name first."""
    from mobilepose_core import video_writer

    if options.save is not None:
        video_writer.check_name(options.save)
    most_crowded = min(_MOST_CROWDED, options.scenes - 1)
    number: int = most_crowded if options.save_scene is None else options.save_scene
    if not 0 <= number < options.scenes:
        raise ValueError(f"--save-scene is 0 to {options.scenes - 1}, got {number}")
    return number


_MOST_CROWDED = 4
"""The first scene of five people."""


def _material(options: argparse.Namespace) -> tuple[list[Cutout], list[Image]]:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out
    from mobilepose_core.evaluation import composed

    name, equals, root = options.people.partition("=")
    if not equals:
        raise ValueError(f"--people is NAME=PATH, such as coco=PATH, got {options.people!r}")
    people = held_out.people(datasets.load(name, Path(root).expanduser()), options.split)
    people.require_people(f"{root}, split {options.split!r},")
    return composed.cast(people.samples), composed.backgrounds(options.backgrounds)
