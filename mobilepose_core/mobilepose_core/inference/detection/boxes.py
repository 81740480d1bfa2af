"""Where people are in a frame, as whatever found them says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PersonBoxes:
    """People in a frame.

    Attributes:
        boxes: (N, 4) float32 x0, y0, x1, y1 in image pixels.
        scores: (N,) float32 in [0, 1].
        of_bodies: whether they are around whole bodies, as most detectors give them, or around the
            11 joints, as a person's box is meant everywhere else here.
        sure_from: score from which each is somebody by itself; of others their poses decide.
    """

    boxes: Floats
    scores: Floats
    of_bodies: bool = False
    sure_from: float = 0.0

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise ValueError(f"boxes are (N, 4) x0, y0, x1, y1, got {self.boxes.shape}")
        if self.scores.shape != self.boxes.shape[:1]:
            raise ValueError(
                f"{len(self.boxes)} boxes have as many scores, got {self.scores.shape}"
            )

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, indices: Sequence[int] | npt.NDArray[np.integer]) -> PersonBoxes:
        """Some of the people."""
        chosen = np.asarray(indices, dtype=np.intp)
        return replace(self, boxes=self.boxes[chosen], scores=self.scores[chosen])

    @property
    def are_sure(self) -> npt.NDArray[np.bool_]:
        """(N,) whether each is somebody by itself."""
        return self.scores >= self.sure_from

    def of_joints(self) -> PersonBoxes:
        """About the boxes around the joints, without those that are no boxes.

        Of a standing body the joints, eyes to hips, fill the upper part; of one that is cut off by
        the picture or sits, more of it.
        """
        is_sound = np.isfinite(self.boxes).all(axis=1)
        is_sound &= (self.boxes[:, 2:] >= self.boxes[:, :2]).all(axis=1)
        sound = self[np.flatnonzero(is_sound)]
        if not self.of_bodies:
            return sound
        boxes = sound.boxes
        width, height = (boxes[:, 2:] - boxes[:, :2]).T
        upper = np.minimum(height, np.maximum(UPPER_BODY * height, WIDEST * width))
        of_joints = np.column_stack([boxes[:, :3], boxes[:, 1] + upper]).astype(np.float32)
        return replace(sound, boxes=of_joints, of_bodies=False)


UPPER_BODY = 0.6
"""Share of a standing body's height down to its hips, with room for hands that hang."""

WIDEST = 1.2
"""An upper body is at least so many times as high as wide: a lower box is of no whole body."""


def nobody() -> PersonBoxes:
    """No boxes."""
    return PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
