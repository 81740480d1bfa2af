"""How commands that measure say what they found."""

from __future__ import annotations

from collections.abc import Mapping

from mobilepose_core.io import json_text


def rounded(figures: Mapping[str, float], digits: int) -> dict[str, float]:
    """Figures with so many digits after the point."""
    return {name: round(figure, digits) for name, figure in figures.items()}


def print_json(head: Mapping[str, object], figures: Mapping[str, float]) -> None:
    """One line: what was measured, and what was found; null where there was nothing to measure.

    Raises:
        ValueError: one name is in both, and one value would be lost.
    """
    if twice := sorted(head.keys() & figures):
        raise ValueError(f"{', '.join(twice)}: expected each name once in a line of JSON")
    print(json_text.of({**head, **figures}))


def print_lines(title: str, names: Mapping[str, str], figures: Mapping[str, float]) -> None:
    """A table.

    Args:
        title: what was measured.
        names: what the figures are called, by their key.
        figures: more of them, by key.
    """
    width = max(map(len, names.values()))
    print(title)
    for key, name in names.items():
        print(f"  {name:<{width}} {figures[key]:8.3f}")
