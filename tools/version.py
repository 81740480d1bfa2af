"""The version: defined in mobilepose_core/__init__.py, and copied to files that need it.

python -m tools.version            print it
python -m tools.version --copy     write it into setup.cfg and package.xml of all packages
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "mobilepose_core" / "mobilepose_core" / "__init__.py"

COPIES: Mapping[str, str] = {
    "mobilepose_core/setup.cfg": r"(?m)^version = (.+)$",
    "mobilepose_core/package.xml": r"<version>(.+)</version>",
    "mobilepose_ros/setup.cfg": r"(?m)^version = (.+)$",
    "mobilepose_ros/package.xml": r"<version>(.+)</version>",
    "ros2_ws/src/mobilepose_msgs/package.xml": r"<version>(.+)</version>",
}
"""Files with a copy, and the pattern of its place: setup.cfg for colcon, which reads no Python
attributes, and package.xml for ROS tools (REP 149)."""


def version_in(text: str, pattern: str) -> str:
    """The version in a file's text.

    Raises:
        ValueError: there is none.
    """
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"no version in the text; expected a match of {pattern}")
    return found[1]


VERSION = version_in(SOURCE.read_text(encoding="utf-8"), r'(?m)^__version__ = "(.+)"$')


def copy() -> list[Path]:
    """Writes the version to the files with a copy; returns the changed files."""
    changed = []
    for name, pattern in COPIES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        old = version_in(text, pattern)
        if old != VERSION:
            spot = re.search(pattern, text)
            assert spot is not None
            path.write_text(text[: spot.start(1)] + VERSION + text[spot.end(1) :], encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--copy"]):
        sys.exit("usage: python -m tools.version [--copy]")
    for written in copy() if sys.argv[1:] else ():
        print(f"{written}: written")
    print(VERSION)
