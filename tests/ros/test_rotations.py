import numpy as np
import pytest
from geometry_msgs.msg import Quaternion

from mobilepose_ros.rotations import matrix_of, quaternion_of

HALF = np.sqrt(0.5)


@pytest.mark.parametrize(
    ("quaternion", "matrix"),
    [
        ((0.0, 0.0, 0.0, 1.0), np.eye(3)),
        ((0.0, 0.0, HALF, HALF), [[0, -1, 0], [1, 0, 0], [0, 0, 1]]),
        ((1.0, 0.0, 0.0, 0.0), np.diag([1, -1, -1])),
        ((-0.5, 0.5, -0.5, 0.5), [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]),  # REP-103's optical frame
        ((0.0, 0.0, 0.0, 2.0), np.eye(3)),
    ],
)
def test_a_quaternion_is_the_rotation_that_it_says(quaternion, matrix):
    x, y, z, w = quaternion

    assert matrix_of(Quaternion(x=x, y=y, z=z, w=w)) == pytest.approx(np.array(matrix), abs=1e-12)


def test_any_rotation_goes_there_and_back():
    draw = np.random.default_rng(5)
    halves = [np.diag(signs) for signs in ((1, -1, -1), (-1, 1, -1), (-1, -1, 1))]
    random = [np.linalg.qr(draw.normal(size=(3, 3)))[0] for _ in range(50)]
    for matrix in [*halves, *(one * np.linalg.det(one) for one in random)]:
        quaternion = quaternion_of(matrix)

        assert matrix_of(quaternion) == pytest.approx(matrix, abs=1e-9)
        assert quaternion.w >= 0


@pytest.mark.parametrize("w", [0.0, np.nan, np.inf])
def test_what_is_no_rotation_is_refused(w):
    with pytest.raises(ValueError, match="unit quaternion"):
        matrix_of(Quaternion(x=0.0, y=0.0, z=0.0, w=w))
