"""From a trained network to the ONNX file that robots run: folded, fused, and proven equal.

The graph takes crops as OpenCV cuts them, uint8 BGR with channels last, so that normalisation runs
inside it; batch normalisation, the exchange of red and blue, and the joints' separate heads are
folded into the convolutions.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from mobilepose_core import skeleton
from mobilepose_core.inference import session
from mobilepose_core.model import ModelConfig, PoseNetwork
from mobilepose_core.model.blocks import ConvBlock, SameConv, SplitHeads
from mobilepose_core.model.hourglass import SplitHourglass

OPSET = 18
TOLERANCE = 1e-3
"""Largest difference that folding and another runtime may make in a heatmap's value."""

GREY = 128.0


class Deployed(nn.Module):
    """A network behind its input's normalisation, with everything foldable folded.

    Shape:
        input (N, S, S, 3) uint8 BGR; output as the network's.
    """

    def __init__(self, network: PoseNetwork) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval()
        for module in list(self.network.modules()):
            if isinstance(module, ConvBlock):
                _fold_batch_norm(module)
        if isinstance(self.network, SplitHourglass):
            self.network.heads = _one_convolution(self.network.heads)  # type: ignore[assignment]
        stem = next(m for m in self.network.trunk.modules() if isinstance(m, nn.Conv2d))
        with torch.no_grad():
            stem.weight.copy_(stem.weight.flip(1))

    def forward(self, crops: Tensor) -> Tensor:
        """Heatmaps or coordinates of the person in each crop."""
        images = (crops.permute(0, 3, 1, 2).float() - GREY) / GREY
        output: Tensor = self.network(images)
        return output


def export(network: PoseNetwork, config: ModelConfig, path: Path) -> None:
    """Writes the network as ONNX, and compares what it gives with torch.

    Args:
        network: in evaluation mode.
        config: its configuration.
        path: of the .onnx file.

    Raises:
        RuntimeError: the written graph gives something else than the network.
    """
    size = config.input_size
    crops = torch.randint(0, 256, (2, size, size, 3), dtype=torch.uint8)
    output = session.HEATMAPS if config.architecture == "final" else session.COORDINATES
    path.parent.mkdir(parents=True, exist_ok=True)
    program = torch.onnx.export(
        Deployed(network).eval(),
        (crops,),
        input_names=[session.INPUT],
        output_names=[output],
        dynamic_shapes={"crops": {0: torch.export.Dim("people", min=1)}},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    proto = program.model_proto
    _drop_traces(proto.graph)
    entry = proto.metadata_props.add()
    entry.key, entry.value = session.SKELETON_KEY, skeleton.NAME
    onnx.checker.check_model(proto)
    onnx.save_model(proto, str(path))
    difference = _difference(network, crops, path)
    if difference > TOLERANCE:
        raise RuntimeError(
            f"{path} differs from the network by {difference:g}; expected at most {TOLERANCE:g}"
        )


def _drop_traces(graph: onnx.GraphProto) -> None:
    """Removes the exporter's notes on which line of whose file made a node."""
    for item in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del item.metadata_props[:]


def _difference(network: PoseNetwork, crops: Tensor, path: Path) -> float:
    images = (crops.flip(3).permute(0, 3, 1, 2).float() - GREY) / GREY
    with torch.inference_mode():
        expected = network.cpu()(images).numpy()
    runtime = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = runtime.run(None, {session.INPUT: crops.numpy()})
    return float(np.abs(found - expected).max())


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
