"""ImageNet weights for the MobileNet trunk, from TensorFlow-slim's arrays.

The arrays come as one `.npz` by their TF-slim names: `MobilenetV1/Conv2d_0/weights` (3, 3, 3, 32),
`MobilenetV1/Conv2d_N_depthwise/depthwise_weights` (3, 3, C, 1),
`MobilenetV1/Conv2d_N_pointwise/weights` (1, 1, Cin, Cout), each with
`BatchNorm/{gamma, beta, moving_mean, moving_variance}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mobilepose_core.errors import ModelError
from mobilepose_core.model.blocks import ConvBlock, SameConv, SeparableBlock
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.mobilenet import MobileNet
from mobilepose_core.typing import Float32Array

Arrays = Mapping[str, Float32Array]

CLASSES = 1001
"""ImageNet's 1000 classes, and class 0 for the background."""


def load_arrays(path: Path) -> dict[str, Float32Array]:
    """The arrays of a TF-slim MobileNetV1 checkpoint, converted to `.npz`.

    Raises:
        ModelError: the file is missing, or is not such a checkpoint.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"ImageNet weights {path} cannot be read ({error}); expected a TF-slim MobileNetV1 .npz"
        ) from error
    if "MobilenetV1/Conv2d_0/weights" not in arrays:
        raise ModelError(
            f"{path} is not a TF-slim MobileNetV1: it has no MobilenetV1/Conv2d_0/weights, "
            f"but {', '.join(sorted(arrays)[:3]) or 'nothing'}"
        )
    return arrays


def load_trunk(trunk: nn.Module, arrays: Arrays) -> None:
    """Copies a checkpoint's weights into every layer of the trunk.

    Raises:
        ValueError: the trunk is not a MobileNet, or has another width than the checkpoint.
    """
    if not isinstance(trunk, MobileNet):
        raise ValueError(
            f"these ImageNet weights are MobileNet's, the trunk is a {type(trunk).__name__}; "
            "train it from random weights"
        )
    _load_conv_block(trunk.stem, arrays, "MobilenetV1/Conv2d_0", "weights")
    for number, block in enumerate(trunk.blocks, start=1):
        assert isinstance(block, SeparableBlock)
        load_separable(block, arrays, number)


def load_separable(block: SeparableBlock, arrays: Arrays, number: int) -> None:
    """Copies depthwise-pointwise block `number` (from 1) into `block`."""
    name = f"MobilenetV1/Conv2d_{number}"
    _load_conv_block(block.depthwise, arrays, f"{name}_depthwise", "depthwise_weights")
    _load_conv_block(block.pointwise, arrays, f"{name}_pointwise", "weights")


class Classifier(nn.Module):
    """The whole MobileNetV1 as an ImageNet classifier, to verify imported weights.

    Shape:
        input (N, 3, 224, 224), `(rgb - 128) / 128`; output logits (N, 1001).
    """

    def __init__(self, arrays: Arrays) -> None:
        super().__init__()
        self.trunk = MobileNet(ModelConfig("baseline"))
        self.logits = nn.Linear(1024, CLASSES)
        load_trunk(self.trunk, arrays)
        with torch.no_grad():
            weights = arrays["MobilenetV1/Logits/Conv2d_1c_1x1/weights"]
            self.logits.weight.copy_(torch.from_numpy(weights[0, 0].T.copy()))
            self.logits.bias.copy_(
                torch.from_numpy(arrays["MobilenetV1/Logits/Conv2d_1c_1x1/biases"])
            )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.logits(self.trunk(images).mean((2, 3)))
        return logits


def _load_conv_block(block: ConvBlock, arrays: Arrays, name: str, weights: str) -> None:
    convolution, norm = block[0], block[1]
    assert isinstance(convolution, SameConv)
    assert isinstance(norm, nn.BatchNorm2d)
    axes = (2, 3, 0, 1) if weights == "depthwise_weights" else (3, 2, 0, 1)
    kernels = arrays[f"{name}/{weights}"].transpose(axes)
    _check(convolution.weight[:, :, : kernels.shape[2], : kernels.shape[3]], kernels, name)
    convolution.start_from(torch.from_numpy(np.ascontiguousarray(kernels)))
    _copy(norm.weight, arrays[f"{name}/BatchNorm/gamma"], name)
    _copy(norm.bias, arrays[f"{name}/BatchNorm/beta"], name)
    _copy(norm.running_mean, arrays[f"{name}/BatchNorm/moving_mean"], name)
    _copy(norm.running_var, arrays[f"{name}/BatchNorm/moving_variance"], name)


def _copy(target: Tensor | None, values: Float32Array, name: str) -> None:
    assert target is not None
    _check(target, values, name)
    with torch.no_grad():
        target.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def _check(target: Tensor, values: Float32Array, name: str) -> None:
    if tuple(target.shape) != values.shape:
        raise ValueError(
            f"{name} has shape {values.shape} in the checkpoint and {tuple(target.shape)} in the "
            "network; ImageNet weights fit width 1.0 only"
        )
