import numpy as np
import pytest

from mobilepose_core import crop
from mobilepose_ros import motion


def test_the_first_frame_is_the_photograph():
    photo = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)

    assert np.array_equal(motion.move(photo, 0, 1.0), photo)


def test_without_amplitude_nothing_moves():
    assert np.allclose(motion.matrix(37, 60, 40, 0.0), [[1, 0, 0], [0, 1, 0]])


def test_the_motion_repeats_after_its_period():
    first = motion.matrix(17, 60, 40, 1.0)

    assert np.allclose(first, motion.matrix(17 + motion.PERIOD, 60, 40, 1.0))
    assert not np.allclose(first, motion.matrix(18, 60, 40, 1.0))


def test_a_quarter_of_the_period_shifts_and_scales_about_the_middle():
    # There sin(phase) is 1 and sin(2 phase) is 0: no turn, and no shift downwards.
    middle, beside = np.array([49.5, 39.5]), np.array([59.5, 39.5])

    moved = crop.transform(
        motion.matrix(motion.PERIOD // 4, 100, 80, 1.0), np.stack([middle, beside])
    )

    assert moved[0] == pytest.approx([55.5, 39.5])
    assert moved[1] - moved[0] == pytest.approx([10.8, 0])


@pytest.mark.parametrize("index", [5, 40, 75, 110])
def test_pixels_go_where_the_matrix_says(index):
    photo = np.zeros((120, 160, 3), np.uint8)
    photo[58:63, 88:93] = 255  # its middle is (90, 60)

    frame = motion.move(photo, index, 1.0)

    weights = frame[..., 0].astype(float)
    rows, columns = np.indices(weights.shape)
    found = [(columns * weights).sum(), (rows * weights).sum()] / weights.sum()
    (expected,) = crop.transform(motion.matrix(index, 160, 120, 1.0), np.array([[90.0, 60.0]]))
    assert found == pytest.approx(expected, abs=0.1)
