"""Options that several commands have."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path


def path(text: str) -> Path:
    """A path as options take it: `~` is the user's home, which shells leave as it is behind `=`."""
    return Path(text).expanduser()


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device` of ONNX Runtime."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, tensorrt or openvino")


def warn_of_fallbacks(reasons: Iterable[str]) -> None:
    """Says why networks are not on the device that was asked for; an empty reason is none."""
    for reason in dict.fromkeys(filter(None, reasons)):
        print(f"mobilepose: not on the device that was asked for: {reason}", file=sys.stderr)


def add_weights(parser: argparse.ArgumentParser) -> None:
    """`--weights` of a pose network."""
    parser.add_argument(
        "--weights",
        default="final",
        help="a released model, such as final, final-int8 or small, or an .onnx file",
    )


def add_model_to_fit(parser: argparse.ArgumentParser, data: str) -> None:
    """The model that something is fitted to, and `--data` for it.

    Args:
        parser: of the command.
        data: what `--data` is.
    """
    parser.add_argument("model", help="a released model, or an .onnx file; it is written anew")
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help=f"{data}; may be given several times",
    )


def check_finder(finder: str, others: tuple[str, ...] = ()) -> None:
    """Looks at what `--finder` names, before a model is loaded.

    Args:
        finder: as it was given.
        others: names beside those that every command knows.

    Raises:
        ValueError: nothing that finds people.
    """
    from mobilepose_core.inference import finder as finders

    known = (finders.DETECTOR, finders.FULL_FRAME, *others)
    if finder not in known and not finder.endswith(".onnx"):
        raise ValueError(
            f"--finder is {', '.join(known)} or the path of a detector's .onnx file, got {finder!r}"
        )
