"""The command line: `mobilepose predict`, `train`, `evaluate`, `export`, `benchmark` and more.

Each command is a module here, which adds its options and says what runs; it imports what it needs
only when it runs, so that `predict` works without torch.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from mobilepose_core.cli import (
    benchmark,
    calibrate,
    dataset,
    evaluate,
    evaluate_finder,
    evaluate_tracks,
    models,
    predict,
    presence,
    report,
    train,
)
from mobilepose_core.file_names import shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0, or 1 after an error, 2 after wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        _write_any_name(stream)
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except (ValueError, OSError) as error:
        print(f"mobilepose: {shown(str(error))}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"mobilepose: {options.command} needs the package {error.name!r}: "
            f"pip install 'mobilepose_core[{_EXTRAS.get(error.name or '', options.extra)}]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("mobilepose: interrupted", file=sys.stderr)
        return 130
    return status


_EXTRAS = {"onnxruntime": "cpu"}
"""What brings a package that commands of several extras need; otherwise the command's own does."""


def _write_any_name(stream: TextIO) -> None:
    """Has a stream show what its encoding lacks as an escape, where it would end the command."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mobilepose",
        description="2D human pose: train, evaluate, export, predict.",
        epilog="`mobilepose COMMAND --help` says more. A first look: "
        "`mobilepose predict PHOTO --save out.png`",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_CommandParser
    )
    for module in (
        predict,
        evaluate,
        evaluate_finder,
        evaluate_tracks,
        benchmark,
        report,
        train,
        models,
        calibrate,
        presence,
        dataset,
    ):
        module.add(commands)
    return parser


class _CommandParser(argparse.ArgumentParser):
    """A command's own: its help tells what options are where they are not given."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_WithDefaults, **settings)


class _WithDefaults(argparse.ArgumentDefaultsHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default is False or action.default in (None, "", []):
            return action.help
        return super()._get_help_string(action)
