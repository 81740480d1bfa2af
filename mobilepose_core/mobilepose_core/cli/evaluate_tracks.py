"""`mobilepose evaluate-tracks`: tracking metrics on videos with ground truth."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, print_lines, rounded
from mobilepose_core.cli.former_options import Renamed
from mobilepose_core.cli.options import (
    FORMER_WEIGHTS,
    add_data,
    add_device,
    add_find_size,
    add_finder,
    add_json,
    add_model,
    add_seed,
    add_split,
    check_finder,
    recognised,
    warn_of_fallbacks,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import above_zero, frame_size, from_zero, path, share, whole
from mobilepose_core.typing import ImageArray

if TYPE_CHECKING:
    from mobilepose_core.datasets.cutouts import Cutout


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "evaluate-tracks",
        help="measure tracking in composed videos",
        description="Measures ID switches, misses and jitter in videos that are composed of people "
        "cut out of a data set and moved in front of backgrounds.",
        former=(
            FORMER_WEIGHTS,
            Renamed("--people", "--data"),
            Renamed("--timeout", "--track-timeout"),
        ),
    )
    _add_scenes(parser.add_argument_group("scenes"))
    _add_estimator(parser.add_argument_group("estimator"))
    output = parser.add_argument_group("output")
    output.add_argument(
        "--save", type=path, metavar="FILE", help="draw a scene into a video, .mp4 or .avi"
    )
    output.add_argument(
        "--save-scene",
        type=whole(0),
        metavar="NUMBER",
        help="scene that --save draws, from 0; by default the first with five people",
    )
    add_json(output)
    parser.set_defaults(run=_run, extra="train")


def _add_scenes(group: argparse._ArgumentGroup) -> None:
    add_data(group, "data set of people in front of plain backgrounds")
    add_split(group, "held-out")
    group.add_argument(
        "--backgrounds",
        required=True,
        type=path,
        metavar="FOLDER",
        help="photographs without people",
    )
    group.add_argument(
        "--scenes",
        type=whole(1),
        default=20,
        metavar="NUMBER",
        help="number of scenes; they alternate between 1 and 5 people",
    )
    group.add_argument(
        "--seconds",
        type=above_zero,
        default=8.0,
        metavar="SECONDS",
        help="length of a scene",
    )
    group.add_argument(
        "--rate", type=above_zero, default=15.0, metavar="HZ", help="frames per second"
    )
    group.add_argument(
        "--size",
        type=frame_size,
        default="640x480",
        metavar="WIDTHxHEIGHT",
        help="size of frames, pixels",
    )
    add_seed(group)


def _add_estimator(group: argparse._ArgumentGroup) -> None:
    add_model(group)
    add_device(group)
    add_finder(
        group, "detector, full_frame, a detector's .onnx file, or truth: true boxes with noise"
    )
    add_find_size(group)
    group.add_argument(
        "--find-interval",
        type=whole(1),
        metavar="FRAMES",
        help="largest number of frames between two detector runs",
    )
    group.add_argument(
        "--track-timeout",
        dest="timeout",
        type=from_zero,
        metavar="SECONDS",
        help="time after which a lost track ends",
    )
    group.add_argument(
        "--max-people", type=whole(1), metavar="NUMBER", help="maximum number of tracked people"
    )
    group.add_argument(
        "--person-threshold",
        type=share,
        metavar="SCORE",
        help="minimum mean score of the joints of a person",
    )
    group.add_argument(
        "--smoothing-time",
        type=from_zero,
        default=0.2,
        metavar="SECONDS",
        help="time over which a resting joint is averaged, for the figures with smoothing",
    )
    group.add_argument(
        "--smoothing-speed",
        type=above_zero,
        default=0.5,
        metavar="SPEED",
        help="speed that halves that time, in lengths of the person's box per second",
    )


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation import composed
    from mobilepose_core.inference.tracking.settings import Tracking
    from mobilepose_core.inference.tracking.smoothing import Smoothing

    check_finder(options.finder, options.find_size, (composed.TRUTH,))
    given = {
        "find_interval": options.find_interval,
        "timeout": options.timeout,
        "max_people": options.max_people,
        "person_threshold": options.person_threshold,
    }
    tracking = Tracking(**{name: value for name, value in given.items() if value is not None})
    setting = composed.Setting(
        scenes=options.scenes,
        seconds=options.seconds,
        rate=options.rate,
        size=options.size,
        seed=options.seed,
    )
    saved = _saved_scene(options)
    estimator = composed.estimator_of(
        options.model, options.device, options.finder, tracking, options.find_size
    )
    warn_of_fallbacks([estimator.model.fallback])
    smoothing = Smoothing(options.smoothing_time, options.smoothing_speed)
    people, backgrounds = _material(options)
    figures = composed.evaluate(
        estimator, people, backgrounds, setting, smoothing, options.save, saved
    )
    if options.json:
        head = {
            "command": "evaluate-tracks",
            "weights": estimator.model.file.name,
            "finder": options.finder,
            "seed": options.seed,
            "scenes": options.scenes,
        }
        print_json(head, rounded(figures, 4))
        return 0
    title = (
        f"{estimator.model.file.name} with detector {options.finder}: {options.scenes} scenes of "
        f"{options.seconds:g} s, {figures['person_seconds']:.0f} s of people in view"
    )
    print_lines(title, _LINES, figures)
    return 0


_LINES = {
    "switches_per_100_person_seconds": "ID switches per 100 s of a person in view",
    "misses": "misses, share of people in view",
    "false_per_frame": "false positives per frame",
    "mota": "MOTA",
    "idf1": "IDF1",
    "pck": "PCK@0.2 of visible joints, %",
    "jitter": "jitter of standing people, torso lengths",
    "jitter_smoothed": "... smoothed",
    "jitter_px": "jitter of standing people, pixels",
    "jitter_smoothed_px": "... smoothed",
    "lag_frames": "lag behind moving people, frames",
    "lag_smoothed_frames": "... smoothed",
    "crops_per_frame": "pose inferences per frame",
    "crops_per_person": "... per person in view",
    "finder_runs_per_frame": "detector runs per frame",
}


def _saved_scene(options: argparse.Namespace) -> int:
    """Number of the scene that is written as a video, where one is; looks at its name first."""
    from mobilepose_core.io import video_writer

    if options.save is not None:
        video_writer.check_name(options.save)
    most_crowded = min(_MOST_CROWDED, options.scenes - 1)
    number: int = most_crowded if options.save_scene is None else options.save_scene
    if not 0 <= number < options.scenes:
        raise UsageError(f"--save-scene is 0 to {options.scenes - 1}, got {number}")
    return number


_MOST_CROWDED = 4
"""The first scene of five people."""


def _material(options: argparse.Namespace) -> tuple[list[Cutout], list[ImageArray]]:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out
    from mobilepose_core.evaluation import composed

    data = recognised(options.data)
    people = held_out.people(datasets.load(data.format, data.root), options.split)
    people.require_people(f"{data.root}, split {options.split!r},")
    return composed.cutouts_of(people.samples), composed.backgrounds(options.backgrounds)
