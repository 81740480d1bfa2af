"""MoveNet Lightning and Thunder, Google's models for one person, as peers, run by ONNX Runtime.

They look at a square around somebody, scaled to their input. `roster.movenet` converts them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from mobilepose_core import crop, skeleton
from mobilepose_core.typing import Float32Array, ImageArray

_MARGIN = 1.25
"""Side of the square, relative to the longer side of the box around all joints."""


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
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        (self._input,) = self._session.get_inputs()
        self._size = int(self._input.shape[1])

    def joints(self, image: ImageArray, region: crop.Region) -> Float32Array:
        """The joints of the person in `region`.

        Args:
            image: (H, W, 3) uint8, BGR.
            region: as of `region_of_person`.

        Returns:
            (11, 2) image pixels.
        """
        pixels = crop.cut(image, region, self._size)[None, ..., ::-1].astype(np.int32)
        (found,) = self._session.run(None, {self._input.name: pixels})
        on_crop = found[0, 0, :, 1::-1] * self._size - 0.5
        points = crop.transform(crop.invert(crop.crop_from_image(region, self._size)), on_crop)
        columns = [skeleton.COCO_17.index[name] for name in skeleton.JOINTS]
        return np.asarray(points[columns], np.float32)


def region_of_person(joints: Float32Array) -> crop.Region:
    """The square around a person whose joints are annotated.

    Args:
        joints: (K, 2) image pixels, NaN where unknown: of the whole body where that is annotated.
    """
    return crop.region_of_box(crop.box_of_joints(joints), _MARGIN)
