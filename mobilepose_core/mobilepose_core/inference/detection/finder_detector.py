"""Our person detector in ONNX Runtime: a frame in, boxes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mobilepose_core import crop, person_map
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import Float32Array, ImageArray

RELEASED, RELEASED_ON_CPU = "finder", "finder-int8"
"""The released network. In INT8 it detects nearly the same people in three quarters of the time; on
some GPUs it is slower, on others unknown."""

INPUT = "frames"
OUTPUT = "people"
SIZE_KEY = "mobilepose.finder.size"

SIZE = 256
"""Side of a square with as many pixels as the network's input, by default: the one that the
released detector was trained on."""

LOOKS = (1.0, 1.5)
"""Sizes of the looks at a frame, in sizes of the first: each finds people that the other misses,
near ones and far ones."""

SAME = 0.7
"""IoU of boxes of two looks from which only the better one is kept.

Where they differ by more, the pose network finds the better one: 98.1 instead of 97.3 % of people
in everyday photographs are found with it than with 0.5, for 0.3 more of its runs.
"""

MIN_FIND_SIZE, MAX_FIND_SIZE = 96, 1280
"""Least and most of that size; it is a multiple of `person_map.MULTIPLE`."""

SURE = 0.35
"""Confidence from which a detection counts unless the pose network rejects it.

From there on the released detector has 0.03 detections in a held-out photograph without people.
"""

MIN_SCORE = 0.05
"""Detections below this confidence are dropped before verification.

Each above it costs one or two runs of the pose network: 0.8 in a photograph without people, 5.5 in
one of COCO. From 0.08 on there would be 0.5 and 4.4, and one person in two hundred fewer would be
found.
"""


class FinderDetector(OnnxSession):
    """Detects people with the network that `mobilepose train --config finder` trains.

    It looks at a photograph twice, at two sizes, and at the frames of a video with each in turn.

    Attributes:
        size: side of a square with as many pixels as the network's input in the first look; the
            larger, the smaller the people who are detected, and the longer it takes.
        min_score: confidence below which detections are dropped; those below `SURE` are left to
            the pose network.
    """

    def __init__(
        self,
        model: str | Path = RELEASED,
        device: str = "auto",
        threads: int = 0,
        size: int = 0,
    ) -> None:
        """Loads a network.

        Args:
            model: a released detector's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: one of `devices.DEVICES`; `auto` takes the GPU if ONNX Runtime can use one.
            threads: CPU threads; 0 takes one per core.
            size: see the attribute; a multiple of 32; 0 takes `SIZE`.

        Raises:
            ModelError: no such model, not one of our detectors, or no such size.
            DeviceError: an unknown device, or the file cannot be loaded.
        """
        check_size(size)
        super().__init__(model, device, threads)
        self._check_interface()
        self.size = size or SIZE
        self.min_score = MIN_SCORE

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """The people in a photograph, of all looks, by descending confidence.

        Args:
            frame: (H, W, 3) uint8, BGR.
        """
        boxes, scores = map(np.concatenate, zip(*self._looks(frame, LOOKS), strict=True))
        return PersonBoxes(*crop.box_nms(boxes, scores, SAME), sure_from=SURE)

    def look(self, frame: ImageArray, number: int) -> PersonBoxes:
        """The people that one look at a frame shows, by descending confidence.

        Args:
            frame: (H, W, 3) uint8, BGR.
            number: of the look in its video, from 0.
        """
        ((boxes, scores),) = self._looks(frame, [LOOKS[number % len(LOOKS)]])
        return PersonBoxes(boxes, scores, sure_from=SURE)

    def _looks(
        self, frame: ImageArray, sizes: Sequence[float]
    ) -> list[tuple[Float32Array, Float32Array]]:
        """Boxes (N, 4) in image pixels and scores (N,) of looks of these sizes, see `LOOKS`."""
        height, width = frame.shape[:2]
        canvases = person_map.canvases_of(width, height, [self.size * size for size in sizes])
        maps = []
        for picture in person_map.shown(frame, canvases):
            maps.append(self.run(picture[None])[0][0])
        return person_map.in_image(maps, canvases, self.min_score)

    def describe(self) -> dict[str, str]:
        """Its model, checksum, provider and input size, for logs and diagnostics."""
        return super().describe() | {"size": str(self.size)}

    def _check_interface(self) -> None:
        names, size = self.names(), self.metadata.get(SIZE_KEY, "")
        if names != [INPUT, OUTPUT] or not size.isdigit() or not int(size):
            raise ModelError(
                f"{self.file.path} is not a mobilepose detector: it has inputs and outputs "
                f"{names}; expected {INPUT!r} and {OUTPUT!r}, as `mobilepose export` writes them "
                "for --config finder"
            )


def check_size(size: int) -> None:
    """Refuses an invalid input size; 0 means the default.

    Raises:
        ModelError: less than `MIN_FIND_SIZE`, more than `MAX_FIND_SIZE`, or no multiple of 32.
    """
    if size and (not MIN_FIND_SIZE <= size <= MAX_FIND_SIZE or size % person_map.MULTIPLE):
        raise ModelError(
            f"find_size is a multiple of {person_map.MULTIPLE} from {MIN_FIND_SIZE} to "
            f"{MAX_FIND_SIZE}, or 0 for the default, {SIZE}; got {size}"
        )


def is_ours(path: Path) -> bool:
    """Whether an .onnx file is a detector that `mobilepose export` wrote."""
    return SIZE_KEY in OnnxSession(path, "cpu", threads=1).metadata
