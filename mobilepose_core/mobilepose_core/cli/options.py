"""Options that several commands have: one name, one type, one description for the same thing."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mobilepose_core.cli.choices import (
    DATASETS,
    DETECTOR,
    DEVICES,
    FIND_SIZE,
    FIND_SIZES,
    FINDERS,
    SPLITS,
)
from mobilepose_core.cli.former_options import Joined, Renamed
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import DataSet, data_set, find_size, from_zero, path, whole
from mobilepose_core.errors import DataError
from mobilepose_core.io.pixel_limit import MAX_PIXELS, PixelLimit

if TYPE_CHECKING:
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.training.sources import DataSource

log = logging.getLogger(__name__)

FORMATS = f"its format ({', '.join(DATASETS)}) is recognised if not given"
"""Of `FORMAT=FOLDER`, for help texts."""

FORMER_WEIGHTS = Renamed("--weights", "--model")


def add_model(parser: argparse._ActionsContainer, text: str = "") -> None:
    """`--model`, a pose network."""
    parser.add_argument(
        "--model",
        default="final",
        metavar="MODEL",
        help=text or "released model, such as final or small, or .onnx file",
    )


def add_device(parser: argparse._ActionsContainer) -> None:
    """`--device` of ONNX Runtime."""
    parser.add_argument(
        "--device",
        default="auto",
        choices=DEVICES,
        help="where networks run; auto takes CUDA if ONNX Runtime can use it",
    )


def add_threads(parser: argparse._ActionsContainer, default: int = 0) -> None:
    """`--threads` of ONNX Runtime."""
    parser.add_argument(
        "--threads",
        type=whole(0),
        default=default,
        metavar="NUMBER",
        help="CPU threads; 0 takes one for each core",
    )


def add_max_image_pixels(parser: argparse._ActionsContainer) -> None:
    """`--max-image-pixels` of photographs."""
    parser.add_argument(
        "--max-image-pixels",
        type=whole(1),
        default=MAX_PIXELS,
        metavar="NUMBER",
        help="largest number of pixels of a photograph; larger ones are not decoded",
    )


def pixel_limit(options: argparse.Namespace) -> PixelLimit:
    """The limit that `--max-image-pixels` sets."""
    return PixelLimit(options.max_image_pixels, "option --max-image-pixels")


def add_seed(parser: argparse._ActionsContainer) -> None:
    """`--seed` of random numbers."""
    parser.add_argument(
        "--seed", type=whole(0), default=0, metavar="NUMBER", help="seed of random numbers"
    )


def add_json(parser: argparse._ActionsContainer) -> None:
    """`--json` of commands whose result is figures."""
    parser.add_argument("--json", action="store_true", help="print one line of JSON, not a table")


def add_find_size(parser: argparse._ActionsContainer) -> None:
    """`--find-size` of a detector's canvas."""
    parser.add_argument(
        "--find-size",
        type=find_size,
        default=0,
        metavar="PIXELS",
        help=f"detector resolution, a multiple of {FIND_SIZES.step} from {FIND_SIZES[0]} to "
        f"{FIND_SIZES[-1]}: 320 means about 320x320 pixels in all, and 480x480 in every second "
        "look; larger detects smaller people and takes longer; 0 is the default, "
        f"{FIND_SIZE}",
    )


def add_video(group: argparse._ActionsContainer) -> None:
    """`--smoothing-time` and `--rotate` of videos."""
    group.add_argument(
        "--smoothing-time",
        type=from_zero,
        default=0.0,
        metavar="SECONDS",
        help="time over which a resting joint is averaged in a video; 0 means no smoothing",
    )
    group.add_argument(
        "--rotate",
        type=int,
        default=0,
        choices=(0, 90, 180, 270),
        help="degrees clockwise that make frames upright, for a camera mounted sideways or upside "
        "down; joints stay in coordinates of the original frame",
    )


def warn_of_fallbacks(reasons: Iterable[str]) -> None:
    """Logs why networks are not on the requested device; empty reasons are skipped."""
    for reason in dict.fromkeys(filter(None, reasons)):
        log.warning("not on the requested device: %s", reason)


def video_estimator(options: argparse.Namespace) -> PoseEstimator:
    """The estimator that the options on model, device, detector and smoothing ask for.

    It logs why networks are not on the requested device. `--threads` limits OpenCV, too.
    """
    import cv2

    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.tracking.smoothing import Smoothing

    if options.threads:
        cv2.setNumThreads(options.threads)
    estimator = PoseEstimator(
        options.model,
        options.device,
        options.threads,
        options.finder,
        smoothing=Smoothing(options.smoothing_time),
        find_size=options.find_size,
    )
    warn_of_fallbacks([estimator.model.fallback])
    return estimator


def add_finder(
    parser: argparse._ActionsContainer,
    text: str = "detector, full_frame, or a detector's .onnx file",
    default: str | None = FINDERS[0],
) -> None:
    """`--finder`, what detects people."""
    parser.add_argument("--finder", default=default, metavar="FINDER", help=text)


def check_finder(finder: str, find_size: int, others: tuple[str, ...] = ()) -> None:
    """Checks the values of `--finder` and `--find-size` before a model is loaded.

    Args:
        finder: the value given.
        find_size: the value given.
        others: names in addition to those that every command knows.

    Raises:
        UsageError: it is not a detector, or not one that has a size to choose.
    """
    known = (*FINDERS, *others)
    if finder not in known and not finder.endswith(".onnx"):
        raise UsageError(
            f"--finder is {', '.join(known)} or the path of a detector's .onnx file, got {finder!r}"
        )
    if find_size and finder in known and finder != DETECTOR:
        raise UsageError(f"--find-size is of --finder {DETECTOR}; leave it out with {finder}")


def add_data(
    parser: argparse._ActionsContainer, text: str = "data set to measure on", required: bool = True
) -> None:
    """`--data`, one data set; `recognised` says which format it has."""
    parser.add_argument(
        "--data",
        type=data_set,
        required=required,
        metavar="[FORMAT=]FOLDER",
        help=f"{text}, such as flic=FOLDER; {FORMATS}",
    )


def recognised(data: DataSet) -> DataSet:
    """A data set whose format is known.

    Raises:
        DataError: the format is unknown, or the folder does not exist.
    """
    from mobilepose_core import datasets

    return data if data.format else DataSet(datasets.recognise(data.root), data.root)


def sources(texts: Sequence[str]) -> list[DataSource]:
    """The data sets of `--data FORMAT=FOLDER` in commands of the training lab.

    Raises:
        UsageError: a text is not understood.
    """
    from mobilepose_core.training.sources import DataSource

    try:
        return [DataSource.parse(text) for text in texts]
    except DataError as error:
        raise UsageError(f"--{error}") from error


def former_data(default_format: str = "") -> Joined:
    """`--dataset` and `--root`, which are `--data` now.

    Args:
        default_format: of a root without a format.
    """

    def value(given: Mapping[str, str]) -> str:
        root, name = given.get("--root"), given.get("--dataset", default_format)
        if root is None:
            raise ValueError("--dataset is now --data FORMAT=FOLDER; give the folder")
        return f"{name}={root}" if name else root

    return Joined(("--dataset", "--root"), "--data", value)


def add_split(parser: argparse._ActionsContainer, default: str = "test") -> None:
    """`--split` of a data set."""
    parser.add_argument(
        "--split",
        default=default,
        choices=SPLITS,
        help="people to take; held-out are those of train that training leaves out, or of val "
        "where it leaves out none",
    )


def add_min_height(parser: argparse._ActionsContainer) -> None:
    """`--min-height` of the people of a data set."""
    parser.add_argument(
        "--min-height",
        type=from_zero,
        default=0.0,
        metavar="PIXELS",
        help="of pck: only people whose annotated joints of the upper body are as far apart, top "
        "to bottom",
    )


def add_model_to_fit(parser: argparse._ActionsContainer, data: str) -> None:
    """The model that something is fitted to, and `--data` for it.

    Args:
        parser: of the command.
        data: what `--data` is.
    """
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="released model or .onnx file; its metadata is written anew",
    )
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="FORMAT=FOLDER",
        help=f"{data}; may be repeated",
    )


def add_evaluations(parser: argparse._ActionsContainer) -> None:
    """`--evaluation` of commands that write a model card."""
    parser.add_argument(
        "--evaluation",
        type=path,
        action="append",
        default=[],
        metavar="FILE",
        help="output of `mobilepose evaluate --json`, for the model card; may be repeated",
    )
