"""Our own network that finds people, in ONNX Runtime: a frame in, boxes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from mobilepose_core import people_map
from mobilepose_core.inference import model_file
from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.session import open_session

INPUT = "frames"
OUTPUT = "people"
SIZE_KEY = "mobilepose.finder.size"

MIN_SCORE = 0.35
"""A box that scores less is nobody's."""


class Detector:
    """Finds people with the network that `mobilepose train --config finder` trains.

    Attributes:
        model: the file it came from.
        size: side of a square with as many pixels as a frame has when it is looked at.
        provider: the execution provider that ONNX Runtime really uses.
        fallback: why that is not the device that was asked for; empty where it is.
        min_score: score from which there is somebody.
    """

    def __init__(
        self, model: str | Path = "finder", device: str = "auto", threads: int = 0
    ) -> None:
        """Loads a network.

        Args:
            model: a released finder's name, or a path to an .onnx file that `mobilepose export`
                wrote.
            device: `auto` takes the GPU where ONNX Runtime can use one.
            threads: of the CPU; 0 takes one for each core.

        Raises:
            ValueError: no such model, not a finder of ours, or an unknown device.
        """
        self.model = model_file.find(model)
        self._session, self.fallback = open_session(self.model.path, device, threads)
        self.size = _check_interface(self._session, self.model.path)
        self.min_score = MIN_SCORE
        self.provider: str = self._session.get_providers()[0]
        self._run_options = onnxruntime.RunOptions()

    def __call__(self, frame: npt.NDArray[np.uint8]) -> PersonBoxes:
        """The people in a frame, the surest first.

        Args:
            frame: (H, W, 3) uint8, BGR.
        """
        height, width = frame.shape[:2]
        canvas = people_map.canvas_of(width, height, self.size)
        frames = canvas.show(frame)[None]
        (maps,) = self._session.run([OUTPUT], {INPUT: frames}, self._run_options)
        boxes, scores = people_map.decode(maps[0], self.min_score)
        return PersonBoxes(canvas.to_image(boxes), scores)

    def interrupt(self) -> None:
        """Ends a call that another thread makes, and later ones, with ONNX Runtime's exception."""
        self._run_options.terminate = True

    def resume(self) -> None:
        """Takes `interrupt` back."""
        self._run_options.terminate = False


def is_ours(path: Path) -> bool:
    """Whether an .onnx file is a finder that `mobilepose export` wrote."""
    session, _ = open_session(model_file.find(path).path, "cpu", threads=1)
    return SIZE_KEY in session.get_modelmeta().custom_metadata_map


def _check_interface(session: onnxruntime.InferenceSession, path: Path) -> int:
    """The size of frames that a finder of ours was trained for."""
    names = [entry.name for entry in (*session.get_inputs(), *session.get_outputs())]
    size = session.get_modelmeta().custom_metadata_map.get(SIZE_KEY, "")
    if names != [INPUT, OUTPUT] or not size.isdigit() or not int(size):
        raise ValueError(
            f"{path} is no finder of mobilepose: it has inputs and outputs {names}; expected "
            f"{INPUT!r} and {OUTPUT!r}, as `mobilepose export` writes them for --config finder"
        )
    return int(size)
