"""Sweeps of `benchmarks.growth` over people, cameras and image sizes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.growing.crowd import TrackedCrowd, crowd
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.typing import ImageSize

Call = Callable[[], object]

PEOPLE = (1, 2, 4, 8, 16)
PEOPLE_FRAME: ImageSize = (1280, 960)
CAMERAS = (1, 2, 4, 8)
CAMERA_FRAME: ImageSize = (640, 480)
FRAMES_A_CALL = 3
"""Frames of each camera per call, so that waiting for the last camera counts little."""

SIZES: Sequence[ImageSize] = (
    (320, 240),
    (640, 480),
    (1280, 720),
    (1920, 1080),
    (2560, 1440),
    (3840, 2160),
)


@dataclass(frozen=True)
class Sweep:
    """A sweep over one growing quantity.

    Attributes:
        name: short, also of its plot.
        title: the growing quantity.
        x: unit of its sizes.
        series: what to call at each size, ascending, for each compared variant.
        labels: other names for sizes.
        item: what each unit of x produces; empty if nothing is counted.
        repeats: repetitions of the measured work in a call.
        notes: sentences that explain the table.
    """

    name: str
    title: str
    x: str
    series: Mapping[str, Mapping[float, Call]]
    labels: Mapping[float, str] = field(default_factory=dict)
    item: str = ""
    repeats: int = 1
    notes: Sequence[str] = ()


def people(model: str, threads: int, counts: Sequence[int] = PEOPLE) -> Sweep:
    """Number of tracked people in a frame."""
    across, down = PEOPLE_FRAME
    return Sweep(
        "people",
        "People per frame",
        "people",
        {model: {n: TrackedCrowd(model, threads, n, PEOPLE_FRAME) for n in counts}},
        item="pose",
        notes=[
            f"`{model}`, the whole pipeline on a frame of {across}x{down} in which everyone is "
            "tracked; the number of poses was checked in every frame. The detector, which runs on "
            "one frame in ten, is not counted."
        ],
    )


def cameras(model: str, threads: int, counts: Sequence[int] = CAMERAS) -> Sweep:
    """Number of estimators in one process, each in its own thread."""
    one = TrackedCrowd(model, threads, 1, CAMERA_FRAME)
    one()
    before = _resident_mb()
    videos = [one, *(TrackedCrowd(model, threads, 1, CAMERA_FRAME) for _ in range(1, max(counts)))]
    _side_by_side(videos)
    each = (_resident_mb() - before) / max(1, len(videos) - 1)
    alone = [TrackedCrowd(model, 1, 1, CAMERA_FRAME) for _ in range(max(counts))]
    return Sweep(
        "cameras",
        "Cameras per process",
        "cameras",
        {
            f"{count}-thread networks": {n: partial(_side_by_side, those[:n]) for n in counts}
            for count, those in {threads: videos, 1: alone}.items()
        },
        item="frame",
        repeats=FRAMES_A_CALL,
        notes=[
            f"`{model}`, one person at {CAMERA_FRAME[0]}x{CAMERA_FRAME[1]}, one estimator and "
            "thread per camera; ms until the next frame of every camera is processed. Each "
            f"estimator loads its own model: {each:.0f} MB of memory per additional camera."
        ],
    )


def image_sizes(model: str, threads: int, sizes: Sequence[ImageSize] = SIZES) -> Sweep:
    """Size of frames with one person, for the pipeline and the detector."""
    detector = FinderDetector(device="cpu", threads=threads)
    megapixels = {size[0] * size[1] / 1e6: size for size in sizes}
    return Sweep(
        "image-size",
        "Image size",
        "megapixels",
        {
            "a person as high as the frame": {
                x: TrackedCrowd(model, threads, 1, size, cell=size)
                for x, size in megapixels.items()
            },
            "a person of 240 pixels": {
                x: TrackedCrowd(model, threads, 1, size) for x, size in megapixels.items()
            },
            "the finder's first look": {
                x: partial(detector.look, crowd(1, size)[0], 0) for x, size in megapixels.items()
            },
        },
        labels={x: f"{width}x{height}" for x, (width, height) in megapixels.items()},
        notes=[
            f"`{model}`, the whole pipeline with one tracked person; and the detector alone, which "
            "runs on one frame in ten."
        ],
    )


def _side_by_side(videos: Sequence[TrackedCrowd]) -> None:
    """Processes the next frames of all cameras in parallel."""
    with ThreadPoolExecutor(len(videos)) as pool:
        list(pool.map(lambda video: [video() for _ in range(FRAMES_A_CALL)], videos))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
