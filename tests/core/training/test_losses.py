import numpy as np
import pytest
import torch

from mobilepose_core import heatmap
from mobilepose_core.training.losses import coordinate_loss, heatmap_loss, presence_loss


def test_perfect_heatmaps_have_no_loss():
    joints = np.random.default_rng(0).uniform(5, 50, (2, 11, 2)).astype(np.float32)
    targets = heatmap.encode(heatmap.cells_from_crop(joints), 16)

    assert heatmap_loss(torch.from_numpy(targets), joints, 64) == pytest.approx(0, abs=1e-9)


def test_the_heatmap_loss_is_the_mean_square_over_cells_and_annotated_joints():
    joints = np.full((1, 2, 2), np.nan, np.float32)
    joints[0, 0] = 1e5  # annotated, far outside: its map is empty
    heatmaps = torch.zeros(1, 2, 16, 16)
    heatmaps[0, 0] = 3
    heatmaps[0, 1] = 100

    assert heatmap_loss(heatmaps, joints, 64) == pytest.approx(9)


def test_a_joint_that_is_not_annotated_gets_no_gradient():
    joints = np.full((1, 3, 2), 20, np.float32)
    joints[0, 1] = np.nan
    for shape, loss in (((1, 3, 16, 16), heatmap_loss), ((1, 3, 2), coordinate_loss)):
        output = torch.ones(shape, requires_grad=True)

        loss(output, joints, 64).backward()

        assert output.grad[0, 1].abs().sum() == 0
        assert output.grad[0, 0].abs().sum() > 0


def test_coordinates_are_compared_in_crop_sides():
    joints = np.full((1, 1, 2), 31.5, np.float32)

    assert coordinate_loss(torch.full((1, 1, 2), 0.5), joints, 64) == pytest.approx(0, abs=1e-9)
    assert coordinate_loss(torch.full((1, 1, 2), 0.6), joints, 64) == pytest.approx(0.01, rel=1e-3)


def test_a_batch_without_any_annotation_has_no_loss_and_no_nan():
    joints = np.full((2, 11, 2), np.nan, np.float32)

    assert heatmap_loss(torch.ones(2, 11, 16, 16), joints, 64) == 0


def test_presence_is_whether_a_crop_shows_a_person():
    is_there = np.array([True, False])

    right = presence_loss(torch.tensor([9.0, -9.0]), is_there)
    wrong = presence_loss(torch.tensor([-9.0, 9.0]), is_there)

    assert right == pytest.approx(0, abs=1e-3)
    assert wrong == pytest.approx(9, abs=1e-2)
