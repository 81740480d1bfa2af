"""Several people on their way through the pose node, over real DDS topics."""

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from visualization_msgs.msg import Marker, MarkerArray

from mobilepose_core.io import drawing
from mobilepose_ros import images, markers
from mobilepose_ros.messages import poses_of

onnx = pytest.importorskip("onnx", reason="rosdep has no key for onnx")
TensorProto, helper, numpy_helper = onnx.TensorProto, onnx.helper, onnx.numpy_helper


@pytest.fixture
def moments(message):
    """Messages of pictures, a tenth of a second apart."""

    def make(*pictures):
        made = [message(picture) for picture in pictures]
        for number, image in enumerate(made):
            image.header.stamp.nanosec = number * 100_000_000
        return made

    return make


def show(ros, camera, image, answers):
    """The answer to an image."""
    stamp = image.header.stamp
    ros.publish_until(
        camera, image, lambda: any(answer.header.stamp == stamp for answer in answers)
    )
    return next(answer for answer in answers if answer.header.stamp == stamp)


def middles(answer):
    """Where people are from left to right, by their ids."""
    return {
        pose.track_id: float(np.median([joint.x for joint in pose.joints])) for pose in answer.poses
    }


def test_two_people_keep_their_ids_in_ascending_order_from_image_to_image(
    ros, network, two_people, moments, answers
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    picture, people = two_people
    images_of_both = moments(*[np.roll(picture, 3 * step, axis=1) for step in range(6)])

    seen = [middles(show(ros, camera, image, answers)) for image in images_of_both]

    assert [list(people) for people in seen] == [[1, 2]] * 6
    places = np.median(people[..., 0], axis=1)
    assert sorted(seen[0].values()) == pytest.approx(sorted(places), abs=5)
    for person in (1, 2):
        assert seen[-1][person] - seen[0][person] == pytest.approx(15, abs=5)


def test_a_person_who_leaves_is_deleted_from_the_markers_and_the_other_stays(
    ros, network, two_people, moments, answers
):
    node, camera = ros.pose_node(network), ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    ros.connect(node, camera)
    picture, _ = two_people
    alone = picture.copy()
    alone[:, 320:] = 40
    both, *rest = moments(picture, *[alone] * 8)

    ids = set(middles(show(ros, camera, both, answers)))
    ros.wait(lambda: shown and keys(shown[-1], Marker.ADD) == keys_of(ids))
    left = None
    for image in rest:
        left = set(middles(show(ros, camera, image, answers)))
    (gone,) = ids - left

    ros.wait(lambda: any(keys(m, Marker.DELETE) == keys_of({gone}) for m in shown))
    ros.wait(lambda: keys(shown[-1], Marker.ADD) == keys_of(left))
    assert not any(marker.action == Marker.DELETEALL for m in shown for marker in m.markers)


def keys(message, action):
    return {(marker.ns, marker.id) for marker in message.markers if marker.action == action}


def keys_of(ids):
    return {(ns, number) for ns in (markers.JOINTS, markers.LIMBS) for number in ids}


def test_markers_and_overlay_tell_people_from_one_another(
    ros, network, two_people, moments, answers
):
    node = ros.pose_node(network, labels=True)
    camera = ros.publisher()
    shown = ros.heard(MarkerArray, "mobilepose/markers")
    overlays = ros.heard(Image, "mobilepose/overlay")
    ros.connect(node, camera)
    picture, _ = two_people
    (image,) = moments(picture)

    found = poses_of(show(ros, camera, image, answers))
    ros.wait(lambda: shown and overlays)

    labels = {marker.id: marker for marker in shown[0].markers if marker.ns == markers.LABELS}
    assert {number: label.text[:9] for number, label in labels.items()} == {
        1: "person 1:",
        2: "person 2:",
    }
    for number, label in labels.items():
        blue, green, red = drawing.track_colour(number)
        colour = [label.color.r * 255, label.color.g * 255, label.color.b * 255]
        assert colour == pytest.approx([red, green, blue], abs=1)
    expected = drawing.draw(picture, found, labels=True)
    assert np.array_equal(images.bgr_from_image(overlays[0]), expected)


def test_how_many_people_are_followed_can_change_while_the_node_runs(
    ros, network, two_people, moments, answers
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    first, second, *rest = moments(*[two_people[0]] * 5)
    assert len(show(ros, camera, first, answers).poses) == 2

    changes = [Parameter("max_people", value=1), Parameter("find_interval", value=1)]
    assert node.set_parameters_atomically(changes).successful
    assert len(show(ros, camera, second, answers).poses) == 1

    assert node.set_parameters([Parameter("max_people", value=10)])[0].successful
    assert len([show(ros, camera, image, answers) for image in rest][-1].poses) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_people", 0), ("find_interval", 0), ("track_timeout", -1.0), ("person_finder", "topic")],
)
def test_settings_of_people_that_make_no_sense_now_are_refused(ros, network, name, value):
    node = ros.pose_node(network)

    assert not node.set_parameters([Parameter(name, value=value)])[0].successful


@pytest.fixture
def write_detector(tmp_path):
    """Writes a network of YOLOv8's layout that sees one person in a box, whatever it is shown."""

    def write(box, side=640):
        x0, y0, x1, y1 = box
        cells = sum((side // stride) ** 2 for stride in (8, 16, 32))
        found = np.zeros((1, 5, cells), np.float32)
        found[0, :, 7] = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, 0.9
        graph = helper.make_graph(
            [
                helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
                helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
                helper.make_node("Add", ["found", "zero"], ["output0"]),
            ],
            "detector",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
            [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 5, cells])],
            [
                numpy_helper.from_array(found, "found"),
                numpy_helper.from_array(np.float32(0), "nothing"),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.save_model(model, str(tmp_path / "yolo.onnx"))
        return str(tmp_path / "yolo.onnx")

    return write


def test_detections_of_a_users_detector_start_tracks(
    ros, network, two_people, moments, answers, write_detector, logged
):
    picture, people = two_people
    x0, y0 = people[1].min(axis=0) - 15
    x1, y1 = people[1].max(axis=0) + 15
    grey_above = (640 - 240) / 2  # of a picture of 640x240 in the middle of one of 640x640
    path = write_detector((x0, y0 + grey_above, x1, y1 + grey_above))
    node = ros.pose_node(network, person_finder="detector", detector_model=path)
    camera = ros.publisher()
    statuses = ros.heard(DiagnosticArray, "/diagnostics")
    ros.connect(node, camera)
    (image,) = moments(picture)

    answer = show(ros, camera, image, answers)

    (middle,) = middles(answer).values()
    assert middle > 320
    (line,) = [text for text in logged("INFO") if text.startswith("detector")]
    assert "detector model yolo" in line
    assert "detector layout YOLOv8" in line
    ros.wait(lambda: statuses and figures(statuses[-1])["people in latest result"] == "1")
    known = figures(statuses[-1])
    assert known["detector"] == "detector"
    assert known["detector model"] == "yolo"
    assert len(known["detector model SHA-256"]) == 64
    assert float(known["detector rate (Hz)"]) > 0
    assert float(known["detector p50 (ms)"]) > 0


def figures(array):
    """The values of a diagnostics message by their names."""
    return {entry.key: entry.value for entry in array.status[0].values}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"person_finder": "detector", "detector_model": "/missing.onnx"}, "not found"),
        (
            {"person_finder": "full_frame", "detector_model": "/missing.onnx"},
            "set person_finder to detector",
        ),
    ],
)
def test_a_detector_that_cannot_be_used_fails_the_configuration_with_the_reason(
    ros, network, logged, values, complaint
):
    node = ros.pose_node(network, start=False, **values)

    assert not node.start()

    assert any(complaint in text for text in logged("ERROR"))


def test_a_pose_network_as_detector_fails_the_configuration_with_what_was_expected(
    ros, network, logged
):
    node = ros.pose_node(network, start=False, person_finder="detector", detector_model=network)

    assert not node.start()

    assert any("expected one input (1, 3, H, W) of floats" in text for text in logged("ERROR"))


def test_two_astronauts_side_by_side_are_two_people(ros, moments, answers):
    data = pytest.importorskip("skimage.data")
    astronaut = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    node, camera = ros.pose_node("final"), ros.publisher()
    ros.connect(node, camera)
    pictures = moments(*[np.concatenate([astronaut, astronaut], axis=1)] * 4)

    seen = [middles(show(ros, camera, image, answers)) for image in pictures]

    assert all(list(people) == list(seen[0]) for people in seen)
    left, right = sorted(seen[0].values())
    assert right - left == pytest.approx(512, abs=15)


def test_people_keep_their_ids_when_the_resolution_changes(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    sizes = [(320, 240)] * 2 + [(640, 480)] * 2 + [(320, 240)] * 2

    for number, size in enumerate(sizes, start=1):
        image = message(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST))
        image.header.stamp.nanosec = number * 50_000_000
        ros.publish_until(camera, image, lambda i=image: answers and answers[-1].header == i.header)

    by_stamp = {answer.header.stamp.nanosec: answer for answer in answers}
    assert [[pose.track_id for pose in answer.poses] for answer in by_stamp.values()] == [[1]] * 6
