"""MoveNet Lightning and Thunder, Google's models for one person, as peers, run by ONNX Runtime.

They look at a square around somebody, scaled to their input. `roster.movenet` converts them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.peers.onnx_session import cpu_session
from mobilepose_core import crop, skeleton
from mobilepose_core.typing import Float32Array, ImageArray

_MARGIN = 1.25
"""Side of the square, relative to the longer side of the box around the person."""


class MoveNetSingle:
    """One of the two models.

    Attributes:
        name: `movenet_lightning` or `movenet_thunder`, after the file.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Loads the model.

        Args:
            path: of the ONNX file.
            threads: of the CPU.
        """
        self.name = path.stem.replace("-", "_")
        self._session = cpu_session(path, threads)
        (self._input,) = self._session.get_inputs()
        self._size = int(self._input.shape[1])

    def joints(self, image: ImageArray, region: crop.Region) -> tuple[Float32Array, Float32Array]:
        """The joints of the person in `region`.

        Args:
            image: (H, W, 3) uint8, BGR.
            region: as of `region_of_box`.

        Returns:
            (17, 2) image pixels, of `skeleton.COCO_17`, and (17,) scores in [0, 1].
        """
        return self._found(crop.cut(image, region, self._size), region)

    def joints_mirrored(
        self, image: ImageArray, region: crop.Region
    ) -> tuple[Float32Array, Float32Array]:
        """The same of the mirror image, mirrored back."""
        cut = crop.cut(image, region, self._size)
        return self._found(cut, region, is_mirrored=True)

    def _found(
        self, cut: ImageArray, region: crop.Region, is_mirrored: bool = False
    ) -> tuple[Float32Array, Float32Array]:
        rgb = cut[:, :: -1 if is_mirrored else 1, ::-1]
        (answer,) = self._session.run(None, {self._input.name: rgb[None].astype(np.int32)})
        found = answer[0, 0]
        points = found[:, 1::-1] * self._size - 0.5
        if is_mirrored:
            points[:, 0] = self._size - 1 - points[:, 0]
            mirror = list(skeleton.COCO_17.mirror)
            points, found = points[mirror], found[mirror]
        points = crop.transform(crop.invert(crop.crop_from_image(region, self._size)), points)
        return np.asarray(points, np.float32), np.asarray(found[:, 2], np.float32)


def region_of_box(box: Float32Array) -> crop.Region:
    """The square around a person's whole body.

    Args:
        box: (4,) x0, y0, x1, y1 image pixels.
    """
    return crop.region_of_box(box, _MARGIN)


def region_of_person(joints: Float32Array) -> crop.Region:
    """The square around a person whose joints are annotated.

    Args:
        joints: (K, 2) image pixels, NaN where unknown: of the whole body where that is annotated.
    """
    return region_of_box(crop.box_of_joints(joints))
