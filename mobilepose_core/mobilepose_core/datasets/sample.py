"""One annotated person, whatever data set they come from, and what was wrong with the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets.faults import Faults
from mobilepose_core.errors import DataError
from mobilepose_core.io import photo
from mobilepose_core.typing import Float32Array

UNREADABLE = "image unreadable or cut off (person left out)"


@dataclass(frozen=True, eq=False)
class Sample:
    """A person in a photograph.

    Attributes:
        image: the photograph.
        joints: (19, 2) x, y in image pixels, of `skeleton.ALL_19`, NaN where not annotated.
        group: what must not be divided between training and validation: a film, a photograph.
        split: `train`, `val` or `test`, as the data set itself divides its people.
        area: that the person covers, pixels squared; None where the data set does not say.
        outline: (4,) x0, y0, x1, y1 around all that is visible of the person, image pixels, as it
            is annotated; None where it is not.
    """

    image: Path
    joints: Float32Array
    group: str
    split: str = "train"
    area: float | None = None
    outline: Float32Array | None = None

    @property
    def is_located(self) -> bool:
        """Whether the joints of the upper body tell where the person is."""
        return not why_not_located(self.joints)

    @property
    def upper_body(self) -> Float32Array:
        """(11, 2) the joints of `skeleton.UPPER_BODY_11`; hips are FLIC's where only they are."""
        return skeleton.select(self.joints)

    @property
    def height(self) -> float:
        """Of `box`, pixels."""
        return float(self.box[3] - self.box[1])

    @property
    def box(self) -> Float32Array:
        """(4,) x0, y0, x1, y1 in image pixels around the annotated joints of the upper body."""
        return crop.box_of_joints(self.upper_body)


@dataclass
class Dataset:
    """People, and a count of each kind of fault among those that had to be left out.

    Attributes:
        name: the format it was read as.
        samples: the sound ones.
        partial: people with too few annotated joints to be located by, whom COCO's measure counts.
        faults: how often each kind of fault was met, with an example.
        doubtful: (4,) boxes by photograph, where there are people without annotated joints, or may
            be.
        empty: photographs that are annotated as without people, with their splits.
        left_out: people left out without a fault, such as crowds; reported only if none are left.
    """

    name: str
    samples: list[Sample] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    doubtful: dict[Path, list[Float32Array]] = field(default_factory=dict)
    empty: dict[Path, str] = field(default_factory=dict)
    left_out: Faults = field(default_factory=Faults)
    partial: list[Sample] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def split(self, name: str) -> Dataset:
        """Only the people of one split."""
        empty = {path: split for path, split in self.empty.items() if split == name}
        return self._with(lambda sample: sample.split == name, self.faults, empty)

    def split_off(self, groups: Iterable[str]) -> tuple[Dataset, Dataset]:
        """The people outside the named groups, and those inside them."""
        held_out = set(groups)
        return (
            self._with(lambda sample: sample.group not in held_out, self.faults, self.empty),
            self._with(lambda sample: sample.group in held_out, Faults(), {}),
        )

    def from_height(self, pixels: float) -> Dataset:
        """Only the people of at least this height; see `Sample.height`."""
        return self._with(lambda sample: sample.height >= pixels, self.faults, self.empty)

    def _with(
        self, is_kept: Callable[[Sample], bool], faults: Faults, empty: dict[Path, str]
    ) -> Dataset:
        return Dataset(
            self.name,
            list(filter(is_kept, self.samples)),
            faults,
            self.doubtful,
            empty,
            self.left_out,
            list(filter(is_kept, self.partial)),
        )

    def check_photographs(self) -> None:
        """Leaves out, and counts, people whose photograph cannot be decoded whole."""
        unreadable = {
            path
            for path in tqdm({sample.image for sample in self.samples}, "check", leave=False)
            if photo.read(path) is None
        }
        kept = [sample for sample in self.samples if sample.image not in unreadable]
        if len(kept) < len(self.samples):
            self.faults.note(UNREADABLE, str(min(unreadable)), len(self.samples) - len(kept))
        self.samples = kept

    def fault_lines(self) -> list[str]:
        """One line per kind of fault."""
        return self.faults.lines(self.name)

    def require_people(self, title: str) -> None:
        """Refuses a data set, or a part of one, without people, with the reasons.

        Args:
            title: what has no people, such as the folder and the split.

        Raises:
            DataError: there are no people.
        """
        if not self.samples:
            raise DataError(f"{title} has no usable people{self.reasons()}")

    def reasons(self) -> str:
        """Why people were left out, for the message that there are none: lines, or nothing."""
        lines = [*self.fault_lines(), *self.left_out.lines(self.name)]
        return "".join(f"\n  {line}" for line in lines)


MIN_JOINTS = 3
"""Smallest number of annotated upper-body joints from which a person can be located."""

MAX_OUTSIDE = 0.5
"""How far outside its picture a joint may be annotated, in picture sides: then it is an error."""


def check_person(
    joints: Float32Array, size: tuple[int, int], faults: Faults, title: str = ""
) -> Float32Array | None:
    """The joints with impossible ones removed, or None when too few are left to be a person.

    Args:
        joints: (19, 2) image pixels, NaN where not annotated.
        size: width, height of the picture.
        faults: counted up for what is found.
        title: what the person is called in the examples of faults.
    """
    possible = possible_joints(joints, size, faults, title)
    if possible is None:
        return None
    if fault := why_not_located(possible):
        faults.note(fault, title)
        return None
    return possible


def possible_joints(
    joints: Float32Array, size: tuple[int, int], faults: Faults, title: str = ""
) -> Float32Array | None:
    """The joints with impossible ones removed, or None when most are; arguments as above."""
    extent = np.array(size, dtype=np.float32)
    known = np.isfinite(joints).all(axis=-1)
    if known.any() and _are_shares(joints[known], extent):
        fault = "joints that are shares of the picture; expected pixels (person left out)"
        faults.note(fault, title)
        return None
    with np.errstate(invalid="ignore"):
        lost = np.any(
            (joints < -MAX_OUTSIDE * extent) | (joints > (1 + MAX_OUTSIDE) * extent), axis=-1
        ) | np.isinf(joints).any(axis=-1)
    if 2 * lost.sum() > max(known.sum(), 1):
        faults.note("most joints far outside the picture (person left out)", title)
        return None
    if lost.any():
        faults.note("joint far outside its picture (joint ignored)", title, int(lost.sum()))
        joints = np.where(lost[:, None], np.float32(np.nan), joints)
    return joints


def why_not_located(joints: Float32Array) -> str:
    """Why a person cannot be located by their joints (19, 2), a kind of fault; empty if not."""
    upper_body = skeleton.select(joints)
    known = np.isfinite(upper_body).all(axis=-1)
    if known.sum() < MIN_JOINTS:
        return f"person with fewer than {MIN_JOINTS} usable joints (left out)"
    if np.ptp(upper_body[known], axis=0).max() < 1:
        return "person of no extent (left out)"
    return ""


def _are_shares(points: Float32Array, extent: Float32Array) -> bool:
    """Whether points look like shares of the picture's sides, which is larger than a few pixels."""
    return bool(extent.min() > 8 and np.abs(points).max() <= 2 and np.ptp(points, axis=0).any())
