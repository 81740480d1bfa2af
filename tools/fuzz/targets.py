"""What is fuzzed: functions of bytes, each with examples of valid input to begin from.

A target accepts all bytes. It may raise what `ALLOWED` says, which is how bad input is reported;
anything else is a fault of ours.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np

from mobilepose_core import datasets
from mobilepose_core.errors import MobilePoseError
from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.runtime import model_check, model_file
from mobilepose_core.io import image_format, photo
from mobilepose_core.messages import bgr_from_image
from mobilepose_core.messages.compressed_images import bgr_from_compressed
from mobilepose_core.pose import Pose
from mobilepose_core.recordings.annotator import Annotator
from mobilepose_core.recordings.cameras import Selection, cameras_of
from mobilepose_core.recordings.frames import frames_of
from mobilepose_core.recordings.recording import Recording
from mobilepose_core.skeleton import JOINTS, UPPER_BODY_11
from mobilepose_ros import params_file
from tools.fuzz import matlab_targets, message_targets

ALLOWED = (MobilePoseError,)

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class FuzzTarget:
    """A reader of foreign bytes.

    Attributes:
        read: the reader.
        examples: makes valid input.
        allowed: what it may raise.
    """

    read: Read
    examples: Callable[[], Iterator[bytes]]
    allowed: tuple[type[Exception], ...] = ALLOWED


def _pictures() -> Iterator[bytes]:
    noise = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
    for suffix in (".jpg", ".png", ".tiff", ".webp", ".bmp", ".ppm"):
        yield cv2.imencode(suffix, noise)[1].tobytes()


def _read_picture(content: bytes) -> object:
    values = np.frombuffer(content, np.uint8)
    if image_format.identify(values) == "JPEG 2000":
        return None  # OpenCV's decoder ends the process; docs/security.md says so
    return photo.decode(values)


FORMATS = ("jpeg", "rgb8; jpeg compressed bgr8", "bayer_rggb8; png compressed ", "16UC1; png")


def _read_compressed(content: bytes) -> object:
    form = FORMATS[content[0] % len(FORMATS)] if content else ""
    message = SimpleNamespace(header=None, format=form, data=content[1:])
    return bgr_from_compressed(message, max_pixels=2**20)


ENCODINGS = ("bgr8", "rgba8", "mono16", "bayer_grbg8", "yuv422", "nv12", "32FC1", "8UC3", "rgb16")


def _read_raw(content: bytes) -> object:
    """A message of whose fields the first bytes tell."""
    head = content[:6].ljust(6, b"\0")
    message: Any = SimpleNamespace(
        header=None,
        width=head[0],
        height=head[1],
        step=head[2] * (1 + head[3] % 4),
        encoding=ENCODINGS[head[4] % len(ENCODINGS)],
        is_bigendian=head[5] % 2,
        data=content[6:],
    )
    return bgr_from_image(message, max_pixels=2**20)


def _raw() -> Iterator[bytes]:
    for number in range(len(ENCODINGS)):
        yield bytes([4, 4, 32, 0, number, 0]) + bytes(range(192))


def _models() -> Iterator[bytes]:
    yield (model_file.WEIGHTS / "finder.onnx").read_bytes()[:20_000]
    yield b"\x08\x08\x3a\x10\x0a\x0e\x0a\x01x\x12\x01y\x22\x04Relu\x3a\x00"


def _read_model(content: bytes) -> object:
    model_check.check(content, Path("model.onnx"))
    return content


def _annotations() -> Iterator[bytes]:
    person = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [5, 5, 2] * 17, "iscrowd": 0}
    person |= {"num_keypoints": 17, "bbox": [1, 1, 9, 9], "area": 81}
    images = [{"id": 1, "file_name": "a.jpg", "width": 16, "height": 12}]
    yield json.dumps({"images": images, "annotations": [person], "categories": []}).encode()


def _read_annotations(content: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "annotations").mkdir()
        (root / "images").mkdir()
        (root / "images" / "a.jpg").write_bytes(next(_pictures()))
        (root / "annotations" / "person_keypoints_train.json").write_bytes(content)
        return datasets.load("coco", root)


def _parameters() -> Iterator[bytes]:
    yield b"/mobilepose:\n  ros__parameters:\n    model: small\n    threads: 2\n"
    yield b"/**:\n  mobilepose:\n    ros__parameters: {a: {b: [1, 2.0, true, x]}}\n"


def _read_parameters(content: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "params.yaml"
        path.write_bytes(content)
        return params_file.parameters_of(path, "/mobilepose")


def _recordings() -> Iterator[bytes]:
    """Of two cameras, one with depth, in each storage and compression."""
    from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

    forms = (
        (StoragePlugin.MCAP, None),
        (StoragePlugin.MCAP, CompressionMode.STORAGE),
        (StoragePlugin.SQLITE3, None),
        (StoragePlugin.SQLITE3, CompressionMode.MESSAGE),
    )
    for storage, compression in forms:
        with tempfile.TemporaryDirectory() as folder:
            writer = Writer(Path(folder) / "bag", version=8, storage_plugin=storage)
            if compression is not None:
                writer.set_compression(compression, CompressionFormat.ZSTD)
            with writer:
                _record(writer)
            (file,) = [path for path in Path(folder).rglob("*") if path.suffix in (".mcap", ".db3")]
            yield file.read_bytes()


def _record(writer: Any) -> None:
    """Three frames: raw, compressed, depth and calibration."""
    from mobilepose_core.recordings import message_types as types

    header = types.constructor("std_msgs/msg/Header")
    time = types.constructor("builtin_interfaces/msg/Time")
    image, info = types.constructor(types.IMAGE), types.constructor(types.CAMERA_INFO)
    jpeg = cv2.imencode(".jpg", np.zeros((12, 16, 3), np.uint8))[1].reshape(-1)
    k, p = [9.0, 0, 8, 0, 9, 6, 0, 0, 1], [9.0, 0, 8, 0, 0, 9, 6, 0, 0, 0, 1, 0]
    connections: dict[str, Any] = {}
    for number in range(3):
        front = {"header": header(stamp=time(sec=1 + number), frame_id="front"), "height": 12}
        front["width"] = 16
        depth = np.full(192, 2000, np.uint16).view(np.uint8)
        messages = {
            "/front/camera_info": info(**front, k=k, p=p, distortion_model="plumb_bob"),
            "/front/depth": image(**front, encoding="16UC1", step=32, data=depth),
            "/front/image": image(**front, encoding="bgr8", step=48, data=np.zeros(576, np.uint8)),
            "/rear/image/compressed": types.constructor(types.COMPRESSED)(
                header=header(frame_id="rear"), format="bgr8; jpeg compressed bgr8", data=jpeg
            ),
        }
        for name, message in messages.items():
            if name not in connections:
                connections[name] = writer.add_connection(
                    name, message.__msgtype__, typestore=types.typestore()
                )
            writer.write(connections[name], (1 + number) * 10**9, types.serialized(message))


class _Everywhere:
    """An estimator that finds one person in every image: the networks read no foreign bytes."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(skeleton=UPPER_BODY_11)

    def __call__(self, picture: Any, *_: object, **__: object) -> list[Pose]:
        height, width = picture.shape[:2]
        places = np.linspace((0, 0), (width, height), len(JOINTS), dtype=np.float32)
        return [Pose(places, np.ones(len(JOINTS), np.float32), 1)]


def _read_recording(content: bytes) -> object:
    """What `mobilepose bag` does, but for the networks and the result on the disk."""
    suffix = "db3" if content.startswith(b"SQLite") else "mcap"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bag.{suffix}"
        path.write_bytes(content)
        with Recording(path) as bag:
            cameras, estimator = cameras_of(bag, Selection()), cast(PoseEstimator, _Everywhere())
            annotators = [
                Annotator(estimator, bag.topics[camera.image].type, bool(camera.depth))
                for camera in cameras
            ]
            frames = frames_of(bag.messages(bag.topics), cameras)
            return sum(len(list(annotators[frame.camera](frame))) for frame in frames)


TARGETS = {
    "camera_info": FuzzTarget(
        message_targets.read_camera_info, message_targets.camera_infos, (ValueError,)
    ),
    "depth_image": FuzzTarget(message_targets.read_depth, message_targets.depth_images),
    "compressed_depth": FuzzTarget(
        message_targets.read_compressed_depth, message_targets.compressed_depth_images
    ),
    "flic": FuzzTarget(matlab_targets.read_flic, matlab_targets.flic_files),
    "lsp": FuzzTarget(matlab_targets.read_lsp, matlab_targets.lsp_files),
    "picture": FuzzTarget(_read_picture, _pictures),
    "compressed_image": FuzzTarget(
        _read_compressed, lambda: (b"\0" + picture for picture in _pictures())
    ),
    "raw_image": FuzzTarget(_read_raw, _raw),
    "model": FuzzTarget(_read_model, _models),
    "coco": FuzzTarget(_read_annotations, _annotations),
    "params_file": FuzzTarget(_read_parameters, _parameters, (ValueError,)),
    "recording": FuzzTarget(_read_recording, _recordings),
}
