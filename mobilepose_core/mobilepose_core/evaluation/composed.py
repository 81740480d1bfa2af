"""Runs an estimator on composed videos, and counts its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop
from mobilepose_core.datasets import Sample, cutouts, held_out, scenes
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.scenes import Moment, compose
from mobilepose_core.evaluation.tracks import Tally
from mobilepose_core.inference import PoseEstimator, PoseModel
from mobilepose_core.inference.detection.person_detector import BOXES, DetectorWrapper
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoother, Smoothing
from mobilepose_core.io import photo
from mobilepose_core.io.drawing import draw
from mobilepose_core.io.video_writer import VideoWriter
from mobilepose_core.pose import PersonBoxes, Pose
from mobilepose_core.typing import Float32Array, ImageArray

TRUTH = "truth"
"""Name of the detector that uses the ground truth."""

MOST_PEOPLE = 60
"""Largest number of cutouts; more would take longer and change little."""

FEWEST_BACKGROUNDS = 5
"""If fewer backgrounds are held out of a folder, all of them are used."""

TRUTH_NOISE = 0.06
"""Standard deviation of the noise on the true boxes' edges, in lengths of the box."""


@dataclass(frozen=True)
class Setting:
    """The settings of composed videos.

    Attributes:
        scenes: number of videos.
        seconds: length of each.
        rate: frames per second.
        size: width and height of the frames, pixels.
        seed: of all random numbers.
    """

    scenes: int = 20
    seconds: float = 8.0
    rate: float = 15.0
    size: tuple[int, int] = (640, 480)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scenes < 1 or not self.seconds > 0 or not self.rate > 0:
            raise ValueError(
                "scenes, seconds and rate are greater than 0, got "
                f"{self.scenes}, {self.seconds} and {self.rate}"
            )


class TruthDetector:
    """A detector that returns the true boxes of visible people, with noise.

    Attributes:
        moment: the next frame and its ground truth.
    """

    def __init__(self, seed: int = 0) -> None:
        """Seeds the noise."""
        self.moment: Moment | None = None
        self._draw = np.random.default_rng(seed)

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Boxes around the joints."""
        people = [] if self.moment is None else self.moment.people
        boxes = np.array([s.box for s in people if s.counts], dtype=np.float32).reshape(-1, 4)
        lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0)
        errors = TRUTH_NOISE * lengths * self._draw.normal(size=boxes.shape)
        return PersonBoxes((boxes + errors).astype(np.float32), np.ones(len(boxes), np.float32))

    def interrupt(self) -> None:
        """Does nothing: a call takes no time."""

    def resume(self) -> None:
        """Does nothing, as `interrupt`."""


class CountingDetector(DetectorWrapper):
    """A detector that counts its runs."""

    runs = 0

    def run(self, detect: Callable[[], PersonBoxes]) -> PersonBoxes:
        """As the wrapped detector."""
        self.runs += 1
        return detect()


class CountingModel(PoseModel):
    """A `PoseModel` that counts its crops.

    Attributes:
        crops: number of crops so far.
    """

    crops = 0

    def __call__(
        self,
        frame: ImageArray,
        regions: Sequence[crop.Region],
        boxes: Float32Array | None = None,
    ) -> list[Pose]:
        """As `PoseModel`."""
        self.crops += len(regions)
        return super().__call__(frame, regions, boxes)


def estimator_of(
    model: str, device: str, finder: str, tracking: Tracking, find_size: int = 0
) -> PoseEstimator:
    """An estimator to evaluate, with a detector by name, or with the ground truth."""
    name = BOXES if finder == TRUTH else finder
    counting = CountingModel(model, device)
    made = PoseEstimator(counting, device, finder=name, tracking=tracking, find_size=find_size)
    if finder == TRUTH:
        made.detector = TruthDetector()
    if made.detector is None:
        raise ValueError(f"detector {finder!r} has no network to detect with; expected another")
    return made


def evaluate(
    estimator: PoseEstimator,
    people: Sequence[Cutout],
    pictures: Sequence[ImageArray],
    setting: Setting,
    smoothing: Smoothing,
    video: Path | None = None,
    video_scene: int = 0,
) -> dict[str, float]:
    """The tracking metrics of an estimator on composed videos.

    Args:
        estimator: made by `estimator_of`, without smoothing.
        people: cutouts of the people in the videos.
        pictures: backgrounds.
        setting: of the videos.
        smoothing: for the metrics of smoothed joints.
        video: file for one of the videos, with the poses drawn in.
        video_scene: number of that video.
    """
    assert estimator.detector is not None
    assert isinstance(estimator.model, CountingModel)
    counted = estimator.detector = CountingDetector(estimator.detector)
    tally, smoother = Tally(), Smoother()
    for number in tqdm(range(setting.scenes), desc="scenes", leave=False):
        estimator.forget()
        smoother.forget()
        tally.begin_scene()
        saved: list[ImageArray] = []
        scene = compose(
            people, pictures, number, setting.seed, setting.size, setting.seconds, setting.rate
        )
        for moment in scene:
            if isinstance(counted.detector, TruthDetector):
                counted.detector.moment = moment
            poses = estimator(moment.frame, moment.time)
            steadied = smoother(poses, moment.time, smoothing)
            tally.add(moment, poses, steadied)
            if video is not None and number == video_scene:
                saved.append(draw(moment.frame, poses, labels=True))
        if video is not None and saved:
            _write(saved, setting.rate, video)
    figures = tally.figures(setting.rate)
    return figures | {
        "crops_per_frame": estimator.model.crops / tally.frames,
        "crops_per_person": estimator.model.crops / max(1, tally.found + tally.missed),
        "finder_runs_per_frame": counted.runs / tally.frames,
    }


def cutouts_of(samples: Sequence[Sample]) -> list[Cutout]:
    """Cutouts of some people, for `evaluate`.

    Raises:
        DataError: none can be segmented.
    """
    return cutouts.cut_outs(samples, MOST_PEOPLE)


def backgrounds(folder: Path) -> list[ImageArray]:
    """The held-out photographs of a folder, or all of them if these are few.

    Raises:
        DataError: there are no photographs.
    """
    every = scenes.empty_scenes(folder)
    unseen = held_out.split_off(every)[1]
    chosen = unseen if len(unseen) >= FEWEST_BACKGROUNDS else every
    pictures = [picture for s in chosen if (picture := photo.read(s.image)) is not None]
    if not pictures:
        raise DataError(f"none of the photographs in {folder} can be read")
    return pictures


def _write(pictures: Sequence[ImageArray], rate: float, path: Path) -> None:
    """Writes a video, in the format of the file's ending."""
    writer = VideoWriter(path, rate)
    try:
        for picture in pictures:
            writer.write(picture)
        writer.close()
    finally:
        writer.discard()
