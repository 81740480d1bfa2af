"""`mobilepose evaluate`: PCK, or COCO's OKS-AP, of a model on a data set."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.figures import print_json, rounded
from mobilepose_core.cli.options import (
    FORMER_WEIGHTS,
    add_data,
    add_device,
    add_find_size,
    add_finder,
    add_json,
    add_min_height,
    add_model,
    add_split,
    check_finder,
    former_data,
    recognised,
    warn_of_fallbacks,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import above_zero

if TYPE_CHECKING:
    from mobilepose_core.datasets import Dataset
    from mobilepose_core.evaluation.crop_regions import RegionChooser
    from mobilepose_core.evaluation.evaluate import Findings
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.pose_model import PoseModel

log = logging.getLogger(__name__)


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model's joints on a data set (PCK, OKS-AP)",
        description="Measures a model's joints on an annotated data set: PCK, or COCO's OKS-AP.",
        former=(FORMER_WEIGHTS, former_data()),
    )
    data = parser.add_argument_group("data")
    add_data(data)
    add_split(data)
    add_min_height(data)
    estimator = parser.add_argument_group("estimator")
    add_model(estimator)
    add_device(estimator)
    add_finder(
        estimator,
        "take crops from this detector (detector, full_frame, or an .onnx file) instead of from "
        "the annotation",
        None,
    )
    add_find_size(estimator)
    estimator.add_argument(
        "--followed",
        action="store_true",
        help="run a second time, in the crop of the joints found at first, as tracking does",
    )
    metric = parser.add_argument_group("metric")
    metric.add_argument(
        "--metric",
        default="pck",
        choices=("pck", "oks"),
        help="oks is COCO's average precision: of poses in the annotated boxes, or, with --finder, "
        "of all poses in whole photographs",
    )
    metric.add_argument(
        "--threshold",
        type=above_zero,
        metavar="TORSOS",
        help="of pck: largest error of a correct joint, in lengths of the torso (left hip to right "
        "shoulder); 0.2 if not given",
    )
    metric.add_argument(
        "--observer-centric",
        action="store_true",
        help="of pck: left and right as seen in the picture, as in most published tables",
    )
    add_json(parser.add_argument_group("output"))
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core import datasets
    from mobilepose_core.datasets import held_out

    if options.finder is not None:
        check_finder(options.finder, options.find_size)
    elif options.find_size:
        raise UsageError("--find-size is of the detector's input; give --finder detector too")
    if options.metric == "oks":
        _refuse_what_oks_ignores(options)
    session, estimator, place = _estimator(options)
    warn_of_fallbacks([session.fallback])
    data = recognised(options.data)
    dataset = datasets.load(data.format, data.root)
    people = held_out.people(dataset, options.split)
    if not people.samples:
        raise ValueError(f"{data.root} has no people in split {options.split!r}{dataset.reasons()}")
    people = people.from_height(options.min_height)
    if not people.samples:
        raise ValueError(
            f"{data.root} has nobody of {options.min_height:g} pixels in split {options.split!r}; "
            "expected a smaller --min-height"
        )
    for line in dataset.fault_lines():
        log.warning("%s", line)
    if options.metric == "oks":
        return _print_oks(options, data.format, people, session, estimator, place)
    return _print_pck(options, data.format, people, session, place)


def _refuse_what_oks_ignores(options: argparse.Namespace) -> None:
    """Raises UsageError for options that go with another metric, or with other crops."""
    given = {
        "--min-height": bool(options.min_height),
        "--threshold": options.threshold is not None,
        "--observer-centric": options.observer_centric,
    }
    if options.followed and options.finder is not None:
        raise UsageError(
            "--followed is of people in crops of their own; with --metric oks, leave --finder out"
        )
    for name, is_given in given.items():
        if is_given:
            raise UsageError(f"{name} is of pck; give --metric pck, or leave it out")


def _estimator(
    options: argparse.Namespace,
) -> tuple[PoseModel, PoseEstimator | None, RegionChooser]:
    """The network, the pipeline around it if one is needed, and what chooses the crops."""
    from mobilepose_core.evaluation.crop_regions import (
        DetectedRegion,
        TrackedRegion,
        annotated_as,
    )
    from mobilepose_core.inference import PoseEstimator
    from mobilepose_core.inference.pose_model import PoseModel

    if options.finder is None and not options.followed:
        session = PoseModel(options.model, options.device)
        return session, None, annotated_as(session.framing)
    estimator = PoseEstimator(
        options.model,
        options.device,
        finder=options.finder or "boxes",
        find_size=options.find_size,
    )
    session = estimator.model
    place: RegionChooser = annotated_as(session.framing)
    if estimator.detector is not None:
        place = DetectedRegion(estimator.detect, session.framing)
    if options.followed:
        place = TrackedRegion(place, session)
    return session, estimator, place


def _print_pck(
    options: argparse.Namespace,
    dataset: str,
    people: Dataset,
    session: PoseModel,
    place: RegionChooser,
) -> int:
    """Prints PCK, exchanged sides and, where it applies, the calibration error."""
    from mobilepose_core import skeleton
    from mobilepose_core.evaluation import pck
    from mobilepose_core.evaluation.evaluate import find_joints
    from mobilepose_core.evaluation.reliability import error_of_findings

    findings = find_joints(
        people.samples, session.infer, session.size, place, session.skeleton.joints
    )
    found, truth = findings.found, findings.truth
    if options.observer_centric:
        found = skeleton.observer_centric(found, session.skeleton)
        truth = skeleton.observer_centric(truth, session.skeleton)
    distances = pck.normalised_distances(found, truth, findings.torsos)
    threshold = options.threshold or pck.RIGHT
    figures = pck.summary(distances, threshold, findings.joints)
    exchanged = findings.comparison().exchanged()
    as_calibrated = threshold == pck.RIGHT and not options.observer_centric
    error = error_of_findings(findings) if as_calibrated else float("nan")
    if options.json:
        head = _head(options, dataset, people, session, findings, threshold)
        sides = {f"exchanged_{group}": share for group, share in exchanged.items()}
        print_json(head, rounded(figures | sides, 2) | rounded({"ece": error}, 4))
        return 0
    print(f"{session.file.name} on {len(findings.found)} people, PCK@{threshold:g}")
    for name, figure in figures.items():
        print(f"  {name:<15} {figure:6.1f}")
    if _has_flic_hips(people):
        print("FLIC defines the hips differently from other data sets")
    print(
        f"left and right exchanged: {exchanged['all']:.1f} % of people, "
        f"{exchanged['backs']:.1f} % of those seen from behind"
    )
    if as_calibrated:
        print(f"expected calibration error of the scores {error:.3f}")
    return 0


def _head(
    options: argparse.Namespace,
    dataset: str,
    people: Dataset,
    session: PoseModel,
    findings: Findings,
    threshold: float,
) -> dict[str, str | int | float]:
    """The settings and counts in the line of JSON on PCK."""
    return {
        "command": "evaluate",
        "dataset": dataset,
        "source": options.data.root.name,
        "split": options.split,
        "min_height": options.min_height,
        "people": len(findings.found),
        "unreadable": findings.unreadable,
        "finder": options.finder or "annotation",
        "find_size": options.find_size,
        "followed": options.followed,
        "missed": findings.missed,
        "weights": session.file.name,
        "observer_centric": options.observer_centric,
        "threshold": threshold,
        "annotated_hips": "flic" if _has_flic_hips(people) else "coco",
    }


def _has_flic_hips(people: Dataset) -> bool:
    return people.name == "flic"


def _print_oks(
    options: argparse.Namespace,
    dataset: str,
    people: Dataset,
    session: PoseModel,
    estimator: PoseEstimator | None,
    place: RegionChooser,
) -> int:
    """Prints COCO's figures, of poses in given boxes or of a whole pipeline."""
    from mobilepose_core.evaluation import oks, photographs

    joints = session.skeleton.joints
    if estimator is not None and estimator.detector is not None:
        looked_at = photographs.in_whole_photographs(people, estimator.photograph, joints)
    else:
        looked_at = photographs.in_given_boxes(
            people, session.infer, session.size, place, joints, session.framing.aspect
        )
    figures = oks.average_precision(looked_at, joints)
    count = sum(len(photograph.truth) for photograph in looked_at)
    unreadable = len(photographs.by_photograph(people)) - len(looked_at)
    if unreadable:
        log.warning("%d photographs cannot be read; they do not count", unreadable)
    if options.json:
        head = {
            "command": "evaluate",
            "metric": "oks",
            "dataset": dataset,
            "source": options.data.root.name,
            "split": options.split,
            "photographs": len(looked_at),
            "unreadable": unreadable,
            "people": count,
            "finder": options.finder or "annotation",
            "find_size": options.find_size,
            "followed": options.followed,
            "weights": session.file.name,
            "joints": len(joints),
        }
        print_json(head, rounded(figures, 2))
        return 0
    print(f"{session.file.name} on {count} people, OKS of {len(joints)} joints")
    for name, figure in figures.items():
        print(f"  {name:<15} {figure:6.1f}")
    return 0
