"""The command line: `mobilepose predict`, `train`, `evaluate`, `export` and what goes with them.

Each command is a module here, which adds its options and says what runs; it imports what it needs
only when it runs, so that `predict` works without torch.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from mobilepose_core.cli import (
    calibrate,
    dataset,
    evaluate,
    evaluate_finder,
    evaluate_tracks,
    models,
    predict,
    report,
    train,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0, or 1 after an error, 2 after wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except (ValueError, OSError) as error:
        print(f"mobilepose: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"mobilepose: {options.command} needs the package {error.name!r}: "
            f"pip install 'mobilepose_core[{options.extra}]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("mobilepose: interrupted", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mobilepose", description="2D human pose: train, evaluate, export, predict."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        predict,
        evaluate,
        evaluate_finder,
        evaluate_tracks,
        report,
        train,
        models,
        calibrate,
        dataset,
    ):
        module.add(commands)
    return parser
