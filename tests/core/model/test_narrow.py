from dataclasses import replace

import pytest
import torch

from mobilepose_core.model import ModelConfig, build
from mobilepose_core.model.narrow import narrowed

WIDE = ModelConfig(width=0.5, input_size=64)
NARROW = ModelConfig(width=0.25, input_size=64)


@pytest.fixture
def wide():
    """A network whose filters pass on very different amounts."""
    torch.manual_seed(4)
    network = build(WIDE).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.1, 2.0)
            torch.nn.init.uniform_(module.bias, 0.0, 0.5)
    return network


def test_a_network_narrowed_to_its_own_width_stays_the_same(wide):
    images = torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        assert torch.equal(narrowed(wide, WIDE).eval()(images), wide(images))


def test_a_filter_that_passes_nothing_on_is_the_first_to_go(wide):
    norm = wide.trunk.blocks[3].pointwise[1]
    with torch.no_grad():
        _silence(norm, slice(None, None, 2))

    kept = narrowed(wide, NARROW).trunk.blocks[3].pointwise[1]

    assert kept.num_features == norm.num_features // 2
    assert (kept.weight > 0).all()


def test_dropping_only_silent_filters_changes_nothing(wide):
    """Half of every layer's filters are silenced: the narrow network has just the others."""
    streams = wide.block_13.pointwise[1]
    with torch.no_grad():
        for module in wide.modules():
            if isinstance(module, torch.nn.BatchNorm2d) and module is not streams:
                _silence(module, slice(None, None, 2))
        start = 0
        target = build(NARROW)
        for wide_head, narrow_head in zip(wide.heads.heads, target.heads.heads, strict=True):
            torch.nn.init.normal_(wide_head.weight)
            end = start + wide_head.in_channels
            _silence(streams, slice(start + narrow_head.in_channels, end))
            start = end
    images = torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        expected, found = wide(images), narrowed(wide, NARROW).eval()(images)

    assert torch.allclose(found, expected, atol=1e-4)


def _silence(norm, filters):
    norm.weight[filters] = 0
    norm.bias[filters] = -1


def test_a_wider_network_cannot_be_narrowed_to(wide):
    with pytest.raises(ValueError, match="cannot be narrowed"):
        narrowed(wide, ModelConfig(width=1.0, input_size=64))


def test_larger_kernels_around_the_trained_ones_change_nothing_at_first(wide):
    images = torch.randn(2, 3, 64, 64)
    far_sighted = narrowed(wide, replace(WIDE, kernel=7)).eval()

    with torch.inference_mode():
        assert torch.allclose(far_sighted(images), wide(images), atol=1e-5)


def test_large_kernels_cannot_go_on_as_small_ones(wide):
    far_sighted = narrowed(wide, replace(WIDE, kernel=7))

    with pytest.raises(ValueError, match="--kernel 7"):
        narrowed(far_sighted, WIDE)


def test_a_network_with_depthwise_skips_narrowed_to_its_own_width_stays_the_same():
    torch.manual_seed(5)
    config = replace(WIDE, skips="depthwise", kernel=7)
    network, images = build(config).eval(), torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        assert torch.equal(narrowed(network, config).eval()(images), network(images))


def test_both_ends_of_a_depthwise_skip_keep_the_same_filters():
    torch.manual_seed(6)
    network = build(replace(WIDE, skips="depthwise")).eval()
    ends = [
        lambda network: (network.trunk.blocks[5], network.trunk.blocks[10]),
        lambda network: (network.trunk.blocks[4], network.block_12),
    ]
    for block in (block for pair in ends for block in pair(network)):
        torch.nn.init.uniform_(block.pointwise[1].weight, 0.1, 2.0)

    narrow = narrowed(network, replace(NARROW, skips="depthwise"))

    for pair in ends:
        kept = [
            torch.isin(wide.pointwise[1].weight, block.pointwise[1].weight)
            for wide, block in zip(pair(network), pair(narrow), strict=True)
        ]
        assert kept[0].sum() == len(kept[0]) // 2
        assert torch.equal(*kept)


def test_skips_that_lose_their_pointwise_halves_keep_the_depthwise_ones_and_all_else_stays(wide):
    lighter = narrowed(wide, replace(WIDE, skips="depthwise")).state_dict()

    heavier = wide.state_dict()
    assert {name for name in heavier if name not in lighter} == {
        name for name in heavier if name.startswith("skip_") and ".pointwise." in name
    }
    assert all(torch.equal(values, heavier[name]) for name, values in lighter.items())


def test_depthwise_skips_cannot_become_separable(wide):
    network = build(replace(WIDE, skips="depthwise"))

    with pytest.raises(ValueError, match="--skips depthwise"):
        narrowed(network, WIDE)
