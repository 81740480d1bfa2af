"""INT8 quantisation of ONNX files: weights per channel, activations calibrated on real crops.

Weights have 7 bits: with 8, the fastest products of x86 CPUs without VNNI overflow.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from mobilepose_core import crop, person_map
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.detection import finder_detector
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import ImageArray

CALIBRATION_PEOPLE = 200

KEPT_CONVOLUTIONS = 2
"""Number of a pose network's first convolutions that stay FP32: the stem and the depthwise one
after it. Their filters differ most in range, and cause most of the loss of INT8."""

KEPT_OF_DETECTOR = 6
"""Likewise of the detector. With two, the logits of its scores are off by 0.16 on average, with six
by 0.09, and a look takes 0.73 instead of 0.70 of the FP32 network's time."""


def calibration_crops(samples: Sequence[Sample], model: PoseModel) -> Iterator[ImageArray]:
    """Crops (1, H, W, 3), as a model sees them, of people spread evenly over a data set."""
    step = max(1, len(samples) // CALIBRATION_PEOPLE)
    for sample in samples[::step][:CALIBRATION_PEOPLE]:
        image = photo.read(sample.image)
        if image is not None:
            region = model.framing.region(sample.joints)
            yield model.seen(crop.cut(image, region, model.size)[None])


def calibration_frames(samples: Sequence[Sample], size: int) -> Iterator[ImageArray]:
    """Photographs (1, H, W, 3) sampled evenly from a data set, as the detector sees them."""
    paths = list(dict.fromkeys(sample.image for sample in samples))
    step = max(1, len(paths) // CALIBRATION_PEOPLE)
    for path in paths[::step][:CALIBRATION_PEOPLE]:
        image = photo.read(path)
        if image is not None:
            height, width = image.shape[:2]
            yield person_map.canvas_of(width, height, size).show(image)[None]


def quantise(model: Path, inputs: Iterator[ImageArray], path: Path) -> None:
    """Writes the INT8 network of an FP32 one.

    Args:
        model: the FP32 file.
        inputs: (1, H, W, 3) uint8 BGR each, representative of the network's input.
        path: of the INT8 file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        prepared, quantised = Path(scratch) / "prepared.onnx", Path(scratch) / "quantised.onnx"
        quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(str(prepared)).graph
        convolutions = [n.name for n in graph.node if n.op_type == "Conv"]
        is_detector = graph.output[0].name == finder_detector.OUTPUT
        count = KEPT_OF_DETECTOR if is_detector else KEPT_CONVOLUTIONS
        kept = convolutions[:count] if len(convolutions) > count else []
        if is_detector:
            kept += _from_last_convolution_on(graph)
        quantize_static(
            str(prepared),
            str(quantised),
            _Inputs(graph.input[0].name, inputs),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            nodes_to_exclude=kept,
        )
        proto = onnx.load(str(quantised))
    del proto.metadata_props[:]
    proto.metadata_props.extend(onnx.load(str(model)).metadata_props)
    atomic.write_bytes(path, proto.SerializeToString())


def _from_last_convolution_on(graph: onnx.GraphProto) -> list[str]:
    """Nodes of the detector that stay FP32.

    Distances of hundreds of pixels and scores are joined at the end: one scale of 8 bits for both
    leaves scores two values, 0 and 1.
    """
    last = max(i for i, node in enumerate(graph.node) if node.op_type == "Conv")
    return [node.name for node in graph.node[last:]]


class _Inputs(CalibrationDataReader):  # type: ignore[misc]
    """Inputs through the interface of ONNX Runtime's calibration."""

    def __init__(self, name: str, inputs: Iterator[ImageArray]) -> None:
        self._name, self._inputs = name, inputs

    def get_next(self) -> dict[str, ImageArray] | None:
        """The next by the input's name; None after the last."""
        batch = next(self._inputs, None)
        return None if batch is None else {self._name: batch}
