"""Foxglove over its WebSocket and from an MCAP, read by other programs' readers."""

import base64
import json
import re
import struct
import time

import cv2
import numpy as np
import pytest

pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")
pytest.importorskip("google.protobuf", reason="protobuf decodes Foxglove's messages")

import foxglove.layouts
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from mobilepose_core.skeleton import COCO_17
from mobilepose_core.view import ERROR, FoxgloveSink, Rates, ViewStatus, foxglove_sink
from mobilepose_core.view.server import CONTENT

SUBPROTOCOL = "foxglove.sdk.v1"


def decoded(schema_name, schema, data):
    """A message in protobuf, by the schema that its channel gives."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(schema).file:
        pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(schema_name))
    return kind.FromString(data)


class Client:
    """What Foxglove does: it reads the channels, subscribes, and decodes by their schemas."""

    def __init__(self, connection):
        self.connection = connection
        self.channels = {}
        self.answers = []
        while len(self.channels) < 6:
            self.next()

    def next(self):
        """The next message: its topic and content; None for others than of channels."""
        message = self.connection.recv(timeout=60)
        if isinstance(message, bytes):
            assert message[0] == 1
            subscription, time_ = struct.unpack_from("<IQ", message, 1)
            channel = self.by_id[subscription]
            return channel["topic"], time_, self._content(channel, message[13:])
        content = json.loads(message)
        if content["op"] == "advertise":
            self.channels |= {channel["topic"]: channel for channel in content["channels"]}
            self.by_id = {channel["id"]: channel for channel in self.channels.values()}
        self.answers.append(content)
        return None

    def subscribe(self, *topics):
        ids = [self.channels[topic]["id"] for topic in topics]
        wanted = [{"id": number, "channelId": number} for number in ids]
        self.send(op="subscribe", subscriptions=wanted)

    def send(self, **message):
        self.connection.send(json.dumps(message))

    def until(self, op):
        while not self.answers or self.answers[-1]["op"] != op:
            self.next()
        return self.answers[-1]

    @staticmethod
    def _content(channel, data):
        if channel["encoding"] == "json":
            return json.loads(data)
        schema = base64.b64decode(channel["schema"])
        return decoded(channel["schemaName"], schema, data)


@pytest.fixture
def sink():
    """Foxglove's channels with a server."""
    made = FoxgloveSink()
    made.serve(port=0)
    yield made
    made.close()


@pytest.fixture
def client(sink):
    connect = pytest.importorskip("websockets.sync.client").connect
    with connect(sink.url, subprotocols=[SUBPROTOCOL]) as connection:
        assert connection.subprotocol == SUBPROTOCOL
        yield Client(connection)


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def positions_of(frame):
    """Joints a metre apart in x, at a distance of 2 m; the first is unknown."""
    count = len(frame.skeleton.joints)
    places = np.stack([np.arange(count), np.zeros(count), np.full(count, 2.0)], axis=1)
    places[0] = np.nan
    return [places for _ in frame.poses]


def test_the_channels_have_foxgloves_own_schemas(client):
    assert {topic: channel["schemaName"] for topic, channel in client.channels.items()} == {
        "/mobilepose/image": "foxglove.CompressedImage",
        "/mobilepose/annotations": "foxglove.ImageAnnotations",
        "/mobilepose/scene": "foxglove.SceneUpdate",
        "/mobilepose/status": "mobilepose.Status",
        "/mobilepose/log": "foxglove.Log",
        "/tf": "foxglove.FrameTransforms",
    }


def test_an_image_arrives_with_the_skeletons_over_it(sink, client, make_frame):
    frame = make_frame(people=2, skeleton=COCO_17, frame_id="front", stamp=3_000_000_007)
    client.subscribe("/mobilepose/image", "/mobilepose/annotations")
    until(lambda: sink.wants_frame)

    sink.show(frame)
    received = {topic: (stamp, content) for topic, stamp, content in (client.next(), client.next())}

    stamp, image = received["/mobilepose/image"]
    assert (stamp, image.format, image.frame_id) == (3_000_000_007, "jpeg", "front")
    assert (image.timestamp.seconds, image.timestamp.nanos) == (3, 7)
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (240, 320, 3)
    stamp, drawn = received["/mobilepose/annotations"]
    assert stamp == 3_000_000_007
    assert len(drawn.circles) == 2 * 17
    assert [text.text for text in drawn.texts] == ["person 1: 0.75", "person 2: 0.75"]
    first, second = drawn.points
    assert len(first.points) == 2 * len(first.outline_colors) == 2 * len(COCO_17.edges)
    # joint 0 is at (20, 50), the centre of a pixel, which Foxglove counts from its corner
    nose = COCO_17.edge_indices.index((1, 0))
    end = first.points[2 * nose + 1]
    assert (end.x, end.y) == (20.5, 50.5)
    assert second.points[0].y == 110.5


def test_skeletons_are_over_an_image_that_a_jpeg_holds_reduced_only(sink, client, make_frame):
    client.subscribe("/mobilepose/image", "/mobilepose/annotations")
    until(lambda: sink.wants_frame)

    sink.show(make_frame(size=(131_000, 2)))  # twice as long as a JPEG can be
    received = {topic: content for topic, _, content in (client.next(), client.next())}

    data = np.frombuffer(received["/mobilepose/image"].data, np.uint8)
    assert cv2.imdecode(data, cv2.IMREAD_COLOR).shape == (1, 65_500, 3)
    circle = received["/mobilepose/annotations"].circles[0]  # of joint 0, at (20, 50)
    assert (circle.position.x, circle.position.y) == (10.25, 25.25)


def test_joints_below_the_least_score_are_not_drawn(sink, client, make_frame):
    client.subscribe("/mobilepose/annotations")
    until(lambda: sink.wants_frame)
    sink.tell(ViewStatus(min_score=0.76), 0)  # of 11 joints from 1 to 0.5, five score more

    sink.show(make_frame())

    assert len(client.next()[2].circles) == 5


def test_the_scene_has_joints_in_metres_and_forgets_who_left(sink, client, make_frame):
    client.subscribe("/mobilepose/scene", "/tf")
    until(lambda: sink.wants_positions)
    two, one = make_frame(people=2), make_frame(people=1)

    for frame in (two, one):
        sink.show(make_frame(people=len(frame.poses), positions=positions_of(frame)))
    received = [client.next() for _ in range(4)]

    scenes = [content for topic, _, content in received if topic == "/mobilepose/scene"]
    (entity, other) = scenes[0].entities
    assert (entity.id, other.id, entity.frame_id) == ("person 1", "person 2", "camera")
    places = [sphere.pose.position for sphere in entity.spheres]
    assert [(p.x, p.y, p.z) for p in places] == [(float(x), 0, 2) for x in range(1, 11)]
    assert len(entity.lines[0].points) == len(entity.lines[0].colors)
    assert [deletion.id for deletion in scenes[1].deletions] == ["person 2"]
    (transform,) = next(c for topic, _, c in received if topic == "/tf").transforms
    assert (transform.parent_frame_id, transform.child_frame_id) == ("mobilepose_view", "camera")
    assert forward(transform.rotation) == pytest.approx([1, 0, 0])  # z of the optical frame


def forward(q):
    """Where a rotation takes (0, 0, 1)."""
    return [
        2 * (q.x * q.z + q.w * q.y),
        2 * (q.y * q.z - q.w * q.x),
        1 - 2 * (q.x**2 + q.y**2),
    ]


def test_without_depth_there_is_no_scene(sink, client, make_frame):
    client.subscribe("/mobilepose/scene", "/mobilepose/annotations")
    until(lambda: sink.wants_positions and sink.wants_frame)

    sink.show(make_frame())

    assert client.next()[0] == "/mobilepose/annotations"


def test_status_and_log_say_how_it_goes(sink, client):
    client.subscribe("/mobilepose/status", "/mobilepose/log")
    until(lambda: sink._log.has_sinks() and sink._status.has_sinks())
    trouble = ViewStatus("cam", ERROR, "no image", Rates(30.0, 29.5, 0.012), {"model": "final"})

    for second in (1, 2):  # the same message is logged once
        sink.tell(trouble, second * 10**9)
    received = [client.next() for _ in range(3)]

    assert [topic.rpartition("/")[2] for topic, *_ in received] == ["log", "status", "status"]
    log, status = received[0][2], received[2][2]
    assert (log.level, log.message, log.name) == (4, "no image", "cam")
    assert (status["received"], status["processed"], status["latency"]) == (30.0, 29.5, 12.0)
    assert status["details"] == {"model": "final"}


def test_parameters_can_be_read_and_not_set(sink, client):
    sink.tell(ViewStatus(parameters={"labels": True, "rate": 1.5, "model": "final"}), 0)

    client.send(op="getParameters", parameterNames=[], id="1")
    values = client.until("parameterValues")["parameters"]
    assert {v["name"]: v["value"] for v in values} == {
        "labels": True,
        "rate": 1.5,
        "model": "final",
    }
    client.answers.clear()
    client.send(op="setParameters", parameters=[{"name": "rate", "value": 9}], id="2")
    values = client.until("parameterValues")["parameters"]
    assert {v["name"]: v["value"] for v in values}["rate"] == 1.5


def test_nothing_is_encoded_without_a_subscriber(sink, client, make_frame, monkeypatch):
    made = []
    monkeypatch.setattr(foxglove_sink.jpeg, "encoded", lambda *_: made.append(1) or b"")
    assert not sink.wants_frame
    sink.show(make_frame())
    assert made == []

    client.subscribe("/mobilepose/annotations")
    until(lambda: sink.wants_frame)
    sink.show(make_frame())
    assert made == []

    client.connection.close()
    until(lambda: not sink.wants_frame)


def test_a_port_that_is_taken_is_said(sink):
    port = int(sink.url.rpartition(":")[2])
    other = FoxgloveSink()

    with pytest.raises(ValueError, match=rf"port {port} on 127\.0\.0\.1 cannot be used.*another"):
        other.serve(port=port)


def test_an_mcap_has_the_same_channels_and_messages(tmp_path, make_frame):
    reader = pytest.importorskip("mcap.reader", reason="mcap is not installed")
    sink = FoxgloveSink()
    sink.record(tmp_path / "walk.mcap")
    sink.tell(ViewStatus("walk", message="works"), 0)
    for second in range(3):
        frame = make_frame(stamp=second * 10**9)
        sink.show(make_frame(stamp=frame.stamp, positions=positions_of(frame)))
    sink.close()

    with (tmp_path / "walk.mcap").open("rb") as file:
        bag = reader.make_reader(file, validate_crcs=True)
        messages = [(s, c.topic, m) for s, c, m in bag.iter_messages()]
    times = {}
    for schema, topic, message in messages:
        times.setdefault(topic, []).append(message.log_time)
        if schema.encoding == "protobuf":
            decoded(schema.name, schema.data, message.data)
    seconds = [0, 10**9, 2 * 10**9]
    assert times == {
        "/mobilepose/image": seconds,
        "/mobilepose/annotations": seconds,
        "/mobilepose/scene": seconds,
        "/tf": seconds,
        "/mobilepose/status": [0],
        "/mobilepose/log": [0],
    }


def test_an_mcap_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"walk\.mcap cannot be written"):
        FoxgloveSink().record(tmp_path / "missing" / "walk.mcap")


@pytest.fixture
def layout():
    file = foxglove_sink.Path(foxglove_sink.__file__).parent / "page" / "foxglove-layout.json"
    assert CONTENT["/foxglove-layout.json"][0] == file.name
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_layout_shows_every_panel_on_topics_that_exist(layout):
    def panels(part):
        if isinstance(part, str):
            return [part]
        return panels(part["first"]) + panels(part["second"])

    assert sorted(panels(layout["layout"])) == sorted(layout["configById"])
    named = set(re.findall(r"/mobilepose/\w+", json.dumps(layout)))
    known = {foxglove_sink.IMAGE, foxglove_sink.ANNOTATIONS, foxglove_sink.SCENE}
    known |= {foxglove_sink.STATUS, foxglove_sink.LOG}
    assert named == known
    fields = re.findall(r"/mobilepose/status\.(\w+)", json.dumps(layout))
    assert set(fields) <= set(foxglove_sink.STATUS_SCHEMA["properties"])


def test_the_settings_of_the_panels_are_those_that_foxglove_knows(layout):
    kinds = {
        "Image": foxglove.layouts.ImageConfig(image_mode=foxglove.layouts.ImageModeConfig()),
        "3D": foxglove.layouts.ThreeDeeConfig(camera_state=foxglove.layouts.ThreeDeeCameraState()),
        "Plot": foxglove.layouts.PlotConfig(),
        "RosOut": foxglove.layouts.LogConfig(),
    }
    for name, config in layout["configById"].items():
        known = kinds[name.partition("!")[0]]._to_dict() if config else {}
        assert set(config) <= set(known), name
        for part in ("imageMode", "cameraState"):
            if part in config:
                assert set(config[part]) <= set(known[part]._to_dict()), part
