import numpy as np
import pytest
from figure_scene import CAMERA_HEIGHT, camera_above

from mobilepose_core import Pose, Rotation
from mobilepose_ros.ground import ground_of, level


def test_tf_tells_up_and_the_height_of_the_camera():
    ground = ground_of(camera_above("base_footprint", pitch=0.2))

    assert ground.height == pytest.approx(CAMERA_HEIGHT)
    assert ground.up == pytest.approx([0, -np.cos(0.2), -np.sin(0.2)])
    assert ground.height_of(ground.up * -CAMERA_HEIGHT) == pytest.approx(0)


@pytest.mark.parametrize("height", [0.0, -0.5, np.nan])
def test_a_camera_below_the_ground_is_refused_with_the_frames(height):
    transform = camera_above("base_link")
    transform.transform.translation.z = height

    with pytest.raises(ValueError, match=r"front_camera.*frame base_link: set ground_frame"):
        ground_of(transform)


@pytest.mark.parametrize("angle", Rotation.ANGLES)
def test_up_in_a_rotated_image_is_up_in_the_upright_one(angle):
    joints = np.array([[100, 80], [100, 20]] + [[100, 50]] * 9, np.float32)  # one above the other
    upright = Pose(joints, np.ones(11, np.float32))

    (turned,) = Rotation(angle).poses_in_image([upright], 320, 240)

    assert level(angle).up[:2] == pytest.approx((turned.joints[1] - turned.joints[0]) / 60)
    assert level(angle).up[2] == 0
    assert level(angle).height is None
