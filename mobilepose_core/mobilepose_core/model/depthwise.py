"""Depthwise convolutions with large kernels and fast gradients on a CPU.

oneDNN optimises the gradients of 3x3 depthwise kernels only; those of larger kernels take thirty
times as long. Here the input's gradient is a convolution with the mirrored kernel, and the kernel's
gradient is assembled from gradients of 3x3 kernels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_QUICK = 3
"""Side of the kernels with fast gradients."""


def convolved(features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A depthwise convolution, padded to keep the size.

    Args:
        features: (N, C, H, W).
        weight: (C, 1, K, K), K odd.
        bias: (C,), or none.

    Returns:
        (N, C, H, W), as `torch.nn.functional.conv2d` returns it, in autocast's type if that is on.
    """
    device = features.device.type
    if torch.is_autocast_enabled(device):
        kind = torch.get_autocast_dtype(device)
        features, weight = features.to(kind), weight.to(kind)
        bias = None if bias is None else bias.to(kind)
    output: Tensor = _Depthwise.apply(features, weight, bias)  # type: ignore[no-untyped-call]
    return output


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(features, weight)
        ctx.has_bias = bias is not None
        return _same(features, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        (gradient,) = gradients
        features, weight = ctx.saved_tensors
        of_features = _same(gradient, weight.flip(2, 3), None)
        of_bias = gradient.sum((0, 2, 3)) if ctx.has_bias else None
        return of_features, _of_weight(features, weight, gradient), of_bias


def _same(features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    padding = weight.shape[-1] // 2
    return functional.conv2d(features, weight, bias, padding=padding, groups=len(weight))


def _of_weight(features: Tensor, weight: Tensor, gradient: Tensor) -> Tensor:
    """The kernel's gradient, nine of its cells at a time."""
    side, (height, width) = weight.shape[-1], features.shape[2:]
    around = functional.pad(features, (side // 2,) * 4)
    whole = torch.empty_like(weight)
    starts = range(0, side - 1, _QUICK - 1)
    for top in starts:
        for left in starts:
            seen = around[:, :, top : top + height + _QUICK - 1, left : left + width + _QUICK - 1]
            rows, columns = slice(top, top + _QUICK), slice(left, left + _QUICK)
            _, whole[:, :, rows, columns], _ = torch.ops.aten.convolution_backward(
                gradient,
                seen.contiguous(memory_format=torch.channels_last),
                weight[:, :, :_QUICK, :_QUICK],
                bias_sizes=None,
                stride=(1, 1),
                padding=(0, 0),
                dilation=(1, 1),
                transposed=False,
                output_padding=(0, 0),
                groups=len(weight),
                output_mask=(False, True, False),
            )
    return whole
