"""`mobilepose predict`: the joints of the people in photographs, videos and webcams."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_device, add_weights, check_finder, warn_of_fallbacks

if TYPE_CHECKING:
    from tqdm import tqdm

    from mobilepose_core.frames import Frame, Source
    from mobilepose_core.output import Output

_DESCRIPTION = """
Finds the joints of the people in photographs, videos or what a webcam sees. Each photograph is
looked at on its own; people in a video keep their track from frame to frame. Tracks are numbered
from 1 in each input. What is written is whole after Ctrl-C, which ends a webcam as q does in the
window.

A photograph that cannot be read is named, and so is a video that ends before it should; the others
are done all the same, and the exit status is 1. Names that are no UTF-8 are written with the bytes
that are none as \xe9, say. An .mp4 is written in a codec that browsers play, where OpenCV has one.
"""


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "predict",
        help="find the joints of the people in photographs, videos, webcams",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="photograph, folder of photographs, video file, webcam (0, /dev/video0), or address "
        "(rtsp://..., http://...)",
    )
    add_weights(parser)
    add_device(parser)
    parser.add_argument(
        "--finder", default="detector", help="detector, full_frame, or a detector's .onnx file"
    )
    parser.add_argument(
        "--smooth",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="steady a video's joints: time over which one at rest is averaged; 0 leaves them",
    )
    parser.add_argument(
        "--rotate",
        type=int,
        default=0,
        choices=(0, 90, 180, 270),
        metavar="DEGREES",
        help="turn frames clockwise before people are looked for: 90, 180 or 270, for a camera "
        "mounted sideways or upside down; joints stay in the coordinates of the frame as it is",
    )
    parser.add_argument(
        "--save",
        type=Path,
        metavar="PATH",
        help="write what was seen with its skeletons: a picture for a photograph, a folder for "
        "several or for a folder, an .mp4 or .avi for a video or webcam",
    )
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument(
        "--jsonl", metavar="FILE", help="write a line of JSON for each frame; - prints them"
    )
    lines.add_argument(
        "--json", dest="jsonl", action="store_const", const="-", help="the same as --jsonl -"
    )
    parser.add_argument(
        "--csv", metavar="FILE", help="write a row for each joint of each person; - prints them"
    )
    parser.add_argument(
        "--show",
        action="store_true",
        help="show frames as they come; q or Escape ends, other keys go on to the next photograph",
    )
    parser.set_defaults(run=_run, extra="cpu")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.frames import is_live
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.rotation import Rotation
    from mobilepose_core.inference.smoothing import Smoothing
    from mobilepose_core.output import Result
    from mobilepose_core.output.window import WindowClosed

    if options.jsonl == options.csv == "-":
        raise ValueError("JSON lines and CSV cannot both be printed; give one of them a file")
    check_finder(options.finder)
    smoothing, rotation = Smoothing(options.smooth), Rotation(options.rotate)
    unreadable: list[str] = []
    sources = _opened(options.inputs, unreadable)
    _check_files(options, sources)
    estimator = PoseEstimator(options.weights, options.device, finder=options.finder)
    warn_of_fallbacks([estimator.session.fallback])
    estimator.smoothing = smoothing
    with ExitStack() as stack:
        outputs = [stack.enter_context(closing(output)) for output in _outputs(options, sources)]
        bar = stack.enter_context(_bar(options, sources))
        try:
            for frame in _frames(sources, unreadable, bar):
                if frame.index == 0:
                    estimator.begin_video()
                height, width = frame.image.shape[:2]
                poses = estimator(rotation.upright(frame.image), frame.time)
                result = Result(frame, rotation.poses_in_image(poses, width, height))
                for output in outputs:
                    output.write(result)
                bar.update()
        except WindowClosed:
            pass
        except KeyboardInterrupt:
            if not any(map(is_live, sources)):
                raise
    if unreadable and len(sources) > 1:
        print(
            f"mobilepose: {len(unreadable)} of {len(sources)} inputs could not be read whole",
            file=sys.stderr,
        )
    return 1 if unreadable else 0


def _opened(names: Sequence[str], unreadable: list[str]) -> list[Source]:
    """The sources that names stand for; says what else is in their folders, and is left out.

    Raises:
        ValueError: one is not there, or none can be opened.
    """
    from mobilepose_core.file_names import expanded, shown
    from mobilepose_core.frames import open_source, skipped_in

    sources: list[Source] = []
    for name in names:
        try:
            sources += open_source(name)
        except ValueError as error:
            if len(names) == 1 or not expanded(name).is_file():
                raise
            _complain(str(error))
            unreadable.append(name)
            continue
        if expanded(name).is_dir() and (skipped := skipped_in(expanded(name))):
            some = ", ".join(shown(path.name) for path in skipped[:5])
            more = ", ..." if len(skipped) > 5 else ""
            _complain(f"{name}: left out, no photographs by their names: {some}{more}")
    if not sources:
        raise ValueError("none of the inputs can be read")
    return sources


def _complain(text: str) -> None:
    from mobilepose_core.file_names import shown

    print(f"mobilepose: {shown(text)}", file=sys.stderr)


def _check_files(options: argparse.Namespace, sources: Sequence[Source]) -> None:
    """Raises ValueError where a file would be written over an input, or over another one."""
    from mobilepose_core.file_names import expanded
    from mobilepose_core.frames import Photograph, Video
    from mobilepose_core.output import pictures, tables

    if options.save:
        options.save = expanded(str(options.save))
    for name in ("jsonl", "csv"):
        if getattr(options, name):
            setattr(options, name, str(expanded(getattr(options, name))))
    named = [Path(name) for name in (options.jsonl, options.csv) if name]
    files = [path for path in named if str(path) != tables.STANDARD_OUTPUT]
    inputs = [source.path for source in sources if isinstance(source, (Photograph, Video))]
    for path in files:
        for source in inputs:
            pictures.check_apart(source, path)
    written = [path.resolve() for path in [*files, *([options.save] if options.save else [])]]
    for path in files:
        if written.count(path.resolve()) > 1:
            raise ValueError(f"{path} would be written twice; give each output a file of its own")


def _outputs(options: argparse.Namespace, sources: Sequence[Source]) -> Iterator[Output]:
    """What the results go to; tables, which are written anew, are opened after all was checked."""
    from tqdm import tqdm

    from mobilepose_core.frames import is_live
    from mobilepose_core.output import pictures, tables, text
    from mobilepose_core.output.window import Window

    if options.save:
        together = len(options.inputs) > 1 or Path(options.inputs[0]).expanduser().is_dir()
        yield pictures.saver(sources, options.save, together, partial(tqdm.write, file=sys.stderr))
    window = Window() if options.show else None
    grows_in_place = any(map(is_live, sources))
    if options.jsonl:
        yield tables.JsonLines(options.jsonl, grows_in_place)
    if options.csv:
        yield tables.Csv(options.csv, grows_in_place)
    if _prints_table(options):
        yield text.Summary(partial(tqdm.write, file=sys.stderr))
    else:
        yield text.Joints(tqdm.write)
        yield text.Summary(tqdm.write)
    if window:
        yield window


def _frames(
    sources: Sequence[Source], unreadable: list[str], bar: tqdm[NoReturn]
) -> Iterator[Frame]:
    """The frames of all sources; those that cannot be read whole are named and collected."""
    from mobilepose_core.file_names import shown
    from mobilepose_core.frames import Video

    for source in sources:
        try:
            yield from source
            fault = source.shortfall if isinstance(source, Video) else ""
        except ValueError as error:
            fault = str(error)
        if fault:
            bar.write(f"mobilepose: {shown(fault)}", file=sys.stderr)
            unreadable.append(fault)


def _bar(options: argparse.Namespace, sources: Sequence[Source]) -> tqdm[NoReturn]:
    """Progress on standard error: not for one photograph, nor between lines on a terminal."""
    from tqdm import tqdm

    lengths = [source.length for source in sources if source.length is not None]
    total = sum(lengths) if len(lengths) == len(sources) else None
    is_hidden = (
        total == 1
        or (total is None and not sys.stderr.isatty())
        or (_prints_table(options) and sys.stdout.isatty())
    )
    return tqdm(total=total, desc="predict", unit="frame", leave=False, disable=is_hidden)


def _prints_table(options: argparse.Namespace) -> bool:
    return "-" in (options.jsonl, options.csv)
