"""The interface of person detectors, and how one is made from a name or a path."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.detection.full_frame import FullFrameSearch
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime.providers import CPU
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray

DETECTOR, FULL_FRAME, BOXES = "detector", "full_frame", "boxes"
"""Our own network; the pose network on the full frame; no detector, boxes are given."""

PERSON_FINDERS = (DETECTOR, FULL_FRAME, BOXES)

DEFAULT = DETECTOR


class PersonDetector(Protocol):
    """Detects people in a frame."""

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """The people in a frame, (H, W, 3) uint8 BGR."""

    def interrupt(self) -> None:
        """Cancels a call in another thread, and later ones, with ONNX Runtime's exception."""

    def resume(self) -> None:
        """Allows calls again after `interrupt`."""


@runtime_checkable
class LookingDetector(PersonDetector, Protocol):
    """A detector that looks at a frame in several ways, which take turns in a video.

    A call looks in all of them.
    """

    def look(self, frame: ImageArray, number: int) -> PersonBoxes:
        """The people that one look shows; `number` counts the looks at a video, from 0."""


Look = Callable[[ImageArray, int], PersonBoxes]
"""`LookingDetector.look`."""


def look_of(detector: PersonDetector) -> Look:
    """How a detector looks at the frames of a video; one without looks is called."""
    if isinstance(detector, LookingDetector):
        return detector.look
    return lambda frame, number: detector(frame)


class DetectorWrapper:
    """A detector that runs another one; override `run` to do something beside that.

    Attributes:
        detector: that it runs.
    """

    def __init__(self, detector: PersonDetector) -> None:
        self.detector = detector
        self._look = look_of(detector)

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """As the wrapped detector."""
        return self.run(partial(self.detector, frame))

    def look(self, frame: ImageArray, number: int) -> PersonBoxes:
        """As the wrapped detector."""
        return self.run(partial(self._look, frame, number))

    def interrupt(self) -> None:
        """As the wrapped detector."""
        self.detector.interrupt()

    def resume(self) -> None:
        """As the wrapped detector."""
        self.detector.resume()

    def run(self, detect: Callable[[], PersonBoxes]) -> PersonBoxes:
        """Runs the wrapped detector: `detect` calls it."""
        return detect()


def make_detector(
    name: str | Path, model: PoseModel, device: str = "auto", threads: int = 0, size: int = 0
) -> PersonDetector | None:
    """Makes a detector.

    Args:
        name: `detector`, the released network, in INT8 on a CPU; `full_frame`; the path of a
            detector's .onnx file; or `boxes`, if boxes are given with each frame.
        model: the pose network, which runs on the same device; `full_frame` searches with it.
        device: of the detector's network, one of `devices.DEVICES`.
        threads: CPU threads; 0 takes one per core.
        size: of a `FinderDetector`'s input; 0 takes its usual one.

    Returns:
        The detector; None for `boxes`.

    Raises:
        ModelError: an unknown name, a file that is not a detector, or a size for a detector that
            has none to choose.
    """
    if size and str(name) in (BOXES, FULL_FRAME):
        raise _has_no_size(name)
    if name == BOXES:
        return None
    if name == FULL_FRAME:
        return FullFrameSearch(model)
    from mobilepose_core.inference.detection import finder_detector

    if name == DETECTOR:
        on_cpu = model.provider == CPU
        released = finder_detector.RELEASED_ON_CPU if on_cpu else finder_detector.RELEASED
        return finder_detector.FinderDetector(released, device, threads, size)
    if not str(name).endswith(".onnx"):
        raise ModelError(
            f"person detector {str(name)!r} unknown; known: {DETECTOR}, {FULL_FRAME}, {BOXES}, or "
            "the path of a detector's .onnx file"
        )
    if finder_detector.is_ours(Path(name)):
        return finder_detector.FinderDetector(name, device, threads, size)
    if size:
        raise _has_no_size(name)
    from mobilepose_core.inference.detection.yolo import YoloDetector

    return YoloDetector(Path(name), device, threads)


def _has_no_size(name: str | Path) -> ModelError:
    return ModelError(
        f"find_size is of the input of {DETECTOR}; person detector {str(name)!r} has none, leave "
        "find_size at 0 with it"
    )
