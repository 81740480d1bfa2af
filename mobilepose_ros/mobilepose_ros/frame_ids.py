"""Checks of the frame_id in headers."""

from __future__ import annotations

from mobilepose_core.messages import ALIGN


def missing(frame_id: str) -> str:
    """The warning for an image without a frame_id; empty if it has one."""
    if frame_id.strip("/ "):
        return ""
    return (
        "images have an empty frame_id: RViz and TF cannot place markers and joints in metres; "
        "set the camera driver's frame_id, such as camera_optical_frame"
    )


def of_depth(frame_id: str, image_frame_id: str) -> str:
    """The warning for a depth image in another frame than the image; empty if they agree."""
    if not _differ(frame_id, image_frame_id):
        return ""
    return (
        f"depth images are in frame {frame_id!r}, but images in {image_frame_id!r}: joints in "
        f"metres are wrong unless depth is aligned to the images; {ALIGN}"
    )


def of_camera_info(frame_id: str, image_frame_id: str) -> str:
    """The warning for a calibration in another frame than the image; empty if they agree."""
    if not _differ(frame_id, image_frame_id):
        return ""
    return (
        f"the calibration is in frame {frame_id!r}, but images in {image_frame_id!r}: is it "
        "another camera's? Remap `camera_info` to the topic in the images' namespace "
        "(camera_info:=TOPIC)"
    )


def _differ(one: str, other: str) -> bool:
    """Whether two IDs are known and different; a leading slash has no meaning in ROS 2."""
    if one == other:
        return False
    one, other = one.strip("/ "), other.strip("/ ")
    return bool(one) and bool(other) and one != other
