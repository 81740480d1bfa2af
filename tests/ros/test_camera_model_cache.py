import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo

from mobilepose_core.messages import CameraModelCache

WIDTH, HEIGHT = 640, 480
MATRIX = np.array([[520.0, 0, 318.5], [0, 515.0, 242.0], [0, 0, 1]])


def camera_info(**changes):
    projection = np.hstack([MATRIX, np.zeros((3, 1))])
    values = {"width": WIDTH, "height": HEIGHT, "k": MATRIX.ravel(), "p": projection.ravel()}
    return CameraInfo(**values | changes)


def test_a_camera_info_is_worked_out_once_whatever_its_stamp():
    cache = CameraModelCache(report=pytest.fail)
    cache.put(camera_info())
    first = cache.get(WIDTH, HEIGHT)
    later = camera_info()
    later.header.stamp.sec = 7
    cache.put(later)

    assert first is not None
    assert cache.get(WIDTH, HEIGHT) is first


def test_there_is_no_calibration_before_a_camera_info():
    assert CameraModelCache(report=pytest.fail).get(WIDTH, HEIGHT) is None


def test_a_calibration_of_zeros_is_reported_once():
    reports = []
    cache = CameraModelCache(reports.append)

    for number in range(5):
        info = camera_info(k=np.zeros(9), p=np.zeros(12), d=[float(number)])
        cache.put(info)
        assert cache.get(WIDTH, HEIGHT) is None

    assert reports == ["CameraInfo's K is all zeros: the camera is not calibrated"]


def test_a_good_camera_info_after_a_bad_one_is_used():
    reports = []
    cache = CameraModelCache(reports.append)
    cache.put(camera_info(k=np.zeros(9), p=np.zeros(12)))
    cache.get(WIDTH, HEIGHT)
    cache.put(camera_info())

    assert cache.get(WIDTH, HEIGHT).matrix == pytest.approx(MATRIX)
    assert len(reports) == 1


def test_another_size_of_image_is_another_calibration():
    cache = CameraModelCache(report=pytest.fail)
    cache.put(camera_info())

    assert cache.get(WIDTH, HEIGHT).matrix[0, 0] == 520
    assert cache.get(WIDTH // 2, HEIGHT // 2).matrix[0, 0] == 260
