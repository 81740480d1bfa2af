"""Files that every ROS package needs in its own folder, made from those of the repository.

    python -m tools.package_files            say which are out of date
    python -m tools.package_files --write    write them

Bloom releases a package from its folder alone: it takes the licence and `CHANGELOG.rst` from there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.version import ROOT

PACKAGES = ("mobilepose_core", "mobilepose_ros", "ros2_ws/src/mobilepose_msgs")


def changelog(markdown: str, package: str) -> str:
    """The changelog in reStructuredText as catkin_pkg and Bloom read it (REP-132).

    Args:
        markdown: text of CHANGELOG.md: a section per version, `VERSION - DATE` or `Unreleased`,
            of paragraphs and lists.
        package: name of the package.
    """
    title = f"Changelog for package {package}"
    line = "^" * len(title)
    parts = [f"{line}\n{title}\n{line}"]
    for section in re.split(r"(?m)^## ", markdown)[1:]:
        heading, _, body = section.partition("\n")
        if not body.strip():
            continue
        parts.append(_underlined(_title(heading.strip())))
        for chapter in re.split(r"(?m)^### ", body):
            if not chapter.strip():
                continue
            name, _, rest = chapter.partition("\n") if chapter[0] != "\n" else ("", "", chapter)
            prefix = f"{name.strip()}: " if name else ""
            parts += [f"* {_inline(prefix + item)}" for item in _items(rest)]
    return "\n\n".join(parts).replace("\n\n* ", "\n* ") + "\n"


def _title(heading: str) -> str:
    """`Forthcoming` is what `catkin_prepare_release` gives its version and date."""
    return "Forthcoming" if heading == "Unreleased" else heading.replace(" - ", " (") + ")"


def _underlined(title: str) -> str:
    return f"{title}\n{'-' * len(title)}\n"


def _items(text: str) -> list[str]:
    """Paragraphs and list items, each on one line."""
    blocks = re.split(r"\n\s*\n|\n(?=- )", text.strip())
    return [" ".join(block.removeprefix("- ").split()) for block in blocks if block.strip()]


def _inline(text: str) -> str:
    """Markdown's links and code as reStructuredText's."""
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)
    return re.sub(r"`([^`]+)`", r"``\1``", text)


def expected() -> dict[Path, str]:
    """The files and their texts."""
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    markdown = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    files: dict[Path, str] = {}
    for package in PACKAGES:
        folder = ROOT / package
        files[folder / "LICENSE"] = licence
        files[folder / "CHANGELOG.rst"] = changelog(markdown, folder.name)
    return files


def outdated() -> list[Path]:
    """Files that are missing or differ."""
    return [
        path
        for path, text in expected().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Writes the files, or says which are out of date."""
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit("usage: python -m tools.package_files [--write]")
    files = outdated()
    for path in files:
        if sys.argv[1:]:
            path.write_text(expected()[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'written' if sys.argv[1:] else 'out of date'}")
    return 0 if sys.argv[1:] or not files else 1


if __name__ == "__main__":
    sys.exit(main())
