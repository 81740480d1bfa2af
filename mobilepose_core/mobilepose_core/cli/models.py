"""`mobilepose export`, `release` and `quantise`: from a checkpoint to what robots run."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import path


def add(commands: Commands) -> None:
    """The commands and their options."""
    _add_export(commands)
    _add_release(commands)
    _add_quantise(commands)


def _add_export(commands: Commands) -> None:
    parser = commands.add_parser("export", help="write a checkpoint as ONNX")
    parser.add_argument(
        "checkpoint", help="a .safetensors file of a training run, or a released model's name"
    )
    parser.add_argument("--out", type=path, required=True, help="the .onnx file to write")
    parser.add_argument(
        "--half", action="store_true", help="with numbers of 16 bits, which GPUs are faster with"
    )
    _add_joints(parser)
    parser.set_defaults(run=_export, extra="train")


def _export(options: argparse.Namespace) -> int:
    import onnx

    from mobilepose_core.inference.runtime import model_file
    from mobilepose_core.model.joints import with_named_joints
    from mobilepose_core.release import metadata
    from mobilepose_core.release.export import export
    from mobilepose_core.training.checkpoint import load_weights

    if options.out.suffix.lower() != ".onnx":
        raise ValueError(f"--out is the .onnx file to write, got {options.out}")
    released = options.checkpoint if options.checkpoint in model_file.released_models() else None
    checkpoint = model_file.WEIGHTS / f"{released}.safetensors" if released else options.checkpoint
    network, config = load_weights(Path(checkpoint))
    if options.joints:
        network, config = with_named_joints(network, config, options.joints)
    export(network, config, options.out, options.half)
    if released:
        values = metadata.values_of(onnx.load(str(model_file.find(released).path)))
        if options.joints:  # scores depend on the mean of all joints, presence on features alone
            values.pop(metadata.CALIBRATION, None)
        metadata.embed(options.out, values)
    print(f"{options.out}: {config.architecture}, {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


def _add_joints(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--joints",
        nargs="+",
        metavar="JOINT",
        help="only these, such as left_wrist right_wrist, exactly as the whole network finds them; "
        "or upper_body_11 or coco_17",
    )


def _add_release(commands: Commands) -> None:
    parser = commands.add_parser("release", help="make a run's best checkpoint a released model")
    parser.add_argument("run_folder", type=path, help="the folder of a finished run")
    parser.add_argument("--name", required=True, help="of the released model")
    parser.add_argument(
        "--evaluation",
        type=path,
        action="append",
        default=[],
        help="a file with what `mobilepose evaluate --json` printed; may be given several times",
    )
    parser.add_argument(
        "--folder", type=path, help="for a model that is not to be released with the package"
    )
    parser.add_argument(
        "--mean-with",
        type=path,
        metavar="CHECKPOINT",
        help="average the weights with those that the run started from, or with another run's",
    )
    parser.add_argument(
        "--share", type=float, default=0.5, help="of the run's own weights in that mean"
    )
    parser.add_argument(
        "--last",
        action="store_true",
        help="the weights with which the run ended, not those with the lowest error",
    )
    _add_joints(parser)
    parser.set_defaults(run=_release, extra="train")


def _release(options: argparse.Namespace) -> int:
    from mobilepose_core.inference.runtime.model_file import WEIGHTS
    from mobilepose_core.release.publish import Mean, release

    folder = options.folder or WEIGHTS
    mean = Mean(options.mean_with, options.share) if options.mean_with else None
    card = release(
        options.run_folder,
        options.name,
        options.evaluation,
        folder,
        mean,
        options.last,
        options.joints,
    )
    _remind_of_fitting(card)
    print(card)
    return 0


def _add_quantise(commands: Commands) -> None:
    parser = commands.add_parser("quantise", help="release the INT8 network of a released model")
    parser.add_argument("model", help="the FP32 model's name")
    parser.add_argument("--name", required=True, help="of the INT8 model")
    parser.add_argument("--data", required=True, metavar="NAME=PATH", help="to calibrate on")
    parser.add_argument("--evaluation", type=path, action="append", default=[], help="as release")
    parser.set_defaults(run=_quantise, extra="train")


def _quantise(options: argparse.Namespace) -> int:
    from mobilepose_core.release.publish import release_quantised
    from mobilepose_core.training.sources import Source

    source = Source.parse(options.data)
    card = release_quantised(options.model, options.name, source, options.evaluation)
    _remind_of_fitting(card)
    print(card)
    return 0


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
        print(
            f"{card['name']} has {has}; `mobilepose {command}` gives it its own",
            file=sys.stderr,
        )
