"""The table of docs/licences.md: all packages of the lock files, by their licences.

    python -m tools.licences            say which packages the table lacks, or has too many
    python -m tools.licences --write    write it

Licences are those of the installed packages' metadata. A package that is not installed here, such
as one for another system, keeps the licence that it has in the table.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.reference.blocks import table
from tools.version import ROOT

PAGE = ROOT / "docs" / "licences.md"

BLOCK = re.compile(r"(?s)(?<=<!-- licences of the lock files -->\n).*?(?=<!-- end of licences -->)")

STATED: Mapping[str, str] = {
    "atheris": "Apache-2.0",
    "empy": "LGPL",
    "onnxruntime-gpu": "MIT",
    "pywin32": "PSF-2.0",
    "ros-ament-cmake-ros-core": "Apache-2.0",
    "ros-fastcdr": "Apache-2.0",
    "ros-fastdds": "Apache-2.0",
    "ros-fastrtps": "Apache-2.0",
    "ros-kilted-ament-cmake-ros-core": "Apache-2.0",
    "ros-rmw-security-common": "Apache-2.0",
    "ros-rmw-test-fixture": "Apache-2.0",
    "ros-rmw-test-fixture-implementation": "Apache-2.0",
    "setuptools": "MIT",
}
"""Of packages whose metadata do not say, or that few machines can install."""

LONGEST_NAME = 60
"""Of a licence in the field License, characters; a longer text is the licence itself."""

SPDX: Mapping[str, str] = {
    "3-clause bsd license": "BSD-3-Clause",
    "any-osi": "any that the OSI approves",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD",
    "gnu general public license (gpl)": "GPL",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "zlib license": "Zlib",
}
"""Licences by other names that metadata give them, in lower case."""


def locked() -> set[str]:
    """Names of the packages in the lock files."""
    files = sorted((ROOT / "ros2_ws").glob("requirements*.lock"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return {str(canonicalize_name(name)) for name in re.findall(r"(?m)^([\w.-]+)==", text)}


def listed(page: str) -> dict[str, str]:
    """Licences by the names of packages, as a page's table has them.

    Raises:
        ValueError: the page has no such table.
    """
    block = BLOCK.search(page)
    if block is None:
        raise ValueError("the page has no block `<!-- licences of the lock files -->`")
    rows = re.findall(r"(?m)^\| (.+?) \| (.+?) \|$", block[0])
    return {name: licence for licence, names in rows[2:] for name in names.split(", ")}


def licence_of(name: str) -> str:
    """The licence of an installed package, by SPDX where it is named so; empty if unknown."""
    if name in STATED:
        return STATED[name]
    if named := _licences_in_package_xml(name):
        return _spdx(named)
    try:
        fields = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    (expression,) = fields.get_all("License-Expression", [""])
    if expression:
        return str(expression)
    text = fields.get_all("License", [""])[0].strip()
    if text and text != "UNKNOWN" and "\n" not in text and len(text) <= LONGEST_NAME:
        return _spdx([text])
    classifiers = [line.split(" :: ") for line in fields.get_all("Classifier", [])]
    return _spdx(parts[-1] for parts in classifiers if parts[0] == "License")


def _licences_in_package_xml(name: str) -> list[str]:
    """Of a wheel of ROS 2, such as `ros-rclpy` or `ros-kilted-rclpy`; the metadata say nothing."""
    folder = re.sub(r"^ros-((jazzy|kilted)-)?", "", name).replace("-", "_")
    file = Path(sys.prefix, "share", folder, "package.xml")
    if not name.startswith("ros-") or not file.is_file():
        return []
    return [(entry.text or "").strip() for entry in ET.parse(file).iterfind("license")]


def _spdx(names: Iterable[str]) -> str:
    return " AND ".join(sorted({SPDX.get(name.lower(), name) for name in names}))


def written(page: str, names: Iterable[str]) -> str:
    """A page with the table of these packages.

    Raises:
        ValueError: the licence of one is not known.
    """
    known = listed(page)
    licences = {name: licence_of(name) or known.get(name, "") for name in names}
    if unknown := sorted(name for name, licence in licences.items() if not licence):
        raise ValueError(
            f"the licence of {', '.join(unknown)} is not known: install it, or add it to STATED in "
            "tools/licences.py"
        )
    rows = [
        (licence, ", ".join(sorted(name for name, its in licences.items() if its == licence)))
        for licence in sorted(set(licences.values()))
    ]
    return BLOCK.sub(lambda _: f"\n{table(('Licence', 'Packages'), rows)}\n\n", page)


def main() -> int:
    """Writes the table, or says how its packages differ from the lock files'."""
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit("usage: python -m tools.licences [--write]")
    page = PAGE.read_text(encoding="utf-8")
    try:
        if sys.argv[1:]:
            PAGE.write_text(written(page, locked()), encoding="utf-8")
            print(f"{PAGE.relative_to(ROOT)}: written")
            return 0
        different = sorted(locked() ^ set(listed(page)))
    except ValueError as error:
        sys.exit(f"{PAGE.relative_to(ROOT)}: {error}")
    for name in different:
        print(f"{name}: {'is missing' if name in locked() else 'is in no lock file any more'}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
