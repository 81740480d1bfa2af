"""The network in ONNX Runtime: crops in, joints in crop pixels out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from mobilepose_core import heatmap, skeleton
from mobilepose_core.inference.network import OnnxNetwork
from mobilepose_core.inference.scores import CALIBRATION_KEY, Calibration, margins_of

Floats = npt.NDArray[np.float32]

INPUT = "crops"
HEATMAPS = "heatmaps"
COORDINATES = "coordinates"
SKELETON_KEY = "mobilepose.skeleton"


class PoseSession(OnnxNetwork):
    """A pose network, loaded and checked.

    Attributes:
        size: side of the crops it takes, pixels.
        output: what the network gives: `HEATMAPS` or `COORDINATES`.
        calibration: what makes scores of peaks; None where the file has none, and where peaks are
            the scores.
    """

    def __init__(self, model: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a model.

        Args:
            model: a released model's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: one of `devices.DEVICES`; `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ValueError: no such model, not one of ours, its calibration cannot be read, or an
                unknown device.
        """
        super().__init__(model, device, threads)
        self.output, self.size = self._check_interface()
        self.calibration = self._read_calibration()

    def __call__(
        self, crops: npt.NDArray[np.uint8], pictures: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.
            pictures: (N, 4) x0, y0, x1, y1, the borders of the picture that each is cut from, crop
                pixels (`crop.picture_in_crop`); None where nothing is cut off.

        Returns:
            (N, 11, 2) float32 x, y in crop pixels, and (N, 11) float32 scores in [0, 1]: the chance
            that the joint is right, where the model is calibrated.
        """
        joints, peaks = self.joints_and_peaks(crops)
        if self.calibration is None:
            return joints, peaks
        return joints, self.calibration(peaks, margins_of(joints, pictures, self.size))

    def joints_and_peaks(self, crops: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Joints as a call gives them, and (N, 11) float32 heights of their peaks in [0, 1].

        The peaks of a network without heatmaps are 1.
        """
        (values,) = self.run(crops)
        if self.output == COORDINATES:
            joints = values * np.float32(self.size) - np.float32(0.5)
            return joints, np.ones(joints.shape[:2], dtype=np.float32)
        cells, peaks = heatmap.decode(values)
        return heatmap.crop_from_cells(cells, self.size // values.shape[-1]), peaks

    def _check_interface(self) -> tuple[str, int]:
        """The name of the output and the side of the crops, of a model that is one of ours."""
        names, path = self.names(), self.model.path
        foreign = ValueError(
            f"{path} is no mobilepose network: it has inputs and outputs {names}; expected "
            f"{INPUT!r} and {HEATMAPS!r} or {COORDINATES!r}, as `mobilepose export` writes them"
        )
        if len(names) != 2 or names[0] != INPUT or names[1] not in (HEATMAPS, COORDINATES):
            raise foreign
        shape = self.inputs[0].shape
        if len(shape) != 4 or shape[1] != shape[2] or not isinstance(shape[1], int):
            raise foreign
        kept = self.metadata.get(SKELETON_KEY)
        if kept != skeleton.NAME:
            raise ValueError(
                f"{path} finds the joints of skeleton {kept!r}; expected {skeleton.NAME}"
            )
        return names[1], shape[1]

    def _read_calibration(self) -> Calibration | None:
        kept = self.metadata.get(CALIBRATION_KEY)
        if kept is None:
            return None
        try:
            return Calibration.parse(kept)
        except ValueError as error:
            raise ValueError(f"{self.model.path}: {error}") from error
