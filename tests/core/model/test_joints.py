from dataclasses import replace

import pytest
import torch

from mobilepose_core import skeleton
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.model.joints import with_joints
from mobilepose_core.model.resize import resized

ELEVEN = ModelConfig(width=0.5, input_size=64)
ALL = replace(ELEVEN, joints=skeleton.ALL_19.joints, streams=(), heading=True)
WRISTS = ("left_wrist", "right_wrist")


def _lively(config):
    torch.manual_seed(4)
    network = build(config).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.1, 2.0)
            torch.nn.init.uniform_(module.bias, 0.0, 0.5)
    for head in network.heads.heads:
        torch.nn.init.normal_(head.weight)
    return network


@pytest.fixture(scope="module")
def whole():
    """A network of all joints, whose heading has an effect."""
    network = _lively(ALL)
    torch.nn.init.normal_(network.heading.shift.weight, std=0.1)
    return network


@pytest.fixture(scope="module")
def images():
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    "joints",
    [WRISTS, ("nose",), skeleton.JOINTS, skeleton.COCO_17.joints, ("flic_right_hip", "left_ear")],
)
def test_some_joints_alone_are_found_as_by_the_whole_network(whole, images, joints):
    alone, config = with_joints(whole, ALL, joints)

    assert config.joints == alone.joints == joints
    with torch.inference_mode():
        places = [ALL.joints.index(name) for name in joints]
        assert torch.allclose(alone(images), whole(images)[:, places], rtol=0, atol=1e-6)


@pytest.mark.parametrize("width", [0.25, 0.375, 1.0])
def test_the_upper_body_keeps_its_filters_at_every_width(width):
    config = replace(ALL, width=width)
    network = build(config)

    alone, _ = with_joints(network, config, skeleton.JOINTS)

    assert alone.heads.filters == network.heads.filters[:11]


def test_of_eleven_joints_some_can_be_had_too(images):
    network = _lively(ELEVEN)

    alone, _ = with_joints(network, ELEVEN, WRISTS)

    with torch.inference_mode():
        assert torch.allclose(alone(images), network(images)[:, [2, 5]], rtol=0, atol=1e-6)


def test_fewer_joints_have_only_their_own_filters(whole):
    alone, _ = with_joints(whole, ALL, WRISTS)

    assert alone.heads.filters == (17, 17)
    assert alone.block_13.pointwise[0].out_channels == 34


@pytest.mark.parametrize("joints", [("tail",), ("nose", "nose"), ()])
def test_joints_that_a_network_does_not_find_are_refused(whole, joints):
    with pytest.raises(ValueError, match=r"has no|once"):
        with_joints(whole, ALL, joints)


def test_a_network_that_learns_more_joints_finds_the_old_ones_as_before(images):
    network = _lively(ELEVEN)

    grown = resized(network, ALL).eval()

    with torch.inference_mode():
        maps, before = grown(images), network(images)
    assert torch.allclose(maps[:, :11], before, rtol=0, atol=1e-6)
    hips = [ALL.joints.index(f"flic_{side}_hip") for side in ("left", "right")]
    assert torch.allclose(maps[:, hips], before[:, 6:8], rtol=0, atol=1e-6)


def test_new_joints_start_from_related_ones(images):
    network = _lively(ELEVEN)

    grown = resized(network, ALL)

    knee, elbow = ALL.joints.index("left_knee"), ALL.joints.index("left_elbow")
    biases = [head.bias.item() for head in grown.heads.heads]
    assert biases[knee] == biases[elbow]
    theirs = grown.heads.heads[knee].weight.flatten()
    assert torch.isin(theirs, network.heads.heads[elbow].weight.flatten()).all()


def test_a_network_that_lacks_what_a_joint_could_start_from_says_so():
    wrists = replace(ELEVEN, joints=WRISTS, streams=())

    with pytest.raises(ValueError, match="nothing to start left_knee from"):
        resized(_lively(wrists), replace(ELEVEN, joints=("left_knee",), streams=()))


def test_an_untrained_heading_changes_no_heatmap(images):
    network = _lively(ELEVEN)
    narrow = resized(network, replace(ELEVEN, heading=True)).eval()

    with torch.inference_mode():
        assert torch.equal(narrow(images), network(images))
        assert narrow.outputs(images).heading.shape == (2, 2)


def test_a_configuration_without_joints_is_that_of_the_upper_body():
    older = {
        key: value for key, value in ELEVEN.to_dict().items() if key not in ("joints", "heading")
    }

    assert ModelConfig.from_dict(older) == ELEVEN
    assert ModelConfig.from_dict(ALL.to_dict()) == ALL
    assert ELEVEN.stream_filters(128)[:3] == ALL.stream_filters(128)[:3] == (11, 14, 17)
