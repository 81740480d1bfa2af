"""Poses as text that people read."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field

from mobilepose_core.file_names import shown
from mobilepose_core.output.result import Result


class Joints:
    """The joints of the people in photographs; nothing of a video's."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Takes what prints lines."""
        self._say = say

    def write(self, result: Result) -> None:
        """Says how many people there are, and where their joints are."""
        if result.frame.time is not None:
            return
        joints = [
            f"  {name:<15} {x:8.1f} {y:8.1f}   {score:.2f}"
            for pose in result.poses
            for name, x, y, score in pose
        ]
        self._say(
            "\n".join([f"{shown(result.frame.source)}: {_people(len(result.poses))}", *joints])
        )

    def close(self) -> None:
        """Nothing is left to do."""


class Summary:
    """A line for each video or webcam, once all is done."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Takes what prints lines."""
        self._say = say
        self._counts: dict[str, _Counts] = {}

    def write(self, result: Result) -> None:
        """Counts a frame."""
        if result.frame.time is not None:
            self._counts.setdefault(result.frame.source, _Counts()).add(result)

    def close(self) -> None:
        """Says frames, people and mean rate of each."""
        for source, counts in self._counts.items():
            self._say(f"{shown(source)}: {counts}")


@dataclass
class _Counts:
    """What is said of one video."""

    began: float = field(default_factory=clock.monotonic)
    ended: float = 0.0
    frames: int = 0
    tracks: set[int] = field(default_factory=set)

    def add(self, result: Result) -> None:
        """Counts a frame."""
        self.ended = clock.monotonic()
        self.frames += 1
        self.tracks.update(pose.track_id for pose in result.poses)

    def __str__(self) -> str:
        text = f"{_counted(self.frames, 'frame', 'frames')}, {_people(len(self.tracks))}"
        if self.frames == 1:
            return text
        rate = (self.frames - 1) / (self.ended - self.began)  # of the steps from frame to frame
        return f"{text}, {rate:.1f} frames per second"


def _people(count: int) -> str:
    return _counted(count, "person", "people")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
