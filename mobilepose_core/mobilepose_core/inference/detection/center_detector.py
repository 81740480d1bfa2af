"""Our own network that finds people, in ONNX Runtime: a frame in, boxes out."""

from __future__ import annotations

from pathlib import Path

from mobilepose_core import center_map
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray

INPUT = "frames"
OUTPUT = "people"
SIZE_KEY = "mobilepose.finder.size"

SURE = 0.44
"""Score from which there is somebody, unless the pose network has a presence that denies it.

From here on the released finder sees nobody in any of the photographs without people held out.
"""

MIN_SCORE = 0.15
"""A box that scores less is nobody's, whatever their pose may say.

Between both there are 0.06 boxes in a photograph without people, each of which costs a look or two
of the pose network where the finder runs.
"""


class CenterDetector(OnnxSession):
    """Finds people with the network that `mobilepose train --config finder` trains.

    Attributes:
        size: side of a square with as many pixels as a frame has when it is looked at.
        min_score: score from which there may be somebody, of whom it is sure from `SURE` on.
    """

    def __init__(
        self, model: str | Path = "finder", device: str = "auto", threads: int = 0
    ) -> None:
        """Loads a network.

        Args:
            model: a released finder's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: one of `devices.DEVICES`; `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ModelError: no such model, not a finder of ours, or an unknown device.
        """
        super().__init__(model, device, threads)
        self.size = self._check_interface()
        self.min_score = MIN_SCORE

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """Where people may be in a frame, the surest first.

        Args:
            frame: (H, W, 3) uint8, BGR.
        """
        height, width = frame.shape[:2]
        canvas = center_map.canvas_of(width, height, self.size)
        (maps,) = self.run(canvas.show(frame)[None])
        boxes, scores = center_map.decode(maps[0], self.min_score)
        return PersonBoxes(canvas.to_image(boxes), scores, sure_from=SURE)

    def _check_interface(self) -> int:
        """The size of frames that a finder of ours was trained for."""
        names, size = self.names(), self.metadata.get(SIZE_KEY, "")
        if names != [INPUT, OUTPUT] or not size.isdigit() or not int(size):
            raise ModelError(
                f"{self.file.path} is no finder of mobilepose: it has inputs and outputs {names}; "
                f"expected {INPUT!r} and {OUTPUT!r}, as `mobilepose export` writes them for "
                "--config finder"
            )
        return int(size)


def is_ours(path: Path) -> bool:
    """Whether an .onnx file is a finder that `mobilepose export` wrote."""
    return SIZE_KEY in OnnxSession(path, "cpu", threads=1).metadata
