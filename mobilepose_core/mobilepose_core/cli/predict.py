"""`mobilepose predict`: the joints of the people in photographs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mobilepose_core.cli.commands import Commands


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("predict", help="find the joints of the people in photographs")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--weights", default="final", help="a released model, or an .onnx file")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--save", type=Path, help="write the photograph with its skeletons here")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each image")
    parser.set_defaults(run=_run, extra="cpu")


def _run(options: argparse.Namespace) -> int:
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
