"""Poses as mobilepose_msgs: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mobilepose_core.messages.fields import Header, MessageTypes
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import UPPER_BODY_11, Skeleton, metadata_name, of_joints
from mobilepose_core.typing import FloatArray


def pose_array(
    types: MessageTypes,
    poses: Sequence[Pose],
    header: Header,
    width: int,
    height: int,
    skeleton: Skeleton = UPPER_BODY_11,
) -> Any:
    """The message for one image.

    Args:
        types: of the messages.
        poses: people in it, joints in its pixels.
        header: of the image.
        width: of the image, pixels.
        height: of the image, pixels.
        skeleton: of the poses.
    """
    return types.Pose2DArray(
        header=header,
        image_width=width,
        image_height=height,
        skeleton=metadata_name(skeleton.joints),
        poses=[_pose(types, pose, width, height) for pose in poses],
    )


def pose_3d_array(
    types: MessageTypes,
    poses: Sequence[Pose],
    positions: Sequence[FloatArray],
    header: Header,
    width: int,
    height: int,
    skeleton: Skeleton = UPPER_BODY_11,
) -> Any:
    """The message for one image with depth.

    Args:
        types: of the messages.
        poses: people in it, joints in its pixels.
        positions: for each of them (K, 3) m in the optical frame, NaN where unknown.
        header: of the image.
        width: of the image, pixels.
        height: of the image, pixels.
        skeleton: of the poses.
    """
    return types.Pose3DArray(
        header=header,
        image_width=width,
        image_height=height,
        skeleton=metadata_name(skeleton.joints),
        poses=[
            _pose_3d(types, pose, joints, width, height)
            for pose, joints in zip(poses, positions, strict=True)
        ],
    )


def poses_of(message: Any) -> list[Pose]:
    """The poses in a Pose2DArray."""
    return [
        Pose(
            np.array([(joint.x, joint.y) for joint in pose.joints], dtype=np.float32),
            np.array([joint.score for joint in pose.joints], dtype=np.float32),
            pose.track_id,
            skeleton=of_joints([joint.name for joint in pose.joints]),
        )
        for pose in message.poses
    ]


def skeleton_message(types: MessageTypes, skeleton: Skeleton = UPPER_BODY_11) -> Any:
    """Names and connections of the joints in `pose_array` and `pose_3d_array`."""
    return types.Skeleton(
        name=metadata_name(skeleton.joints),
        joints=list(skeleton.joints),
        edges=[index for edge in skeleton.edge_indices for index in edge],
    )


def region_of_interest(types: MessageTypes, box: npt.ArrayLike, width: int, height: int) -> Any:
    """The part of a box inside an image, in whole pixels; empty if there is none.

    Args:
        types: of the messages.
        box: (4,) x0, y0, x1, y1 in image pixels.
        width: of the image, pixels.
        height: of the image, pixels.
    """
    x0, y0, x1, y1 = np.asarray(box, dtype=np.float64)
    left, right = np.clip([np.floor(x0), np.ceil(x1) + 1], 0, width).astype(int)
    top, bottom = np.clip([np.floor(y0), np.ceil(y1) + 1], 0, height).astype(int)
    return types.RegionOfInterest(
        x_offset=int(left), y_offset=int(top), width=int(right - left), height=int(bottom - top)
    )


def _pose(types: MessageTypes, pose: Pose, width: int, height: int) -> Any:
    return types.Pose2D(
        track_id=pose.track_id,
        score=pose.score,
        roi=region_of_interest(types, pose.box, width, height),
        joints=[types.Joint2D(name=name, x=x, y=y, score=score) for name, x, y, score in pose],
    )


def _pose_3d(
    types: MessageTypes, pose: Pose, positions: FloatArray, width: int, height: int
) -> Any:
    return types.Pose3D(
        track_id=pose.track_id,
        score=pose.score,
        roi=region_of_interest(types, pose.box, width, height),
        joints=[
            types.Joint3D(name=name, x=x, y=y, z=z, score=score)
            for (name, _, _, score), (x, y, z) in zip(pose, positions.tolist(), strict=True)
        ],
    )
