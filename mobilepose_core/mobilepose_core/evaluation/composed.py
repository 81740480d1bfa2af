"""An estimator run over composed scenes, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop
from mobilepose_core.datasets import Sample, cutouts, held_out, scenes
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.evaluation.scenes import Moment, compose
from mobilepose_core.evaluation.tracks import Tally
from mobilepose_core.inference import PoseEstimator, PoseModel
from mobilepose_core.inference.detection.person_detector import BOXES, PersonDetector
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoother, Smoothing
from mobilepose_core.io import photo
from mobilepose_core.io.drawing import draw
from mobilepose_core.io.video_writer import VideoWriter
from mobilepose_core.pose import PersonBoxes, Pose
from mobilepose_core.typing import ImageArray

TRUTH = "truth"
"""The finder that knows."""

MOST_PEOPLE = 60
"""Cut out; more would take longer and say little more."""

FEWEST_BACKGROUNDS = 5
"""Where fewer than this are held out of a folder, all of it is taken."""

TRUTH_NOISE = 0.06
"""Standard deviation of the true boxes' edges, in lengths of the box."""


@dataclass(frozen=True)
class Setting:
    """What scenes are composed.

    Attributes:
        scenes: how many.
        seconds: how long each takes.
        rate: frames per second.
        size: width and height of the frames, pixels.
        seed: of all that is drawn.
    """

    scenes: int = 20
    seconds: float = 8.0
    rate: float = 15.0
    size: tuple[int, int] = (640, 480)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scenes < 1 or not self.seconds > 0 or not self.rate > 0:
            raise ValueError(
                "scenes, their seconds and rate are more than 0, got "
                f"{self.scenes}, {self.seconds} and {self.rate}"
            )


class TruthDetector:
    """Finds those of whom enough is seen, their boxes a little off.

    Attributes:
        moment: the frame that it will be asked about.
    """

    def __init__(self, seed: int = 0) -> None:
        """Draws its errors from a seed."""
        self.moment: Moment | None = None
        self._draw = np.random.default_rng(seed)

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Boxes around the joints."""
        sights = [] if self.moment is None else self.moment.sights
        boxes = np.array([s.box for s in sights if s.counts], dtype=np.float32).reshape(-1, 4)
        lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0)
        errors = TRUTH_NOISE * lengths * self._draw.normal(size=boxes.shape)
        return PersonBoxes((boxes + errors).astype(np.float32), np.ones(len(boxes), np.float32))

    def interrupt(self) -> None:
        """Nothing: it takes no time."""

    def resume(self) -> None:
        """Nothing, as `interrupt`."""


class CountingDetector:
    """A finder and how often it ran."""

    def __init__(self, finder: PersonDetector) -> None:
        """Counts from 0."""
        self.finder = finder
        self.runs = 0

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """What the finder finds."""
        self.runs += 1
        return self.finder(frame)

    def interrupt(self) -> None:
        """As the finder does."""
        self.finder.interrupt()

    def resume(self) -> None:
        """As the finder does."""
        self.finder.resume()


class CountingModel(PoseModel):
    """A `PoseModel` that counts.

    Attributes:
        crops: how many it looked at.
    """

    crops = 0

    def __call__(self, frame: ImageArray, regions: Sequence[crop.Region]) -> list[Pose]:
        """As `PoseModel`'s."""
        self.crops += len(regions)
        return super().__call__(frame, regions)


def estimator(model: str, device: str, finder: str, tracking: Tracking) -> PoseEstimator:
    """An estimator to be judged, with a finder by its name, or with that which knows."""
    name = BOXES if finder == TRUTH else finder
    counting = CountingModel(model, device)
    made = PoseEstimator(counting, device, finder=name, tracking=tracking)
    if finder == TRUTH:
        made.detector = TruthDetector()
    if made.detector is None:
        raise ValueError(f"finder {finder!r} finds nobody; expected one that does")
    return made


def evaluate(
    judged: PoseEstimator,
    people: Sequence[Cutout],
    pictures: Sequence[ImageArray],
    setting: Setting,
    smoothing: Smoothing,
    video: Path | None = None,
    video_scene: int = 0,
) -> dict[str, float]:
    """The figures of an estimator on scenes.

    Args:
        judged: of `estimator`; its own smoothing stays off.
        people: who acts in them.
        pictures: backgrounds.
        setting: how many scenes there are and what they are like.
        smoothing: how much joints are steadied for the figures that say so.
        video: file to write one of them to, with what was found.
        video_scene: which.
    """
    assert judged.detector is not None
    assert isinstance(judged.model, CountingModel)
    counted = judged.detector = CountingDetector(judged.detector)
    tally, smoother = Tally(), Smoother()
    for number in tqdm(range(setting.scenes), desc="scenes", leave=False):
        judged.forget()
        smoother.forget()
        tally.begin_scene()
        saved: list[ImageArray] = []
        scene = compose(
            people, pictures, number, setting.seed, setting.size, setting.seconds, setting.rate
        )
        for moment in scene:
            if isinstance(counted.finder, TruthDetector):
                counted.finder.moment = moment
            poses = judged(moment.frame, moment.time)
            steadied = smoother(poses, moment.time, smoothing)
            tally.add(moment, poses, steadied)
            if video is not None and number == video_scene:
                saved.append(draw(moment.frame, poses, labels=True))
        if video is not None and saved:
            _write(saved, setting.rate, video)
    figures = tally.figures(setting.rate)
    return figures | {
        "crops_per_frame": judged.model.crops / tally.frames,
        "crops_per_person": judged.model.crops / max(1, tally.found + tally.missed),
        "finder_runs_per_frame": counted.runs / tally.frames,
    }


def cast(samples: Sequence[Sample]) -> list[Cutout]:
    """Those of some people who can be cut out.

    Raises:
        ValueError: nobody can.
    """
    return cutouts.cut_outs(samples, MOST_PEOPLE)


def backgrounds(folder: Path) -> list[ImageArray]:
    """The photographs of a folder that are held out of training, or all where they are few.

    Raises:
        ValueError: no photographs there.
    """
    every = scenes.empty_scenes(folder)
    unseen = held_out.apart(every)[1]
    chosen = unseen if len(unseen) >= FEWEST_BACKGROUNDS else every
    pictures = [picture for s in chosen if (picture := photo.read(s.image)) is not None]
    if not pictures:
        raise ValueError(f"none of the photographs in {folder} can be read")
    return pictures


def _write(pictures: Sequence[ImageArray], rate: float, path: Path) -> None:
    """A video, in the format that the file's ending names."""
    writer = VideoWriter(path, rate)
    try:
        for picture in pictures:
            writer.write(picture)
        writer.close()
    finally:
        writer.discard()
