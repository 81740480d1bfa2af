"""`mobilepose train`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilepose_core.cli.choices import (
    ARCHITECTURES,
    DATASETS,
    DECODERS,
    FRAMINGS,
    SKIPS,
    TRUNKS,
    listed,
)
from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_seed, sources
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import above_zero, counts, path, whole
from mobilepose_core.skeleton import SKELETONS, UPPER_BODY_11
from mobilepose_core.training.recipe import RECIPES

_LIKE_THE_START = "With --start-from, what is not given is as in that checkpoint."


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "train",
        help="train a network",
        description="Trains a pose network, or the person detector (--config finder).",
    )
    for name, action in _NOTED.items():
        parser.register("action", name, action)
    _add_data(parser.add_argument_group("data"))
    _add_network(parser.add_argument_group("network", _LIKE_THE_START))
    _add_schedule(parser.add_argument_group("schedule"))
    _add_start(parser.add_argument_group("first weights, one of"))
    _add_run(parser.add_argument_group("run"))
    parser.set_defaults(run=_run, extra="train", given=frozenset())


class _Noted(argparse.Action):
    """An option that adds its name to `given`: with --resume, defaults stand for the run's own."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        super().__call__(parser, namespace, values, option_string)
        namespace.given |= {self.dest}


class _Store(_Noted, argparse._StoreAction): ...


class _StoreTrue(_Noted, argparse._StoreTrueAction): ...


class _Append(_Noted, argparse._AppendAction): ...


class _Boolean(_Noted, argparse.BooleanOptionalAction): ...


_NOTED = {
    None: _Store,
    "store": _Store,
    "store_true": _StoreTrue,
    "append": _Append,
    "boolean": _Boolean,
}


def _add_data(group: argparse._ArgumentGroup) -> None:
    """What it is trained on."""
    group.add_argument(
        "--data",
        action="append",
        metavar="FORMAT=FOLDER",
        help=f"data set of format {listed(DATASETS)}; FOLDER,weight=2 shows its people twice an "
        "epoch, FOLDER,others=FILE names people who are not annotated, for the detector, and for "
        "final with --empty; may be repeated; required without --resume",
    )
    group.add_argument(
        "--empty",
        type=path,
        metavar="FOLDER",
        help="photographs without people, for the detector; with them, final learns to tell people "
        "from others, too",
    )
    group.add_argument(
        "--beside",
        metavar="FORMAT=FOLDER",
        help="people in front of plain backgrounds, to be pasted beside those of --data",
    )


def _add_network(group: argparse._ArgumentGroup) -> None:
    """The network's shape: by default that of --start-from, or the paper's."""
    group.add_argument(
        "--config",
        default="final",
        choices=ARCHITECTURES,
        help="architecture; finder is the person detector",
    )
    group.add_argument(
        "--skeleton",
        default=UPPER_BODY_11.name,
        choices=tuple(SKELETONS),
        help="joints of the network",
    )
    group.add_argument(
        "--heading",
        action="boolean",
        default=False,
        help="give all streams of final the direction that the person faces",
    )
    _add_crops(group)
    _add_filters(group)


def _add_crops(group: argparse._ArgumentGroup) -> None:
    """What the network sees."""
    group.add_argument(
        "--framing",
        default="upper_body",
        choices=FRAMINGS,
        help="part of a person that crops are fitted to: in squares, or in upright rectangles",
    )
    group.add_argument(
        "--input-size",
        type=whole(32, step=32),
        default=224,
        metavar="PIXELS",
        help="side of crops, a multiple of 32, such as 224 or 160",
    )


def _add_filters(group: argparse._ArgumentGroup) -> None:
    """Numbers and kinds of its convolutions."""
    group.add_argument(
        "--width",
        type=above_zero,
        default=1.0,
        metavar="FACTOR",
        help="multiplier of filter counts, such as 0.75 or 0.5",
    )
    group.add_argument(
        "--kernel",
        type=whole(3, step=2),
        default=3,
        metavar="CELLS",
        help="side of depthwise kernels at 1/16 of the input's resolution, odd, such as 7",
    )
    group.add_argument(
        "--skips",
        default="separable",
        choices=SKIPS,
        help="convolutions on the hourglass's skip connections; separable is the paper's",
    )
    group.add_argument(
        "--decoder",
        default="block_first",
        choices=DECODERS,
        help="order of convolution and upsampling on the way up",
    )
    group.add_argument(
        "--streams",
        type=counts,
        metavar="COUNTS",
        help="filters of each joint's stream, in the joints' order, such as 22,28,34,...",
    )
    group.add_argument(
        "--trunk", default="mobilenet", choices=TRUNKS, help="trunk of --config baseline"
    )


def _add_schedule(group: argparse._ArgumentGroup) -> None:
    """How, and for how long."""
    group.add_argument(
        "--recipe", default="paper", choices=tuple(RECIPES), help="schedule and augmentation"
    )
    group.add_argument(
        "--max-minutes",
        type=above_zero,
        metavar="MINUTES",
        help="shorten the schedule to fit this time, that before a --resume included",
    )
    group.add_argument(
        "--steps", type=whole(1), metavar="NUMBER", help="steps, in place of the recipe's"
    )
    group.add_argument(
        "--batch", type=whole(1), metavar="NUMBER", help="people per step, in place of the recipe's"
    )
    group.add_argument(
        "--rate", type=above_zero, metavar="RATE", help="learning rate, in place of the recipe's"
    )
    add_seed(group)
    group.add_argument(
        "--device", default="", choices=("cpu", "cuda"), help="by default cuda if there is a GPU"
    )


def _add_start(group: argparse._ArgumentGroup) -> None:
    """What it starts from."""
    start = group.add_mutually_exclusive_group(required=True)
    start.add_argument(
        "--imagenet", type=path, metavar="FILE", help="ImageNet weights of the trunk (.npz)"
    )
    start.add_argument(
        "--start-from", type=path, metavar="CHECKPOINT", help="weights of another run"
    )
    start.add_argument("--from-scratch", action="store_true", help="random weights")
    start.add_argument(
        "--resume",
        action="store_true",
        help="continue the run in --out with the options that it has; only a larger --steps or "
        "--max-minutes and a lower --rate change it",
    )


def _add_run(group: argparse._ArgumentGroup) -> None:
    """Where the run is kept."""
    group.add_argument(
        "--out",
        type=path,
        default=Path("out/train"),
        metavar="FOLDER",
        help="folder of checkpoints, history and TensorBoard files",
    )
    group.add_argument(
        "--overwrite", action="store_true", help="replace the run that --out has, if any"
    )


def _run(options: argparse.Namespace) -> int:
    _check(options)
    from mobilepose_core.training.command import model_of, train

    if not options.resume:
        options.model = model_of(options)
        _check_data(options)
    sources([*(options.data or []), *([options.beside] if options.beside else [])])
    return train(options)


def _check(options: argparse.Namespace) -> None:
    """Raises UsageError where options contradict each other."""
    if options.overwrite and options.resume:
        raise UsageError("--resume continues a run, --overwrite replaces it; give one of them")
    if options.resume:
        return
    if not options.data:
        raise UsageError("the following arguments are required: --data")
    if RECIPES[options.recipe].kept_norms and not options.start_from:
        raise UsageError(
            f"--recipe {options.recipe} continues the training of a network; give "
            "--start-from CHECKPOINT"
        )


def _check_data(options: argparse.Namespace) -> None:
    """Raises UsageError where the network needs other data."""
    if options.model.architecture == "finder" and options.empty is None:
        raise UsageError("--config finder needs photographs without people: --empty FOLDER")
    if options.empty and options.model.architecture not in ("finder", "final"):
        raise UsageError(
            "--empty is for --config finder and final, got --config "
            f"{options.model.architecture}, which has nothing to learn from it"
        )
    if options.beside and options.model.framing != "upper_body":
        raise UsageError("--beside pastes upper bodies; give --framing upper_body")
