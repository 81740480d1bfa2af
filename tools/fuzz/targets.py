"""What is fuzzed: functions of bytes, each with examples of valid input to begin from.

A target accepts all bytes. It may raise what `ALLOWED` says, which is how bad input is reported;
anything else is a fault of ours.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from mobilepose_core import datasets
from mobilepose_core.errors import MobilePoseError
from mobilepose_core.inference.runtime import model_check, model_file
from mobilepose_core.io import image_format, photo
from mobilepose_core.messages import bgr_from_image
from mobilepose_core.messages.compressed_images import bgr_from_compressed
from mobilepose_core.recordings.recording import Recording
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
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.ROS2_JAZZY)
    for storage, suffix in ((StoragePlugin.MCAP, "mcap"), (StoragePlugin.SQLITE3, "db3")):
        with tempfile.TemporaryDirectory() as folder:
            with Writer(Path(folder) / "bag", version=8, storage_plugin=storage) as writer:
                kind = "std_msgs/msg/String"
                topic = writer.add_connection("/words", kind, typestore=store)
                for number in range(3):
                    word = store.types[kind](data=f"word {number}")
                    writer.write(topic, number, store.serialize_cdr(word, kind))
            yield next(Path(folder).rglob(f"*.{suffix}")).read_bytes()


def _read_recording(content: bytes) -> object:
    suffix = "db3" if content.startswith(b"SQLite") else "mcap"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bag.{suffix}"
        path.write_bytes(content)
        with Recording(path) as bag:
            return sum(1 for _ in bag.messages(bag.topics))


TARGETS = {
    "camera_info": FuzzTarget(
        message_targets.read_camera_info, message_targets.camera_infos, (ValueError,)
    ),
    "depth_image": FuzzTarget(message_targets.read_depth, message_targets.depth_images),
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
    "recording": FuzzTarget(_read_recording, _recordings, (*ALLOWED, sqlite3.Error)),
}
