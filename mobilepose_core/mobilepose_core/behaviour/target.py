"""Whom to follow: one person is chosen and kept; a loss and a return are always told.

The track ID is believed as long as the person looks like the target. After a loss, somebody becomes
the target again only if they look like it, clearly more so than everybody else, and can be there.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilepose_core.behaviour.candidate import Candidate, chosen
from mobilepose_core.behaviour.gallery import Distance, Gallery
from mobilepose_core.behaviour.whereabouts import Whereabouts
from mobilepose_core.pose import appearance_distance
from mobilepose_core.typing import FloatArray

NONE, LOCKED, LOST, SEARCHING, FOUND_AGAIN = "none", "locked", "lost", "searching", "found_again"
RETURNING = 0.5
"""Share of the time to confirm for the target's own track: the tracker says the same."""

NEARER = 0.5
"""Of two who look alike, one is the target if it is nearer by so much to where that was, m."""

STATES = (NONE, LOCKED, LOST, SEARCHING, FOUND_AGAIN)


@dataclass(frozen=True)
class LockSettings:
    """When a target is lost and found again.

    Attributes:
        familiar: appearance distance up to which somebody may be the target.
        unlike: appearance distance from which the tracked person is somebody else.
        margin: how much nearer the target's appearance has to be than anybody else's.
        doubt_time: s for which a tracked person has to look like somebody else to be given up.
        confirm_time: s for which somebody has to look like the target to be found again.
        search_after: s without the target after which `lost` becomes `searching`.
        announce_time: s for which `found_again` is said before `locked`.
        speed: of the target at most, m/s, for where it can be after a loss.
        reach: how far it may be in addition, m.
        place_time: s after a loss for which places count; longer if they are of a fixed frame.
    """

    familiar: float = 0.3
    unlike: float = 0.45
    margin: float = 0.15
    doubt_time: float = 0.4
    confirm_time: float = 0.5
    search_after: float = 1.0
    announce_time: float = 2.0
    speed: float = 2.0
    reach: float = 1.0
    place_time: float = 5.0


@dataclass(frozen=True)
class TargetState:
    """The target after an image.

    Attributes:
        state: one of `STATES`.
        track_id: of the target in this image; None unless it is seen.
        since: when the state began, s.
        reason: of a loss, or why nobody is taken for the target; empty otherwise.
    """

    state: str
    track_id: int | None
    since: float
    reason: str = ""


class TargetLock:
    """Chooses a target and keeps it."""

    def __init__(
        self, distance: Distance = appearance_distance, settings: LockSettings | None = None
    ) -> None:
        """Has no target yet.

        Args:
            distance: of appearances; that of `appearance_of` by default.
            settings: when the target is lost and found again.
        """
        self._distance, self._settings = distance, settings or LockSettings()
        self._wish: tuple[str, int | None] | None = None
        self._target = TargetState(NONE, None, 0.0)
        self._whereabouts = Whereabouts()
        self._gallery: Gallery
        self._forget()

    @property
    def target(self) -> TargetState:
        """As of the last update."""
        return self._target

    def select(self, how: str, track_id: int | None = None) -> None:
        """Wants another target: whoever is the first to fit from the next image on.

        Raises:
            ValueError: see `chosen`.
        """
        chosen(how, [], track_id)
        self._wish = how, track_id
        self._forget()
        self._target = TargetState(NONE, None, self._target.since, "nobody fits the choice yet")

    def release(self) -> None:
        """Wants no target any more."""
        self._wish = None
        self._forget()
        self._target = TargetState(NONE, None, self._target.since)

    def restart(self, time: float, reason: str) -> TargetState:
        """Goes on although times and places mean something else from now on.

        How the target and others look is kept, and so is a choice that nobody has fitted. Track
        IDs are not believed any more: the target is lost until somebody looks like it.

        Args:
            time: from which the next images go on, s.
            reason: of the loss.
        """
        gallery = self._gallery
        self._forget()
        self._gallery, self._whereabouts, self._seen = gallery, Whereabouts(), time
        if self._target.state == NONE:
            self._target = TargetState(NONE, None, time, self._target.reason)
        else:
            self._target = self._lose(time, reason)
        return self._target

    def update(self, time: float, candidates: Sequence[Candidate]) -> TargetState:
        """The target after an image.

        Args:
            time: of the image, s; it does not go back.
            candidates: everybody who is seen in it.
        """
        self._whereabouts.update(time, [(one.track_id, one.place) for one in candidates])
        if self._target.state == NONE:
            self._target = self._choose(time, candidates)
        elif self._target.state in (LOCKED, FOUND_AGAIN):
            self._target = self._follow(time, candidates)
        else:
            self._target = self._search(time, candidates)
        return self._target

    def _forget(self) -> None:
        self._gallery = Gallery(self._distance)
        self._whereabouts.forget_others()
        self._place: FloatArray | None = None
        self._seen = 0.0
        self._id: int | None = None
        self._doubt_since: float | None = None
        self._likely: deque[tuple[float, int]] = deque()

    def _choose(self, time: float, candidates: Sequence[Candidate]) -> TargetState:
        if self._wish is None:
            return TargetState(NONE, None, self._target.since)
        found = chosen(self._wish[0], candidates, self._wish[1])
        if found is None:
            return TargetState(NONE, None, self._target.since, "nobody fits the choice")
        self._wish = None
        self._keep(time, next(one for one in candidates if one.track_id == found), candidates)
        return TargetState(LOCKED, found, time)

    def _follow(self, time: float, candidates: Sequence[Candidate]) -> TargetState:
        mine = next((one for one in candidates if one.track_id == self._id), None)
        if mine is None:
            return self._lose(time, "not seen")
        if self._whereabouts.has_jumped(mine.track_id):
            self._whereabouts.forget_others()
            return self._lose(time, "the track jumped to another place")
        if not mine.is_isolated:  # what is seen may be another's: it says nothing
            self._id, self._seen = mine.track_id, time
        elif self._is_other(mine, candidates):
            self._doubt_since = time if self._doubt_since is None else self._doubt_since
            if time - self._doubt_since >= self._settings.doubt_time:
                self._whereabouts.forget_others()
                return self._lose(time, "the track looks like another person")
        else:
            self._doubt_since = None
            self._keep(time, mine, candidates)
        now = self._target
        if now.state == FOUND_AGAIN and time - now.since >= self._settings.announce_time:
            return TargetState(LOCKED, mine.track_id, time)
        return TargetState(now.state, mine.track_id, now.since)

    def _is_other(self, mine: Candidate, candidates: Sequence[Candidate]) -> bool:
        """Whether a track that was the target's does not look like it any more."""
        if mine.appearance is None or self._gallery.is_empty:
            return False
        distance = self._gallery.distance(mine.appearance)
        if distance >= self._settings.unlike:
            return True
        others = [self._of(one) for one in candidates if one is not mine and one.is_isolated]
        rival = min(others, default=math.inf)
        return distance > self._settings.familiar and rival + self._settings.margin <= distance

    def _keep(self, time: float, mine: Candidate, candidates: Sequence[Candidate]) -> None:
        """Learns how the target looks, and how others look."""
        self._id, self._seen = mine.track_id, time
        self._place = self._place if mine.place is None else mine.place
        if mine.appearance is None or not mine.is_isolated:
            return
        is_familiar = self._gallery.distance(mine.appearance) <= self._settings.familiar
        if self._gallery.is_empty or is_familiar:
            self._gallery.add(mine.appearance)
        self._whereabouts.set_others(mine.track_id, [one.track_id for one in candidates])
        for one in candidates:
            if one is not mine and one.appearance is not None and one.is_isolated:
                self._gallery.add_stranger(one.appearance)

    def _lose(self, time: float, reason: str) -> TargetState:
        self._doubt_since = None
        self._likely.clear()
        return TargetState(LOST, None, time, reason)

    def _search(self, time: float, candidates: Sequence[Candidate]) -> TargetState:
        found, reason = self._most_likely(time, candidates)
        if found is None:
            self._likely.clear()
        else:
            if self._likely and self._likely[-1][1] != found.track_id:
                self._likely.clear()
            self._likely.append((time, found.track_id))
            share = RETURNING if found.track_id == self._id else 1.0
            if time - self._likely[0][0] >= share * self._settings.confirm_time:
                self._likely.clear()
                self._keep(time, found, candidates)
                return TargetState(FOUND_AGAIN, found.track_id, time)
        gone = time - self._target.since
        if self._target.state == LOST and gone < self._settings.search_after:
            return TargetState(LOST, None, self._target.since, self._target.reason)
        since = self._target.since if self._target.state == SEARCHING else time
        return TargetState(SEARCHING, None, since, reason)

    def _most_likely(
        self, time: float, candidates: Sequence[Candidate]
    ) -> tuple[Candidate | None, str]:
        """Who may be the target, and if nobody, why."""
        if self._gallery.is_empty:
            back = [one for one in candidates if one.track_id == self._id]
            return (back[0], "") if back else (None, "nothing is known of how the target looks")
        near = [one for one in candidates if self._can_be_there(time, one)]
        near = [one for one in near if not self._whereabouts.is_other(one.track_id)]
        clear = [one for one in near if one.is_isolated]
        alike = [one for one in clear if self._of(one) <= self._settings.familiar]
        if not alike:
            return None, "nobody who is seen looks like the target"
        limit = min(map(self._of, alike)) + self._settings.margin
        best = min(
            (one for one in alike if self._of(one) < limit), key=lambda one: self._key(time, one)
        )
        distance = self._of(best)
        rivals = [one for one in near if one is not best and self._of(one) < limit]
        if any(not self._is_nearer(time, best, one) for one in rivals):
            return None, "several people look like the target"
        assert best.appearance is not None  # its distance would be infinite
        strange = self._gallery.distance_to_strangers(best.appearance)
        if strange < distance + self._settings.margin and not self._is_told_by_place(time, best):
            return None, "who looks like the target looks like somebody seen beside it, too"
        return best, ""

    def _of(self, one: Candidate) -> float:
        return math.inf if one.appearance is None else self._gallery.distance(one.appearance)

    def _key(self, time: float, one: Candidate) -> tuple[float, float]:
        """Sorts people who look like the target: by place where that tells, else by look."""
        return self._far(one) if self._is_told_by_place(time, one) else math.inf, self._of(one)

    def _is_nearer(self, time: float, one: Candidate, other: Candidate) -> bool:
        """Whether one of two who look alike is clearly nearer to where the target was."""
        if not (self._is_told_by_place(time, one) and self._is_told_by_place(time, other)):
            return False
        return self._far(one) + NEARER <= self._far(other)

    def _far(self, one: Candidate) -> float:
        """How far somebody is from where the target was last seen, m."""
        if one.place is None or self._place is None:
            return math.inf
        return float(np.linalg.norm(one.place - self._place))

    def _is_told_by_place(self, time: float, one: Candidate) -> bool:
        """Whether somebody is where the target can be, shortly after it was lost."""
        is_short = time - self._seen <= self._settings.place_time
        return is_short and self._place is not None and one.place is not None

    def _can_be_there(self, time: float, one: Candidate) -> bool:
        gone = time - self._seen
        if self._place is None or one.place is None or gone > self._settings.place_time:
            return True
        return self._far(one) <= self._settings.reach + self._settings.speed * gone
