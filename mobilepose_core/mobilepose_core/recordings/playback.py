"""The images of a recorded camera, to be viewed."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from rosbags.serde import SerdeError

from mobilepose_core.errors import DataError, FrameError
from mobilepose_core.messages import SECOND, CameraModel, nanoseconds
from mobilepose_core.pose import Pose
from mobilepose_core.recordings.camera_images import CameraImages
from mobilepose_core.recordings.cameras import CameraTopics, Selection, cameras_of
from mobilepose_core.recordings.frames import RecordedFrame, frames_of
from mobilepose_core.recordings.message_types import deserialized
from mobilepose_core.recordings.recording import Recording
from mobilepose_core.typing import FloatArray
from mobilepose_core.view.playback import PlayedImage

log = logging.getLogger(__name__)

MOST_REASONS = 3
"""Reasons why no image can be decoded that the error gives."""


def chosen_camera(path: Path, topic: str = "") -> CameraTopics:
    """The camera of a recording that is viewed.

    Args:
        path: of the recording.
        topic: of its images; empty takes the first.

    Raises:
        DataError: the recording cannot be read, or has no such images.
    """
    with Recording(path) as recording:
        camera, *others = cameras_of(recording, Selection([topic] if topic else ()))
        for note in recording.notes:
            log.info("%s: %s", path, note)
    if others:
        names = ", ".join(other.image for other in others)
        log.info("shows %s; also in the recording (--image): %s", camera.image, names)
    return camera


def images_of(path: Path, camera: CameraTopics) -> Iterator[PlayedImage]:
    """The images of a camera, with its depth; those that cannot be decoded are left out.

    Each fault of an image is logged once, and what was lost of the recording at its end.

    Raises:
        DataError: the recording cannot be read, or no image can be decoded.
    """
    faults: dict[str, None] = {}

    def complain(text: str) -> None:
        if text not in faults:
            faults[text] = None
            log.warning("%s: %s", camera.image, text)

    with Recording(path) as recording:
        kind = recording.topics[camera.image].type
        decoder = CameraImages(kind, complain)
        topics = {topic for topic in (camera.image, camera.info, camera.depth) if topic}
        start: int | None = None
        for frame in frames_of(recording.messages(topics), [camera]):
            try:
                message = deserialized(frame.data, kind)
                picture = decoder.picture(message)
            except (FrameError, SerdeError) as error:
                complain(f"images not decoded: {error}")
                continue
            height, width = picture.shape[:2]
            calibration = decoder.calibration(frame, message.header, (width, height))
            is_first, start = start is None, frame.time if start is None else start
            yield PlayedImage(
                picture,
                (frame.time - start) / SECOND,
                nanoseconds(message.header.stamp),
                is_first,
                message.header.frame_id or "camera",
                functools.partial(_positions, decoder, camera, frame, calibration, (width, height)),
            )
        for loss in recording.losses:
            log.warning("%s: %s", path, loss)
        if start is None:
            reasons = "; ".join([*faults, *recording.losses][:MOST_REASONS])
            raise DataError(f"{path}: no image of {camera.image} can be decoded; {reasons}")


def _positions(
    decoder: CameraImages,
    camera: CameraTopics,
    frame: RecordedFrame,
    calibration: CameraModel | None,
    size: tuple[int, int],
    poses: Sequence[Pose],
) -> Sequence[FloatArray] | None:
    if not camera.depth:
        return None
    return decoder.positions(poses, frame.depth, calibration, size)
