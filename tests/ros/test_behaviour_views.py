"""What people do in markers and the overlay, over real DDS topics."""

import numpy as np
import pytest
from figure_scene import depth_message
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core.evaluation.stick_figure import POINTING_ASIDE
from mobilepose_core.io import drawing
from mobilepose_ros import images, markers
from mobilepose_ros.messages import poses_of

AWAY = 1.8


@pytest.fixture
def shown(ros):
    return ros.heard(MarkerArray, "mobilepose/markers")


@pytest.fixture
def overlays(ros):
    return ros.heard(Image, "mobilepose/overlay")


def namespaces(array):
    return {one.ns for one in array.markers if one.action == Marker.ADD}


def test_markers_and_overlay_show_what_people_do_when_asked_to(
    ros, network, figure, figure_info, message, shown, overlays, answers
):
    node = ros.pose_node(network, show_behaviour=True)
    info, camera = ros.publisher("camera_info", kind=CameraInfo), ros.publisher()
    ros.connect(node, info, camera)
    seen = figure(AWAY)
    wanted = {markers.JOINTS, markers.LIMBS, "heading", "behaviour"}

    ros.publish_together(
        [(info, figure_info), (camera, message(seen.picture))],
        lambda: shown and overlays and namespaces(shown[-1]) == wanted,
    )

    joints = next(one for one in shown[-1].markers if one.ns == markers.JOINTS)
    heading = next(one for one in shown[-1].markers if one.ns == "heading")
    assert joints.points[0].z == pytest.approx(heading.points[0].z)  # at the person's distance
    assert heading.points[0].z == pytest.approx(AWAY, abs=0.5)
    plain = drawing.draw(seen.picture, poses_of(answers[-1]))
    assert (images.bgr_from_image(overlays[-1]) != plain).any()

    node.set_parameters([Parameter("show_behaviour", value=False)])
    shown.clear()
    ros.publish_until(camera, message(seen.picture), lambda: shown)

    assert namespaces(shown[-1]) == {markers.JOINTS, markers.LIMBS}
    deleted = {one.ns for m in shown for one in m.markers if one.action == Marker.DELETE}
    assert {"heading", "behaviour"} <= deleted


def test_with_depth_an_arm_that_points_has_a_ray(
    ros, network, figure, figure_info, message, shown, overlays
):
    node = ros.pose_node(network, show_behaviour=True, use_depth=True)
    info, depth = ros.publisher("camera_info", kind=CameraInfo), ros.publisher("depth")
    camera = ros.publisher()
    ros.connect(node, info, depth, camera)
    seen = figure(AWAY, left=POINTING_ASIDE)
    image = message(seen.picture)

    ros.publish_together(
        [(info, figure_info), (depth, depth_message(image, seen.metres)), (camera, image)],
        lambda: shown and overlays and "pointing" in namespaces(shown[-1]),
    )

    ray = next(one for one in shown[-1].markers if one.ns == "pointing")
    along = np.array([ray.points[1].x - ray.points[0].x, ray.points[1].z - ray.points[0].z])
    assert along[0] / np.linalg.norm(along) > 0.8  # the person's left is the picture's right
