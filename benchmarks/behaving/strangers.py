"""How often somebody else is taken for a target that has left, with the looks of real people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mobilepose_core import crop
from mobilepose_core.behaviour import Candidate, TargetLock, appearance_of
from mobilepose_core.behaviour.target import LockSettings
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo
from mobilepose_core.typing import FloatArray, ImageArray

RATE = 10.0
"""Images per second."""

WATCHED, ABSENT, SHOWN = 2.0, 20.0, 2.0
"""s for which the target is seen, nobody is, and each of the others is."""

LIGHT = 1.25
"""Returning people are up to so much brighter or darker, and redder or bluer by a third of that."""

IN_TURN = 10
"""Strangers who come one after the other."""


@dataclass(frozen=True, eq=False)
class Look:
    """How one person looks.

    Attributes:
        before: (5, 3) appearance as `appearance_of` gives it.
        after: the same of the mirrored photograph in another light.
    """

    before: FloatArray
    after: FloatArray


def looks(samples: Sequence[Sample], model: PoseModel, seed: int) -> list[Look]:
    """The looks of people who are alone in a photograph, with the joints that a model finds."""
    draw, found = np.random.default_rng(seed), []
    count = Counter(sample.image for sample in samples)
    for sample in samples:
        torso = sample.upper_body[list(model.skeleton.torso or ())]
        image = photo.read(sample.image) if count[sample.image] == 1 else None
        if image is None or not np.isfinite(torso).all():
            continue
        mirrored = np.ascontiguousarray(image[:, ::-1])
        x0, y0, x1, y1 = sample.box
        width = image.shape[1]
        box = np.array([width - 1 - x1, y0, width - 1 - x0, y1], np.float32)
        before = _look(image, sample.box, model)
        after = _look(_relit(mirrored, draw), box, model)
        if before is not None and after is not None:
            found.append(Look(before, after))
    return found


def measure(
    people: Sequence[Look], trials: int, seed: int, settings: LockSettings | None = None
) -> dict[str, Any]:
    """What a lock does after its target has left.

    Args:
        people: two at least.
        trials: pairs of people who are drawn, and a fifth as many of strangers in turn.
        seed: of what is drawn.
        settings: of the lock; its own by default.

    Returns:
        The shares of strangers, who come alone, that are taken for the target; of targets that are
        exchanged while ten strangers come in turn; and of targets that are found again when they
        return themselves, mirrored and in another light, after as long.
    """
    draw = np.random.default_rng(seed)
    wrong = right = exchanged = 0
    for _ in range(trials):
        target, other = (people[i] for i in draw.choice(len(people), 2, replace=False))
        wrong += _is_taken(target, [other.before], settings)
        right += _is_taken(target, [target.after], settings)
    in_turn = min(IN_TURN, len(people) - 1)
    for _ in range(trials // 5):
        target, *others = (people[i] for i in draw.choice(len(people), in_turn + 1, replace=False))
        exchanged += _is_taken(target, [one.before for one in others], settings)
    return {
        "people": len(people),
        "trials": trials,
        "strangers_taken": round(wrong / trials, 3),
        f"exchanged_by_{in_turn}_in_turn": round(exchanged / max(trials // 5, 1), 3),
        "returns_found": round(right / trials, 3),
    }


def _is_taken(target: Look, comers: Sequence[FloatArray], settings: LockSettings | None) -> bool:
    """Whether one of those who come in turn, each after an absence, is taken for the target."""
    lock, step = TargetLock(settings=settings), 0
    lock.select("nearest")

    def show(seconds: float, seen: Sequence[Candidate]) -> bool:
        nonlocal step
        held = False
        for _ in range(round(seconds * RATE)):
            held = lock.update(step / RATE, seen).track_id is not None or held
            step += 1
        return held

    show(WATCHED, [_alone(0, target.before)])
    for number, look in enumerate(comers, start=1):
        show(ABSENT, [])
        if show(SHOWN, [_alone(number, look)]):
            return True
    return False


def _alone(track_id: int, look: FloatArray) -> Candidate:
    return Candidate(track_id, look, size=200.0, is_isolated=True)


def _look(image: ImageArray, box: FloatArray, model: PoseModel) -> FloatArray | None:
    (pose,) = model(image, [crop.region_of_box(np.asarray(box, np.float32))])
    found = appearance_of(image, [pose])
    return None if found is None or not np.isfinite(found).all() else found[0]


def _relit(image: ImageArray, draw: np.random.Generator) -> ImageArray:
    gain = np.exp(draw.uniform(-1, 1) * np.log(LIGHT))
    tint = np.exp(draw.uniform(-1, 1) * np.log(LIGHT) / 3)
    relit = image * (gain * np.array([1 / tint, 1.0, tint]))
    return np.asarray(relit.clip(0, 255), np.uint8)
