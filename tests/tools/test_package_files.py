"""Every ROS package has its licence and changelog in its own folder, as Bloom takes them."""

import pytest
from tools import package_files
from tools.version import ROOT, VERSION


def test_the_files_are_up_to_date():
    names = [str(path.relative_to(ROOT)) for path in package_files.outdated()]
    assert names == [], "run: python -m tools.package_files --write"


@pytest.mark.parametrize("package", package_files.PACKAGES)
def test_package_xml_names_the_licence_and_where_to_ask(package):
    text = (ROOT / package / "package.xml").read_text(encoding="utf-8")

    assert '<license file="LICENSE">Apache-2.0</license>' in text
    assert '<url type="website">' in text
    assert '<url type="bugtracker">' in text


MARKDOWN = """# Changelog

## Unreleased

### Added

- What is not out yet.

## 1.2.0 - 2026-05-04

### Added

- A `thing` that spans
  two lines; see [its page](docs/thing.md).
- Another.

### Fixed

- A fault.

## 1.1.0 - 2026-01-02

The first one.
"""


def test_a_changelog_is_read_by_the_tools_of_ros(tmp_path):
    changelog = pytest.importorskip("catkin_pkg.changelog", reason="catkin_pkg is not installed")
    (tmp_path / "CHANGELOG.rst").write_text(package_files.changelog(MARKDOWN, "some_package"))

    read = changelog.get_changelog_from_path(tmp_path)

    versions = {
        version: [line for item in items for line in item.as_txt().splitlines()]
        for version, _, items in read.foreach_version()
    }
    assert versions.keys() == {"1.2.0", "1.1.0"}
    assert versions["1.2.0"] == [
        "* Added: A ``thing`` that spans two lines; see its page.",
        "* Added: Another.",
        "* Fixed: A fault.",
    ]
    assert versions["1.1.0"] == ["* The first one."]


def test_the_version_is_in_the_changelog_when_it_is_released():
    markdown = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"\n{VERSION} (" in package_files.changelog(markdown, "mobilepose_core")
