"""The live view of a pose node, over real DDS topics and HTTP."""

import contextlib
import http.client
import json
import socket
import struct
import sys
import threading
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import numpy as np
import pytest
from mobilepose_msgs.msg import Joint2D, Joint3D, Pose2D, Pose2DArray, Pose3D, Pose3DArray
from rclpy.parameter import Parameter
from sensor_msgs.msg import CompressedImage

from mobilepose_ros import view_foxglove, view_status
from mobilepose_ros.view import ViewNode
from mobilepose_ros.view_inputs import ViewInputs, positions_of


class Browser:
    """Asks again and again, as the page does; remembers the newest frame and status."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.connection.connect()
        self.connection.auto_open = 0  # a closed one stays closed
        self.frame = self.status = 0
        self.heads, self.about, self.picture = [], {}, b""
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._follow)
        self.thread.start()

    def _follow(self):
        try:
            while True:
                self._ask()
        except (OSError, http.client.HTTPException):
            assert self.ending.is_set()

    def _ask(self):
        self.connection.request("GET", f"/next?frame={self.frame}&status={self.status}")
        body = self.connection.getresponse().read()
        (length,) = struct.unpack(">I", body[:4])
        head = json.loads(body[4 : 4 + length])
        self.frame, self.status = head["frame"], head["status"]
        self.about = head.get("about", self.about)
        if "people" in head:
            self.picture = body[4 + length :]
            self.heads.append(head)

    def close(self):
        self.ending.set()
        if self.connection.sock is not None:
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.connection.close()


@pytest.fixture
def view(ros):
    """Starts the node; its pages."""

    def start(name="view", namespace="", arguments=(), **values):
        overrides = [Parameter(key, value=v) for key, v in ({"port": 0} | values).items()]
        arguments = ["--ros-args", *arguments]
        made = ViewNode(
            name, namespace=namespace, cli_args=arguments, parameter_overrides=overrides
        )
        return ros.add(made)

    return start


@pytest.fixture
def browse():
    opened = []

    def open_(node):
        opened.append(Browser(node.url))
        return opened[-1]

    yield open_
    for browser in opened:
        browser.close()


def subscribed(ros, node):
    own = ros.probe.get_subscriber_names_and_types_by_node(node.get_name(), node.get_namespace())
    return {topic for topic, _ in own} - {"/parameter_events", "/clock"}


def test_a_browser_sees_the_joints_on_their_image_and_the_nodes_status(
    ros, network, picture, message, joints, view, browse, diagnostics
):
    camera = ros.publisher()
    pose = ros.pose_node(network, joint_threshold=0.25)
    browser = browse(view())
    ros.wait(lambda: camera.get_subscription_count() == 2, what="both subscriptions")
    ros.wait(lambda: ros.probe.count_subscribers("/mobilepose/joints") == 1)

    numbers = iter(range(1, 10_000))
    ros.publish_until(
        camera, message(picture, next(numbers)), lambda: browser.heads and browser.heads[-1]
    )

    (person,) = browser.heads[-1]["people"]
    assert np.array(person["joints"])[:, :2] == pytest.approx(joints, abs=3)
    assert (browser.heads[-1]["width"], browser.heads[-1]["height"]) == (320, 240)
    assert browser.picture.startswith(b"\xff\xd8")
    ros.wait(lambda: browser.about["parameters"], what="the parameters")
    assert dict(browser.about["parameters"])["joint_threshold"] == "0.25"
    ros.wait(lambda: browser.about["minScore"] == 0.25)
    ros.wait(lambda: browser.about["details"], what="the status")
    assert dict(browser.about["details"])["model"] == "markers"
    assert browser.about["title"] == "/image"
    assert browser.about["processed"] is not None
    assert pose.state == "active"


def test_without_a_browser_it_subscribes_to_nothing(ros, view, browse):
    node = view()
    time.sleep(0.5)
    assert subscribed(ros, node) == set()

    browser = browse(node)
    topics = {"/image", "/mobilepose/joints", "/diagnostics"}
    ros.wait(lambda: subscribed(ros, node) == topics, what=f"{topics}")
    browser.close()

    ros.wait(lambda: subscribed(ros, node) == set(), what="the end of subscriptions")


def test_a_namespace_and_remapped_images_are_those_of_the_pose_node(ros, view, browse):
    node = view(namespace="robot", arguments=["-r", "image:=/front/image_raw"])

    browse(node)

    topics = {"/front/image_raw", "/robot/mobilepose/joints", "/diagnostics"}
    ros.wait(lambda: subscribed(ros, node) == topics, what=f"{topics}")


def test_an_image_that_comes_after_its_joints_is_shown_too(ros, picture, message, view, browse):
    images, poses = ros.publisher(), ros.publisher("mobilepose/joints", kind=Pose2DArray)
    browser = browse(view())
    for publisher in (images, poses):
        ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="a subscription")
    image = message(picture, 5)
    poses.publish(Pose2DArray(header=image.header))
    time.sleep(0.1)

    ros.publish_until(images, image, lambda: browser.heads)

    assert browser.heads[-1]["people"] == []


def test_joints_of_another_image_are_not_shown_on_it(ros, picture, message, view, browse):
    images, poses = ros.publisher(), ros.publisher("mobilepose/joints", kind=Pose2DArray)
    browser = browse(view())
    for publisher in (images, poses):
        ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="a subscription")

    images.publish(message(picture, 5))
    poses.publish(Pose2DArray(header=message(picture, 6).header))
    time.sleep(0.3)
    assert browser.heads == []
    poses.publish(Pose2DArray(header=message(picture, 5).header))

    ros.wait(lambda: browser.heads, what="the frame")


def test_compressed_images_are_shown_and_a_broken_one_is_said(ros, picture, view, browse):
    import cv2

    kind, topic = CompressedImage, "image/compressed"
    images, poses = (
        ros.publisher(topic, kind=kind),
        ros.publisher("mobilepose/joints", kind=Pose2DArray),
    )
    browser = browse(view(image_transport="compressed"))
    for publisher in (images, poses):
        ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="a subscription")
    _, data = cv2.imencode(".jpg", picture)
    header = Pose2DArray().header

    def show(content, condition):
        header.stamp.sec += 1
        pair = [(images, CompressedImage(header=header, format="jpeg", data=content))]
        pair.append((poses, Pose2DArray(header=header)))
        ros.publish_together(pair, condition)

    show(data.tobytes(), lambda: browser.heads)
    show(data.tobytes()[:200], lambda: "compressed image" in browser.about["message"])
    assert browser.about["level"] == "error"


def test_a_silent_pose_node_is_said(ros, view, browse, monkeypatch):
    monkeypatch.setattr(view_status, "SILENCE", 0.3)

    browser = browse(view(namespace="robot"))

    expected = "the pose node /robot/mobilepose has said nothing"
    ros.wait(lambda: expected in browser.about.get("message", ""), what=expected)
    assert browser.about["level"] == "error"


def test_foxglove_gets_images_and_joints_in_metres(ros, picture, message, joints, view):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")
    connect = pytest.importorskip("websockets.sync.client").connect
    images, poses = ros.publisher(), ros.publisher("mobilepose/joints", kind=Pose2DArray)
    places = ros.publisher("mobilepose/joints_3d", kind=Pose3DArray)
    port = free_port()
    node = view(foxglove_port=port)
    image = message(picture, 5)
    found, _ = answer_of(joints, image.header)

    with connect(f"ws://127.0.0.1:{port}", subprotocols=["foxglove.sdk.v1"]) as connection:
        channels = channels_of(connection)
        wanted = [channels[f"/mobilepose/{name}"] for name in ("annotations", "scene")]
        subscriptions = [{"id": number, "channelId": number} for number in wanted]
        connection.send(json.dumps({"op": "subscribe", "subscriptions": subscriptions}))
        for publisher in (images, poses, places):
            ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="a subscription")
        images.publish(image)
        poses.publish(found)
        heard = {received(connection)}
        places.publish(answer_of(joints, image.header)[1])
        heard.add(received(connection))

    assert heard == set(wanted)
    ros.wait(lambda: subscribed(ros, node) == set(), what="the end of subscriptions")


def answer_of(joints, header):
    """One person in pixels and in metres."""
    from mobilepose_core.pose import Pose
    from mobilepose_ros import messages

    pose = Pose(np.asarray(joints, np.float32), np.ones(11, np.float32), 1)
    places = np.column_stack([np.arange(11), np.zeros(11), np.full(11, 2.0)])
    return (
        messages.pose_array([pose], header, 320, 240),
        messages.pose_3d_array([pose], [places], header, 320, 240),
    )


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def channels_of(connection):
    found = {}
    while len(found) < 6:
        message = json.loads(connection.recv(timeout=10))
        found |= {one["topic"]: one["id"] for one in message.get("channels", ())}
    return found


def received(connection):
    """The subscription of the next message of a channel."""
    while not isinstance(message := connection.recv(timeout=10), bytes):
        pass
    return int.from_bytes(message[1:5], "little")


def test_positions_are_those_of_the_message():
    message = Pose3DArray(poses=[Pose3D(joints=[Joint3D(x=1.0, y=2.0, z=3.0), Joint3D()])])

    (places,) = positions_of(message)

    assert places.tolist() == [[1, 2, 3], [0, 0, 0]]


def test_the_positions_of_a_person_without_joints_are_none():
    (places,) = positions_of(Pose3DArray(poses=[Pose3D()]))

    assert places.shape == (0, 3)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "expected each joint once and one at least, got ()"),
        (["left_hand"], "joints ['left_hand'] unknown"),
        (["nose", "nose"], "expected each joint once and one at least, got ('nose', 'nose')"),
    ],
)
def test_joints_that_are_not_understood_are_said_and_the_next_ones_shown(
    ros, picture, message, view, browse, names, reason
):
    images, poses = ros.publisher(), ros.publisher("mobilepose/joints", kind=Pose2DArray)
    browser = browse(view())
    for publisher in (images, poses):
        ros.wait(lambda p=publisher: p.get_subscription_count() == 1, what="a subscription")
    foreign, known = message(picture, 5), message(picture, 6)
    person = Pose2D(joints=[Joint2D(name=name) for name in names])
    bad = Pose2DArray(header=foreign.header, poses=[person])
    text = f"mobilepose/joints is not understood: {reason}"

    ros.publish_together(
        [(poses, bad), (images, foreign)], lambda: text in browser.about.get("message", "")
    )
    assert browser.about["level"] == "error"
    assert browser.heads == []

    good = Pose2DArray(header=known.header)
    ros.publish_together([(poses, good), (images, known)], lambda: browser.heads)
    ros.wait(lambda: text not in browser.about["message"], what="the end of the fault")


class Scene:
    """Stands for Foxglove's sink: remembers the scenes."""

    wants_frame, wants_positions = False, True

    def __init__(self):
        self.placed = []

    def place(self, poses, positions, stamp, frame_id):
        self.placed.append((poses, positions))


def test_positions_that_do_not_fit_the_joints_are_said_and_the_next_ones_shown(
    ros, message, picture, joints, view
):
    node, scene = view(), Scene()
    inputs = ViewInputs(node, node.settings, SimpleNamespace(wants_frame=False), scene)
    found, places = answer_of(joints, message(picture, 5).header)
    inputs._take_joints(found)

    for bad in ([], [Pose3D()], [places.poses[0], places.poses[0]]):
        inputs._take_places(Pose3DArray(header=places.header, poses=bad))
        assert scene.placed == []
        assert "[11] joints per person, but mobilepose/joints_3d of the same stamp" in inputs.fault

    inputs._take_places(places)
    assert len(scene.placed) == 1
    assert inputs.fault == ""
    inputs.destroy()


@pytest.mark.parametrize("topic", ["image", "mobilepose/joints", "mobilepose/joints_3d"])
def test_an_invalid_quality_of_service_ends_the_start(ros, view, topic):
    setting = {f"qos_overrides./{topic}.subscription.reliability": "sometimes"}

    complaint = f"{topic} cannot be subscribed to: Unexpected QoS override .* `sometimes`"
    with pytest.raises(ValueError, match=complaint):
        view(**setting)


@pytest.mark.parametrize("setting", [{"port": -1}, {"host": "no.such.host.invalid"}])
def test_a_view_that_could_not_start_can_be_destroyed(context, setting):
    made = []

    class Kept(ViewNode):
        def __init__(self, **options):
            made.append(self)
            super().__init__(**options)

    with pytest.raises(ValueError, match=r"."):
        Kept(parameter_overrides=[Parameter(name, value=value) for name, value in setting.items()])

    made[0].destroy_node()


def test_images_of_the_past_are_not_kept(ros, picture, message, view):
    node = view()
    inputs = ViewInputs(node, node.settings, SimpleNamespace(wants_frame=False), None)
    for number in range(1, 6):
        inputs._take_image(message(picture, number))

    inputs._take_joints(Pose2DArray(header=message(picture, 4).header))

    assert len(inputs._images) == 2
    inputs.destroy()


def test_a_port_that_is_taken_and_an_invalid_parameter_end_the_start(ros, view):
    port = int(urlsplit(view().url).port)

    with pytest.raises(ValueError, match=f"port {port} on 127.0.0.1 is taken"):
        view("other", port=port)
    with pytest.raises(ValueError, match="parameter jpeg_quality is an integer from 1 to 100"):
        view("third", jpeg_quality=0)


def test_without_foxgloves_sdk_the_start_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "mobilepose_core.view.foxglove_sink", raising=False)
    monkeypatch.setitem(sys.modules, "foxglove", None)

    with pytest.raises(ValueError, match=r"foxglove_port is 8765.*pip install 'foxglove-sdk"):
        view_foxglove.started("127.0.0.1", 8765, None)
    assert view_foxglove.started("127.0.0.1", 0, None) is None
