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


def test_what_is_not_released_is_where_the_tools_of_ros_look_for_it():
    versions = pytest.importorskip("catkin_pkg.package_version", reason="catkin_pkg is missing")

    text = package_files.changelog(MARKDOWN, "some_package")

    assert versions.get_forthcoming_label(text) == "Forthcoming"
    released = versions.rename_section(text, "Forthcoming", "1.3.0 (2026-06-01)")
    assert "\n1.3.0 (2026-06-01)\n------------------\n\n* Added: What is not out yet.\n" in released
    assert text.index("Forthcoming") < text.index("1.2.0 (")


def test_a_changelog_of_released_versions_only_has_no_section_for_others():
    markdown = MARKDOWN.replace("\n### Added\n\n- What is not out yet.\n", "", 1)

    assert "## Unreleased\n\n## 1.2.0" in markdown
    assert "Forthcoming" not in package_files.changelog(markdown, "some_package")


@pytest.mark.parametrize("package", package_files.PACKAGES)
def test_the_changelog_of_a_package_is_sound_restructuredtext(package):
    core = pytest.importorskip("docutils.core", reason="docutils is not installed")
    text = (ROOT / package / "CHANGELOG.rst").read_text(encoding="utf-8")

    core.publish_doctree(text, settings_overrides={"halt_level": 2, "report_level": 5})


def test_the_version_is_in_the_changelog_when_it_is_released():
    markdown = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"\n{VERSION} (" in package_files.changelog(markdown, "mobilepose_core")
