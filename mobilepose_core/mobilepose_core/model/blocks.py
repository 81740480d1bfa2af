"""Convolutional building blocks of all networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mobilepose_core.model import depthwise

BATCH_NORM_EPSILON = 1e-3
_HEAD_SPREAD = 1e-3


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's `SAME` padding: at stride 2 one more row below than above.

    Weights trained in TensorFlow need it.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        before_and_after = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(
            inputs, outputs, kernel, stride, before_and_after, groups=groups, bias=False
        )
        self._missing = kernel - stride if stride > 1 else 0
        self._is_large_depthwise = groups == inputs and kernel > 3 and stride == 1

    def forward(self, input: Tensor) -> Tensor:
        return self.convolved(input, self.weight, self.bias)

    def start_from(self, kernels: Tensor) -> None:
        """Copies the weights of kernels that are not larger, padded with zeros.

        Raises:
            ValueError: they are larger.
        """
        side, theirs = self.weight.shape[-1], kernels.shape[-1]
        if theirs > side:
            raise ValueError(
                f"kernels of {theirs} cells do not fit into kernels of {side}; "
                f"take --kernel {theirs}"
            )
        margin = (side - theirs) // 2
        with torch.no_grad():
            self.weight.copy_(functional.pad(kernels, (margin,) * 4))

    def convolved(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """This convolution, with the given weights."""
        if self.training and self._is_large_depthwise and input.device.type == "cpu":
            return depthwise.convolved(input, weight, bias)
        if self._missing:
            before = self._missing // 2
            after = self._missing - before
            input = functional.pad(input, (before, after, before, after))
        output: Tensor = self._conv_forward(input, weight, bias)
        return output


class ConvBlock(nn.Sequential):
    """Convolution, batch normalisation, ReLU6.

    With fixed statistics (`norm.eval()`) the normalisation is folded into the convolution. All
    weights still learn, in two thirds of the training time on a CPU.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            SameConv(inputs, outputs, kernel, stride, groups),
            nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPSILON),
            nn.ReLU6(inplace=True),
        )

    def forward(self, input: Tensor) -> Tensor:
        convolution, norm, activation = self
        if not isinstance(norm, nn.BatchNorm2d) or norm.training:
            whole: Tensor = activation(norm(convolution(input)))
            return whole
        assert isinstance(convolution, SameConv)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        weight = convolution.weight * scale[:, None, None, None]
        offset = norm.bias - norm.running_mean * scale
        folded: Tensor = activation(convolution.convolved(input, weight, offset))
        return folded


class SeparableBlock(nn.Module):
    """MobileNet's depthwise-pointwise block: 3x3 or larger per channel, then 1x1 across channels.

    Shape:
        input (N, inputs, H, W), output (N, outputs, H / stride, W / stride).

    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
    Applications", 2017.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__()
        self.depthwise = ConvBlock(inputs, inputs, kernel, stride, groups=inputs)
        self.pointwise = ConvBlock(inputs, outputs)

    def forward(self, features: Tensor) -> Tensor:
        mixed: Tensor = self.pointwise(self.depthwise(features))
        return mixed


class DepthwiseBlock(nn.Module):
    """The depthwise half of a depthwise-pointwise block alone.

    Shape:
        input and output (N, channels, H, W).
    """

    def __init__(self, channels: int, kernel: int = 3) -> None:
        super().__init__()
        self.depthwise = ConvBlock(channels, channels, kernel, groups=channels)

    def forward(self, features: Tensor) -> Tensor:
        filtered: Tensor = self.depthwise(features)
        return filtered


class SplitHeads(nn.Module):
    """The output layer of all streams: each joint's output reads only its own filters.

    Shape:
        input (N, sum(filters), H, W) with the streams side by side; output (N, joints, H, W).
    """

    def __init__(self, filters: tuple[int, ...]) -> None:
        super().__init__()
        self.filters = filters
        self.heads = nn.ModuleList(nn.Conv2d(count, 1, 1) for count in filters)
        for head in self.heads:
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            nn.init.normal_(head.weight, std=_HEAD_SPREAD)
            nn.init.zeros_(head.bias)

    def forward(self, features: Tensor) -> Tensor:
        streams = features.split(self.filters, dim=1)
        return torch.cat(
            [head(stream) for head, stream in zip(self.heads, streams, strict=True)], 1
        )
