"""YOLO detectors exported to ONNX: a frame in, boxes of people out."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core import crop
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.detection.letterbox import GREY, InputSize, letterbox
from mobilepose_core.inference.detection.yolo_layouts import EXPECTED, Layout, recognise
from mobilepose_core.inference.runtime.session import OnnxSession
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import Float32Array, ImageArray

MIN_SCORE = 0.25
"""Detections below this confidence are dropped."""

OVERLAP = 0.6
"""IoU above which non-maximum suppression removes the weaker of two boxes."""

PERSON = "person"
"""Name of the class. A file without class names has COCO's classes, of which it is the first."""

USUAL_SIDE = 640
"""Side of the input of a network with a free input size that states none, pixels."""

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class YoloDetector(OnnxSession):
    """Detects people with a YOLO network.

    Its version is recognised by its outputs, see `yolo_layouts`; its classes by the metadata
    `names` that ultralytics writes.

    Attributes:
        layout: the recognised version, such as `YOLOv8`.
    """

    def __init__(self, path: str | Path, device: str = "auto", threads: int = 0) -> None:
        """Loads a network, and runs it once on a grey picture.

        Args:
            path: of the .onnx file.
            device: one of `devices.DEVICES`.
            threads: CPU threads; 0 takes one per core.

        Raises:
            ModelError: no such file, an unknown layout, or no class of people.
            DeviceError: an unknown device, or the file cannot be loaded.
        """
        super().__init__(path, device, threads)
        self._type, self._size = self._check_input()
        self._layout = self._recognise()
        self.layout = self._layout.name
        names = _names(self.metadata)
        self._classes = len(names) or None
        self._person = _person_class(names, self.file.path)

    def __call__(self, frame: ImageArray) -> PersonBoxes:
        """The people in a frame.

        Args:
            frame: (H, W, 3) uint8, BGR.
        """
        picture, place = letterbox(frame, self._size, self._layout.is_centred)
        (values,) = self._infer(_tensor(picture, self._layout))
        found = self._layout.decode(values[0], self._size, self._classes)
        chosen = (found.classes == self._person) & (found.scores >= MIN_SCORE)
        chosen &= np.isfinite(found.boxes).all(axis=1)
        boxes, scores = found.boxes[chosen], found.scores[chosen]
        boxes, scores = crop.box_nms(boxes, scores, OVERLAP)
        return PersonBoxes(place.image_from_input(boxes), scores, of_bodies=True)

    def describe(self) -> dict[str, str]:
        """Its model, checksum, provider and layout, for logs and diagnostics."""
        return super().describe() | {"layout": self.layout}

    def _infer(self, tensor: Float32Array) -> list[Float32Array]:
        outputs = self.run(tensor.astype(self._type, copy=False))
        return [np.asarray(output, np.float32) for output in outputs]

    def _check_input(self) -> tuple[type[Any], InputSize]:
        """Type and size of the input."""
        inputs = self.inputs
        shape: Sequence[Any] = (
            inputs[0].shape if len(inputs) == 1 and inputs[0].type in _TYPES else ()
        )
        if len(shape) != 4 or not (_may_be(1, shape[0]) and _may_be(3, shape[1])):
            raise self._foreign([output.shape for output in self.outputs])
        usual = _image_size(self.metadata)
        height, width = (
            given if isinstance(given, int) else other
            for given, other in zip(shape[2:], usual, strict=True)
        )
        return _TYPES[inputs[0].type], InputSize(height, width)

    def _recognise(self) -> Layout:
        try:
            outputs = self._infer(np.full((1, 3, *self._size), GREY / 255, np.float32))
        except Exception as error:  # ONNX Runtime's own exceptions share no public base class
            width, height = self._size.width, self._size.height
            raise ModelError(
                f"{self.file.path} fails on a picture of {width}x{height}: {error}"
            ) from error
        layout = recognise(outputs, self._size)
        if layout is None:
            raise self._foreign([output.shape for output in outputs])
        return layout

    def _foreign(self, outputs: Sequence[Any]) -> ModelError:
        inputs = [(entry.shape, entry.type) for entry in self.inputs]
        return ModelError(
            f"{self.file.path} is not a supported detector: it has inputs {inputs} and outputs "
            f"{list(outputs)}; expected one input (1, 3, H, W) of floats, and one output {EXPECTED}"
        )


def _tensor(picture: ImageArray, layout: Layout) -> Float32Array:
    """(1, 3, H, W) of a BGR picture, with the channel order and range of a layout."""
    ordered = picture[..., ::-1] if layout.is_rgb else picture
    planes = ordered.transpose(2, 0, 1)[None].astype(np.float32)
    return planes / np.float32(255) if layout.is_rgb else planes


def _may_be(wanted: int, extent: int | str | None) -> bool:
    """Whether an input dimension accepts an extent; a text or None is free."""
    return not isinstance(extent, int) or extent == wanted


def _names(metadata: Mapping[str, str]) -> dict[int, str]:
    """The class names in a file's metadata; empty if it has none."""
    names = _literal(metadata.get("names", ""))
    if isinstance(names, list):
        names = dict(enumerate(names))
    return names if isinstance(names, dict) else {}


def _person_class(names: Mapping[int, str], path: Path) -> int:
    """The index of the class of people; a single class is taken for it, whatever its name."""
    if len(names) <= 1:
        return 0
    for index, name in names.items():
        if str(name).casefold() == PERSON:
            return index
    known = ", ".join(map(str, names.values()))
    raise ModelError(
        f"{path} does not detect people: its classes are {known}; expected {PERSON!r} among them"
    )


def _image_size(metadata: Mapping[str, str]) -> InputSize:
    """The input size in a file's metadata, else the usual one."""
    sides = _literal(metadata.get("imgsz", ""))
    is_size = isinstance(sides, list) and len(sides) == 2
    return InputSize(*sides) if is_size else InputSize(USUAL_SIDE, USUAL_SIDE)


def _literal(text: str) -> Any:
    """The value of a Python literal, as ultralytics writes metadata; None for other text."""
    with contextlib.suppress(ValueError, SyntaxError):
        return ast.literal_eval(text)
    return None
