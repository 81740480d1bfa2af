import pytest
import torch
from torch.nn import functional

from mobilepose_core.model import depthwise
from mobilepose_core.model.blocks import ConvBlock


@pytest.mark.parametrize("kernel", [3, 5, 7, 9])
@pytest.mark.parametrize(("height", "width"), [(10, 10), (6, 9), (2, 3)])
def test_a_depthwise_convolution_and_its_gradients_are_torchs_own(kernel, height, width):
    torch.manual_seed(0)
    features = torch.randn(3, 4, height, width, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(4, dtype=torch.float64, requires_grad=True)
    leaves = (features, weight, bias)
    expected = functional.conv2d(*leaves, padding=kernel // 2, groups=4)
    towards = torch.randn_like(expected)

    found = depthwise.convolved(*leaves)

    assert torch.allclose(found, expected)
    for mine, theirs in zip(
        torch.autograd.grad(found, leaves, towards),
        torch.autograd.grad(expected, leaves, towards),
        strict=True,
    ):
        assert torch.allclose(mine, theirs)


def test_under_autocast_gradients_come_back_in_the_weights_own_type():
    torch.manual_seed(0)
    features = torch.randn(3, 4, 8, 8)
    weight, bias = torch.randn(4, 1, 7, 7, requires_grad=True), torch.randn(4, requires_grad=True)
    expected = functional.conv2d(features, weight, bias, padding=3, groups=4)
    (precise,) = torch.autograd.grad(expected.square().mean(), weight)

    with torch.autocast("cpu", torch.bfloat16):
        found = depthwise.convolved(features, weight, bias)
    (gradient,) = torch.autograd.grad(found.float().square().mean(), weight)

    assert found.dtype == torch.bfloat16
    assert gradient.dtype == torch.float32
    assert torch.allclose(gradient, precise, atol=0.02 * float(precise.abs().max()))


def test_a_block_with_kept_statistics_gives_the_same_in_training_as_afterwards():
    torch.manual_seed(0)
    block = ConvBlock(4, 4, kernel=7, groups=4)
    features = torch.randn(2, 4, 8, 8)
    block.train()
    block[1].eval()

    assert torch.allclose(block(features), block.eval()(features), atol=1e-5)
