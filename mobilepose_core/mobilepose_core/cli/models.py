"""`mobilepose export`, `release` and `quantise`: from a checkpoint to what robots run."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from mobilepose_core.cli.choices import listed
from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.former_options import Renamed
from mobilepose_core.cli.options import add_evaluations, sources
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import part, path
from mobilepose_core.errors import ModelError
from mobilepose_core.skeleton import SKELETONS, of_joints

log = logging.getLogger(__name__)

_HALF = 0.5
"""Of `--share`."""


def add(commands: Commands) -> None:
    """The commands and their options."""
    _add_export(commands)
    _add_release(commands)
    _add_quantise(commands)


def _add_export(commands: Commands) -> None:
    parser = commands.add_parser("export", help="convert a checkpoint to ONNX")
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        help=".safetensors file of a training run, or name of a released model",
    )
    parser.add_argument(
        "--out", type=path, required=True, metavar="FILE", help=".onnx file to write"
    )
    parser.add_argument("--half", action="store_true", help="FP16 weights, faster on GPUs")
    _add_joints(parser)
    _add_weight_bits(parser, None, "; without it as a released model has them, otherwise 16")
    parser.set_defaults(run=_export, extra="train")


def _export(options: argparse.Namespace) -> int:
    import onnx

    from mobilepose_core.inference.runtime import model_file
    from mobilepose_core.model.joints import with_named_joints
    from mobilepose_core.release import metadata
    from mobilepose_core.release.card import WEIGHT_BITS
    from mobilepose_core.release.export import export
    from mobilepose_core.training import checkpoint

    if options.out.suffix.lower() != ".onnx":
        raise UsageError(f"--out is the .onnx file to write, got {options.out}")
    if options.half and options.weight_bits == 8:
        raise UsageError("--half computes with 16 bits: it cannot go with --weight-bits 8")
    _check_joints(options.joints)
    is_name = options.checkpoint in model_file.released_models()
    if not is_name and not Path(options.checkpoint).is_file():
        known = ", ".join(model_file.released_models())
        raise ValueError(
            f"{options.checkpoint} is neither a checkpoint nor the name of a released model; "
            f"expected a .safetensors file, or one of {known}"
        )
    weights = checkpoint.of_released(options.checkpoint) if is_name else Path(options.checkpoint)
    network, config = checkpoint.load_weights(weights)
    released = checkpoint.released_as(weights)
    if options.joints:
        network, config = with_named_joints(network, config, options.joints)
    bits = options.weight_bits or (released and released.card.get(WEIGHT_BITS)) or 16
    export(network, config, options.out, options.half, bits)
    if released:
        values = metadata.read_metadata(onnx.load(str(released.path)))
        if options.joints:  # scores depend on the mean of all joints, presence on features alone
            values.pop(metadata.CALIBRATION, None)
        metadata.write_metadata(options.out, values)
    print(f"{options.out}: {config.architecture}, {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


def _add_joints(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--joints",
        nargs="+",
        metavar="JOINT",
        help="joints to keep, such as left_wrist right_wrist, or one skeleton of "
        f"{listed(SKELETONS)}; their heatmaps are exactly those of the whole network; all joints "
        "by default",
    )


def _check_joints(names: Sequence[str] | None) -> None:
    """Raises UsageError where no network has these joints; a network may lack some."""
    if names is None or (len(names) == 1 and names[0] in SKELETONS):
        return
    try:
        of_joints(names)
    except ValueError as error:
        raise UsageError(f"--joints: {error}; or one of {listed(SKELETONS)}") from error


def _add_weight_bits(
    parser: argparse._ActionsContainer, default: int | None, without: str = ""
) -> None:
    parser.add_argument(
        "--weight-bits",
        type=int,
        choices=(16, 8),
        default=default,
        help="bits of each weight in the file; with 8 it is smaller, as fast, and slightly less "
        f"accurate{without}",
    )


def _add_release(commands: Commands) -> None:
    parser = commands.add_parser(
        "release",
        help="make a training run's checkpoint a released model",
        description="Exports a checkpoint of a finished run, with a model card.",
        former=(Renamed("--folder", "--out"),),
    )
    parser.add_argument(
        "run_folder", type=path, metavar="RUN", help="folder of the run, train's --out"
    )
    weights = parser.add_argument_group("weights")
    weights.add_argument(
        "--last",
        action="store_true",
        help="the last weights of the run, instead of those with the lowest error",
    )
    weights.add_argument(
        "--mean-with",
        type=path,
        metavar="CHECKPOINT",
        help="average them with those of another run, or of the run that this one started from",
    )
    weights.add_argument(
        "--share",
        type=part,
        default=_HALF,
        metavar="SHARE",
        help="weight of this run in the mean, between 0 and 1",
    )
    _add_joints(weights)
    _add_weight_bits(weights, 16)
    output = parser.add_argument_group("output")
    output.add_argument("--name", required=True, metavar="NAME", help="name of the released model")
    output.add_argument(
        "--out",
        type=path,
        metavar="FOLDER",
        help="folder to write to; by default the weights of the package",
    )
    add_evaluations(output)
    parser.set_defaults(run=_release, extra="train")


def _release(options: argparse.Namespace) -> int:
    if options.share != _HALF and not options.mean_with:
        raise UsageError("--share is of a mean of weights; give --mean-with CHECKPOINT too")
    _check_name(options.name)
    _check_joints(options.joints)
    from mobilepose_core.inference.runtime.model_file import WEIGHTS
    from mobilepose_core.release.publish import Mean, release

    folder = options.out or WEIGHTS
    mean = Mean(options.mean_with, options.share) if options.mean_with else None
    card = release(
        options.run_folder,
        options.name,
        options.evaluation,
        folder,
        mean,
        options.last,
        options.joints,
        options.weight_bits,
    )
    _remind_of_fitting(card)
    print(card)
    return 0


def _add_quantise(commands: Commands) -> None:
    parser = commands.add_parser("quantise", help="make an INT8 model of a released model")
    parser.add_argument("model", metavar="MODEL", help="name of the FP32 model")
    parser.add_argument("--name", required=True, metavar="NAME", help="name of the INT8 model")
    parser.add_argument(
        "--data",
        required=True,
        metavar="FORMAT=FOLDER",
        help="data set whose activations set the ranges",
    )
    add_evaluations(parser)
    parser.set_defaults(run=_quantise, extra="train")


def _quantise(options: argparse.Namespace) -> int:
    _check_name(options.name)
    if options.name == options.model:
        raise UsageError(f"{options.name} would replace the FP32 model; give --name another name")
    from mobilepose_core.release.publish import release_quantised

    (source,) = sources([options.data])
    card = release_quantised(options.model, options.name, source, options.evaluation)
    _remind_of_fitting(card)
    print(card)
    return 0


def _check_name(name: str) -> None:
    """Raises UsageError where a model cannot have the name."""
    from mobilepose_core.release import card

    try:
        card.check_name(name)
    except ModelError as error:
        raise UsageError(f"--name: {error}") from error


def _remind_of_fitting(path: Path) -> None:
    """Says what of that which is fitted to a pose network a model lacks, or has of another."""
    card = json.loads(path.read_text(encoding="utf-8"))
    if card["model"]["architecture"] != "final":
        return
    graph = path.with_suffix(".onnx")
    for name, command in {
        "calibration": f"calibrate {graph} --data NAME=PATH",
        "presence": f"presence {graph} --data NAME=PATH --empty FOLDER",
    }.items():
        fitted_for = card.get(name, {}).get("model")
        if fitted_for == card["name"]:
            continue
        has = f"the {name} of {fitted_for}" if fitted_for else f"no {name}"
        log.warning("%s has %s; run: mobilepose %s", card["name"], has, command)
