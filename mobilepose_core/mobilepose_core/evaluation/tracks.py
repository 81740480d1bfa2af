"""Tracking metrics on videos with known ground truth.

Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT
Metrics", 2008, and Ristani et al., "Performance Measures and a Data Set for Multi-Target,
Multi-Camera Tracking", ECCV Workshops 2016, with the similarity of joints (OKS) instead of IoU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mobilepose_core import skeleton
from mobilepose_core.evaluation import pck
from mobilepose_core.evaluation.scenes import Moment, TruePerson
from mobilepose_core.evaluation.steadiness import Steadiness
from mobilepose_core.inference.tracking.assignment import assigned
from mobilepose_core.inference.tracking.association import PoseArrays, pose_similarity
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.typing import FloatArray

SIMILARITY_SPREAD = 0.12
"""Spread of the similarity to the truth, in lengths of a person's box."""

RIGHT = 0.5
"""Similarity from which a pose matches a person."""

EXCUSED = 0.3
"""Similarity to a mostly occluded person from which a pose is not a false positive."""

_KEEP = 0.3
"""Bonus for a pair that was matched in the last frame."""


@dataclass
class Tally:
    """Matches, misses, false positives and ID switches, counted frame by frame."""

    frames: int = 0
    found: int = 0
    missed: int = 0
    false: int = 0
    switches: int = 0
    raw: Steadiness = field(default_factory=Steadiness)
    steadied: Steadiness = field(default_factory=Steadiness)
    _scene: int = 0
    _ids: dict[int, int] = field(default_factory=dict)
    _matches: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    _distances: list[FloatArray] = field(default_factory=list)

    def begin_scene(self) -> None:
        """Starts another video."""
        self._scene += 1
        self._ids.clear()
        self.raw.begin_scene()
        self.steadied.begin_scene()

    def add(self, moment: Moment, poses: Sequence[Pose], steadied: Sequence[Pose]) -> None:
        """Adds a frame.

        Args:
            moment: the frame and its ground truth.
            poses: the tracked poses.
            steadied: the same poses, smoothed.
        """
        poses, steadied = map(_upper_bodies, (poses, steadied))
        people = [person for person in moment.people if person.counts]
        pairs = self._paired(people, poses)
        for person, index in pairs:
            pose = poses[index]
            before = self._ids.get(person.number, pose.track_id)
            self.switches += before != pose.track_id
            self._ids[person.number] = pose.track_id
            self._matches[self._scene, person.number, pose.track_id] += 1
            distances = pck.normalised_distances(pose.joints[None], person.joints[None])[0]
            self._distances.append(np.where(person.visible, distances, np.nan))
        taken = {index for _, index in pairs}
        unmatched = [pose for index, pose in enumerate(poses) if index not in taken]
        occluded = [person for person in moment.people if not person.counts]
        excused = (_similarity(occluded, unmatched) >= EXCUSED).any(axis=0)
        self.frames += 1
        self.found += len(pairs)
        self.missed += len(people) - len(pairs)
        self.false += len(unmatched) - int(excused.sum())
        self.raw.add([(person, poses[index]) for person, index in pairs])
        self.steadied.add([(person, steadied[index]) for person, index in pairs])

    def figures(self, rate: float) -> dict[str, float]:
        """The metrics of all videos.

        Args:
            rate: frames per second.
        """
        people = max(1, self.found + self.missed)
        none = np.full((1, skeleton.JOINT_COUNT), np.nan)
        distances = np.stack(self._distances) if self._distances else none
        return {
            "frames": self.frames,
            "person_seconds": people / rate,
            "switches": self.switches,
            "switches_per_100_person_seconds": 100 * self.switches * rate / people,
            "misses": self.missed / people,
            "false_per_frame": self.false / max(1, self.frames),
            "mota": 1 - (self.missed + self.false + self.switches) / people,
            "idf1": self._idf1(),
            "pck": pck.summary(distances, PCK)["mean"],
            "jitter_px": self.raw.jitter_px,
            "jitter": self.raw.jitter,
            "jitter_smoothed_px": self.steadied.jitter_px,
            "jitter_smoothed": self.steadied.jitter,
            "lag_frames": self.raw.lag,
            "lag_smoothed_frames": self.steadied.lag,
        }

    def _paired(
        self, people: Sequence[TruePerson], poses: Sequence[Pose]
    ) -> list[tuple[TruePerson, int]]:
        similarity = _similarity(people, poses)
        before = np.array([self._ids.get(person.number, -1) for person in people])
        kept = before[:, None] == np.array([pose.track_id for pose in poses])
        costs = np.where(similarity >= RIGHT, 1 - similarity - _KEEP * kept, 2.0)
        return [(people[row], column) for row, column in assigned(costs, 1.0)]

    def _idf1(self) -> float:
        """IDF1: F1 score of identities under the best one-to-one mapping of tracks to people."""
        people = sorted({key[:2] for key in self._matches})
        tracks = sorted({key[2] for key in self._matches})
        counts = np.zeros((len(people), len(tracks)))
        for (scene, person, track), count in self._matches.items():
            counts[people.index((scene, person)), tracks.index(track)] = count
        pairs = assigned(1 - counts / max(1.0, counts.max(initial=0)), 1.0)
        right = sum(counts[pair] for pair in pairs)
        return float(2 * right / max(1, 2 * self.found + self.missed + self.false))


PCK = 0.2
"""Threshold of `pck`, in torso lengths."""


def _similarity(people: Sequence[TruePerson], poses: Sequence[Pose]) -> FloatArray:
    """(N, M) similarity of people in a frame and poses, over visible joints of the model."""
    if not people or not poses:
        return np.zeros((len(people), len(poses)))
    found = PoseArrays.of(poses)
    looked_for = np.isfinite(found.joints[0]).all(axis=-1)
    truth = PoseArrays(
        np.array([person.joints[looked_for] for person in people]),
        np.array([person.visible[looked_for] for person in people], dtype=float),
        np.array([person.box for person in people]).reshape(-1, 4),
        np.ones(len(people)),
    )
    chosen = replace(found, joints=found.joints[:, looked_for], scores=found.scores[:, looked_for])
    return pose_similarity(truth, chosen, SIMILARITY_SPREAD)


def _upper_bodies(poses: Sequence[Pose]) -> list[Pose]:
    """Poses of any skeleton as poses of the upper body; NaN for joints that are not looked for."""
    return [pose if pose.skeleton is UPPER_BODY_11 else _upper_body(pose) for pose in poses]


def _upper_body(pose: Pose) -> Pose:
    names = pose.skeleton.joints
    joints = skeleton.select(skeleton.among_all(pose.joints, names))
    scores = skeleton.select(skeleton.among_all(pose.scores[:, None], names))[:, 0]
    return Pose(
        joints.astype(np.float32),
        np.nan_to_num(scores).astype(np.float32),
        pose.track_id,
        detection=pose.upper_body,
    )
