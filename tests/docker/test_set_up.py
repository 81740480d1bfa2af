"""What set-up refuses at once, before any work."""

import importlib
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def make(root, tmp_path):
    """Runs make in a copy of the Makefile and set-up below a folder of a name."""

    def run(folder, *arguments):
        checkout = tmp_path / folder / "mobilepose"
        (checkout / "ros2_ws").mkdir(parents=True)
        shutil.copy(root / "Makefile", checkout)
        shutil.copy(root / "ros2_ws" / "bootstrap.py", checkout / "ros2_ws")
        return subprocess.run(
            ["make", *arguments], cwd=checkout, capture_output=True, text=True, timeout=30
        )

    return run


@pytest.mark.parametrize(
    ("folder", "named"),
    [("my robot", "a space"), ("j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen", ""), ("a;b", "';'")],
)
@pytest.mark.parametrize("target", ["demo", "setup"])
def test_a_path_that_cannot_be_built_in_is_refused_with_the_reason(make, folder, named, target):
    done = make(folder, target)

    assert done.returncode != 0
    assert "the path of this checkout" in done.stderr
    assert folder in done.stderr
    assert named in done.stderr
    assert "move the checkout" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", ["/home/me/ros-2_ws.v1+x/mobilepose", "/opt/a=b,c@d/~m%20"])
def test_a_usual_path_is_taken(root, monkeypatch, path):
    monkeypatch.syspath_prepend(str(root / "ros2_ws"))

    importlib.import_module("bootstrap").check_place(Path(path))


def test_the_demo_tries_its_folder_before_anything_is_set_up(make):
    done = make("plain", "demo", "OUT=/proc/nope", "PYTHON=false")

    assert done.returncode != 0
    assert "OUT=/proc/nope cannot be written" in done.stdout


@pytest.fixture
def set_up(root, monkeypatch):
    """Imports set-up anew, as with these variables of the environment."""

    def of(**variables):
        for name in ("ROS_DISTRO", "ROS_VERSION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.syspath_prepend(str(root / "ros2_ws"))
        return importlib.reload(importlib.import_module("bootstrap"))

    return of


def ros_pins(text):
    return {line.split("==")[0] for line in text.splitlines() if line.startswith("ros-")}


@pytest.mark.parametrize("distro", ["jazzy", "kilted"])
def test_a_distribution_that_is_named_and_not_sourced_comes_from_pypi(set_up, distro):
    bootstrap = set_up(ROS_DISTRO=distro)

    assert not bootstrap.SOURCED
    wheels = bootstrap.ros_wheels(distro)
    assert f"ros-{distro}-rclpy" in wheels
    pinned = ros_pins(bootstrap.pins())
    assert {name for name in wheels if name.startswith("ros-")} <= pinned
    other = {"jazzy": "kilted", "kilted": "jazzy"}[distro]
    assert not [name for name in pinned if other in name]


def test_a_sourced_distribution_is_taken_as_it_is(set_up):
    assert set_up(ROS_DISTRO="rolling", ROS_VERSION="2").SOURCED


def test_a_sourced_distribution_on_which_the_nodes_do_not_run_is_refused(set_up):
    bootstrap = set_up(ROS_DISTRO="humble", ROS_VERSION="2")

    with pytest.raises(bootstrap.SetupError, match=r"(?s)'humble' is sourced.*does not source it"):
        bootstrap.check_sourced_ros()


def test_a_distribution_that_is_neither_sourced_nor_on_pypi_is_refused(set_up):
    bootstrap = set_up(ROS_DISTRO="humble")

    with pytest.raises(bootstrap.SetupError, match=r"PyPI has jazzy and kilted only: source /opt"):
        bootstrap.check_machine()


def test_set_up_goes_on_without_an_optional_package(set_up, monkeypatch, tmp_path, capsys):
    bootstrap = set_up()
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "ros_wheels", lambda _: [])
    asked = []

    def run(title, command, hint):
        asked.append(command[-1])
        if "--only-binary=:all:" in command:
            raise bootstrap.SetupError("no wheel")

    monkeypatch.setattr(bootstrap, "run", run)

    bootstrap.install_packages("test")

    assert asked[-1].startswith("ray>=")
    assert "not installed, so that their tests are skipped: ray\n" in capsys.readouterr().out
