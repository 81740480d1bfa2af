from dataclasses import replace

import numpy as np
import pytest
import torch

from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.model.config import ModelConfig
from mobilepose_core.model.hourglass import PoseOutputs
from mobilepose_core.skeleton import ALL_19, JOINT_COUNT, JOINTS
from mobilepose_core.training.augment import PoseBatch
from mobilepose_core.training.pose_task import PoseTask, headline
from mobilepose_core.training.recipe import RECIPES
from mobilepose_core.training.sources import People

KNOWN = np.arange(2 * len(ALL_19.joints), dtype=np.float32).reshape(1, -1, 2)
"""One person whose joints are all annotated."""


@pytest.mark.parametrize(
    ("joints", "line"),
    [
        (("left_elbow", "right_elbow", "nose"), "PCK@0.2 elbows 100.0 mean 100.0"),
        (("left_wrist", "right_wrist"), "PCK@0.2 wrists 100.0 mean 100.0"),
        (("left_wrist", "nose"), "PCK@0.2 mean 100.0"),
    ],
)
def test_a_validation_tells_of_the_parts_that_the_network_has(joints, line):
    found = KNOWN[:, [ALL_19.joints.index(name) for name in joints]]
    figures = Comparison(found, KNOWN, joints).figures(np.array(["films"]))

    assert headline(figures["upper_body"]) == line


@pytest.fixture
def of_flic(loose_crops):
    """The people of the other fixture, with their hips as FLIC's."""
    joints = loose_crops.joints.copy()
    for side in ("left", "right"):
        hip = ALL_19.index[f"{side}_hip"]
        joints[:, ALL_19.index[f"flic_{side}_hip"]] = joints[:, hip]
        joints[:, hip] = np.nan
    return replace(loose_crops, joints=joints)


def hips_count(people, batch_of):
    """Whether the loss of people depends on where a network sees their hips."""
    model = ModelConfig("final", width=0.25, input_size=64)
    task = PoseTask(People(people, np.ones(len(people))), people, RECIPES["short"], model, 0)
    batch = PoseBatch(torch.zeros(12, 3, 64, 64), batch_of.joints * 20 + 32, np.ones(12, bool))
    heatmaps = torch.zeros(12, JOINT_COUNT, 16, 16)
    elsewhere = heatmaps.clone()
    elsewhere[:, JOINTS.index("left_hip")] = 1
    losses = [
        float(task.loss(PoseOutputs(maps, maps, None, None), batch))
        for maps in (heatmaps, elsewhere)
    ]
    return losses[0] != losses[1]


def test_flics_hips_are_learnt_as_hips_where_there_are_no_others(of_flic):
    assert hips_count(of_flic, of_flic)


def test_flics_hips_are_not_learnt_as_hips_beside_those_of_others(of_flic, loose_crops):
    mixed = replace(of_flic, joints=np.concatenate([of_flic.joints[:6], loose_crops.joints[6:]]))

    assert not hips_count(mixed, of_flic)
    assert hips_count(mixed, loose_crops)
