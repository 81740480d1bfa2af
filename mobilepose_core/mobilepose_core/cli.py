"""The command line: `mobilepose predict`, `train`, `evaluate`, `export` and what goes with them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0, or 1 after an error, 2 after wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
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
    _add_predict(commands)
    _add_evaluate(commands)
    _add_report(commands)
    _add_train(commands)
    _add_export(commands)
    _add_release(commands)
    _add_quantise(commands)
    _add_dataset(commands)
    return parser


_Commands = argparse._SubParsersAction  # argparse has no public name for it


def _add_predict(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("predict", help="find the joints of the people in photographs")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--weights", default="final", help="a released model, or an .onnx file")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--save", type=Path, help="write the photograph with its skeletons here")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each image")
    parser.set_defaults(run=_predict, extra="cpu")


def _predict(options: argparse.Namespace) -> int:
    from mobilepose_core import photo
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.drawing import draw, save

    if options.save and len(options.images) > 1:
        raise ValueError(f"--save takes one image, got {len(options.images)}; give one at a time")
    estimator = PoseEstimator(options.weights, options.device)
    for path in options.images:
        image = photo.read(path)
        if image is None:
            reason = "no picture, or cut off" if path.is_file() else "no such file"
            raise ValueError(f"{path}: {reason}; expected a photograph, such as JPEG or PNG")
        estimator.forget()
        poses = estimator(image)
        if options.json:
            print(json.dumps({"image": str(path), "poses": [pose.to_dict() for pose in poses]}))
        else:
            print(f"{path}: {len(poses)} {'person' if len(poses) == 1 else 'people'}")
            for pose in poses:
                for name, x, y, score in pose:
                    print(f"  {name:<15} {x:8.1f} {y:8.1f}   {score:.2f}")
        if options.save:
            save(draw(image, poses), options.save)
    return 0


def _add_evaluate(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("evaluate", help="PCK of a model on a data set")
    parser.add_argument("--dataset", required=True, help="flic, lsp or coco")
    parser.add_argument("--root", required=True, type=Path, help="the data set's folder")
    parser.add_argument("--split", default="test", help="train, val or test")
    parser.add_argument("--weights", default="final", help="a released model, or an .onnx file")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.2,
        help="in torso lengths, left hip to right shoulder",
    )
    parser.add_argument(
        "--observer-centric",
        action="store_true",
        help="left and right as most published tables have them, by the picture",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(run=_evaluate, extra="train")


def _evaluate(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets, skeleton
    from mobilepose_core.evaluation import pck
    from mobilepose_core.evaluation.evaluate import find_joints
    from mobilepose_core.inference.session import PoseSession

    if not options.threshold > 0:
        raise ValueError(f"--threshold is a positive share of the torso, got {options.threshold}")
    session = PoseSession(options.weights, options.device)
    dataset = datasets.load(options.dataset, options.root)
    samples = dataset.split(options.split).samples
    for line in dataset.fault_lines():
        print(line, file=sys.stderr)
    if not samples:
        raise ValueError(f"{options.root} has nobody in its split {options.split!r}")
    findings = find_joints(samples, session, session.size)
    joints = findings.found, findings.truth
    if options.observer_centric:
        joints = skeleton.observer_centric(joints[0]), skeleton.observer_centric(joints[1])
    distances = pck.normalised_distances(*joints)
    figures = pck.summary(distances, options.threshold)
    if options.json:
        head = {
            "dataset": options.dataset,
            "split": options.split,
            "people": len(findings.found),
            "unreadable": findings.unreadable,
            "weights": session.model.name,
            "observer_centric": options.observer_centric,
            "threshold": options.threshold,
        }
        rounded = {name: None if v != v else round(v, 2) for name, v in figures.items()}
        print(json.dumps(head | rounded))
        return 0
    print(f"{session.model.name} on {len(findings.found)} people, PCK@{options.threshold:g}")
    for name in (*skeleton.JOINTS, *pck.PARTS, "mean"):
        print(f"  {name:<15} {figures[name]:6.1f}")
    return 0


def _add_report(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("report", help="write the tables and curves of all models")
    parser.add_argument("--dataset", default="flic", help="flic, lsp or coco")
    parser.add_argument("--root", required=True, type=Path, help="the data set's folder")
    parser.add_argument("--split", default="test", help="train, val or test")
    parser.add_argument(
        "--models",
        type=Path,
        action="append",
        default=[],
        help="a folder that `mobilepose release` wrote to, beside the released models",
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads for the timing")
    parser.add_argument("--out", type=Path, default=Path("docs/results.md"), help="the page")
    parser.set_defaults(run=_report, extra="train")


def _report(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.inference.model_file import released_models
    from mobilepose_core.report import write_report

    models: list[str | Path] = [*released_models()]
    for folder in options.models:
        models += sorted(folder.glob("*.onnx"))
    dataset = datasets.load(options.dataset, options.root)
    write_report(models, dataset, options.split, options.out, options.threads)
    print(options.out)
    return 0


def _add_train(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("train", help="train a network")
    parser.add_argument("--config", default="final", help="final, baseline, gap_removed or split")
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="flic=, lsp= or coco= and a folder, with ,weight=2 to see its people twice an epoch; "
        "may be given several times",
    )
    parser.add_argument("--out", type=Path, default=Path("out/train"), help="folder for the run")
    parser.add_argument("--recipe", default="paper", help="paper, or short for scarce computing")
    parser.add_argument("--imagenet", type=Path, help="the trunk's ImageNet weights (.npz)")
    parser.add_argument("--from-scratch", action="store_true", help="start from random weights")
    parser.add_argument("--start-from", type=Path, help="start from a checkpoint's weights")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--max-minutes", type=float, help="shorten the schedule to this time")
    parser.add_argument("--steps", type=int, help="shorten or lengthen the schedule")
    parser.add_argument("--batch", type=int, help="people per step")
    parser.add_argument(
        "--trunk",
        default="mobilenet",
        help="of the baseline: mobilenet, squeezenet, or densenet-6-12-12-8, -6-12-12-16, "
        "-6-12-24-16",
    )
    parser.add_argument("--decoder", default="upsample_first", help="upsample_first, block_first")
    parser.add_argument(
        "--streams",
        help="filters of each joint's stream, 11 counts in the joints' order, such as 22,28,34,…",
    )
    parser.add_argument("--width", type=float, default=1.0, help="1.0, 0.75, 0.5 or 0.25")
    parser.add_argument("--input-size", type=int, default=224, help="224, 192, 160 or 128")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="", help="cpu or cuda; the GPU where there is one")
    parser.set_defaults(run=_train, extra="train")


def _train(options: argparse.Namespace) -> int:
    from mobilepose_core.training.command import train

    return train(options)


def _add_export(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("export", help="write a checkpoint as ONNX")
    parser.add_argument("checkpoint", type=Path, help="a .safetensors file of a training run")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.set_defaults(run=_export, extra="train")


def _export(options: argparse.Namespace) -> int:
    from mobilepose_core.export import export
    from mobilepose_core.training.checkpoint import load_weights

    network, config = load_weights(options.checkpoint)
    export(network, config, options.out)
    print(f"{options.out}: {config.architecture}, {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


def _add_release(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("release", help="make a run's best checkpoint a released model")
    parser.add_argument("run_folder", type=Path, help="the folder of a finished run")
    parser.add_argument("--name", required=True, help="of the released model")
    parser.add_argument(
        "--evaluation",
        type=Path,
        action="append",
        default=[],
        help="a file with what `mobilepose evaluate --json` printed; may be given several times",
    )
    parser.add_argument(
        "--folder", type=Path, help="for a model that is not to be released with the package"
    )
    parser.set_defaults(run=_release, extra="train")


def _release(options: argparse.Namespace) -> int:
    from mobilepose_core.inference.model_file import WEIGHTS
    from mobilepose_core.release import release

    folder = options.folder or WEIGHTS
    print(release(options.run_folder, options.name, options.evaluation, folder))
    return 0


def _add_quantise(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("quantise", help="release the INT8 network of a released model")
    parser.add_argument("model", help="the FP32 model's name")
    parser.add_argument("--name", required=True, help="of the INT8 model")
    parser.add_argument("--data", required=True, metavar="NAME=PATH", help="to calibrate on")
    parser.add_argument("--evaluation", type=Path, action="append", default=[], help="as release")
    parser.set_defaults(run=_quantise, extra="train")


def _quantise(options: argparse.Namespace) -> int:
    from mobilepose_core.release import release_quantised
    from mobilepose_core.training.sources import Source

    source = Source.parse(options.data)
    print(release_quantised(options.model, options.name, source, options.evaluation))
    return 0


def _add_dataset(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("dataset", help="look at a data set")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="count its people and its faults")
    show = actions.add_parser("show", help="draw people with their joints on a contact sheet")
    for action in (check, show):
        action.add_argument("root", type=Path, help="the data set's folder")
        action.add_argument("--dataset", help="flic, lsp or coco; recognised where not given")
    show.add_argument("--save", type=Path, required=True, help="the picture to write")
    show.add_argument("--count", type=int, default=40, help="how many people")
    parser.set_defaults(run=_dataset, extra="train")


def _dataset(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.evaluation.sheet import save_sheet

    dataset = datasets.load(options.dataset or datasets.recognise(options.root), options.root)
    if options.action == "show":
        shown = save_sheet(dataset, options.count, options.save)
        print(f"{options.save}: {shown} of {len(dataset)} people")
        return 0
    dataset.check_photographs()
    splits = sorted({sample.split for sample in dataset})
    counts = ", ".join(f"{len(dataset.split(split))} {split}" for split in splits)
    print(f"{options.root}: {dataset.name}, {len(dataset)} people ({counts or 'none'})")
    for line in dataset.fault_lines():
        print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
