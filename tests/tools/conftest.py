import numpy as np
import pytest

from mobilepose_core import skeleton


@pytest.fixture
def person():
    """Someone from the front, torso 100 pixels long."""
    points = {
        "left_shoulder": (140, 100), "left_elbow": (160, 150), "left_wrist": (170, 200),
        "right_shoulder": (60, 100), "right_elbow": (40, 150), "right_wrist": (30, 200),
        "left_hip": (125, 200), "right_hip": (75, 200),
        "left_eye": (110, 50), "right_eye": (90, 50), "nose": (100, 60),
    }  # fmt: skip
    return np.array([points[name] for name in skeleton.JOINTS], np.float32)
