"""Skeletons drawn into pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.io import atomic
from mobilepose_core.io.annotations import Annotation, Arrows
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import side_of
from mobilepose_core.typing import AnyArray, BoolArray, FloatArray, ImageArray

Colour = tuple[int, int, int]


class PictureError(MobilePoseError):
    """A picture that a file format cannot hold."""


LEFT_COLOUR = (255, 160, 40)
RIGHT_COLOUR = (40, 110, 255)
MIDDLE_COLOUR = (90, 220, 90)
"""BGR. Left and right are the person's."""

TRACK_COLOURS = (
    MIDDLE_COLOUR,
    (60, 220, 250),
    (220, 80, 230),
    (240, 240, 240),
    (170, 200, 20),
    (200, 180, 255),
    (190, 70, 130),
)
"""BGR of what is neither left nor right, by track: they tell people from one another."""

MIN_SCORE = 0.5


def track_colour(track_id: int) -> Colour:
    """BGR of a person, the same for the same track; `MIDDLE_COLOUR` where not tracked."""
    return TRACK_COLOURS[(track_id - 1) % len(TRACK_COLOURS)] if track_id >= 0 else MIDDLE_COLOUR


def joint_colour(name: str, middle: Colour = MIDDLE_COLOUR) -> Colour:
    """BGR of a joint by its side; `middle` of the nose."""
    return {"left": LEFT_COLOUR, "right": RIGHT_COLOUR}.get(side_of(name), middle)


def edge_colour(start: str, end: str, middle: Colour = MIDDLE_COLOUR) -> Colour:
    """BGR of a limb: its side's where both ends lie on one side of the body, else `middle`."""
    if side_of(start) == side_of(end):
        return joint_colour(start, middle)
    return middle


def label(pose: Pose) -> str:
    """What is written beside a person, such as `person 3: 0.87`."""
    name = f"person {pose.track_id}" if pose.track_id >= 0 else "person"
    return f"{name}: {pose.score:.2f}"


def draw(
    frame: AnyArray,
    poses: Iterable[Pose],
    min_score: float = MIN_SCORE,
    labels: bool = False,
    annotations: Sequence[Annotation | None] = (),
) -> ImageArray:
    """A copy of the frame with the joints that score at least `min_score`, and limbs between them.

    Args:
        frame: (H, W, 3) uint8, BGR.
        poses: in pixels of the frame.
        min_score: joints below it are not drawn, and neither are those without a finite place.
        labels: whether each person's track and score are written over their head; over that of a
            small person, the track alone.
        annotations: what each of the poses does, in their order; empty for nothing.

    Raises:
        MobilePoseError: a pose alone is given, or there are more or fewer annotations than poses.
    """
    if isinstance(poses, Pose):
        raise MobilePoseError("poses are several, such as [pose], got one Pose")
    picture: ImageArray = frame.copy()
    people = [(pose, _drawn(pose, min_score)) for pose in poses]
    does = annotations or [None] * len(people)
    if len(does) != len(people):
        raise MobilePoseError(f"{len(people)} poses have as many annotations, got {len(does)}")
    visible = [
        (pose, shown, one or Annotation())
        for (pose, shown), one in zip(people, does, strict=True)
        if shown.any()
    ]
    for pose, shown, one in visible:
        _draw_skeleton(picture, pose, shown)
        _draw_arrows(picture, pose, shown, one)
    for pose, shown, one in visible:
        name = _fitting_label(pose, picture) if labels else ""
        if name or one.caption:
            _draw_label(picture, pose, pose.joints[shown], {name: 1.0, one.caption: CAPTION})
    return picture


def save(picture: ImageArray, path: Path) -> None:
    """Writes a picture, in the format that the file's ending names.

    Raises:
        TargetError: see `check_target`.
        PictureError: the format cannot hold the picture, as one of too many pixels.
        WriteError: the file cannot be written.
    """
    check_target(path)
    height, width = picture.shape[:2]
    try:
        is_encoded, content = cv2.imencode(path.suffix, picture)
    except cv2.error:
        is_encoded = False
    if not is_encoded:
        raise PictureError(
            f"{path}: a picture of {width} x {height} pixels does not fit this format; try .png"
        )
    atomic.write_bytes(path, content.tobytes())


def check_target(path: Path) -> None:
    """Looks at the name of a picture that is to be written.

    Raises:
        TargetError: its ending is of no format that can be written.
        WriteError: see `check_folder`.
    """
    if not can_write(path.suffix):
        raise atomic.TargetError(
            f"{path} has no ending of a picture format; expected .png or .jpg, say"
        )
    check_folder(path)


def can_write(suffix: str) -> bool:
    """Whether pictures in colour can be written in the format with this ending."""
    is_known = suffix.isascii() and cv2.haveImageWriter(f"x{suffix}")
    return is_known and suffix.lower() not in _WITHOUT_COLOUR


_WITHOUT_COLOUR = {".exr", ".pbm", ".pgm"}
"""Of formats that OpenCV writes; the first is disabled by default."""


def check_folder(path: Path) -> None:
    """Raises WriteError where the folder of a file to be written is missing, or it is one."""
    atomic.Replacement(path)


LINES_PER_LENGTH = 150
"""A line is as thick as the longer side of the person's box by this."""

CAPTION = 0.75
"""Size of a caption's letters relative to those of a label; smaller where it would not fit."""

ARROWS_PER_LENGTH = 70
"""Likewise an arrow."""

LABEL_PER_LENGTH = 1 / 22
MIN_LABEL, MAX_LABEL = 11.0, 40.0
"""Height of a label's capital letters: by the longer side of the person's box, and pixels."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT = 22.0
"""Of its capital letters at scale 1, pixels."""

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def _drawn(pose: Pose, min_score: float) -> BoolArray:
    """(K,) whether each joint is drawn."""
    return np.asarray((pose.scores >= min_score) & np.isfinite(pose.joints).all(axis=1))


def _draw_skeleton(picture: ImageArray, pose: Pose, shown: BoolArray) -> None:
    points = [
        _fixed_point(point) if is_shown else (0, 0)
        for point, is_shown in zip(pose.joints, shown, strict=True)
    ]
    thickness = max(1, round(_length(pose, picture) / LINES_PER_LENGTH))
    middle = track_colour(pose.track_id)
    skeleton = pose.skeleton
    for (start, end), (a, b) in zip(skeleton.edges, skeleton.edge_indices, strict=True):
        if shown[a] and shown[b]:
            colour = edge_colour(start, end, middle)
            cv2.line(picture, points[a], points[b], colour, thickness, cv2.LINE_AA, _FRACTION_BITS)
    radius = (thickness + 1) << _FRACTION_BITS
    for name, point, is_shown in zip(skeleton.joints, points, shown, strict=True):
        if is_shown:
            for colour, width in ((joint_colour(name, middle), cv2.FILLED), (_WHITE, 1)):
                cv2.circle(picture, point, radius, colour, width, cv2.LINE_AA, _FRACTION_BITS)


def _draw_arrows(picture: ImageArray, pose: Pose, shown: BoolArray, one: Annotation) -> None:
    """The heading in the person's colour, an arm that points in that of its side."""
    length = _length(pose, picture)
    arrows = Arrows(picture, pose, shown, length, max(2, round(length / ARROWS_PER_LENGTH)))
    arrows.draw_heading(one, track_colour(pose.track_id))
    arrows.draw_pointing(one, joint_colour(f"{one.pointing}_wrist"))


def _fitting_label(pose: Pose, picture: ImageArray) -> str:
    """What is written beside a person; where that is wider than the person is long, the track.

    Of somebody who is not tracked, it is the score.
    """
    whole, letters = label(pose), _letters(pose, picture)
    (width, _), _ = cv2.getTextSize(whole, _FONT, letters / _FONT_HEIGHT, _thickness(letters))
    if width <= _length(pose, picture):
        return whole
    return str(pose.track_id) if pose.track_id >= 0 else f"{pose.score:.2f}"


def _draw_label(
    picture: ImageArray, pose: Pose, seen: FloatArray, lines: Mapping[str, float]
) -> None:
    """Black on the person's colour, over the highest joint seen, inside the picture.

    Args:
        picture: drawn into.
        pose: of the person.
        seen: (N, 2) their joints that are drawn, pixels.
        lines: relative size of letters by text; empty texts are left out.
    """
    length, letters = _length(pose, picture), _letters(pose, picture)
    thickness, margin = _thickness(letters), round(letters * 0.4)
    width, height = 0, 0
    placed = []
    for text, share in lines.items():
        if text:
            scale = share * letters / _FONT_HEIGHT
            (wide, high), _ = cv2.getTextSize(text, _FONT, scale, thickness)
            if share < 1 and wide + 2 * margin > picture.shape[1]:
                scale *= (picture.shape[1] - 2 * margin) / wide
                (wide, high), _ = cv2.getTextSize(text, _FONT, scale, thickness)
            width, height = max(width, wide), height + high + 2 * margin
            placed.append((text, scale, height - margin))
    size = np.array([width + 2 * margin, height])
    highest = seen[np.argmin(seen[:, 1])]
    corner = highest - (size[0] / 2, length * _HEAD + size[1])
    room = np.maximum(picture.shape[1::-1] - size, 0)
    x, y = np.clip(corner, 0, room).astype(int).tolist()
    cv2.rectangle(picture, (x, y, *size.tolist()), track_colour(pose.track_id), cv2.FILLED)
    for text, scale, below in placed:
        baseline = (x + margin, y + below)
        cv2.putText(picture, text, baseline, _FONT, scale, _BLACK, thickness, cv2.LINE_AA)


def _letters(pose: Pose, picture: ImageArray) -> float:
    """Height of a label's capital letters, pixels."""
    return min(max(_length(pose, picture) * LABEL_PER_LENGTH, MIN_LABEL), MAX_LABEL)


def _thickness(letters: float) -> int:
    """Of the strokes of letters of that height, pixels."""
    return max(1, round(letters / 12))


_HEAD = 0.15
"""From the eyes to over the head, in lengths of a person's box."""


def _length(pose: Pose, picture: ImageArray) -> float:
    """The longer side of a person's upper body, pixels, up to that of the picture if unknown."""
    x0, y0, x1, y1 = map(float, pose.upper_body)
    longer = np.fmax(x1 - x0, y1 - y0)
    return float(np.fmin(longer, max(picture.shape[:2])))


_FRACTION_BITS = 3
_LARGEST_COORDINATE = 2**26


def _fixed_point(point: FloatArray) -> tuple[int, int]:
    """Sub-pixel coordinates as OpenCV's drawing wants them, within its integers' reach."""
    x, y = np.clip(
        np.round(point * 2**_FRACTION_BITS), -_LARGEST_COORDINATE, _LARGEST_COORDINATE
    ).astype(int)
    return int(x), int(y)
