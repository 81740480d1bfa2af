"""Faults of a data set, counted by kind, with an example of each."""

from __future__ import annotations

from collections import Counter


class Faults(Counter[str]):
    """Counts of each kind of fault.

    Attributes:
        examples: the first case of each kind, such as `annotation 7: image_id 99`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.examples: dict[str, str] = {}

    def note(self, fault: str, example: str = "", count: int = 1) -> None:
        """Counts a fault, and keeps the first example of its kind."""
        self[fault] += count
        if example:
            self.examples.setdefault(fault, example)

    def lines(self, title: str) -> list[str]:
        """One line per kind, the most frequent first.

        Args:
            title: prefix of each line, such as the name of the data set.
        """
        return [f"{title}: {count} x {self._described(fault)}" for fault, count in self._ordered()]

    def _described(self, fault: str) -> str:
        example = self.examples.get(fault)
        return f"{fault}; first: {example}" if example else fault

    def _ordered(self) -> list[tuple[str, int]]:
        return [(fault, count) for fault, count in self.most_common() if count]
