"""The table of licences has every package of the lock files."""

import pytest
from tools import licences

PAGE = """before
<!-- licences of the lock files -->

| Licence | Packages |
| --- | --- |
| ISC | not-installed, old |

<!-- end of licences -->
after
"""


def test_every_package_of_the_lock_files_is_on_the_page():
    page = licences.PAGE.read_text(encoding="utf-8")

    assert {"certifi", "torch", "sphinx", "ros-rclpy", "pywin32"} <= licences.locked()
    assert set(licences.listed(page)) == licences.locked(), "run: python -m tools.licences --write"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs the metadata of a package."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, *fields):
        folder = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *fields]
        (folder / "METADATA").write_text("\n".join([*lines, ""]))

    return write


BSD = "Classifier: License :: OSI Approved :: BSD License"


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        (["License-Expression: MIT AND Zlib", BSD], "MIT AND Zlib"),
        (["License: Apache License, Version 2.0", BSD], "Apache-2.0"),
        (["License: Copyright (c) 2015 somebody\n        All rights reserved", BSD], "BSD"),
        (["License: UNKNOWN", BSD], "BSD"),
        ([BSD, "Classifier: License :: Public Domain"], "BSD AND Public Domain"),
        (["License: A text"], "A text"),
        ([], ""),
    ],
)
def test_a_licence_is_what_the_metadata_say(install, fields, licence):
    install("some-thing", *fields)

    assert licences.licence_of("some-thing") == licence


@pytest.mark.parametrize("name", ["ros-some-thing", "ros-kilted-some-thing"])
def test_a_package_of_ros_says_it_in_its_package_xml(name, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    (tmp_path / "share" / "some_thing").mkdir(parents=True)
    (tmp_path / "share" / "some_thing" / "package.xml").write_text(
        "<package><license>Apache License 2.0</license><license>MIT</license></package>"
    )

    assert licences.licence_of(name) == "Apache-2.0 AND MIT"


def test_packages_stand_under_their_licence_and_those_not_installed_keep_theirs(install):
    install("b", "License-Expression: MIT")
    install("a", "License: MIT License")

    page = licences.written(PAGE, {"b", "a", "not-installed"})

    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert licences.listed(page) == {"a": "MIT", "b": "MIT", "not-installed": "ISC"}
    assert "\n| MIT | a, b |\n" in page
    assert licences.written(page, {"b", "a", "not-installed"}) == page


def test_a_package_whose_licence_nothing_says_is_named_with_what_to_do():
    with pytest.raises(ValueError, match=r"of never-heard-of is not known: install it, or add it"):
        licences.written(PAGE, {"never-heard-of"})
