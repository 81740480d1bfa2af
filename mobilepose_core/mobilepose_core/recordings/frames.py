"""The frames of a recording: each image with its depth image and its calibration."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rosbags.serde import SerdeError

from mobilepose_core.messages import SECOND
from mobilepose_core.messages.camera_model_cache import SIZE
from mobilepose_core.recordings.cameras import CameraTopics
from mobilepose_core.recordings.message_types import CAMERA_INFO, deserialized
from mobilepose_core.recordings.recording import Message

DEPTH_TOLERANCE = 0.05
"""Largest difference between the stamps of an image and its depth image, s."""

WAIT = SECOND
"""How much later than its image a depth image or the first calibration may be recorded, ns."""

AHEAD = 2 * SECOND
"""A depth image farther ahead of an image was stamped before the clock was set back, ns."""

KEPT = 64
"""Depth images kept of each camera."""


class RecordedFrame(NamedTuple):
    """An image and what belongs to it.

    Attributes:
        camera: its number.
        time: when it was recorded, ns.
        data: the message of the image, CDR.
        depth: the message of its depth image; None without one.
        infos: recent calibrations of its camera.
    """

    camera: int
    time: int
    data: bytes
    depth: Any
    infos: tuple[Any, ...]


@dataclass
class _Waiting:
    time: int
    stamp: int
    data: bytes


class _Depth(NamedTuple):
    stamp: int
    time: int
    message: Any


class _Queue:
    """The images of a camera that wait, and recent depth images and calibrations."""

    def __init__(self, number: int, camera: CameraTopics) -> None:
        self.number = number
        self.camera = camera
        self.images: deque[_Waiting] = deque()
        self.depths: deque[_Depth] = deque(maxlen=KEPT)
        self.infos: deque[Any] = deque(maxlen=SIZE)

    def ready(self, now: int) -> Iterator[RecordedFrame]:
        """The frames that need not wait any longer at a time of the recording, ns."""
        while self.images:
            image = self.images[0]
            is_late = now - image.time > WAIT or now < image.time
            lacks_info = bool(self.camera.info) and not self.infos
            if not is_late and (lacks_info or self._may_come(image.stamp)):
                return
            self.images.popleft()
            depth = self._nearest(image)
            yield RecordedFrame(self.number, image.time, image.data, depth, tuple(self.infos))

    def _may_come(self, stamp: int) -> bool:
        """Whether a depth image with a nearer stamp may still follow."""
        has_depth = bool(self.camera.depth)
        return has_depth and not any(0 <= depth.stamp - stamp <= AHEAD for depth in self.depths)

    def _nearest(self, image: _Waiting) -> Any:
        """The depth image with the nearest stamp; of equal stamps the one recorded closest to it.

        None if none is within `DEPTH_TOLERANCE`.
        """
        near = min(
            reversed(self.depths),
            default=None,
            key=lambda depth: (abs(depth.stamp - image.stamp), abs(depth.time - image.time)),
        )
        if near is None or abs(near.stamp - image.stamp) > DEPTH_TOLERANCE * SECOND:
            return None
        return near.message


def frames_of(
    messages: Iterable[Message], cameras: Sequence[CameraTopics]
) -> Iterator[RecordedFrame]:
    """The frames of all cameras; the same messages give the same frames in the same order.

    Args:
        messages: of the cameras' topics, as they were recorded.
        cameras: whose frames are wanted.
    """
    queues = [_Queue(number, camera) for number, camera in enumerate(cameras)]
    now = 0
    for message in messages:
        now = message.time
        for queue in queues:
            _take(queue, message)
            yield from queue.ready(now)
    for queue in queues:
        yield from queue.ready(now + WAIT + 1)


def _take(queue: _Queue, message: Message) -> None:
    camera = queue.camera
    try:
        if message.topic == camera.image:
            stamp = stamp_of(message.data)
            queue.images.append(_Waiting(message.time, stamp, message.data))
        elif message.topic == camera.depth:
            depth = deserialized(message.data, camera.depth_type)
            queue.depths.append(_Depth(stamp_of(message.data), message.time, depth))
        elif message.topic == camera.info:
            queue.infos.append(deserialized(message.data, CAMERA_INFO))
    except SerdeError:  # damaged: depth or calibration is missing; images are reported when decoded
        if message.topic == camera.image:
            queue.images.append(_Waiting(message.time, 0, message.data))


def stamp_of(data: bytes) -> int:
    """The stamp, ns, of a message that begins with a header.

    Raises:
        SerdeError: it is too short.
    """
    if len(data) < 12:
        raise SerdeError("a message without a header")
    sec, nanosec = struct.unpack_from("<iI" if data[1] else ">iI", data, 4)
    return int(sec) * SECOND + int(nanosec)
