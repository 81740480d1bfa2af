"""Skeletons: joint names, their order, limbs, and which joints are left and right of one part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mobilepose_core.typing import FloatArray

NAME = "flic11"
"""What model files and messages call the skeleton of `JOINTS`."""

JOINTS: tuple[str, ...] = (
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_eye",
    "right_eye",
    "nose",
)
"""Canonical order, person-centric: left is the person's left."""

JOINT_COUNT = len(JOINTS)
INDEX: Mapping[str, int] = {name: index for index, name in enumerate(JOINTS)}

EDGES: tuple[tuple[str, str], ...] = (
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "right_shoulder"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
    ("left_hip", "right_hip"),
    ("left_eye", "nose"),
    ("right_eye", "nose"),
)

EDGE_INDICES: tuple[tuple[int, int], ...] = tuple((INDEX[a], INDEX[b]) for a, b in EDGES)


def side_of(name: str) -> str:
    """`left` or `right`; empty for a joint in the middle."""
    return next((word for word in name.split("_") if word in ("left", "right")), "")


def mirrored(name: str) -> str:
    """The joint on the other side: `right_hip` for `left_hip`, `nose` for `nose`."""
    swapped = {"left": "right", "right": "left"}
    return "_".join(swapped.get(word, word) for word in name.split("_"))


MIRROR: tuple[int, ...] = tuple(INDEX[mirrored(name)] for name in JOINTS)
"""`joints[MIRROR]` exchanges left and right."""


_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_FACE = frozenset({"left_eye", "right_eye", "nose"})


@dataclass(frozen=True)
class Skeleton:
    """Joints, and which of them are connected.

    Attributes:
        name: of the skeleton.
        joints: their names in order, person-centric: left is the person's left.
        edges: limbs, as pairs of names.
    """

    name: str
    joints: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        _ = self.exceeds_upper_body, self.spans_body  # derived here: the first frame does not wait

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The index of each joint."""
        return {name: index for index, name in enumerate(self.joints)}

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """`values[mirror]` exchanges left and right; a joint without a partner keeps its place."""
        return tuple(self.index.get(mirrored(name), i) for i, name in enumerate(self.joints))

    @cached_property
    def edge_indices(self) -> tuple[tuple[int, int], ...]:
        """`edges`, as pairs of indices."""
        return tuple((self.index[a], self.index[b]) for a, b in self.edges)

    @cached_property
    def upper_body(self) -> tuple[int, ...]:
        """Indices of the joints from eyes to hips, that define the person box."""
        return tuple(i for i, name in enumerate(self.joints) if name in INDEX)

    @cached_property
    def exceeds_upper_body(self) -> bool:
        """Whether some of the joints, but not all, are the upper body's."""
        return 0 < len(self.upper_body) < len(self.joints)

    @cached_property
    def torso(self) -> tuple[int, int, int, int] | None:
        """Indices of both shoulders and both hips, left first; None if one is missing."""
        if not set(_TORSO) <= set(self.joints):
            return None
        shoulders, hips = ((self.index[a], self.index[b]) for a, b in (_TORSO[:2], _TORSO[2:]))
        return (*shoulders, *hips)

    @cached_property
    def spans_upper_body(self) -> bool:
        """Whether the joints tell where the upper body is: some of the face, and the torso."""
        return self.torso is not None and not _FACE.isdisjoint(self.joints)

    @cached_property
    def spans_body(self) -> bool:
        """Whether the joints tell where the whole body is: the upper body, and both ankles."""
        return self.spans_upper_body and {"left_ankle", "right_ankle"} <= set(self.joints)


UPPER_BODY_11 = Skeleton("upper_body_11", JOINTS, EDGES)

_LEGS = tuple(
    edge
    for side in ("left", "right")
    for edge in ((f"{side}_hip", f"{side}_knee"), (f"{side}_knee", f"{side}_ankle"))
)
_EARS = tuple((f"{side}_eye", f"{side}_ear") for side in ("left", "right"))

COCO_17 = Skeleton(
    "coco_17",
    (
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    (*EDGES, *_EARS, *_LEGS),
)

ALL_19 = Skeleton(
    "all_19",
    (
        *JOINTS,
        "left_ear",
        "right_ear",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
        "flic_left_hip",
        "flic_right_hip",
    ),
    (*EDGES, *_EARS, *_LEGS),
)
"""All joints that data sets have, as people are annotated and networks trained; it begins with
those of `UPPER_BODY_11`. FLIC's hips are another point than those of other data sets."""

SKELETONS: Mapping[str, Skeleton] = {s.name: s for s in (UPPER_BODY_11, COCO_17, ALL_19)}

_FLIC_HIPS: Mapping[str, str] = {f"{side}_hip": f"flic_{side}_hip" for side in ("left", "right")}


def of_joints(joints: Sequence[str]) -> Skeleton:
    """The skeleton of those joints in that order: a known one, or `custom` with the limbs left.

    Raises:
        ValueError: a joint is unknown or named twice, or there is none.
    """
    names = tuple(joints)
    for known in SKELETONS.values():
        if known.joints == names:
            return known
    if unknown := [name for name in names if name not in ALL_19.index]:
        raise ValueError(f"joints {unknown} unknown; known: {', '.join(ALL_19.joints)}")
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"expected each joint once and one at least, got {names}")
    edges = tuple(edge for edge in ALL_19.edges if set(edge) <= set(names))
    return Skeleton("custom", names, edges)


def metadata_name(joints: Sequence[str]) -> str:
    """What a model file calls the skeleton of those joints."""
    found = of_joints(joints)
    return NAME if found == UPPER_BODY_11 else found.name


def among_all(joints: FloatArray, names: Sequence[str] = JOINTS) -> FloatArray:
    """Joints in the order of `ALL_19`, NaN where there are none; `select` undoes it.

    Args:
        joints: (..., len(names), C).
        names: of those joints.

    Returns:
        (..., 19, C).
    """
    everything = np.full((*joints.shape[:-2], len(ALL_19.joints), joints.shape[-1]), np.nan)
    everything[..., [ALL_19.index[name] for name in names], :] = joints
    return everything.astype(joints.dtype)


def select(
    joints: FloatArray, names: Sequence[str] = JOINTS, *, flic_hips: bool = True
) -> FloatArray:
    """Some of the joints of `ALL_19`.

    Where a person has FLIC's hips only, and `names` has no place of their own for these, they
    replace the hips: FLIC's people are cut out and evaluated by them.

    Args:
        joints: (..., 19, C), NaN where unknown.
        names: which, in which order.
        flic_hips: whether FLIC's hips replace hips.

    Returns:
        (..., len(names), C), a copy.
    """
    picked = joints[..., [ALL_19.index[name] for name in names], :].copy()
    for place, name in enumerate(names):
        other = _FLIC_HIPS.get(name)
        if flic_hips and other is not None and other not in names:
            theirs = joints[..., ALL_19.index[other], :]
            picked[..., place, :] = np.where(
                np.isnan(picked[..., place, :]), theirs, picked[..., place, :]
            )
    return picked


def knows_hips(joints: FloatArray) -> bool:
    """Whether anybody has hips other than FLIC's, of joints (..., 19, C), NaN where unknown."""
    return not np.isnan(joints[..., [ALL_19.index[name] for name in _FLIC_HIPS], :]).all()


def observer_centric(joints: FloatArray, skeleton: Skeleton = UPPER_BODY_11) -> FloatArray:
    """Left and right exchanged for people whose left shoulder lies left of their right.

    Most published FLIC tables are counted so: a person seen from behind keeps the labels of one
    seen from the front.

    Args:
        joints: (..., K, 2) x, y, person-centric.
        skeleton: of the K joints.

    Returns:
        (..., K, 2), a copy.

    Raises:
        ValueError: the skeleton lacks the shoulders, or the other side of a joint.
    """
    if not {"left_shoulder", *map(mirrored, skeleton.joints)} <= set(skeleton.joints):
        raise ValueError(
            "left and right by the picture need both shoulders and both sides of all joints, got "
            f"{', '.join(skeleton.joints)}"
        )
    sides = [skeleton.index[f"{side}_shoulder"] for side in ("left", "right")]
    left, right = (joints[..., side, 0] for side in sides)
    exchanged = joints[..., list(skeleton.mirror), :]
    return np.where((left < right)[..., None, None], exchanged, joints)


def torso_ends(
    joints: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """The middle of the hips and that of the shoulders.

    Args:
        joints: (..., 11, 2) x, y, NaN where unknown, or more joints behind those.

    Returns:
        Two (..., 2); NaN where one of the two joints is unknown.
    """
    hips, shoulders = (
        joints[..., [INDEX[f"left_{part}"], INDEX[f"right_{part}"]], :].mean(axis=-2)
        for part in ("hip", "shoulder")
    )
    return hips, shoulders
