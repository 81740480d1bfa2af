"""Scores over time as states that do not flicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True)
class Thresholds:
    """When a state changes.

    Attributes:
        enter: score from which a gesture begins.
        leave: score below which it ends.
        enter_time: s for which it has to stay above.
        leave_time: s for which it has to stay below.
        unknown_time: s without a score after which nothing is known any more.
    """

    enter: float = 0.6
    leave: float = 0.4
    enter_time: float = 0.2
    leave_time: float = 0.3
    unknown_time: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.leave <= self.enter <= 1:
            raise ValueError(
                f"0 <= leave <= enter <= 1 is expected, got {self.leave} and {self.enter}"
            )
        if min(self.enter_time, self.leave_time, self.unknown_time) < 0:
            raise ValueError("times are 0 s or more")


class Switch:
    """One gesture of one person.

    Attributes:
        state: `yes`, `no` or `unknown`.
        since: when it became so, s; None before the first score.
    """

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """Knows nothing yet."""
        self.state = UNKNOWN
        self.since: float | None = None
        self._thresholds = thresholds or Thresholds()
        self._seen: float | None = None
        self._turned: float | None = None

    def update(self, time: float, score: float | None) -> str:
        """The state after a score; None as long as the joints do not tell."""
        limits = self._thresholds
        if score is None:
            self._turned = None
            if self._seen is None or time - self._seen >= limits.unknown_time:
                self._become(UNKNOWN, time)
            return self.state
        self._seen = time
        is_on = score >= (limits.leave if self.state == YES else limits.enter)
        wanted = YES if is_on else NO
        if wanted == self.state:
            self._turned = None
            return self.state
        self._turned = time if self._turned is None else self._turned
        wait = limits.enter_time if is_on else limits.leave_time if self.state == YES else 0.0
        if time - self._turned >= wait - 1e-9:
            self._become(wanted, time)
        return self.state

    def _become(self, state: str, time: float) -> None:
        if state != self.state or self.since is None:
            self.since = time
        self.state, self._turned = state, None


class Choice:
    """One of several states by their scores, such as a posture.

    Attributes:
        state: the name of the state, or `unknown`.
        score: of that state at the last update.
    """

    def __init__(self, least: float = 0.5, hold: float = 0.4, unknown_time: float = 0.8) -> None:
        """Knows nothing yet.

        Args:
            least: score from which a state can be.
            hold: s for which another has to be the best before it is taken.
            unknown_time: s without a state that can be, after which nothing is known any more.
        """
        self.state, self.score = UNKNOWN, 0.0
        self._least, self._hold, self._unknown_time = least, hold, unknown_time
        self._wanted: str | None = None
        self._since = 0.0

    def update(self, time: float, scores: Mapping[str, float] | None) -> str:
        """The state after the scores of an image; None if there are none."""
        best = max(scores, key=lambda name: scores[name]) if scores else UNKNOWN
        if not scores or scores[best] < self._least:
            best = UNKNOWN
        self.score = scores.get(self.state, 0.0) if scores else 0.0
        if best == self.state:
            self._wanted = None
            return self.state
        if best != self._wanted:
            self._wanted, self._since = best, time
        wait = self._unknown_time if best == UNKNOWN else self._hold
        if time - self._since >= wait - 1e-9:
            self.state, self._wanted = best, None
            self.score = scores.get(best, 0.0) if scores else 0.0
        return self.state
