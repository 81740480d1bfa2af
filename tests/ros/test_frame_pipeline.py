"""An image's way through the pose node where one of its steps fails."""

import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus
from mobilepose_msgs.msg import Pose3DArray
from sensor_msgs.msg import CameraInfo

from mobilepose_ros import frame_pipeline
from mobilepose_ros.counters import Drop
from mobilepose_ros.views import Views


@pytest.fixture
def broken(monkeypatch):
    """Breaks a method until it is called to be mended."""

    def break_(owner, name):
        original = getattr(owner, name)

        def fail(*_):
            raise ArithmeticError("Eigenvalues did not converge")

        monkeypatch.setattr(owner, name, fail)
        return lambda: monkeypatch.setattr(owner, name, original)

    return break_


def test_an_image_whose_joints_were_published_is_answered_though_the_rest_fails(
    ros, network, picture, message, answers, diagnostics, logged, broken, monkeypatch
):
    monkeypatch.setattr(frame_pipeline, "LOG_INTERVAL", 1e6)
    mend = broken(Views, "publish")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    text = "not all that is made of them: ArithmeticError('Eigenvalues did not converge')"

    for number in range(1, 4):
        ros.publish_until(
            camera, message(picture, number), lambda n=number: node.counters.answered >= n
        )

    ros.wait(lambda: diagnostics.says(DiagnosticStatus.WARN, text), what="a warning")
    assert node.counters.dropped[Drop.FAILED] == 0
    ros.wait(lambda: len(answers) == node.counters.answered, what="an answer for each image")
    (line,) = logged("ERROR")
    assert text in line

    mend()
    ros.publish_until(
        camera, message(picture, 10), lambda: not diagnostics.says(DiagnosticStatus.WARN, text)
    )


def test_an_error_after_the_depth_image_is_told_by_the_diagnostics(
    ros, network, picture, message, camera_info, depth_of, diagnostics, broken
):
    broken(Views, "_publish_in_metres")
    ros.heard(Pose3DArray, "mobilepose/joints_3d")
    node = ros.pose_node(network, use_depth=True)
    info, depth = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera, image = ros.publisher(), message(picture)
    ros.connect(node, info, depth, camera)

    ros.publish_together(
        [(info, camera_info), (depth, depth_of(image)), (camera, image)],
        lambda: diagnostics.says(DiagnosticStatus.WARN, "Eigenvalues did not converge"),
    )

    assert int(diagnostics.value("depth: not published")) > 0
    assert node.counters.dropped[Drop.FAILED] == 0


def test_an_invalid_stamp_does_not_make_the_stamps_after_it_jump(
    ros, network, picture, message, answers, logged
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    bad = message(picture)
    bad.header.stamp = Time(sec=-1)
    ros.publish_until(camera, bad, lambda: node.counters.dropped[Drop.BAD])

    ros.publish_until(camera, message(picture, 1000), lambda: answers)

    assert frame_pipeline.AHEAD_TEXT not in logged("WARN")
