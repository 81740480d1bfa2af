"""`mobilepose train`."""

from __future__ import annotations

import argparse
from pathlib import Path

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("train", help="train a network")
    parser.add_argument(
        "--config",
        default="final",
        help="final, baseline, gap_removed, split; or finder, of people in whole frames",
    )
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="flic=, lsp= or coco= and a folder, with ,weight=2 to see its people twice an epoch; "
        "for the finder with ,others=FILE of people who are not annotated; may be given several "
        "times",
    )
    parser.add_argument("--empty", type=path, help="photographs without people, for the finder")
    parser.add_argument(
        "--beside",
        metavar="NAME=PATH",
        help="people before plain backgrounds, who are cut out to stand beside those of --data",
    )
    parser.add_argument("--out", type=path, default=Path("out/train"), help="folder for the run")
    parser.add_argument(
        "--recipe",
        default="paper",
        help="paper, short, robust, refine, refine_all, world, finder or refine_finder",
    )
    parser.add_argument("--imagenet", type=path, help="the trunk's ImageNet weights (.npz)")
    parser.add_argument("--from-scratch", action="store_true", help="start from random weights")
    parser.add_argument("--start-from", type=path, help="start from a checkpoint's weights")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the run that --out holds, if any"
    )
    parser.add_argument("--max-minutes", type=float, help="shorten the schedule to this time")
    parser.add_argument("--steps", type=int, help="shorten or lengthen the schedule")
    parser.add_argument("--batch", type=int, help="people per step")
    parser.add_argument("--rate", type=float, help="learning rate of the whole network")
    parser.add_argument(
        "--trunk",
        default="mobilenet",
        help="of the baseline: mobilenet, squeezenet, or densenet-6-12-12-8, -6-12-12-16, "
        "-6-12-24-16",
    )
    parser.add_argument("--decoder", default="block_first", help="block_first, upsample_first")
    parser.add_argument(
        "--streams",
        help="filters of each joint's stream, counts in the joints' order, such as 22,28,34,…",
    )
    parser.add_argument("--width", type=float, default=1.0, help="1.0, 0.75, 0.5, 0.375 or 0.25")
    parser.add_argument(
        "--kernel",
        type=int,
        default=3,
        help="side of the depthwise kernels at a 16th of the input's resolution, such as 7",
    )
    parser.add_argument(
        "--skips",
        default="separable",
        help="what the hourglass's skips pass through: separable, as the paper's, or depthwise",
    )
    parser.add_argument(
        "--skeleton",
        default="upper_body_11",
        help="joints that the network finds: upper_body_11, coco_17 or all_19",
    )
    parser.add_argument(
        "--heading",
        action="store_true",
        help="tell all streams of final which way the person faces",
    )
    parser.add_argument(
        "--framing",
        default="upper_body",
        help="what crops are fitted to: upper_body, in squares, or body, in upright rectangles",
    )
    parser.add_argument("--input-size", type=int, default=224, help="224, 192, 160 or 128")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="", help="cpu or cuda; the GPU where there is one")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.training.command import train

    return train(options)
