"""INT8 quantisation of ONNX files: weights per channel, activations calibrated on real crops."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from mobilepose_core import crop
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import pose_interface
from mobilepose_core.io import atomic, photo
from mobilepose_core.typing import ImageArray

CALIBRATION_PEOPLE = 200

KEPT_CONVOLUTIONS = 2
"""Number of first convolutions that stay FP32: the stem and the depthwise one after it. Their
filters differ most in range, and cause most of the loss of INT8."""


def calibration_crops(samples: Sequence[Sample], model: PoseModel) -> Iterator[ImageArray]:
    """Crops (1, H, W, 3), as a model sees them, of people spread evenly over a data set."""
    step = max(1, len(samples) // CALIBRATION_PEOPLE)
    for sample in samples[::step][:CALIBRATION_PEOPLE]:
        image = photo.read(sample.image)
        if image is not None:
            region = model.framing.region(sample.joints)
            yield model.seen(crop.cut(image, region, model.size)[None])


def quantise(model: Path, crops: Iterator[ImageArray], path: Path) -> None:
    """Writes the INT8 network of an FP32 one.

    Args:
        model: the FP32 file.
        crops: (1, H, W, 3) uint8 BGR each, representative of the network's input.
        path: of the INT8 file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        prepared, quantised = Path(scratch) / "prepared.onnx", Path(scratch) / "quantised.onnx"
        quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
        convolutions = [n.name for n in onnx.load(str(prepared)).graph.node if n.op_type == "Conv"]
        kept = convolutions[:KEPT_CONVOLUTIONS] if len(convolutions) > KEPT_CONVOLUTIONS else []
        quantize_static(
            str(prepared),
            str(quantised),
            _Crops(crops),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
        )
        proto = onnx.load(str(quantised))
    del proto.metadata_props[:]
    proto.metadata_props.extend(onnx.load(str(model)).metadata_props)
    atomic.write_bytes(path, proto.SerializeToString())


class _Crops(CalibrationDataReader):  # type: ignore[misc]
    """Crops through the interface of ONNX Runtime's calibration."""

    def __init__(self, crops: Iterator[ImageArray]) -> None:
        self._crops = crops

    def get_next(self) -> dict[str, ImageArray] | None:
        """The next crop by the input's name; None after the last."""
        batch = next(self._crops, None)
        return None if batch is None else {pose_interface.INPUT: batch}
