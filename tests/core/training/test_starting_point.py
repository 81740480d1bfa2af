"""The network of a run that starts from a checkpoint."""

from dataclasses import replace

import pytest

from mobilepose_core.cli import _parser
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.skeleton import COCO_17
from mobilepose_core.training import checkpoint
from mobilepose_core.training.command import model_of

OURS = ModelConfig(width=0.25, input_size=64, kernel=7, skips="depthwise", heading=True)


@pytest.fixture
def network(tmp_path):
    """The network that `mobilepose train` makes of options, starting from a configuration's."""

    def made(config, *options):
        start = tmp_path / "start.safetensors"
        checkpoint.save_weights(start, build(config), config)
        line = ["train", "--data", "flic=.", "--start-from", str(start), *options]
        return model_of(_parser().parse_args(line))

    return made


@pytest.mark.parametrize(
    "config",
    [
        OURS,
        replace(OURS, joints=COCO_17.joints, streams=()),
        ModelConfig(architecture="finder", width=0.25, input_size=64),
        ModelConfig(architecture="split", width=0.25, input_size=64),
    ],
)
def test_a_network_is_as_in_the_checkpoint_where_no_option_says_otherwise(network, config):
    assert network(config) == config


def test_an_option_changes_what_it_names_and_nothing_else(network):
    assert network(OURS, "--input-size", "96") == replace(OURS, input_size=96)
    assert network(OURS, "--no-heading") == replace(OURS, heading=False)
    assert network(OURS, "--kernel", "3") == replace(OURS, kernel=3)


def test_a_presence_is_trained_where_there_are_photographs_without_people(network):
    assert network(OURS, "--empty", "rooms") == replace(OURS, presence=True)
    assert network(replace(OURS, presence=True)) == OURS


def test_other_joints_have_streams_of_their_own(network):
    assert network(OURS, "--skeleton", "coco_17") == replace(
        OURS, joints=COCO_17.joints, streams=()
    )


def test_given_streams_are_relative_numbers_again(network):
    exact = replace(OURS, exact_streams=True)

    changed = network(exact, "--streams", ",".join(["10"] * 11))

    assert changed == replace(OURS, streams=(10,) * 11)


def test_a_network_of_another_architecture_is_the_papers(network):
    finder = network(OURS, "--config", "finder", "--width", "0.25")

    assert finder == ModelConfig(architecture="finder", width=0.25)
