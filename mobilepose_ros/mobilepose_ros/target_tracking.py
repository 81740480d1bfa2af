"""From messages about people to the target and its pose: what the follower does while active."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from geometry_msgs.msg import PoseStamped
from mobilepose_msgs.msg import PersonArray, Target
from rclpy.time import Time
from std_msgs.msg import Header

from mobilepose_core import FrameError
from mobilepose_core.behaviour import CameraPose, Follower, TargetState
from mobilepose_core.typing import Float64Array
from mobilepose_ros import follower_frames, stamps
from mobilepose_ros.follower_parameters import BY_ID, NOBODY, FollowerParameters
from mobilepose_ros.person_axes import up_of
from mobilepose_ros.stamp_order import StampOrder, Step
from mobilepose_ros.stamps import SECOND
from mobilepose_ros.target_messages import (
    FIXED_UP,
    camera_pose,
    pose_message,
    sightings,
    target_message,
)
from mobilepose_ros.transforms import TransformInput

JUMPED = "stamps jumped"
"""Reason of a loss."""

JUMP_SHOWN = 10.0
"""Time for which a jump of stamps is named in diagnostics, s."""

Warn = Callable[[str, str], None]
"""Logs a lasting problem: its kind, and the text."""


class TargetTracking:
    """Follows one person from message to message.

    Attributes:
        counts: what happened so far, by name.
        frame: of the newest pose; empty before the first.
        velocity: (3,) m/s, with the newest message's pose; None if that has none.
        conflict: why the target's frame cannot be sent; empty if it can.
    """

    def __init__(
        self, settings: FollowerParameters, transforms: TransformInput, warn: Warn
    ) -> None:
        """Follows whom the settings name.

        Args:
            settings: of the node.
            transforms: where the camera is, for a fixed frame.
            warn: called for each problem.
        """
        self._settings, self._transforms, self._warn = settings, transforms, warn
        self._order = StampOrder()
        self._jump = ""
        self._jumped = 0.0
        self._fault = self.frame = self.conflict = ""
        self.velocity: Float64Array | None = None
        self.counts: Counter[str] = Counter(received=0, poses=0)
        self._follower = Follower(settings.lock, settings.predict_time)
        self.select(settings.choice, settings.choice_id)

    @property
    def target(self) -> TargetState:
        """As of the newest message."""
        return self._follower.lock.target

    @property
    def trouble(self) -> str:
        """What is wrong with the newest message, or was with stamps lately; empty if nothing."""
        is_recent = time.monotonic() - self._jumped <= JUMP_SHOWN
        return "; ".join(filter(None, [self._jump if is_recent else "", self._fault]))

    def select(self, choice: str, track_id: int, now: int = 0) -> TargetState:
        """Follows somebody else.

        Args:
            choice: one of `CHOICES`.
            track_id: for choice id.
            now: current time by the clock of the stamps, ns.

        Raises:
            ValueError: an unknown choice.
        """
        if choice == NOBODY:
            return self._follower.release()
        wanted = track_id if choice == BY_ID else None
        return self._follower.select(choice, wanted, now / SECOND)

    def update(
        self, message: PersonArray, now: Callable[[], int]
    ) -> tuple[Target, PoseStamped | None] | None:
        """The target after a message, and where it is now, if that is known.

        Args:
            message: about the people in an image.
            now: current time by the clock of the stamps, ns.

        Returns:
            None for a message that is late or invalid, or whose stamp does not fit the others.
        """
        self.counts["received"] += 1
        self._fault, self.velocity = "", None
        try:
            age = stamps.age(message.header.stamp, now())
        except FrameError as error:
            self._drop("invalid", f"people are ignored: {error}")
            return None
        stamp = stamps.nanoseconds(message.header.stamp) or now()
        if not self._takes(stamp, now()):
            return None
        self.conflict = follower_frames.conflict(
            self._settings.target_frame, message.header.frame_id
        )
        self._warn("conflict", self.conflict)
        before = self.target.state
        camera, frame = self._camera(message.header, stamp)
        seen = sightings(message, self._settings.fixed_frame)
        target = self._follower.update(stamp / SECOND, seen, camera)
        if target.state != before:
            self.counts[target.state.replace("_", " ")] += 1
        about = target_message(message.header, target)
        up = FIXED_UP if self._settings.fixed_frame else up_of(message)
        return about, self._pose(frame, up, stamp, max(now(), stamp), age, target)

    def _takes(self, stamp: int, now: int) -> bool:
        """Whether a message counts by its stamp, ns; after a jump the target is lost."""
        step = self._order.take(stamp, now)
        if step is Step.LATE:
            self.counts["late"] += 1
        elif step is Step.OUTLIER:
            self.counts["outliers"] += 1
            self._report_jump("outlier", "people are ignored until the next image confirms it")
        elif step is not Step.NEXT:
            self.counts["restarts"] += 1
            self._follower.restart(stamp / SECOND, JUMPED)
            if step is Step.BACK:
                self._transforms.clear()
            self._report_jump(
                "jump",
                "a recording began anew, or a clock was set; a target is lost until somebody looks "
                "like it",
            )
        return step not in (Step.LATE, Step.OUTLIER)

    def _report_jump(self, kind: str, text: str) -> None:
        self._jump = f"stamps of people jumped by {self._order.jump:+.1f} s: {text}"
        self._jumped = time.monotonic()
        self._warn(kind, self._jump)

    def _drop(self, kind: str, text: str) -> None:
        self.counts[kind] += 1
        self._report(kind, text)

    def _report(self, kind: str, text: str) -> None:
        self._fault = text
        self._warn(kind, text)

    def _camera(self, header: Header, stamp: int) -> tuple[CameraPose | None, str]:
        """Where the camera was, and in which frame; None if TF does not tell."""
        fixed = self._settings.fixed_frame
        if not fixed and header.frame_id:
            return CameraPose.still(), header.frame_id
        if not header.frame_id:
            self._report("frame", "people have no frame_id: set that of the camera's driver")
            return (None, fixed) if fixed else (CameraPose.still(), "")
        try:
            found = self._transforms.lookup(
                fixed,
                header.frame_id,
                Time(nanoseconds=stamp),
                self._settings.transform_tolerance,
            )
            if found is not None:
                return camera_pose(found), fixed
            reason = "is the robot's odometry running, and its robot_state_publisher?"
        except ValueError as error:
            reason = str(error)
        self.counts["transforms missing"] += 1
        self._report(
            "transform", f"no transform from {header.frame_id} to {fixed} for the people: {reason}"
        )
        return None, fixed

    def _pose(
        self, frame: str, up: Float64Array, stamp: int, now: int, age: float, target: TargetState
    ) -> PoseStamped | None:
        if age < -stamps.AHEAD:
            self._report(
                "age",
                f"people are stamped {-age:.1f} s ahead of now, and have no pose: are the clocks "
                "synchronised, and is use_sim_time the same for all nodes?",
            )
            return None
        if not self._settings.predict_time:
            now = stamp
        found = self._follower.pose_at(now / SECOND)
        if found is None:
            if target.track_id is not None and now - stamp > self._settings.predict_time * SECOND:
                self._report(
                    "age",
                    f"people are {age:.1f} s old on arrival, more than predict_time: are the "
                    "clocks synchronised, is use_sim_time the same for all nodes, and does the "
                    "pose node keep up?",
                )
            return None
        self.counts["poses"] += 1
        self.frame, self.velocity = frame, found.velocity
        return pose_message(found, Header(stamp=stamps.stamp_of(now), frame_id=frame), up)
