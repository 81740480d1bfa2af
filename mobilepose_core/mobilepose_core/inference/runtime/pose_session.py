"""The network in ONNX Runtime: crops in, joints in crop pixels out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mobilepose_core import heatmap, skeleton
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.detection.presence import PRESENCE_KEY, Presence
from mobilepose_core.inference.runtime.cuda_graphs import batches_for
from mobilepose_core.inference.runtime.session import OnnxNetwork
from mobilepose_core.inference.scores import CALIBRATION_KEY, Calibration, margins_of

Floats = npt.NDArray[np.float32]

INPUT = "crops"
HEATMAPS = "heatmaps"
SUMMARY = "summary"
HEADING = "heading"
COORDINATES = "coordinates"
SKELETON_KEY = "mobilepose.skeleton"
JOINTS_KEY = "mobilepose.joints"
FRAMING_KEY = "mobilepose.framing"


class PoseSession(OnnxNetwork):
    """A pose network, loaded and checked.

    Attributes:
        size: side of the crops it takes, pixels.
        framing: what of a person they are fitted to; the network sees their middle.
        output: what the network gives: `HEATMAPS` or `COORDINATES`.
        skeleton: the joints that it finds, K of them.
        calibration: what makes scores of peaks; None where the file has none, and where peaks are
            the scores.
        presence: what says of a summary whether somebody is there; None where the file has none.
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
        self.output, self.size, self.framing = self._check_interface()
        self._margin = self.framing.margin(self.size)
        self.skeleton = self._skeleton()
        self.calibration = self._fitted(CALIBRATION_KEY, Calibration.parse)
        self.presence = self._fitted(PRESENCE_KEY, Presence.parse)
        self._check_presence()

    def __call__(
        self, crops: npt.NDArray[np.uint8], pictures: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Joints of the person in each crop.

        Args:
            crops: (N, size, size, 3) uint8, BGR.
            pictures: (N, 4) x0, y0, x1, y1, the borders of the picture that each is cut from, crop
                pixels (`crop.picture_in_crop`); None where nothing is cut off.

        Returns:
            (N, K, 2) float32 x, y in crop pixels, and (N, K) float32 scores in [0, 1]: the chance
            that the joint is right, where the model is calibrated.
        """
        return self.summed_up(crops, pictures)[:2]

    def summed_up(
        self, crops: npt.NDArray[np.uint8], pictures: Floats | None = None
    ) -> tuple[Floats, Floats, Floats | None]:
        """Joints and scores as a call gives them, and what `presence` judges by.

        Returns:
            The third is (N, C) float32, the mean of the network's features over each crop; None of
            a network that does not give them.
        """
        values, *summaries = self.run(self._seen(crops))
        joints, peaks = self.decoded(values)
        scores = (
            peaks
            if self.calibration is None
            else self.calibration(peaks, margins_of(joints, pictures, self.size))
        )
        return joints, scores, summaries[0] if summaries else None

    def joints_and_peaks(self, crops: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Joints as a call gives them, and (N, K) float32 heights of their peaks in [0, 1].

        The peaks of a network without heatmaps are 1.
        """
        return self.decoded(self.run(self._seen(crops))[0])

    def prepare(self, people: int) -> None:
        """Runs all batches it may be given, which a GPU takes up to a second each for once.

        Args:
            people: in the largest.
        """
        for size in batches_for(people):
            self.run(self._seen(np.zeros((size, self.size, self.size, 3), np.uint8)))

    def decoded(self, values: Floats) -> tuple[Floats, Floats]:
        """Joints and heights of peaks, as `joints_and_peaks`, of what the network gave."""
        if self.output == COORDINATES:
            joints = values * np.float32(self.size) - np.float32(0.5)
            return joints, np.ones(joints.shape[:2], dtype=np.float32)
        cells, peaks = heatmap.decode(values)
        joints = heatmap.crop_from_cells(cells, self.size // values.shape[-2])
        joints[..., 0] += self._margin
        return joints, peaks

    def _seen(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The middle of crops that the network sees."""
        margin = self._margin
        return np.ascontiguousarray(crops[:, :, margin:-margin]) if margin else crops

    def _check_interface(self) -> tuple[str, int, Framing]:
        """The name of the output, the crops' side and framing, of a model that is one of ours."""
        names, path = self.names(), self.model.path
        foreign = ValueError(
            f"{path} is no mobilepose network: it has inputs and outputs {names}; expected "
            f"{INPUT!r} and {HEATMAPS!r} or {COORDINATES!r}, as `mobilepose export` writes them"
        )
        if tuple(names) not in _INTERFACES:
            raise foreign
        shape = self.inputs[0].shape
        framing = FRAMINGS.get(self.metadata.get(FRAMING_KEY, UPPER_BODY))
        if len(shape) != 4 or not isinstance(shape[1], int) or framing is None:
            raise foreign
        if shape[2] != framing.width(shape[1]):
            raise foreign
        return names[1], shape[1], framing

    def _skeleton(self) -> skeleton.Skeleton:
        """The joints that the file says the network finds, as many as it has outputs of."""
        path, name = self.model.path, self.metadata.get(SKELETON_KEY)
        listed = self.metadata.get(JOINTS_KEY)
        if listed is None and name != skeleton.NAME:
            raise ValueError(
                f"{path} finds the joints of skeleton {name!r}; expected {skeleton.NAME}, or the "
                "joints' names, as `mobilepose export` writes them"
            )
        try:
            joints = skeleton.JOINTS if listed is None else tuple(listed.split(","))
            found = skeleton.of_joints(joints)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        count = self.outputs[0].shape[1]
        if isinstance(count, int) and count != len(joints):
            raise ValueError(f"{path} finds {count} joints and names {len(joints)}; export it anew")
        return found

    def _check_presence(self) -> None:
        """Raises ValueError where what says who is there is of another network."""
        if self.presence is None:
            return
        given = self.outputs[1].shape[1] if len(self.outputs) > 1 else 0
        if len(self.presence.weights) != given:
            raise ValueError(
                f"{self.model.path} has summaries of {given} features and a presence of "
                f"{len(self.presence.weights)}; export it anew, then fit its `mobilepose presence`"
            )

    def _fitted(self, key: str, parse: Callable[[str], Fitted]) -> Fitted | None:
        """What was fitted to the network and is kept in its file, if it is."""
        kept = self.metadata.get(key)
        if kept is None:
            return None
        try:
            return parse(kept)
        except ValueError as error:
            raise ValueError(f"{self.model.path}: {error}") from error


Fitted = TypeVar("Fitted")

_INTERFACES = {
    (INPUT, HEATMAPS),
    (INPUT, HEATMAPS, SUMMARY),
    (INPUT, HEATMAPS, SUMMARY, HEADING),
    (INPUT, COORDINATES),
}
