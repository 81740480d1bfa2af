"""Who is somebody else for certain: a track that was seen beside the target and has not jumped.

Clothes do not tell people in uniform apart, and a tracker exchanges IDs. Places do, in a frame that
does not move with the camera: nobody is in two places, and nobody jumps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from mobilepose_core.typing import FloatArray

JUMP, SPEED = 0.5, 2.0
"""Places of a track that differ by more than m, and by more than m/s allow, are two people's."""

MEMORY = 5.0
"""A track that was not seen for so long is forgotten, s."""


@dataclass(frozen=True, eq=False)
class _Track:
    time: float
    place: FloatArray
    is_other: bool = False


class Whereabouts:
    """Places of all tracks, and which of them are not the target."""

    def __init__(self) -> None:
        """Knows no track yet."""
        self._tracks: dict[int, _Track] = {}
        self._jumped: set[int] = set()

    def update(self, time: float, places: Iterable[tuple[int, FloatArray | None]]) -> None:
        """Takes the places of an image: a track that jumped is of somebody unknown.

        Args:
            time: of the image, s.
            places: (3,) m by track; None if unknown: then the track keeps the last one.
        """
        self._jumped.clear()
        for track_id, place in places:
            before = self._tracks.get(track_id)
            if place is None:
                continue
            is_other = False
            if before is not None:
                far = float(np.linalg.norm(place - before.place))
                if far > JUMP + SPEED * (time - before.time):
                    self._jumped.add(track_id)
                else:
                    is_other = before.is_other
            self._tracks[track_id] = _Track(time, place, is_other)
        self._tracks = {
            track_id: track
            for track_id, track in self._tracks.items()
            if time - track.time <= MEMORY
        }

    def has_jumped(self, track_id: int) -> bool:
        """Whether a track is somewhere else in the last image than one person can be."""
        return track_id in self._jumped

    def is_other(self, track_id: int) -> bool:
        """Whether a track was seen beside the target, and has not jumped since."""
        track = self._tracks.get(track_id)
        return track is not None and track.is_other

    def set_others(self, target: int, others: Iterable[int]) -> None:
        """Says who is the target in the last image, and who is seen beside it."""
        for track_id in (target, *others):
            if (track := self._tracks.get(track_id)) is not None:
                self._tracks[track_id] = replace(track, is_other=track_id != target)

    def forget_others(self) -> None:
        """Says that the last target was perhaps another person, so that anybody may be it."""
        self._tracks = {
            track_id: replace(track, is_other=False) for track_id, track in self._tracks.items()
        }
