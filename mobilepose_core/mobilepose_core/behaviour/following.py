"""Where the target is, in a frame that does not move with the camera, now or a moment later.

A camera on a robot moves: places of its optical frame jump when the robot turns. `Follower` keeps
the target in a fixed frame, and says where it is only while it is seen, or was a moment ago.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mobilepose_core.behaviour.candidate import Candidate
from mobilepose_core.behaviour.target import NONE, LockSettings, TargetLock, TargetState
from mobilepose_core.typing import Float64Array, FloatArray

WINDOW = 0.5
"""Places of so long, s, tell the velocity."""


@dataclass(frozen=True, eq=False)
class CameraPose:
    """The camera in a fixed frame.

    Attributes:
        rotation: (3, 3) from the optical frame to the fixed frame.
        place: (3,) of the camera, m.
    """

    rotation: FloatArray
    place: FloatArray

    @classmethod
    def still(cls) -> CameraPose:
        """Of a camera whose optical frame is the fixed frame itself."""
        return cls(np.eye(3), np.zeros(3))

    def of(self, place: FloatArray) -> Float64Array:
        """A place (3,) of the optical frame in the fixed frame, m."""
        return np.asarray(self.rotation @ place + self.place, np.float64)


@dataclass(frozen=True, eq=False)
class Sighting:
    """Somebody in an image, as the camera sees them.

    Attributes:
        candidate: with a place in the optical frame.
        velocity: (3,) m/s over the ground, in the axes of the optical frame; None if unknown: then
            the places of half a second tell it.
        facing: (3,) horizontal unit vector in the optical frame, where the torso faces; None if
            unknown.
    """

    candidate: Candidate
    velocity: FloatArray | None = None
    facing: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class TargetPose:
    """Where the target is.

    Attributes:
        place: (3,) m in the fixed frame.
        facing: (3,) horizontal unit vector in the fixed frame: where the torso faces, or from the
            target to the camera if that is unknown.
        is_seen: whether the target is in the last image; otherwise this is predicted.
        velocity: (3,) m/s in the fixed frame.
    """

    place: Float64Array
    facing: Float64Array
    is_seen: bool
    velocity: Float64Array = field(default_factory=lambda: np.zeros(3))


@dataclass(frozen=True, eq=False)
class _Known:
    time: float
    place: Float64Array
    velocity: Float64Array
    facing: Float64Array


class Follower:
    """Keeps a target, and where it is.

    Attributes:
        lock: decides who is the target.
    """

    def __init__(self, settings: LockSettings | None = None, predict_time: float = 0.5) -> None:
        """Has no target yet.

        Args:
            settings: when the target is lost and found again.
            predict_time: s for which the target's place is predicted after the last image in which
                it was seen.
        """
        self.lock = TargetLock(settings=settings)
        self.predict_time = predict_time
        self._places: deque[tuple[float, Float64Array]] = deque()
        self._known: _Known | None = None
        self._last: tuple[float, list[Candidate]] | None = None
        self._is_seen = False

    def select(self, how: str, track_id: int | None = None, now: float = 0.0) -> TargetState:
        """Chooses another target, at once if somebody in the last image fits.

        Args:
            how: one of `candidate.CHOICES`.
            track_id: for `id`.
            now: s; an image that is older than `predict_time` counts no more.

        Raises:
            ValueError: see `candidate.chosen`.
        """
        self.lock.select(how, track_id)
        self._forget()
        if self._last is None or now - self._last[0] > self.predict_time:
            return self.lock.target
        return self.lock.update(*self._last)

    def release(self) -> TargetState:
        """Follows nobody any more."""
        self.lock.release()
        self._forget()
        return self.lock.target

    def restart(self, time: float, reason: str) -> TargetState:
        """Keeps the target, but no times and places; see `TargetLock.restart`."""
        self._forget()
        self._last = None
        return self.lock.restart(time, reason)

    def update(
        self, time: float, sightings: Sequence[Sighting], camera: CameraPose | None
    ) -> TargetState:
        """The target after an image.

        Args:
            time: of the image, s; it does not go back.
            sightings: everybody who is seen in it.
            camera: where it was then; None if that is unknown: then so are all places.
        """
        candidates = [_placed(one.candidate, camera) for one in sightings]
        self._last = time, candidates
        target = self.lock.update(time, candidates)
        self._is_seen = False
        if target.state == NONE:
            self._forget()
        for seen, candidate in zip(sightings, candidates, strict=True):
            if target.track_id == candidate.track_id and candidate.place is not None:
                assert camera is not None  # else there is no place
                assert seen.candidate.place is not None
                place = np.asarray(candidate.place, np.float64)
                moves = self._moves(time, place)
                if seen.velocity is not None:
                    moves = np.asarray(camera.rotation @ seen.velocity, np.float64)
                facing = _facing(seen.candidate.place, seen.facing)
                ahead = np.asarray(camera.rotation @ facing, np.float64)
                self._known = _Known(time, place, moves, ahead)
                self._is_seen = True
        return target

    def pose_at(self, time: float) -> TargetPose | None:
        """Where the target is at a time, s, such as now.

        None if there is none, or if it was seen more than `predict_time` before.
        """
        if self._known is None or time - self._known.time > self.predict_time:
            return None
        step = max(0.0, time - self._known.time)
        place = self._known.place + step * self._known.velocity
        return TargetPose(place, self._known.facing, self._is_seen, self._known.velocity)

    def _moves(self, time: float, place: Float64Array) -> Float64Array:
        """(3,) m/s: the slope of a line through the last places."""
        self._places.append((time, place))
        while time - self._places[0][0] > WINDOW:
            self._places.popleft()
        times = np.array([at for at, _ in self._places])
        times -= times.mean()
        square = float(times @ times)
        if not square > 0:
            return np.zeros(3)
        return np.asarray(times @ np.array([one for _, one in self._places]) / square)

    def _forget(self) -> None:
        self._known, self._is_seen = None, False
        self._places.clear()


def _placed(candidate: Candidate, camera: CameraPose | None) -> Candidate:
    if candidate.place is None or camera is None:
        return replace(candidate, place=None)
    distance = float(np.linalg.norm(candidate.place))
    return replace(candidate, place=camera.of(candidate.place), distance=distance)


def _facing(place: FloatArray, facing: FloatArray | None) -> FloatArray:
    """(3,) unit vector in the optical frame; towards the camera if nothing is known."""
    if facing is not None:
        return facing
    return -np.asarray(place) / max(float(np.linalg.norm(place)), 1e-6)
