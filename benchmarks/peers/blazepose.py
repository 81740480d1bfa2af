"""BlazePose, Google's landmark model, as a peer and as a teacher, run by LiteRT.

The models are in the npm package `@mediapipe/pose` (Apache-2.0), `pose_landmark_lite.tflite`,
`…_full.tflite` and `…_heavy.tflite`; LiteRT is `pip install ai-edge-litert`.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose Tracking", 2020.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import joint_columns
from mobilepose_core.typing import Float32Array, FloatArray, ImageArray

SIZE = 256
"""Side of its crops, pixels."""

_LANDMARKS = 39
_CENTRE, _RIM = 33, 34
"""Landmarks that define the next crop: the midpoint of the hips, and a point above the head on the
circle around the whole person."""

_MARGIN = 1.25
_BODY = 1.6
"""Radius of that circle in torso lengths, for a first crop."""

_PASSES = 3


class BlazePose:
    """One of the three models, which refines a person's region iteratively.

    Attributes:
        name: `blazepose_lite`, `blazepose_full` or `blazepose_heavy`, after the file.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.name = path.stem.replace("pose_landmark", "blazepose")
        self._interpreter = Interpreter(str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {detail["name"]: detail["index"] for detail in _details(self._interpreter)}
        self._landmarks, self._presence = outputs["Identity"], outputs["Identity_1"]

    def landmarks(self, rgb: Float32Array) -> tuple[Float32Array, Float32Array, float]:
        """The network alone.

        Args:
            rgb: (256, 256, 3) crop, values in [0, 1].

        Returns:
            (39, 2) crop pixels, (39,) visibility in [0, 1], and the presence of a person in [0, 1].
        """
        self._interpreter.set_tensor(self._input, rgb[None])
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._landmarks).reshape(_LANDMARKS, 5)
        presence = float(self._interpreter.get_tensor(self._presence).item())
        visible = 1 / (1 + np.exp(-values[:, 3]))
        return values[:, :2].astype(np.float32), visible.astype(np.float32), presence

    def joints(
        self, image: ImageArray, region: crop.Region
    ) -> tuple[Float32Array, Float32Array, float]:
        """The joints of the person in `region`, which is refined twice.

        Args:
            image: (H, W, 3) uint8, BGR.
            region: as of `region_of_torso`.

        Returns:
            (11, 2) image pixels, (11,) visibility and the presence of a person, both in [0, 1].
        """
        for _ in range(_PASSES):
            pixels = crop.cut(image, region, SIZE)[..., ::-1].astype(np.float32) / np.float32(255)
            points, visible, presence = self.landmarks(pixels)
            points = crop.transform(crop.invert(crop.crop_from_image(region, SIZE)), points)
            region = _region(points[_CENTRE], points[_RIM])
        columns = [joint_columns.BLAZEPOSE_COLUMNS[name] for name in skeleton.JOINTS]
        return points[columns], visible[columns], presence


def region_of_torso(joints: Float32Array) -> crop.Region | None:
    """BlazePose's first region for a person whose torso is known.

    Args:
        joints: (11, 2) image pixels, NaN where unknown.

    Returns:
        A region rotated so that the torso is upright, or None if hips or shoulders are unknown.
    """
    hips, shoulders = skeleton.torso_ends(joints)
    if not np.isfinite([hips, shoulders]).all() or np.allclose(hips, shoulders):
        return None
    return _region(hips, hips + _BODY * (shoulders - hips))


def _region(centre: FloatArray, rim: FloatArray) -> crop.Region:
    across, down = (float(value) for value in rim - centre)
    angle = math.atan2(across, -down)
    return crop.Region(
        float(centre[0]), float(centre[1]), 2 * _MARGIN * math.hypot(across, down), -angle
    )


def _details(interpreter: Interpreter) -> list[dict[str, object]]:
    return list(interpreter.get_output_details())
