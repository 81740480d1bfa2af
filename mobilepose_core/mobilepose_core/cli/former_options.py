"""Options under the names that they had in the last release: accepted, with a warning."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Renamed:
    """An option that has another name now.

    Attributes:
        former: such as `--weights`.
        now: such as `--model`.
    """

    former: str
    now: str

    def __call__(self, words: Sequence[str]) -> list[str]:
        """A command line with the new name, after a warning where it had the former one."""
        renamed = [self._renamed(word) for word in words]
        if renamed != list(words):
            warn(self.former, self.now)
        return renamed

    def _renamed(self, word: str) -> str:
        name, equals, value = word.partition("=")
        return f"{self.now}{equals}{value}" if name == self.former else word


@dataclass(frozen=True)
class Joined:
    """Options, each with one value, that are one option now.

    Attributes:
        former: such as `--dataset` and `--root`.
        now: such as `--data`.
        value: of the new option, from those of the former ones that were given, by their names.
    """

    former: tuple[str, ...]
    now: str
    value: Callable[[Mapping[str, str]], str]

    def __call__(self, words: Sequence[str]) -> list[str]:
        """A command line with the new option, after a warning where it had former ones.

        Raises:
            ValueError: a former option is without its value, or without another that it needs.
        """
        given: dict[str, str] = {}
        kept: list[str] = []
        place = 0
        rest = iter(words)
        for word in rest:
            name, equals, value = word.partition("=")
            if name not in self.former:
                kept.append(word)
                continue
            given[name] = value if equals else next(rest, "")
            if not given[name]:
                raise ValueError(f"{name}: expected one argument")
            place = len(kept)
        if not given:
            return kept
        value = self.value(given)
        warn(" ".join(given), f"{self.now} {value}")
        return [*kept[:place], f"{self.now}={value}", *kept[place:]]


def warn(former: str, now: str) -> None:
    """Says what to write in place of a former option."""
    log.warning("%s is now %s; the old name goes with the next release", former, now)
