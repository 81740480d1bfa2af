"""Whether a target is kept where people cross, hide one another, leave and return.

Videos are composed of real people over real backgrounds, so that who is where is known; people are
found, tracked and told apart as on a robot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.behaving.careless_tracker import CarelessTracker
from mobilepose_core import PoseEstimator
from mobilepose_core.behaviour.candidate import Candidate
from mobilepose_core.behaviour.target import FOUND_AGAIN, LOCKED, TargetLock, TargetState
from mobilepose_core.datasets.cutouts import Cutout
from mobilepose_core.evaluation.motions import Motion, Stance
from mobilepose_core.evaluation.scenes import Moment, MovingScene, filling
from mobilepose_core.evaluation.tracks import RIGHT, SIMILARITY_SPREAD
from mobilepose_core.inference.tracking.association import PoseArrays, pose_similarity
from mobilepose_core.pose import Pose, appearance_of, boxes_of, is_isolated
from mobilepose_core.typing import ImageArray

SIZE = (640, 480)
RATE = 10.0
SECONDS = 24.0

AWAY = (10.0, 16.0)
"""When the target is out of the picture in every second scene, s."""

EXCHANGED = 1.0
"""Another person who is taken for the target for so long is an exchange, s."""


@dataclass
class Outcome:
    """What happened in some scenes."""

    scenes: int = 0
    crossings: int = 0
    exchanges: int = 0
    wrong_finds: int = 0
    visible: int = 0
    kept: int = 0
    wrong: int = 0
    recoveries: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """As plain values."""
        times = self.recoveries or [math.nan]
        return {
            "scenes": self.scenes,
            "crossings": self.crossings,
            "exchanges": self.exchanges,
            "wrongly_found_again": self.wrong_finds,
            "kept": round(self.kept / max(1, self.visible), 3),
            "wrong": round(self.wrong / max(1, self.visible), 4),
            "recoveries": len(self.recoveries),
            "median_recovery_s": round(float(np.median(times)), 2),
            "longest_recovery_s": round(float(np.max(times)), 2),
        }


def measure(
    estimator: PoseEstimator | CarelessTracker,
    people: Sequence[Cutout],
    backgrounds: Sequence[ImageArray],
    scenes: int,
    seed: int,
) -> dict[str, Any]:
    """The figures of a target lock on scenes of three people, of whom one is the target."""
    outcome = Outcome()
    for number in range(scenes):
        draw = np.random.default_rng([seed, number])
        cast = [people[int(i)] for i in draw.choice(len(people), 3, replace=False)]
        walks = [_walk(draw, leaves=index == 0 and number % 2 == 1) for index in range(3)]
        background = filling(backgrounds[int(draw.integers(len(backgrounds)))], *SIZE)
        scene = MovingScene(background, cast, walks, [False] * 3, SECONDS, RATE, number)
        estimator.begin_video()
        _run(estimator, scene, outcome)
        outcome.crossings += _crossings(walks)
        outcome.scenes += 1
    return outcome.figures()


def _walk(draw: np.random.Generator, leaves: bool) -> Motion:
    """To and fro through the picture, near or far; the one who leaves is away for a while."""
    length, start = draw.uniform(0.34, 0.5), draw.uniform(0, 2)
    speed, y = draw.uniform(0.15, 0.35), draw.uniform(0.62, 0.72)

    def stance(time: float) -> Stance:
        x = 0.15 + 0.7 * (1 - abs((start + speed * time) % 2 - 1))
        if leaves:
            x -= 1.6 * min(1.0, max(0.0, (time - AWAY[0] + 1) / 1, 0.0)) * (time < AWAY[1])
        return Stance(float(x), float(y), float(length), 0.0)

    return stance


def _crossings(walks: Sequence[Motion]) -> int:
    """How often somebody passes the target, both in the picture."""
    times = np.arange(0, SECONDS, 1 / RATE)
    target, *others = [np.array([walk(time).x for time in times]) for walk in walks]
    count = 0
    for other in others:
        ahead = np.sign(target - other)
        inside = (np.abs(target - 0.5) < 0.5) & (np.abs(other - 0.5) < 0.5)
        count += int(np.count_nonzero((ahead[1:] != ahead[:-1]) & inside[1:] & inside[:-1]))
    return count


def _run(estimator: PoseEstimator | CarelessTracker, scene: MovingScene, outcome: Outcome) -> None:
    lock = TargetLock()
    is_chosen, wrong_since, missing_since = False, math.inf, math.inf
    is_counted, state = False, ""
    for moment in scene:
        if isinstance(estimator, CarelessTracker):
            estimator.moment = moment
        poses = estimator(moment.frame, moment.time)
        owners = _owners(poses, moment)
        if not is_chosen:
            mine = _to_choose(moment, poses, owners)
            if mine is None:
                continue
            lock.select("id", mine.track_id)
            is_chosen = True
        target = lock.update(moment.time, candidates(moment.frame, poses))
        held = _held(target, poses, owners)
        if target.state == FOUND_AGAIN != state and held not in (0, None):
            outcome.wrong_finds += 1
        state = target.state
        is_visible = any(sight.number == 0 and sight.counts for sight in moment.people)
        outcome.visible += is_visible
        outcome.kept += is_visible and held == 0
        if held in (0, None):
            wrong_since, is_counted = math.inf, False
        else:
            outcome.wrong += 1
            wrong_since = min(wrong_since, moment.time)
            if moment.time - wrong_since >= EXCHANGED and not is_counted:
                outcome.exchanges, is_counted = outcome.exchanges + 1, True
        if not is_visible:
            missing_since = math.inf
        elif held != 0:
            missing_since = min(missing_since, moment.time)
        elif missing_since < math.inf:
            outcome.recoveries.append(moment.time - missing_since)
            missing_since = math.inf


def _to_choose(moment: Moment, poses: Sequence[Pose], owners: Sequence[int | None]) -> Pose | None:
    """The target, once nobody hides anything of it."""
    is_seen = any(sight.number == 0 and sight.visible.all() for sight in moment.people)
    mine = [pose for pose, owner in zip(poses, owners, strict=True) if owner == 0]
    alone = is_isolated(np.array([sight.box for sight in moment.people]), np.zeros((0, 4)))
    is_alone = any(
        sight.number == 0 and apart for sight, apart in zip(moment.people, alone, strict=True)
    )
    return mine[0] if mine and is_seen and is_alone and moment.time >= 0.5 else None


def candidates(frame: ImageArray, poses: Sequence[Pose]) -> list[Candidate]:
    """The people in a frame, as a target lock takes them."""
    isolated = is_isolated(boxes_of(poses), np.zeros((0, 4)))
    looks = appearance_of(frame, poses)
    return [
        Candidate(
            pose.track_id,
            None if looks is None else looks[index],
            is_isolated=bool(isolated[index]),
        )
        for index, pose in enumerate(poses)
    ]


def _held(target: TargetState, poses: Sequence[Pose], owners: Sequence[int | None]) -> int | None:
    """Who is taken for the target: a person of the scene; None for nobody or an unclear pose."""
    if target.state not in (LOCKED, FOUND_AGAIN):
        return None
    ids = [pose.track_id for pose in poses]
    return owners[ids.index(target.track_id)] if target.track_id in ids else None


def _owners(poses: Sequence[Pose], moment: Moment) -> list[int | None]:
    """Which person of the scene each pose is; None where that is not clear."""
    if not poses or not moment.people:
        return [None] * len(poses)
    truth = [Pose(sight.joints, np.ones(len(sight.joints), np.float32)) for sight in moment.people]
    alike = pose_similarity(PoseArrays.of(poses), PoseArrays.of(truth), SIMILARITY_SPREAD)
    best = alike.argmax(axis=1)
    return [
        moment.people[int(who)].number if alike[index, who] >= RIGHT else None
        for index, who in enumerate(best)
    ]
