"""`mobilepose evaluate`: PCK, or COCO's OKS-AP, of a model on a data set."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, rounded
from mobilepose_core.cli.options import (
    add_device,
    add_weights,
    check_finder,
    path,
    warn_of_fallbacks,
)

if TYPE_CHECKING:
    from mobilepose_core.datasets import Dataset
    from mobilepose_core.evaluation.placing import Place
    from mobilepose_core.inference import Pose, PoseEstimator
    from mobilepose_core.inference.pose_model import PoseModel
    from mobilepose_core.typing import ImageArray


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser("evaluate", help="PCK or OKS-AP of a model on a data set")
    parser.add_argument("--dataset", required=True, help="flic, lsp or coco")
    parser.add_argument("--root", required=True, type=path, help="the data set's folder")
    parser.add_argument("--split", default="test", help="train, val, test or held-out")
    add_weights(parser)
    add_device(parser)
    parser.add_argument(
        "--finder",
        help="look where the pipe finds people by detector, full_frame or a detector's .onnx file, "
        "not in the crops of the annotation",
    )
    parser.add_argument(
        "--followed",
        action="store_true",
        help="look again, in the crop that the joints of the first look give, as trackers do",
    )
    parser.add_argument(
        "--metric",
        default="pck",
        help="pck; or oks, COCO's average precision: of poses in the crops of the annotation, or "
        "with --finder of all that is found in whole photographs",
    )
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
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets, skeleton
    from mobilepose_core.datasets import held_out
    from mobilepose_core.evaluation import pck
    from mobilepose_core.evaluation.evaluate import find_joints
    from mobilepose_core.evaluation.placing import Followed, Found, annotated_as
    from mobilepose_core.evaluation.reliability import error_of_findings
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.pose_model import PoseModel

    if not options.threshold > 0:
        raise ValueError(f"--threshold is a positive share of the torso, got {options.threshold}")
    if options.metric not in ("pck", "oks"):
        raise ValueError(f"--metric is pck or oks, got {options.metric}")
    if options.finder is not None:
        check_finder(options.finder)
    estimator = None
    if options.finder is None and not options.followed:
        session = PoseModel(options.weights, options.device)
        place: Place = annotated_as(session.framing)
    else:
        estimator = PoseEstimator(options.weights, options.device, finder=options.finder or "boxes")
        session = estimator.model
        place = annotated_as(session.framing)
        if estimator.detector is not None:
            place = Found(estimator.detect, session.framing)
        if options.followed:
            place = Followed(place, session)
    warn_of_fallbacks([session.fallback])
    dataset = datasets.load(options.dataset, options.root)
    people = held_out.people(dataset, options.split)
    samples = people.samples
    if not samples:
        raise ValueError(
            f"{options.root} has nobody in its split {options.split!r}{dataset.reasons()}"
        )
    for line in dataset.fault_lines():
        print(line, file=sys.stderr)
    if options.metric == "oks":
        return _print_oks(options, people, session, estimator, place)
    findings = find_joints(samples, session.infer, session.size, place, session.skeleton.joints)
    found, truth = findings.found, findings.truth
    if options.observer_centric:
        found = skeleton.observer_centric(found, session.skeleton)
        truth = skeleton.observer_centric(truth, session.skeleton)
    distances = pck.normalised_distances(found, truth, findings.torsos)
    figures = pck.summary(distances, options.threshold, findings.joints)
    exchanged = findings.comparison().exchanged()
    as_calibrated = options.threshold == pck.RIGHT and not options.observer_centric
    error = error_of_findings(findings) if as_calibrated else float("nan")
    hips = "flic" if dataset.name == "flic" else "annotated"
    if options.json:
        head = {
            "command": "evaluate",
            "dataset": options.dataset,
            "split": options.split,
            "people": len(findings.found),
            "unreadable": findings.unreadable,
            "finder": options.finder or "annotation",
            "followed": options.followed,
            "missed": findings.missed,
            "weights": session.file.name,
            "observer_centric": options.observer_centric,
            "threshold": options.threshold,
            "hips": hips,
        }
        sides = {f"exchanged_{who}": share for who, share in exchanged.items()}
        print_json(head, rounded(figures | sides, 2) | rounded({"ece": error}, 4))
        return 0
    print(f"{session.file.name} on {len(findings.found)} people, PCK@{options.threshold:g}")
    for name, figure in figures.items():
        print(f"  {name:<15} {figure:6.1f}")
    if hips == "flic":
        print("hips are FLIC's, which lie elsewhere than other data sets'")
    print(
        f"left and right exchanged: {exchanged['all']:.1f} % of people, "
        f"{exchanged['backs']:.1f} % of those seen from behind"
    )
    if as_calibrated:
        print(f"expected calibration error of the scores {error:.3f}")
    return 0


def _print_oks(
    options: argparse.Namespace,
    people: Dataset,
    session: PoseModel,
    estimator: PoseEstimator | None,
    place: Place,
) -> int:
    """Prints COCO's figures, of poses in given boxes or of a whole pipeline."""
    from mobilepose_core.evaluation import oks, photographs

    joints = session.skeleton.joints
    if estimator is not None and estimator.detector is not None:
        whole = estimator

        def estimate(image: ImageArray) -> list[Pose]:
            whole.forget()
            return whole(image)

        looked_at = photographs.in_whole_photographs(people, estimate, joints)
    else:
        looked_at = photographs.in_given_boxes(people, session.infer, session.size, place, joints)
    figures = oks.average_precision(looked_at, joints)
    count = sum(len(photograph.truth) for photograph in looked_at)
    if options.json:
        head = {
            "command": "evaluate",
            "metric": "oks",
            "dataset": options.dataset,
            "split": options.split,
            "photographs": len(looked_at),
            "people": count,
            "finder": options.finder or "annotation",
            "weights": session.file.name,
            "joints": len(joints),
        }
        print_json(head, rounded(figures, 2))
        return 0
    print(f"{session.file.name} on {count} people, OKS of {len(joints)} joints")
    for name, figure in figures.items():
        print(f"  {name:<15} {figure:6.1f}")
    return 0
