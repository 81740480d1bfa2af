"""`mobilepose predict`: the joints of the people in photographs, videos and webcams."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.former_options import Renamed
from mobilepose_core.cli.options import (
    FORMER_WEIGHTS,
    add_device,
    add_find_size,
    add_finder,
    add_max_image_pixels,
    add_model,
    add_threads,
    add_video,
    check_finder,
    pixel_limit,
    video_estimator,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import path, path_or_dash

if TYPE_CHECKING:
    from tqdm import tqdm

    from mobilepose_core.inference import Pose, PoseEstimator
    from mobilepose_core.io.pixel_limit import PixelLimit
    from mobilepose_core.io.result import Output
    from mobilepose_core.io.sources import Frame, Source
    from mobilepose_core.typing import ImageArray

log = logging.getLogger(__name__)

_DESCRIPTION = """
Finds the joints of the people in photographs, videos or a webcam's frames, and prints them, draws
them (--save, --show) or writes them to a file (--jsonl, --csv). People are tracked through a video;
track IDs begin at 1 in each input. Ctrl-C or SIGTERM ends a webcam and leaves complete files, as q
does in the window.
"""

_EPILOG = """
An input that cannot be read, or a video that ends too soon, is reported; the others are processed,
and the exit status is 1. Bytes of file names that are not UTF-8 are written as \\xe9, for example.
"""


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "predict",
        help="find the joints of people in photographs, videos, webcams",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        former=(FORMER_WEIGHTS, Renamed("--smooth", "--smoothing-time")),
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="photograph, folder of photographs, video, webcam (0, /dev/video0) or address "
        "(rtsp://..., http://...)",
    )
    add_max_image_pixels(parser.add_argument_group("input"))
    _add_estimator(parser.add_argument_group("estimator"))
    _add_output(parser.add_argument_group("output"))
    parser.set_defaults(run=_run, extra="cpu")


def _add_estimator(group: argparse._ArgumentGroup) -> None:
    add_model(group)
    add_device(group)
    add_threads(group)
    add_finder(group, "what detects people: detector, full_frame, or a detector's .onnx file")
    add_find_size(group)
    add_video(group)


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--save",
        type=path,
        metavar="PATH",
        help="draw skeletons into a picture (one photograph), a folder (several), or an .mp4 or "
        ".avi (video, webcam)",
    )
    lines = group.add_mutually_exclusive_group()
    lines.add_argument(
        "--jsonl",
        type=path_or_dash,
        metavar="FILE",
        help="write a line of JSON for each frame; - prints them",
    )
    lines.add_argument(
        "--json", dest="jsonl", action="store_const", const="-", help="the same as --jsonl -"
    )
    group.add_argument(
        "--csv",
        type=path_or_dash,
        metavar="FILE",
        help="write a row for each joint of each person; - prints them",
    )
    group.add_argument(
        "--show",
        action="store_true",
        help="show frames in a window; q or Escape ends, other keys go on to the next photograph",
    )


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.inference.rotation import Rotation
    from mobilepose_core.io.drawing import PictureError
    from mobilepose_core.io.result import Result
    from mobilepose_core.io.sources import is_live
    from mobilepose_core.io.window import WindowClosed

    if options.jsonl == options.csv == "-":
        raise UsageError("JSON lines and CSV cannot both be printed; give one of them a file")
    check_finder(options.finder, options.find_size)
    rotation = Rotation(options.rotate)
    faulty: list[str] = []
    sources = _opened(options.inputs, faulty, pixel_limit(options))
    _check_files(options, sources)
    estimator = video_estimator(options)
    with ExitStack() as stack:
        outputs = [stack.enter_context(closing(output)) for output in _outputs(options, sources)]
        bar = stack.enter_context(_bar(options, sources))
        try:
            for frame in _frames(sources, faulty):
                if frame.index == 0:
                    estimator.begin_video()
                height, width = frame.image.shape[:2]
                poses = _poses(estimator, rotation.upright(frame.image), frame.time)
                result = Result(frame, rotation.poses_in_image(poses, width, height))
                for output in outputs:
                    try:
                        output.write(result)
                    except PictureError as error:
                        log.error("%s", error)
                        faulty.append(frame.source)
                bar.update()
        except WindowClosed:
            pass
        except KeyboardInterrupt:
            if not any(map(is_live, sources)):
                raise
    if faulty and len(sources) > 1:
        log.error("%d of %d inputs could not be read or saved whole", len(faulty), len(sources))
    return 1 if faulty else 0


def _poses(estimator: PoseEstimator, image: ImageArray, time: float | None) -> list[Pose]:
    """The people in the next frame of a video, or, without a time, in a photograph, numbered."""
    if time is not None:
        return estimator(image, time)
    return [pose.with_id(number) for number, pose in enumerate(estimator.photograph(image), 1)]


def _opened(names: Sequence[str], faulty: list[str], limit: PixelLimit) -> list[Source]:
    """The sources with these names; reports other files in their folders, which are left out.

    Raises:
        ValueError: one is not there, or none can be opened.
    """
    from mobilepose_core.io.file_names import expanded
    from mobilepose_core.io.sources import open_source, skipped_in

    sources: list[Source] = []
    for name in names:
        try:
            sources += open_source(name, limit)
        except ValueError as error:
            if len(names) == 1 or not expanded(name).is_file():
                raise
            log.error("%s", error)
            faulty.append(name)
            continue
        if expanded(name).is_dir() and (skipped := skipped_in(expanded(name))):
            some = ", ".join(file.name for file in skipped[:5])
            more = ", ..." if len(skipped) > 5 else ""
            log.warning("%s: skipped, not photographs by their names: %s%s", name, some, more)
    if not sources:
        raise ValueError("none of the inputs can be read")
    return sources


def _check_files(options: argparse.Namespace, sources: Sequence[Source]) -> None:
    """Looks at the names of files that are to be written.

    Raises:
        TargetError: one would be written over an input.
        UsageError: one would be written over another one.
    """
    from mobilepose_core.io import pictures, tables
    from mobilepose_core.io.sources import Photograph, Video

    named = [Path(name) for name in (options.jsonl, options.csv) if name]
    files = [file for file in named if str(file) != tables.STANDARD_OUTPUT]
    inputs = [source.path for source in sources if isinstance(source, (Photograph, Video))]
    for file in files:
        for source in inputs:
            pictures.check_apart(source, file)
    written = list(map(os.path.realpath, [*files, *([options.save] if options.save else [])]))
    for file in files:
        if written.count(os.path.realpath(file)) > 1:
            raise UsageError(f"{file} would be written twice; give each output a file of its own")


def _outputs(options: argparse.Namespace, sources: Sequence[Source]) -> Iterator[Output]:
    """What the results go to; tables, which are written anew, are opened after all was checked."""
    from tqdm import tqdm

    from mobilepose_core.io import pictures, tables, text
    from mobilepose_core.io.sources import is_live
    from mobilepose_core.io.window import PreviewWindow

    if options.save:
        together = len(options.inputs) > 1 or Path(options.inputs[0]).expanduser().is_dir()
        yield pictures.saver(sources, options.save, together, log.info)
    window = PreviewWindow() if options.show else None
    grows_in_place = any(map(is_live, sources))
    if options.jsonl:
        yield tables.JsonLines(options.jsonl, grows_in_place)
    if options.csv:
        yield tables.Csv(options.csv, grows_in_place)
    if _prints_table(options):
        yield text.Summary(log.info)
    else:
        yield text.Joints(tqdm.write)
        yield text.Summary(tqdm.write)
    if window:
        yield window


def _frames(sources: Sequence[Source], faulty: list[str]) -> Iterator[Frame]:
    """The frames of all sources; those that cannot be read whole are named and collected."""
    from mobilepose_core.io.sources import Video

    for source in sources:
        try:
            yield from source
            fault = source.shortfall if isinstance(source, Video) else ""
        except ValueError as error:
            fault = str(error)
        if fault:
            log.error("%s", fault)
            faulty.append(fault)


def _bar(options: argparse.Namespace, sources: Sequence[Source]) -> tqdm[NoReturn]:
    """Progress on standard error: not for one photograph, nor between lines on a terminal."""
    from tqdm import tqdm

    lengths = [source.length for source in sources if source.length is not None]
    total = sum(lengths) if len(lengths) == len(sources) else None
    is_hidden = (
        total == 1
        or not log.isEnabledFor(logging.INFO)
        or (total is None and not sys.stderr.isatty())
        or (_prints_table(options) and sys.stdout.isatty())
    )
    return tqdm(total=total, desc="predict", unit="frame", leave=False, disable=is_hidden)


def _prints_table(options: argparse.Namespace) -> bool:
    return "-" in (options.jsonl, options.csv)
