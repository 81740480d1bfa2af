import numpy as np
import pytest

from mobilepose_core.evaluation.comparison import Comparison
from mobilepose_core.skeleton import ALL_19
from mobilepose_core.training.pose_task import headline

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
