"""The command line: `mobilepose predict`, `train`, `evaluate`, `export`, `benchmark` and more.

Each command is a module here, which adds its options and says what runs; it imports what it needs
only when it runs, so that `predict` works without torch. Results go to standard output, all else to
standard error.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from mobilepose_core import __version__
from mobilepose_core.cli import (
    bag,
    benchmark,
    calibrate,
    dataset,
    evaluate,
    evaluate_finder,
    evaluate_tracks,
    logs,
    models,
    predict,
    presence,
    report,
    signals,
    train,
    view,
)
from mobilepose_core.cli.parser import CommandParser, UsageError
from mobilepose_core.io.atomic import TargetError

log = logging.getLogger(__name__)

FAILURE = 1
INTERRUPTED = 128 + signal.SIGINT
UNREAD = 128 + signal.SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        The exit status: 0, or 1 after a failure, 130 after Ctrl-C, 143 after SIGTERM, 129 after
        SIGHUP, 141 if nothing reads the output on.

    Raises:
        SystemExit: with status 2, after wrong usage; with 0, after `--help`.
    """
    for stream in (sys.stdout, sys.stderr):
        _write_any_name(stream)
    with logs.on_standard_error():
        options = _parser().parse_args(arguments)
        logs.set_level(options)
        with signals.as_interrupts():
            return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except (UsageError, TargetError) as error:
        options.parser.error(str(error))
    except (ValueError, OSError) as error:
        log.error("%s", error)
        log.debug("where it happened:", exc_info=True)
        return FAILURE
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(package, options.extra)
        install = f"pip install './mobilepose_core[{extra}]'"
        log.error("%s needs the package %r: %s", options.command, package, install)
        return FAILURE
    except signals.Terminated as ended:
        log.error("ended by %s", ended.signal.name)
        return 128 + ended.signal
    except KeyboardInterrupt:
        log.error("interrupted")
        return INTERRUPTED
    return status


_EXTRAS = {
    "foxglove": "foxglove",
    "onnxruntime": "cpu",
    "ray": "ray",
    "rosbags": "bag",
    "ruamel": "bag",
}
"""What brings a package that commands of several extras need; otherwise the command's own does."""


def _write_any_name(stream: TextIO) -> None:
    """Has a stream show what its encoding lacks as an escape, where it would end the command."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


_EPILOG = """
`mobilepose COMMAND --help` describes a command. To begin: `mobilepose predict PHOTO --save out.png`
"""


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="mobilepose",
        description="2D human pose estimation: predict, measure, train, export.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    logs.add_options(
        parser,
        (
            "more messages on standard error, with tracebacks of errors",
            "results and errors only, no progress bars",
        ),
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND", parser_class=_Command
    )
    for module in (
        predict,
        view,
        bag,
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


class _Command(CommandParser):
    """A command's parser: takes `--verbose` and `--quiet` as well."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        logs.add_options(self)
