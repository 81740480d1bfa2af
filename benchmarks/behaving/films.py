"""Gestures and postures of simulated people who are filmed: how many are seen, how many false."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.behaving import acts
from benchmarks.behaving.acts import Act
from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.behaviour.person import GESTURES, Person, PersonState
from mobilepose_core.evaluation.stick_figure import HANGING, StickFigure, optical, turned, up_of
from mobilepose_core.skeleton import Skeleton

CAMERA = Pinhole.of_view(640, 480, 60)
RATE = 10.0
"""Frames per second."""

SECONDS = 4.0
"""Of each act."""

MOVE = 0.5
"""From one act to the next, s."""

GRACE = 1.0
"""A gesture may begin so long after its act has ended, s, before it is false: it takes time to
see one, and a wave is a second long."""

JITTER, DRIFT, DRIFT_TIME = 0.02, 0.04, 0.5
"""Errors of joints in torso lengths: from frame to frame, and those that stay for a while, s."""

DROPOUTS, DROPOUT_TIME = 0.05, 0.5
"""How often in a second a joint is not seen, and for how long, s."""


@dataclass(frozen=True)
class FilmFrame:
    """A frame of a film.

    Attributes:
        time: s.
        body: as found.
        act: what is done; None on the way to the next.
    """

    time: float
    body: Body
    act: Act | None


def film(
    script: Sequence[Act], skeleton: Skeleton, draw: np.random.Generator, depth: bool
) -> Iterator[FilmFrame]:
    """Somebody of any size who does one thing after the other before a camera."""
    size, names = StickFigure.drawn(draw), skeleton.joints
    away, aside = draw.uniform(1.8, 4.5), draw.uniform(-0.7, 0.7)
    drift, hidden = np.zeros((len(names), 2)), np.zeros(len(names))
    yaw, arms = math.pi, (HANGING, HANGING)
    now = size.joints()
    for number, act in enumerate(script):
        begin, before, turn = now, arms, draw.uniform(-1.0, 1.0) + math.pi - yaw
        start = yaw
        for step in range(int(SECONDS * RATE)):
            since = step / RATE
            share = min(1.0, since / MOVE)
            arms = (
                acts.between(before[0], act.left(since), share),
                acts.between(before[1], act.right(since), share),
            )
            stride = 0.5 * math.sin(2 * math.pi * 0.9 * since) if act.walks else 0.0
            joints = size.joints(act.posture, *arms, stride=stride)
            now = {name: (1 - share) * begin[name] + share * joints[name] for name in joints}
            yaw = start + share * turn
            places = optical(turned(now, yaw, away, aside), 1.1, 0.1)
            keep = math.exp(-1 / RATE / DRIFT_TIME)
            drift = keep * drift + draw.normal(0, math.sqrt(1 - keep**2), drift.shape) * DRIFT
            hidden = np.maximum(hidden - 1 / RATE, 0)
            hidden[draw.random(len(names)) < DROPOUTS / RATE] = DROPOUT_TIME
            body = _seen(places, names, drift, hidden > 0, draw, depth)
            settled = act if since >= MOVE else None
            yield FilmFrame((number * SECONDS) + since, body, settled)


def _seen(
    places: dict[str, Any],
    names: Sequence[str],
    drift: Any,
    hidden: Any,
    draw: np.random.Generator,
    depth: bool,
) -> Body:
    spots = np.array([places[name] for name in names])
    torso = 0.48 * CAMERA.fx / float(spots[:, 2].mean())
    points = CAMERA.project(spots) + torso * (drift + draw.normal(0, JITTER, drift.shape))
    scores = np.where(hidden, 0.1, 0.9)
    known = {
        name: spot * (1 + draw.normal(0, 0.01))
        for name, spot, is_hidden in zip(names, spots, hidden, strict=True)
        if depth and not is_hidden
    }
    return Body(
        dict(zip(names, points, strict=True)),
        dict(zip(names, scores.tolist(), strict=True)),
        known,
    )


def gestures(minutes: float, skeleton: Skeleton, seed: int, depth: bool = False) -> dict[str, Any]:
    """Gestures that are seen, of those that are made, and false ones per hour.

    Args:
        minutes: of people who gesture; as many again are filmed who do not.
        skeleton: of the joints that are found.
        seed: of all that is drawn.
        depth: whether joints have places in space.
    """
    draw = np.random.default_rng(seed)
    made, seen, right, wrong, false = (Counter[str]() for _ in range(5))
    postures: Counter[tuple[str, str]] = Counter()
    gesturing = idle = 0.0
    while gesturing < 60 * minutes:
        script = [act for one in acts.gestures(draw) for act in (acts.others(draw)[0], one)]
        gesturing += len(script) * SECONDS
        _count(film(script, skeleton, draw, depth), made, seen, right, wrong, Counter())
    while idle < 60 * minutes:
        choice = acts.others(draw)
        script = [choice[int(i)] for i in draw.integers(len(choice), size=15)]
        idle += len(script) * SECONDS
        frames = film(script, skeleton, draw, depth)
        _count(frames, Counter(), Counter(), Counter(), false, postures)
    names = [name for name in GESTURES if name != "facing"]
    return {
        "skeleton": skeleton.name,
        "depth": depth,
        "minutes": minutes,
        "gestures": {
            name: {
                "made": made[name],
                "recall": _share(seen[name], made[name]),
                "precision": _share(right[name], right[name] + wrong[name]),
                "false_per_hour": round(3600 * false[name] / idle, 2),
            }
            for name in names
        },
        "postures": posture_table(postures),
    }


def _count(
    frames: Iterator[FilmFrame],
    made: Counter[str],
    seen: Counter[str],
    right: Counter[str],
    wrong: Counter[str],
    postures: Counter[tuple[str, str]],
) -> None:
    """Counts acts that are seen, and beginnings of gestures that are right or wrong."""
    watched, before = Person(), set[str]()
    last: dict[str, float] = {}
    act_seen: dict[str, bool] = {}
    act: Act | None = None
    for frame in frames:
        if frame.act is not None and frame.act is not act:
            _close(act_seen, seen)
            act = frame.act
            act_seen = dict.fromkeys(act.gestures, False)
            made.update(act.gestures)
        for name in frame.act.gestures if frame.act else ():
            last[name] = frame.time
        state = watched.update(frame.time, frame.body, CAMERA, Ground(up_of(0.1), 1.1))
        now = {name for name in GESTURES if name != "facing" and state.does(name)}
        for name in now & act_seen.keys():
            act_seen[name] = True
        for name in now - before:
            is_right = frame.time - last.get(name, -math.inf) <= GRACE or _coming(name, frame, act)
            (right if is_right else wrong)[name] += 1
        before = now
        _count_posture(frame, state, postures)
    _close(act_seen, seen)


def _coming(name: str, frame: FilmFrame, act: Act | None) -> bool:
    """Waving hands are raised hands, whatever the act is called."""
    return name.endswith("_raised") and act is not None and "waving" in act.gestures


def _close(act_seen: dict[str, bool], seen: Counter[str]) -> None:
    seen.update(name for name, was_seen in act_seen.items() if was_seen)


def _count_posture(
    frame: FilmFrame, state: PersonState, postures: Counter[tuple[str, str]]
) -> None:
    if frame.act is not None and frame.time % SECONDS > 1.5:
        postures[frame.act.posture, state.posture] += 1


def posture_table(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """Shares of what is told of people in each posture."""
    totals: Counter[str] = Counter()
    for (truth, _), count in counts.items():
        totals[truth] += count
    table: dict[str, dict[str, float]] = {}
    for (truth, told), count in sorted(counts.items()):
        table.setdefault(truth, {})[told] = round(count / totals[truth], 3)
    return table


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
