"""Which names of frames the person follower can work with: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from rclpy.parameter import Parameter

from mobilepose_ros.follower_parameters import FollowerParameters

FRAMES = ("fixed_frame", "target_frame")

PERSON = re.compile(r"person_\d+$")
"""Ends the names of the frames that the pose node sends."""


def problems(settings: FollowerParameters) -> dict[str, str]:
    """What is wrong with frames in the settings, and what to do, by parameter."""
    fixed, target = settings.fixed_frame, settings.target_frame
    found = {}
    for name, value in (("fixed_frame", fixed), ("target_frame", target)):
        if text := _problem(value):
            found[name] = f"parameter {name} is {value!r}, {text}"
    if fixed and fixed == target:
        text = (
            f"fixed_frame and target_frame are both {fixed!r}: the target would be its own parent "
            "in TF; give target_frame another name, such as target"
        )
        found |= dict.fromkeys(("fixed_frame", "target_frame"), text)
    return found


def refusal(settings: FollowerParameters, changes: Iterable[Parameter]) -> str:
    """Why changes of the settings are rejected; empty if they are accepted."""
    given = {change.name: change.value for change in changes if change.name in FRAMES}
    found = problems(replace(settings, **given))
    return next((text for name, text in found.items() if name in given), "")


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
