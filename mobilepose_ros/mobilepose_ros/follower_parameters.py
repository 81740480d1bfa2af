"""Every parameter of the person follower: name, type, default, range and description."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core.behaviour import LockSettings
from mobilepose_ros.parameter_table import parameter

NOBODY, BY_ID = "none", "id"
CHOICES = (NOBODY, "nearest", BY_ID, "raised_hand", "centre")


@dataclass(frozen=True)
class FollowerParameters:
    """Parameters of the person follower."""

    choice: str = parameter(
        NOBODY,
        "who is followed from activation on, without a call of ~/select_target; the first person "
        "who fits is",
        choices=CHOICES,
        at_configure=True,
    )
    choice_id: int = parameter(0, "track ID for choice id", span=(0, 2**31 - 1), at_configure=True)
    fixed_frame: str = parameter(
        "",
        "frame that does not move with the robot, such as odom, for the target's pose; needs TF "
        "and tf2_ros; empty: the optical frame, for cameras that stand still",
        at_configure=True,
    )
    target_frame: str = parameter(
        "target", "name of the target's TF frame; needs tf2_ros; empty: none", at_configure=True
    )
    transform_tolerance: float = parameter(
        0.1,
        "age up to which the newest transform to fixed_frame is used for an image that TF does not "
        "know yet, s",
        span=(0.0, 10.0),
        at_configure=True,
    )
    predict_time: float = parameter(
        0.5,
        "time after the last image with the target during which its pose is predicted and "
        "published, s; must be longer than the pose node takes; 0: not predicted, with the stamp "
        "of the image",
        span=(0.0, 10.0),
        at_configure=True,
    )
    appearance_threshold: float = parameter(
        LockSettings.familiar,
        "largest appearance distance at which somebody may be the target",
        span=(0.0, 1.0),
        at_configure=True,
    )
    appearance_margin: float = parameter(
        LockSettings.margin,
        "how much more similar to the target somebody must be than everybody else",
        span=(0.0, 1.0),
        at_configure=True,
    )
    confirm_time: float = parameter(
        LockSettings.confirm_time,
        "time for which somebody must look like the lost target to be found again, s",
        span=(0.0, 60.0),
        at_configure=True,
    )
    target_speed: float = parameter(
        LockSettings.speed,
        "largest speed of a target that is not seen, m/s: who is too far away is another",
        span=(0.0, 20.0),
        at_configure=True,
    )
    place_time: float = parameter(
        LockSettings.place_time,
        "time after a loss during which target_speed counts, s",
        span=(0.0, 1e4),
        at_configure=True,
    )
    silence_timeout: float = parameter(
        5.0, "time without people before a warning with the reason, s; 0 never", span=(0.0, 1e3)
    )
    autostart: bool = parameter(
        True, "configure and activate at startup, without a lifecycle manager", read_only=True
    )

    @property
    def lock(self) -> LockSettings:
        """The parameters about losing and finding the target."""
        return LockSettings(
            familiar=self.appearance_threshold,
            margin=self.appearance_margin,
            confirm_time=self.confirm_time,
            speed=self.target_speed,
            place_time=self.place_time,
        )
