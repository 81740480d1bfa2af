"""From a trained network to the ONNX file that robots run: folded, fused, and proven equal.

The graph takes crops as OpenCV cuts them, uint8 BGR with channels last, so that normalisation runs
inside it; batch normalisation, the exchange of red and blue, the division of grey levels, and the
joints' separate heads are folded into the convolutions.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from mobilepose_core import person_map, skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference.detection import finder_detector
from mobilepose_core.inference.runtime import pose_interface
from mobilepose_core.io import atomic, file_names
from mobilepose_core.model import GREY, ModelConfig, Network
from mobilepose_core.model.blocks import ConvBlock, SameConv, SplitHeads
from mobilepose_core.model.finder import FinderNetwork, finished
from mobilepose_core.model.hourglass import SplitHourglass
from mobilepose_core.release.compact import store_weights

OPSET = 18
TOLERANCE = 1e-3
"""Largest difference that folding and another runtime may make in a heatmap's value."""

ROUNDED_TOLERANCE = {16: 5e-2, 8: 0.2}
"""Likewise, with weights, or all numbers, of fewer bits, in images of noise."""


class Deployed(nn.Module):
    """A network behind its input's normalisation, with everything foldable folded.

    Shape:
        input (N, S, S, 3) uint8 BGR, of a detector (N, H, W, 3); output as the network's, of the
        Final network with its summary (N, C), of a detector the decoded scores and distances.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval()
        for module in list(self.network.modules()):
            if isinstance(module, ConvBlock):
                _fold_batch_norm(module)
            elif isinstance(module, nn.ReLU6):
                module.inplace = False  # torch exports an in-place one in twice the time
        if isinstance(self.network, SplitHourglass):
            self.network.heads = _one_convolution(self.network.heads)  # type: ignore[assignment]
        stem = next(m for m in self.network.trunk.modules() if isinstance(m, nn.Conv2d))
        with torch.no_grad():
            stem.weight.copy_(stem.weight.flip(1) / GREY)

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """What the network finds in each crop or frame."""
        return _outputs(self.network, _around_grey(crops, self.network))


def export(
    network: Network, config: ModelConfig, path: Path, half: bool = False, weight_bits: int = 16
) -> None:
    """Writes the network as ONNX, and compares what it gives with torch.

    Args:
        network: in evaluation mode.
        config: its configuration.
        path: of the .onnx file.
        half: whether it computes with numbers of 16 bits, for GPUs; what goes in and comes out
            stays as it is.
        weight_bits: with which weights are stored, 16 or 8; a network that computes with 32 bits
            still does.

    Raises:
        RuntimeError: the written graph gives something else than the network.
        WriteError: the file cannot be written; what was there before is as it was.
    """
    interface = _interface(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _without_remarks():
        program = torch.onnx.export(
            (Deployed(network).half() if half else Deployed(network)).eval(),
            (interface.example,),
            input_names=[interface.input],
            output_names=list(interface.outputs),
            dynamic_shapes={"crops": interface.free},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    _drop_traces(proto.graph)
    for key, value in interface.metadata.items():
        entry = proto.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(proto)
    with atomic.replacing(path) as written:
        if not half:
            _write(proto, written, network, interface, TOLERANCE)
            store_weights(proto, weight_bits)
        _write(proto, written, network, interface, ROUNDED_TOLERANCE[16 if half else weight_bits])


@contextmanager
def _without_remarks() -> Iterator[None]:
    """Hides what torch says of its own exporter, such as that torchvision is not installed."""
    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        exporter.setLevel(level)


def _write(
    proto: onnx.ModelProto, path: Path, network: Network, interface: _Interface, tolerance: float
) -> None:
    """Writes a graph, and compares it with the network."""
    path.write_bytes(proto.SerializeToString())
    difference = _difference(network, interface, path)
    if difference > tolerance:
        raise RuntimeError(
            f"{path} differs from the network by {difference:g}; expected at most {tolerance:g}"
        )


@dataclass(frozen=True)
class _Interface:
    """What goes into a graph and what comes out, by name, with an example of the former.

    Attributes:
        free: sides of the input that are not fixed, by axis.
        metadata: what the file says of itself.
    """

    input: str
    outputs: tuple[str, ...]
    example: Tensor
    free: dict[int, Any]
    metadata: dict[str, str]


def _interface(config: ModelConfig) -> _Interface:
    size, framing = config.input_size, FRAMINGS[config.framing]
    if config.architecture == "finder":
        down, across = (
            person_map.MULTIPLE * torch.export.Dim(name, min=1) for name in ("rows", "columns")
        )
        canvas = person_map.canvas_of(4, 3, size)
        return _Interface(
            finder_detector.INPUT,
            (finder_detector.OUTPUT,),
            _noise(canvas.height, canvas.width),
            {0: torch.export.Dim("frames", min=1), 1: down, 2: across},
            {finder_detector.SIZE_KEY: str(size)},
        )
    return _Interface(
        pose_interface.INPUT,
        _outputs_of_poses(config),
        _noise(size, framing.width(size)),
        {0: torch.export.Dim("people", min=1)},
        {
            pose_interface.SKELETON_KEY: skeleton.metadata_name(config.joints),
            pose_interface.JOINTS_KEY: ",".join(config.joints),
            pose_interface.FRAMING_KEY: config.framing,
        },
    )


def _noise(height: int, width: int) -> Tensor:
    """(2, H, W, 3) uint8, the same every time."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (2, height, width, 3), dtype=torch.uint8, generator=generator)


def _outputs_of_poses(config: ModelConfig) -> tuple[str, ...]:
    if config.architecture != "final":
        return (pose_interface.COORDINATES,)
    of_all = (pose_interface.HEATMAPS, pose_interface.FEATURES)
    return (*of_all, pose_interface.HEADING) if config.heading else of_all


def _around_grey(crops: Tensor, network: nn.Module) -> Tensor:
    """(N, H, W, 3) uint8 as (N, 3, H, W) with grey at nought, which is what padding adds."""
    return crops.permute(0, 3, 1, 2).to(next(network.parameters()).dtype) - GREY


def _outputs(network: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """What a network gives, as the graph gives it."""
    if isinstance(network, SplitHourglass):
        found = network.outputs(images)
        parts = (found.heatmaps, found.pooled_features, found.heading)
        return tuple(part.float() for part in parts if part is not None)
    output = network(images).float()
    return (finished(output) if isinstance(network, FinderNetwork) else output,)


def _drop_traces(graph: onnx.GraphProto) -> None:
    """Removes the exporter's notes on which line of whose file made a node."""
    for item in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del item.metadata_props[:]


def _difference(network: Network, interface: _Interface, path: Path) -> float:
    """Largest one between the values of graph and network, in shares of values beyond 1."""
    with torch.inference_mode():
        images = _around_grey(interface.example.flip(3), network.cpu()) / GREY
        expected = [values.numpy() for values in _outputs(network, images)]
    with file_names.native(path) as name:
        runtime = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    found = runtime.run(None, {interface.input: interface.example.numpy()})
    return max(
        float((np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))).max())
        for ours, theirs in zip(found, expected, strict=True)
    )


def _fold_batch_norm(block: ConvBlock) -> None:
    """The block's batch normalisation as part of its convolution's weights and bias."""
    convolution, norm = block[0], block[1]
    assert isinstance(convolution, SameConv)
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        norm.running_mean,
        norm.running_var,
        norm.eps,
        norm.weight,
        norm.bias,
    )
    block[1] = nn.Identity()


def _one_convolution(heads: SplitHeads) -> nn.Conv2d:
    """All joints' heads as one 1x1 convolution with zeros between the streams."""
    whole = nn.Conv2d(sum(heads.filters), len(heads.filters), 1)
    with torch.no_grad():
        whole.weight.zero_()
        start = 0
        for joint, (head, count) in enumerate(zip(heads.heads, heads.filters, strict=True)):
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            assert whole.bias is not None
            whole.weight[joint, start : start + count] = head.weight[0]
            whole.bias[joint] = head.bias[0]
            start += count
    return whole
