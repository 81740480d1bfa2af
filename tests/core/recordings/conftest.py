"""Small recordings, written by rosbags, of a person whom the marker network finds."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rosbags", reason="rosdep has no key for rosbags")

from rosbags.rosbag2 import CompressionFormat, CompressionMode, Reader, StoragePlugin, Writer

from mobilepose_core.recordings.job import Estimation, Job
from mobilepose_core.recordings.message_types import (
    CAMERA_INFO,
    COMPRESSED,
    IMAGE,
    constructor,
    deserialized,
    serialized,
    typestore,
)

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from marker_network import joints, network  # isort: skip

__all__ = ["joints", "network"]

START = 1_700_000_000_000_000_000
STEP = 33_333_333
LATER = 4_000_001
"""Times of a recording, ns: stamp of the first image, between two, and until it is recorded."""

FRAME = "camera_optical_frame"
HEADER, TIME = constructor("std_msgs/msg/Header"), constructor("builtin_interfaces/msg/Time")
PLUGINS = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}


def header(number, frame_id=FRAME):
    sec, nanosec = divmod(START + number * STEP, 10**9)
    return HEADER(stamp=TIME(sec=sec, nanosec=nanosec), frame_id=frame_id)


class Recorder:
    """Writes a rosbag2."""

    def __init__(self, path, storage="mcap", compression=None):
        path.parent.mkdir(exist_ok=True)
        self.path = path
        self.writer = Writer(path, version=9, storage_plugin=PLUGINS[storage])
        if compression:
            self.writer.set_compression(CompressionMode[compression], CompressionFormat.ZSTD)
        self.connections = {}

    def __enter__(self):
        self.writer.open()
        return self

    def __exit__(self, *_):
        self.writer.close()

    def write(self, topic, message, number, later=LATER):
        if topic not in self.connections:
            self.connections[topic] = self.writer.add_connection(
                topic, message.__msgtype__, typestore=typestore()
            )
        time = START + number * STEP + later
        self.writer.write(self.connections[topic], time, serialized(message))

    def image(self, picture, number, topic="/camera/image_raw", encoding="bgr8", **fields):
        height, width = picture.shape[:2]
        data = np.ascontiguousarray(picture).reshape(-1).view(np.uint8)
        given = {"header": header(number), "height": height, "width": width, "encoding": encoding}
        given |= {"step": len(data) // height, "data": data} | fields
        self.write(topic, constructor(IMAGE)(**given), number)

    def damaged(self, number, topic="/camera/image_raw"):
        """An image that ends within its header."""
        if topic not in self.connections:
            self.connections[topic] = self.writer.add_connection(
                topic, IMAGE, typestore=typestore()
            )
        self.writer.write(
            self.connections[topic], START + number * STEP + LATER, bytes([0, 1, 0, 0]) + bytes(20)
        )

    def jpeg(self, picture, number, topic="/camera/image_raw/compressed"):
        _, data = cv2.imencode(".png", picture)
        message = constructor(COMPRESSED)(
            header=header(number), format="bgr8; png compressed bgr8", data=data.reshape(-1)
        )
        self.write(topic, message, number)

    def info(self, number, topic="/camera/camera_info", later=LATER):
        k = [320.0, 0, 159.5, 0, 320.0, 119.5, 0, 0, 1]
        p = [320.0, 0, 159.5, 0, 0, 320.0, 119.5, 0, 0, 0, 1, 0]
        message = constructor(CAMERA_INFO)(
            header=header(number), height=240, width=320, k=k, p=p, distortion_model="plumb_bob"
        )
        self.write(topic, message, number, later)

    def depth(self, number, topic="/camera/depth/image_raw", later=LATER, frame_id=FRAME):
        """2 m everywhere."""
        rows = np.full((240, 320), 2000, np.uint16)
        message = constructor(IMAGE)(
            header=header(number, frame_id),
            height=240,
            width=320,
            encoding="16UC1",
            step=640,
            data=rows.reshape(-1).view(np.uint8),
        )
        self.write(topic, message, number, later)

    def compressed_depth(self, number, topic="/camera/depth/image_raw/compressedDepth", **fields):
        """2 m everywhere, as image_transport compresses it: a header of 12 bytes, then a PNG."""
        _, data = cv2.imencode(".png", np.full((240, 320), 2000, np.uint16))
        given = {
            "header": header(number),
            "format": "16UC1; compressedDepth png",
            "data": np.concatenate([np.zeros(12, np.uint8), data.reshape(-1)]),
        }
        self.write(topic, constructor(COMPRESSED)(**given | fields), number)


@pytest.fixture
def recorder(tmp_path):
    """Makes a `Recorder` of a name."""

    def make(name="walk", **settings):
        return Recorder(tmp_path / "recordings" / name, **settings)

    return make


@pytest.fixture
def person(paint, joints):
    """The picture of frame `number`: a person who walks to the right."""
    return lambda number: paint(np.add(joints, (number % 30, 0)))


@pytest.fixture
def walk(recorder, person):
    """Records a walk of some frames; returns the folder."""

    def record(name="walk", frames=5, noise=1, **settings):
        random = np.random.default_rng(0)
        with recorder(name, **settings) as bag:
            for number in range(frames):
                picture = person(number)
                bag.image(picture + random.integers(0, noise, picture.shape, np.uint8), number)
        return bag.path

    return record


@pytest.fixture
def job(tmp_path, network):
    """Makes the job of a recording, with the marker network."""

    def make(source, model=network, **settings):
        out = tmp_path / "annotated"
        out.mkdir(exist_ok=True)
        how = Estimation(model, "cpu", 1, "full_frame")
        return Job(source, out / source.name, **{"estimation": how} | settings)

    return make


@pytest.fixture
def read():
    """Reads a rosbag2: by topic, the messages' times and contents, each read by rosbags."""

    def messages(path):
        found = {}
        with Reader(path) as reader:
            for connection, time, data in reader.messages():
                entry = time, deserialized(data, connection.msgtype)
                found.setdefault(connection.topic, []).append(entry)
        return found

    return messages


@pytest.fixture
def raw_messages():
    """Reads a rosbag2 as topic, time and bytes, without its name or paths."""

    def messages(path):
        with Reader(path) as reader:
            return [(c.topic, time, bytes(data)) for c, time, data in reader.messages()]

    return messages


@pytest.fixture
def cut():
    """Cuts a file off after a share of its bytes."""

    def shorten(path, share):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return shorten


@pytest.fixture
def without_metadata():
    """Removes the index of a rosbag2, as a recording that was killed has none."""

    def remove(folder):
        (folder / "metadata.yaml").unlink()
        return folder

    return remove
