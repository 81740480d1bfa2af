"""Which names of frames the person follower can work with: pure functions."""

from __future__ import annotations

import re

PERSON = re.compile(r"person_\d+$")
"""Ends the names of the frames that the pose node sends."""


def problems(fixed_frame: str, target_frame: str) -> dict[str, str]:
    """What is wrong with the values of these parameters, and what to do, by parameter."""
    found = {}
    for name, value in (("fixed_frame", fixed_frame), ("target_frame", target_frame)):
        if text := _problem(value):
            found[name] = f"parameter {name} is {value!r}, {text}"
    if fixed_frame and fixed_frame == target_frame:
        text = (
            f"fixed_frame and target_frame are both {fixed_frame!r}: the target would be its own "
            "parent in TF; give target_frame another name, such as target"
        )
        found |= dict.fromkeys(("fixed_frame", "target_frame"), text)
    return found


def _problem(value: str) -> str:
    if value.startswith("/"):
        return f"but names of TF frames do not begin with a slash: set {value.lstrip('/')!r}"
    if PERSON.search(value):
        return (
            "but frames that end in person_ID are the pose node's: set another name, such as "
            "odom for fixed_frame and target for target_frame"
        )
    return ""


def conflict(target_frame: str, image_frame: str) -> str:
    """Why no frame of the target can be sent for people in an image; empty if it can.

    Args:
        target_frame: parameter; empty for no frame.
        image_frame: frame_id of the image.
    """
    if target_frame and image_frame.lstrip("/") == target_frame:
        return (
            f"target_frame is {target_frame!r}, the frame of the images, and is not sent: set it "
            "to another name, such as target, while the node is unconfigured"
        )
    return ""
