"""Films of people cut out of photographs who gesture: the whole way from images to gestures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.behaving import gesture_tally
from benchmarks.behaving.acts import Act
from benchmarks.behaving.gesture_tally import Told, gestures_of
from benchmarks.behaving.performance import CAMERA, GROUND, PerformedFrame, perform
from benchmarks.behaving.puppets import Puppet
from mobilepose_core import PoseEstimator
from mobilepose_core.behaviour import Behaviour, Body
from mobilepose_core.evaluation.scenes import filling
from mobilepose_core.evaluation.stick_figure import STANDING
from mobilepose_core.typing import ImageArray

SIZE = (640, 480)

TURN = 0.5
"""How far people turn from the camera, radians: their photographs are from the front."""

NEAREST = 2.5
"""Distance of people from the camera, m: nearer ones have their heads out of the picture."""

NEAR = 0.5
"""Distance of the shoulders up to which somebody is found, in torso lengths."""


class PuppetFilms:
    """Films puppets, and tells what they do.

    Attributes:
        found: frames by whether the puppet was found.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        cast: Sequence[Puppet],
        backgrounds: Sequence[ImageArray],
        draw: np.random.Generator,
    ) -> None:
        """Takes what finds people, and who and what is seen."""
        self.found: Counter[bool] = Counter()
        self._estimator = estimator
        self._cast = cast
        self._backgrounds = backgrounds
        self._draw = draw

    def watch(self, script: list[Act]) -> Iterator[Told]:
        """What is told of somebody, before a background, who follows a script."""
        behaviour = Behaviour()
        self._estimator.begin_video()
        for moment, frame in self.film(script):
            poses = [pose for pose in self._estimator(frame, moment.time) if pose.track_id >= 0]
            bodies = [Body.of(pose) for pose in poses]
            states = behaviour.update(moment.time, bodies, CAMERA, GROUND)
            told = {name for state in states for name in gestures_of(state)}
            own = [s for s, b in zip(states, bodies, strict=True) if _is_at(b, moment)]
            self.found[bool(own)] += 1
            yield Told(moment.time, moment.act, told, own[0].posture if own else None)

    def film(self, script: list[Act]) -> Iterator[tuple[PerformedFrame, ImageArray]]:
        """Frames of (480, 640, 3) uint8 BGR."""
        draw = self._draw
        puppet = self._cast[int(draw.integers(len(self._cast)))]
        background = self._backgrounds[int(draw.integers(len(self._backgrounds)))]
        background = filling(background, *SIZE)
        for moment in perform(script, draw, TURN, NEAREST):
            frame = background.copy()
            puppet.draw(frame, {n: CAMERA.project(p[None])[0] for n, p in moment.places.items()})
            yield moment, frame


def gestures(
    estimator: PoseEstimator,
    cast: Sequence[Puppet],
    backgrounds: Sequence[ImageArray],
    minutes: float,
    seed: int,
) -> dict[str, Any]:
    """Gestures that are seen in images, of those that are made, and false ones per hour.

    Args:
        estimator: finds people.
        cast: who gestures.
        backgrounds: (H, W, 3) uint8 BGR, without people.
        minutes: of people who gesture; as many again are filmed who do not.
        seed: of all that is drawn.
    """
    draw = np.random.default_rng(seed)
    films = PuppetFilms(estimator, cast, backgrounds, draw)
    figures = gesture_tally.measure(minutes, draw, films.watch, (STANDING,))
    found = films.found[True] / films.found.total()
    return {"people": len(cast), "found": round(found, 3), **figures}


def _is_at(body: Body, moment: PerformedFrame) -> bool:
    """Whether a body's shoulders are those of the performance."""
    names = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    corners = CAMERA.project(np.array([moment.places[name] for name in names]))
    shoulders, hips = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    found = body.middle("shoulder")
    return found is not None and bool(
        np.linalg.norm(found - shoulders) < NEAR * np.linalg.norm(shoulders - hips)
    )
