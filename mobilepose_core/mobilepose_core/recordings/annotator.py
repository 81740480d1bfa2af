"""`Annotator`: the frames of one camera to the messages that the pose node would publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rosbags.serde import SerdeError

from mobilepose_core.errors import FrameError
from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.rotation import Rotation
from mobilepose_core.io import drawing
from mobilepose_core.messages import (
    SECOND,
    CameraModel,
    MarkerStyle,
    markers,
    nanoseconds,
)
from mobilepose_core.messages import (
    poses as pose_messages,
)
from mobilepose_core.pose import Pose
from mobilepose_core.recordings.camera_images import CameraImages
from mobilepose_core.recordings.frames import RecordedFrame
from mobilepose_core.recordings.message_types import (
    COMPRESSED,
    IMAGE,
    MARKERS,
    POSES,
    POSES_3D,
    SKELETON,
    constructor,
    deserialized,
    message_types,
    serialized,
)
from mobilepose_core.typing import ImageArray
from mobilepose_core.view import jpeg

JOINTS, JOINTS_3D, MARKER, SKELETONS = "joints", "joints_3d", "markers", "skeleton"
OVERLAY, OVERLAY_COMPRESSED = "overlay", "overlay/compressed"

TYPES = {
    JOINTS: POSES,
    JOINTS_3D: POSES_3D,
    MARKER: MARKERS,
    SKELETONS: SKELETON,
    OVERLAY: IMAGE,
    OVERLAY_COMPRESSED: COMPRESSED,
}
"""Message type of each result, by its name below the node's."""

MOST_FAULTS = 20
"""Different faults that are counted."""

OVERLAYS = ("none", "compressed", "raw")


class ResultMessage(NamedTuple):
    """A message: the name of its topic below the node's, and CDR."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and how.

    Attributes:
        overlay: one of `OVERLAYS`.
        labels: whether markers and overlay show the track ID and score of each person.
        min_score: joints with a lower score are not drawn.
    """

    overlay: str = "compressed"
    labels: bool = False
    min_score: float = drawing.MIN_SCORE


class Annotator:
    """Estimates the poses in a camera's frames.

    Attributes:
        names: of the results that it makes.
        faults: what was wrong with images, calibration and depth, and how often.
        people: number of poses so far.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        type_: str,
        has_depth: bool,
        rotation: Rotation | None = None,
        style: Drawing | None = None,
    ) -> None:
        """Starts with the first frame.

        Args:
            estimator: of this camera alone.
            type_: message type of its images.
            has_depth: whether joints in metres are wanted.
            rotation: that makes its frames upright.
            style: of overlay and markers.
        """
        style = style or Drawing()
        self.faults: dict[str, int] = {}
        self.people = 0
        self._estimator = estimator
        self._type = type_
        self._images = CameraImages(type_, self._fault)
        self._has_depth = has_depth
        self._rotation = rotation or Rotation()
        self._style = style
        self._marker_style = MarkerStyle(min_score=style.min_score, labels=style.labels)
        self._shown: frozenset[markers.MarkerKey] = frozenset()
        overlay = {"compressed": OVERLAY_COMPRESSED, "raw": OVERLAY}.get(style.overlay)
        wanted = (SKELETONS, JOINTS, JOINTS_3D if has_depth else None, MARKER, overlay)
        self.names = [name for name in wanted if name]

    @property
    def state(self) -> tuple[Any, ...]:
        """What it knows after the last frame, to be pickled."""
        bits = self._images.bit_depth.bits
        return self._estimator.video, self._shown, bits, self.faults, self.people

    def restore(self, state: tuple[Any, ...]) -> None:
        """Goes on from the state of another one."""
        video, self._shown, self._images.bit_depth.bits, self.faults, self.people = state
        self._estimator.continue_video(video)

    def skeleton(self) -> ResultMessage:
        """Names and limbs of the joints."""
        message = pose_messages.skeleton_message(message_types(), self._estimator.model.skeleton)
        return ResultMessage(SKELETONS, serialized(message))

    def __call__(self, frame: RecordedFrame) -> Iterator[ResultMessage]:
        """The results of the next frame; none if its image is unusable, which `faults` counts."""
        try:
            image = deserialized(frame.data, self._type)
            picture = self._images.picture(image)
        except (FrameError, SerdeError) as error:
            self._fault(f"images not decoded: {error}")
            return
        height, width = picture.shape[:2]
        poses = self._poses(picture, image.header, frame.time)
        self.people += len(poses)
        types, size = message_types(), (width, height)
        skeleton = self._estimator.model.skeleton
        header = image.header
        joints = pose_messages.pose_array(types, poses, header, *size, skeleton)
        yield ResultMessage(JOINTS, serialized(joints))
        camera = self._images.calibration(frame, image.header, size)
        positions = None
        if self._has_depth:
            positions = self._images.positions(poses, frame.depth, camera, size)
            message = pose_messages.pose_3d_array(types, poses, positions, header, *size, skeleton)
            yield ResultMessage(JOINTS_3D, serialized(message))
        view = camera or CameraModel.of_image(*size)
        shown, self._shown = markers.marker_array(
            types, self._shown, poses, header, view, self._marker_style, positions
        )
        yield ResultMessage(MARKER, serialized(shown))
        if self._style.overlay != "none":
            yield self._overlay(picture, poses, header)

    def _poses(self, picture: ImageArray, header: Any, time: int) -> list[Pose]:
        height, width = picture.shape[:2]
        stamp = nanoseconds(header.stamp) / SECOND or None
        upright = self._rotation.upright(picture)
        poses = self._estimator(upright, stamp, arrival=time / SECOND)
        poses = self._rotation.poses_in_image(poses, width, height)
        return sorted(poses, key=lambda pose: pose.track_id)

    def _overlay(self, picture: ImageArray, poses: Sequence[Pose], header: Any) -> ResultMessage:
        drawn = drawing.draw(picture, poses, self._style.min_score, self._style.labels)
        if self._style.overlay == "raw":
            height, width = drawn.shape[:2]
            image = constructor(IMAGE)(
                header=header,
                height=height,
                width=width,
                encoding="bgr8",
                step=3 * width,
                data=np.ascontiguousarray(drawn).reshape(-1),
            )
            return ResultMessage(OVERLAY, serialized(image))
        if jpeg.scale_of(drawn) < 1:
            height, width = drawn.shape[:2]
            self._fault(
                f"overlay reduced: {width}x{height} pixels; a JPEG has at most "
                f"{jpeg.LARGEST_SIDE} in each direction (--overlay raw keeps them)"
            )
        image = constructor(COMPRESSED)(
            header=header,
            format="bgr8; jpeg compressed bgr8",
            data=np.frombuffer(jpeg.encoded(drawn), np.uint8),
        )
        return ResultMessage(OVERLAY_COMPRESSED, serialized(image))

    def _fault(self, text: str) -> None:
        if text in self.faults or len(self.faults) < MOST_FAULTS:
            self.faults[text] = self.faults.get(text, 0) + 1
