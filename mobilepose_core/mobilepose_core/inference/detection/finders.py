"""What finds people anew: a network of our own, a detector of the user's, or a coarse search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mobilepose_core import crop
from mobilepose_core.inference.detection.boxes import PersonBoxes, nobody
from mobilepose_core.inference.tracking import association
from mobilepose_core.pose import Pose

Frame = npt.NDArray[np.uint8]
Look = Callable[[Frame, list[crop.Region]], list[Pose]]
"""Poses in regions of a frame, as `PoseEstimator.look` finds them."""

DETECTOR, FULL_FRAME, BOXES = "detector", "full_frame", "boxes"
"""Our own network; the pose network all over the frame; nothing, since boxes are given."""

DEFAULT = DETECTOR

SQUARES = 3
BEYOND = 1.4
"""A person who fills the frame is found in a crop that shows more than the frame."""

COARSE_THRESHOLD = 0.45
"""Mean score of the joints from which a coarse look, at a person too small or large, may have seen
somebody.

With the released `final`, at 0.165, 0.3 and 0.45 the whole pipe finds somebody in all studio
photographs held out, in 119 of 122 frames of films, and in 10, 9 and 6 of 320 photographs without
people, with 2.9, 1.3 and 0.3 closer looks at each of these.
"""


class PersonFinder(Protocol):
    """Finds people in a frame."""

    def __call__(self, frame: Frame) -> PersonBoxes:
        """Where people are in a frame, (H, W, 3) uint8 BGR."""

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""

    def resume(self) -> None:
        """Takes `interrupt` back."""


def make_finder(
    name: str | Path, look: Look, device: str = "auto", threads: int = 0
) -> PersonFinder | None:
    """What finds people.

    Args:
        name: `detector`, the released network; `full_frame`; the path of a detector's .onnx file;
            or `boxes`, where they are given with each frame.
        look: finds poses in regions, for `full_frame`.
        device: of the network, as `PoseSession` takes it.
        threads: likewise.

    Returns:
        The finder; None for `boxes`.

    Raises:
        ValueError: an unknown name, or a file that is no detector.
    """
    if name == BOXES:
        return None
    if name == FULL_FRAME:
        return FullFrame(look)
    from mobilepose_core.inference.detection import detector

    if name == DETECTOR:
        return detector.Detector(device=device, threads=threads)
    if not str(name).endswith(".onnx"):
        raise ValueError(
            f"person finder {str(name)!r} unknown; known: {DETECTOR}, {FULL_FRAME}, {BOXES}, or "
            "the path of a detector's .onnx file"
        )
    if detector.is_ours(Path(name)):
        return detector.Detector(name, device, threads)
    from mobilepose_core.inference.detection.yolo import YoloDetector

    return YoloDetector(Path(name), device, threads)


class FullFrame:
    """Searches the frame with the pose network in a few coarse crops."""

    def __init__(self, look: Look) -> None:
        """Takes what finds poses in regions."""
        self._look = look

    def __call__(self, frame: Frame) -> PersonBoxes:
        """Boxes around the joints of those whom a coarse look may have seen, each once."""
        height, width = frame.shape[:2]
        coarse = self._look(frame, regions_to_search(width, height))
        seen = association.without_doubles([p for p in coarse if p.score >= COARSE_THRESHOLD])
        if not seen:
            return nobody()
        scores = np.array([pose.score for pose in seen], dtype=np.float32)
        boxes = np.stack([pose.box for pose in seen])
        return PersonBoxes(boxes, scores, sure_from=COARSE_THRESHOLD)

    def interrupt(self) -> None:
        """Nothing: looking is interrupted by the pose network itself."""

    def resume(self) -> None:
        """Nothing, as `interrupt`."""


def regions_to_search(width: int, height: int) -> list[crop.Region]:
    """The square around the frame, a larger one, and squares along an oblong frame's longer side.

    Args:
        width: of the frame, pixels.
        height: of the frame, pixels.
    """
    whole = crop.region_of_frame(width, height)
    regions = [whole, whole.scaled(BEYOND)]
    side, longer = float(min(width, height)), max(width, height)
    if longer > 1.1 * side:
        middle = (side - 1) / 2
        for along in np.linspace(middle, longer - 1 - middle, SQUARES):
            x, y = (along, middle) if width > height else (middle, along)
            regions.append(crop.Region(float(x), float(y), side))
    return regions
