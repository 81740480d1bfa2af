"""`mobilepose bag`: the joints of the people in recordings of ROS 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilepose_core.cli.choices import ENGINES, OVERLAYS, STORAGES
from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import (
    add_device,
    add_find_size,
    add_finder,
    add_model,
    add_threads,
    add_video,
    check_finder,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import above_zero, path, share, whole
from mobilepose_core.io import json_text

if TYPE_CHECKING:
    from tqdm import tqdm

    from mobilepose_core.recordings.engines import Engine
    from mobilepose_core.recordings.job import Job, JobReport
    from mobilepose_core.recordings.progress import FrameCount

log = logging.getLogger(__name__)

_DESCRIPTION = """
Reads recordings of ROS 2 (rosbag2 in MCAP or SQLite) without ROS, and writes what the pose node
would have published: joints, joints in metres where there is depth, markers, and the overlay.
Headers and times are those of the images.

A run that is stopped or killed goes on where it was when it is started again with the same options;
recordings that are finished are skipped.
"""

_EPILOG = """
Damaged recordings and those without an index are read as far as they go. What could not be read is
reported, and the exit status is 1.
"""


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "bag",
        help="find the joints of people in recordings of ROS 2",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        type=path,
        metavar="INPUT",
        help="rosbag2 (a folder), one of its files, or a folder of recordings at any depth",
    )
    _add_output(parser.add_argument_group("output"))
    _add_topics(parser.add_argument_group("topics"))
    estimator = parser.add_argument_group("estimator")
    add_model(estimator)
    add_device(estimator)
    add_threads(estimator)
    add_finder(estimator, "what detects people: detector, full_frame, or a detector's .onnx file")
    add_find_size(estimator)
    add_video(estimator)
    _add_engine(parser.add_argument_group("many recordings"))
    parser.set_defaults(run=_run, extra="bag")


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--out",
        type=path,
        required=True,
        metavar="FOLDER",
        help="gets an annotated rosbag2 for each recording, with its name",
    )
    group.add_argument(
        "--originals",
        action="store_true",
        help="copy the recording's own messages too; otherwise results alone are written",
    )
    group.add_argument(
        "--storage", default="mcap", choices=STORAGES, help="format of the annotated rosbag2"
    )
    group.add_argument(
        "--compress", action="store_true", help="compress with Zstandard: smaller, takes longer"
    )
    group.add_argument(
        "--overlay",
        default="compressed",
        choices=OVERLAYS,
        help="images with skeletons drawn in: none, as JPEG on overlay/compressed, or raw",
    )
    group.add_argument(
        "--labels",
        action="store_true",
        help="show track ID and score of each person in markers and overlay",
    )
    group.add_argument(
        "--joint-threshold",
        type=share,
        default=0.5,
        metavar="SCORE",
        help="least score of joints drawn in markers and overlay",
    )
    group.add_argument(
        "--json", action="store_true", help="print a line of JSON for each recording"
    )


def _add_topics(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="TOPIC",
        help="topic of images, raw or compressed; may be repeated; by default all of the recording",
    )
    group.add_argument(
        "--depth",
        action="append",
        default=[],
        metavar="[IMAGE=]TOPIC",
        help="depth images aligned to the images, for all topics of images or one; auto takes "
        "those with the images' frame_id, none takes none; may be repeated (default: auto)",
    )
    group.add_argument(
        "--camera-info",
        action="append",
        default=[],
        metavar="[IMAGE=]TOPIC",
        help="calibration, for all topics of images or one; auto takes camera_info in the images' "
        "namespace; may be repeated (default: auto)",
    )
    group.add_argument(
        "--name",
        default="mobilepose",
        metavar="NODE",
        help="name of the node that the results' topics are below, such as "
        "/front/mobilepose/joints for /front/image_raw",
    )


def _add_engine(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--engine",
        default="local",
        choices=ENGINES,
        help="what runs jobs: processes of this machine, or Ray",
    )
    group.add_argument(
        "--jobs",
        type=whole(0),
        default=0,
        metavar="NUMBER",
        help="recordings at a time; 0 takes one for each core",
    )
    group.add_argument(
        "--address",
        default="",
        metavar="ADDRESS",
        help="of a Ray cluster, whose machines need the recordings and the folder of results under "
        "the same paths; auto finds it; otherwise Ray runs on this machine",
    )
    group.add_argument(
        "--checkpoint",
        type=above_zero,
        default=5.0,
        metavar="SECONDS",
        help="a run that is killed loses the work of this time at most",
    )


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.recordings import engines

    check_finder(options.finder, options.find_size)
    if options.address and options.engine != "ray":
        raise UsageError("--address is that of a Ray cluster; add --engine ray")
    cores = os.cpu_count() or 1
    sources = _sources(options)
    workers = min(options.jobs or cores, len(sources))
    threads = options.threads or max(1, cores // workers)
    jobs = _jobs(options, sources, threads)
    engine: Engine
    if options.engine == "ray":
        engine = engines.RayEngine(workers, threads, options.address)
    else:
        engine = engines.LocalEngine(workers)
    try:
        reports = _reports(engine, jobs, options)
    except KeyboardInterrupt:
        log.warning("stopped; the same command goes on from here")
        raise
    failed = [report for report in reports if report.error or report.losses]
    if failed and len(jobs) > 1:
        log.error("%d of %d recordings could not be read whole", len(failed), len(jobs))
    return 1 if failed else 0


def _sources(options: argparse.Namespace) -> list[Path]:
    from mobilepose_core.recordings.sources import recordings_in

    sources = [found for given in options.inputs for found in recordings_in(given, options.out)]
    return list(dict.fromkeys(source.resolve() for source in sources))


def _jobs(options: argparse.Namespace, sources: Sequence[Path], threads: int) -> list[Job]:
    from mobilepose_core.inference.runtime import model_file
    from mobilepose_core.recordings.annotator import Drawing
    from mobilepose_core.recordings.cameras import Selection
    from mobilepose_core.recordings.job import Estimation, Job
    from mobilepose_core.recordings.sources import targets

    selection = Selection(
        tuple(options.image), _by_image(options.depth), _by_image(options.camera_info), options.name
    )
    model_file.find(options.model)
    is_released = options.model in model_file.released_models()
    model = options.model if is_released else str(path(options.model).resolve())
    estimation = Estimation(
        model,
        options.device,
        threads,
        options.finder,
        options.find_size,
        options.smoothing_time,
        options.rotate,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    return [
        Job(
            source,
            target.resolve(),
            selection,
            estimation,
            Drawing(options.overlay, options.labels, options.joint_threshold),
            options.storage,
            options.compress,
            options.originals,
            options.checkpoint,
        )
        for source, target in zip(sources, targets(sources, options.out), strict=True)
    ]


def _by_image(texts: Sequence[str]) -> Mapping[str, str]:
    """`[IMAGE=]TOPIC` by topic of images; `*` stands for all of them."""
    pairs = [text.rpartition("=") for text in texts]
    return {image or "*": topic for image, _, topic in pairs}


def _reports(engine: Engine, jobs: Sequence[Job], options: argparse.Namespace) -> list[JobReport]:
    """Runs the jobs; shows progress and prints what is finished."""
    from tqdm import tqdm

    from mobilepose_core.recordings.engines import run
    from mobilepose_core.recordings.progress import Progress

    reports: list[JobReport] = []
    progress = Progress(jobs)
    is_hidden = not log.isEnabledFor(logging.INFO)
    with tqdm(
        desc="bag", unit="frame", leave=False, smoothing=0, disable=is_hidden, total=0
    ) as bar:
        for finished in run(engine, jobs):
            for report in finished:
                reports.append(report)
                _print(report, options.json)
            if not is_hidden:
                _show(bar, progress.frames(reports))
    return reports


def _show(bar: tqdm[Any], count: FrameCount) -> None:
    bar.total = count.total
    bar.initial = count.earlier  # which says nothing about this run's speed
    bar.update(count.done - bar.n)


def _print(report: JobReport, as_json: bool) -> None:
    from tqdm import tqdm

    for note in report.notes:
        log.info("%s: %s", report.source, note)
    for fault, count in report.faults.items():
        log.warning("%s: %d times: %s", report.source, count, fault)
    for loss in report.losses:
        log.error("%s: lost: %s", report.source, loss)
    if report.error:
        log.error("%s", report.error)
    if as_json:
        tqdm.write(json_text.of(asdict(report)), file=sys.stdout)
    elif not report.error:
        text = f"{report.source}: {report.frames} frames, {report.people} poses: {report.target}"
        tqdm.write(text, file=sys.stdout)
