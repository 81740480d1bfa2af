"""Gestures and postures of people in photographs that were marked by hand.

A file of marks is JSON: `{"people": [...]}`, of each `data` and `image` (a data set's folder and
the photograph in the folder of all), `box` (x0, y0, x1, y1 around the annotated joints of the upper
body, rounded), and what was marked of `posture`, `raised` (none, left, right, both or any),
`arms_crossed`, `pointing` and `facing` (front, side or back). What could not be told is left out.
`stretch` says how much wider the photograph was before it was squeezed to a square.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mobilepose_core import datasets, skeleton
from mobilepose_core.behaviour import facing, gestures, posture
from mobilepose_core.behaviour.body import SIDES, Body
from mobilepose_core.datasets import Sample, held_out
from mobilepose_core.errors import DataError
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo
from mobilepose_core.typing import FloatArray

ANNOTATED = "annotated joints"

FRONT, BACK = math.radians(60), math.radians(120)
"""A heading up to the one is a front, from the other a back."""

KNOWN = 0.5
"""Score from which a gesture in a photograph is made."""

Mark = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Marked:
    """A person who was marked.

    Attributes:
        mark: what was seen.
        sample: the person in the data set.
        is_held_out: whether training leaves the person out.
    """

    mark: Mark
    sample: Sample
    is_held_out: bool


def load(marks: Path, root: Path) -> list[Marked]:
    """The people of a file of marks, by the data sets in the folders of `root`.

    Raises:
        DataError: the file is none of marks, or somebody in it is not in the data sets.
    """
    try:
        people = json.loads(marks.read_text(encoding="utf-8"))["people"]
        folders = sorted({str(one["data"]) for one in people})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{marks} is no file of marks: {error!r}") from None
    known = {}
    for folder in folders:
        loaded = datasets.load(datasets.recognise(root / folder), root / folder)
        trained_on = {id(sample) for sample in held_out.divided(loaded)[0].samples}
        for sample in loaded.samples:
            box = tuple(np.rint(sample.box).astype(int).tolist())
            known[str(sample.image.relative_to(root)), box] = sample, id(sample) not in trained_on
    try:
        return [Marked(one, *known[one["image"], tuple(one["box"])]) for one in people]
    except KeyError as error:
        raise DataError(f"{marks}: {error.args[0]} is not in {root}") from None


def annotated(people: Sequence[Marked]) -> Iterator[tuple[Mark, Body]]:
    """Bodies as annotated; joints that are not were not seen."""
    for one in people:
        names = skeleton.ALL_19.joints
        has_face = np.isfinite(one.sample.joints[skeleton.ALL_19.index["nose"] :]).any()
        points = one.sample.joints * (one.mark.get("stretch", 1.0), 1.0)
        known = np.isfinite(points).all(axis=1)
        yield one.mark, _body(names, points, np.where(known, 0.9, 0.0), bool(has_face))


def found(people: Sequence[Marked], model: PoseModel) -> Iterator[tuple[Mark, Body]]:
    """Bodies as a model finds them in the crops of the annotations."""
    for one in people:
        image = photo.read(one.sample.image)
        if image is not None:
            (pose,) = model(image, [model.framing.region(one.sample.joints)])
            joints = list(pose)
            points = np.array([[x, y] for _, x, y, _ in joints])
            points = points * (one.mark.get("stretch", 1.0), 1.0)
            scores = np.array([score for *_, score in joints])
            body = _body([name for name, *_ in joints], points, scores, True)
            yield one.mark, replace(body, heading=pose.heading)


def _body(names: Sequence[str], points: FloatArray, scores: FloatArray, has_face: bool) -> Body:
    """A body; where a data set has no faces, that no face is seen says nothing."""
    face = {"nose", "left_eye", "right_eye", "left_ear", "right_ear"}
    kept = [i for i, name in enumerate(names) if has_face or name not in face]
    return Body(
        {names[i]: np.asarray(points[i], np.float64) for i in kept if np.isfinite(points[i]).all()},
        {names[i]: float(scores[i]) for i in kept},
    )


Score = Callable[[Body], float | None]


def _raised(side: str) -> tuple[Callable[[Mark], bool | None], Score]:
    def truth(mark: Mark) -> bool | None:
        marked = mark.get("raised")
        return None if marked in (None, "any") else marked in (side, "both")

    return truth, lambda body: gestures.raised(body, side)


def _most(body: Body, scores: Callable[[Body], Sequence[float | None]]) -> float | None:
    return max((one for one in scores(body) if one is not None), default=None)


QUESTIONS: dict[str, tuple[Callable[[Mark], bool | None], Score]] = {
    "a hand raised": (
        lambda mark: None if "raised" not in mark else mark["raised"] != "none",
        lambda body: _most(body, lambda b: [gestures.raised(b, side) for side in SIDES]),
    ),
    **{f"{side} hand raised": _raised(side) for side in SIDES},
    "arms crossed": (lambda mark: mark.get("arms_crossed"), gestures.arms_crossed),
    "pointing": (
        lambda mark: mark.get("pointing"),
        lambda body: _most(body, lambda b: list(gestures.pointing_arms(b).values())),
    ),
}
"""What was marked of a gesture, and what the joints say."""


def judge(title: str, bodies: Sequence[tuple[Mark, Body]]) -> dict[str, Any]:
    """Precision and recall of gestures, and tables of postures and headings."""
    postures: Counter[tuple[str, str]] = Counter()
    headings: Counter[tuple[str, str]] = Counter()
    for mark, body in bodies:
        if "posture" in mark:
            stance = posture.stance(body)
            told = posture.best(posture.scores(stance))[0] if stance else posture.UNKNOWN
            postures[mark["posture"], told] += 1
        if "facing" in mark:
            headings[mark["facing"], _side(body)] += 1
    return {
        "joints": title,
        "people": len(bodies),
        "gestures": {name: _judged(name, bodies) for name in QUESTIONS},
        "postures": _counts(postures),
        "facing": _counts(headings),
    }


def _judged(name: str, bodies: Sequence[tuple[Mark, Body]]) -> dict[str, Any]:
    truth_of, score_of = QUESTIONS[name]
    counts: Counter[tuple[bool, bool | None]] = Counter()
    for mark, body in bodies:
        if (truth := truth_of(mark)) is not None:
            score = score_of(body)
            counts[truth, None if score is None else score >= KNOWN] += 1
    right, missed, false = counts[True, True], counts[True, False], counts[False, True]
    return {
        "made": right + missed + counts[True, None],
        "not_made": false + counts[False, False] + counts[False, None],
        "precision": round(right / (right + false), 3) if right + false else None,
        "recall": round(right / (right + missed), 3) if right + missed else None,
        "false": false,
        "unknown": counts[True, None] + counts[False, None],
    }


def _side(body: Body) -> str:
    heading = facing.heading_of(body)
    if heading is None:
        return "unknown"
    turn = abs(heading.angle)
    return "front" if turn < FRONT else "back" if turn > BACK else "side"


def _counts(table: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = {}
    for (truth, told), count in sorted(table.items()):
        rows.setdefault(truth, {})[told] = count
    return rows
