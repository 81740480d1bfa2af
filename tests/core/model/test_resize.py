from dataclasses import replace

import pytest
import torch

from mobilepose_core.model import ModelConfig, build
from mobilepose_core.model.resize import resized

WIDE = ModelConfig(width=0.5, input_size=64)
NARROW = ModelConfig(width=0.25, input_size=64)


@pytest.fixture
def wide():
    """A network whose filters pass on very different amounts."""
    torch.manual_seed(4)
    return _lively(build(WIDE))


def _lively(network):
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.1, 2.0)
            torch.nn.init.uniform_(module.bias, 0.0, 0.5)
    return network.eval()


def test_a_network_narrowed_to_its_own_width_stays_the_same(wide):
    images = torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        assert torch.equal(resized(wide, WIDE).eval()(images), wide(images))


def test_a_filter_that_passes_nothing_on_is_the_first_to_go(wide):
    norm = wide.trunk.blocks[3].pointwise[1]
    with torch.no_grad():
        _silence(norm, slice(None, None, 2))

    kept = resized(wide, NARROW).trunk.blocks[3].pointwise[1]

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
        expected, found = wide(images), resized(wide, NARROW).eval()(images)

    assert torch.allclose(found, expected, atol=1e-4)


def _silence(norm, filters):
    norm.weight[filters] = 0
    norm.bias[filters] = -1


@pytest.mark.parametrize("width", [0.625, 0.75, 1.25])
@pytest.mark.parametrize("skips", ["separable", "depthwise"])
@pytest.mark.parametrize("architecture", ["final", "finder"])
def test_a_wider_network_gives_the_same_outputs(architecture, skips, width):
    torch.manual_seed(7)
    config = replace(WIDE, architecture=architecture, skips=skips)
    network, images = _lively(build(config)), torch.randn(2, 3, 64, 64)

    wider = resized(network, replace(config, width=width)).eval()

    with torch.inference_mode():
        assert wider.trunk.blocks[3].pointwise[0].out_channels == int(256 * width)
        assert network(images).std() > 0
        assert torch.allclose(wider(images), network(images), rtol=1e-3, atol=1e-5)


def test_a_wider_network_tells_the_same_heading_and_shifts_its_features_alike():
    torch.manual_seed(8)
    config = replace(WIDE, heading=True)
    network, images = _lively(build(config)), torch.randn(2, 3, 64, 64)
    for layer in (network.heading.attention, network.heading.shift):
        torch.nn.init.normal_(layer.weight)

    wider = resized(network, replace(config, width=0.75)).eval()

    with torch.inference_mode():
        found, expected = wider.outputs(images), network.outputs(images)
        assert network.heading(network.features_and_block_12(images)[1])[1].abs().max() > 0.1
    assert torch.allclose(found.heading, expected.heading, rtol=1e-3, atol=1e-5)
    assert torch.allclose(found.heatmaps, expected.heatmaps, rtol=1e-3, atol=1e-5)


def test_a_wider_network_tells_people_from_others_alike():
    torch.manual_seed(8)
    config = replace(WIDE, presence=True)
    network, images = _lively(build(config)), torch.randn(2, 3, 64, 64)

    wider = resized(network, replace(config, width=0.75)).eval()

    with torch.inference_mode():
        found, expected = wider.outputs(images).presence, network.outputs(images).presence
    assert expected.shape == (2,)
    assert torch.allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_copies_of_a_filter_learn_different_things(wide):
    wider = resized(wide, replace(WIDE, width=1.0))
    wider.eval()(torch.randn(2, 3, 64, 64)).square().mean().backward()

    kernels = wider.trunk.blocks[3].depthwise[0].weight
    learning = [place for place in range(len(kernels)) if kernels.grad[place].any()]
    copies = [
        (one, other)
        for one in learning
        for other in learning
        if other < one and torch.equal(kernels[one], kernels[other])
    ]
    assert len(copies) > len(kernels) // 4
    assert not any(torch.equal(kernels.grad[one], kernels.grad[other]) for one, other in copies)


def test_larger_kernels_around_the_trained_ones_change_nothing_at_first(wide):
    images = torch.randn(2, 3, 64, 64)
    far_sighted = resized(wide, replace(WIDE, kernel=7)).eval()

    with torch.inference_mode():
        assert torch.allclose(far_sighted(images), wide(images), atol=1e-5)


def test_large_kernels_cannot_go_on_as_small_ones(wide):
    far_sighted = resized(wide, replace(WIDE, kernel=7))

    with pytest.raises(ValueError, match="--kernel 7"):
        resized(far_sighted, WIDE)


def test_a_network_with_depthwise_skips_narrowed_to_its_own_width_stays_the_same():
    torch.manual_seed(5)
    config = replace(WIDE, skips="depthwise", kernel=7)
    network, images = build(config).eval(), torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        assert torch.equal(resized(network, config).eval()(images), network(images))


def test_both_ends_of_a_depthwise_skip_keep_the_same_filters():
    torch.manual_seed(6)
    network = build(replace(WIDE, skips="depthwise")).eval()
    ends = [
        lambda network: (network.trunk.blocks[5], network.trunk.blocks[10]),
        lambda network: (network.trunk.blocks[4], network.block_12),
    ]
    for block in (block for pair in ends for block in pair(network)):
        torch.nn.init.uniform_(block.pointwise[1].weight, 0.1, 2.0)

    narrow = resized(network, replace(NARROW, skips="depthwise"))

    for pair in ends:
        kept = [
            torch.isin(wide.pointwise[1].weight, block.pointwise[1].weight)
            for wide, block in zip(pair(network), pair(narrow), strict=True)
        ]
        assert kept[0].sum() == len(kept[0]) // 2
        assert torch.equal(*kept)


def test_skips_that_lose_their_pointwise_halves_keep_the_depthwise_ones_and_all_else_stays(wide):
    lighter = resized(wide, replace(WIDE, skips="depthwise")).state_dict()

    heavier = wide.state_dict()
    assert {name for name in heavier if name not in lighter} == {
        name for name in heavier if name.startswith("skip_") and ".pointwise." in name
    }
    assert all(torch.equal(values, heavier[name]) for name, values in lighter.items())


def test_depthwise_skips_cannot_become_separable(wide):
    network = build(replace(WIDE, skips="depthwise"))

    with pytest.raises(ValueError, match="--skips depthwise"):
        resized(network, WIDE)
