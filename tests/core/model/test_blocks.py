import pytest
import torch
from torch.nn import functional

from mobilepose_core.model.blocks import ConvBlock


@pytest.fixture
def block():
    torch.manual_seed(0)
    made = ConvBlock(4, 6, kernel=3, stride=2).eval()
    with torch.no_grad():
        made[1].weight.uniform_(0.5, 2)
        made[1].bias.uniform_(-1, 1)
        made[1].running_mean.uniform_(-1, 1)
        made[1].running_var.uniform_(0.5, 2)
    return made


def _one_after_the_other(block, features):
    convolution, norm, _ = block
    normalised = functional.batch_norm(
        convolution(features),
        norm.running_mean,
        norm.running_var,
        norm.weight,
        norm.bias,
        eps=norm.eps,
    )
    return functional.relu6(normalised)


def test_kept_statistics_are_folded_without_changing_what_a_block_gives(block):
    features = torch.randn(2, 4, 8, 8)

    assert torch.allclose(block(features), _one_after_the_other(block, features), atol=1e-5)


def test_a_folded_block_has_the_gradients_of_its_parts(block):
    features = torch.randn(2, 4, 8, 8)
    parameters = list(block.parameters())
    weights = torch.randn(2, 6, 4, 4)

    folded = torch.autograd.grad((block(features) * weights).sum(), parameters)
    apart = torch.autograd.grad((_one_after_the_other(block, features) * weights).sum(), parameters)

    for one, other in zip(folded, apart, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_in_training_a_block_takes_the_statistics_of_the_batch(block):
    features = 3 * torch.randn(2, 4, 8, 8) + 1
    kept = block[1].running_mean.clone()

    block.train()(features)

    assert not torch.allclose(block[1].running_mean, kept)
