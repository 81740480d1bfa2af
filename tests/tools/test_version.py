"""The version is the same wherever it is written."""

import re

import pytest
from tools import version

import mobilepose_core


def test_the_source_is_what_the_package_says():
    assert mobilepose_core.__version__ == version.VERSION


@pytest.mark.parametrize("name", version.COPIES)
def test_every_copy_is_of_the_source(name):
    text = (version.ROOT / name).read_text(encoding="utf-8")

    assert version.version_in(text, version.COPIES[name]) == version.VERSION


def test_the_changelog_has_a_section_of_the_version():
    text = (version.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    titles = re.findall(r"^## (\S+)", text, re.M)

    assert titles[0] == "Unreleased" or titles[0] == version.VERSION
    assert version.VERSION in titles


def test_copying_writes_the_version_and_nothing_else(tmp_path, monkeypatch):
    for name in version.COPIES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (version.ROOT / name).read_text(encoding="utf-8")
        path.write_text(text.replace(version.VERSION, "9.8.7"), encoding="utf-8")
    monkeypatch.setattr(version, "ROOT", tmp_path)

    assert len(version.copy()) == len(version.COPIES)

    root = version.SOURCE.parents[2]
    for name in version.COPIES:
        assert (tmp_path / name).read_text() == (root / name).read_text()
