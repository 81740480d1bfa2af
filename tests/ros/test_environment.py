"""Environments in which ROS cannot start: one line says what to do."""

import os
import subprocess
import sys

import pytest

from mobilepose_ros import environment

INDEX = "share/ament_index/resource_index/rmw_typesupport"


@pytest.fixture
def good(tmp_path):
    """An environment in which ROS starts, with an RMW of its own installed."""
    (tmp_path / "ros" / INDEX).mkdir(parents=True)
    (tmp_path / "ros" / INDEX / "rmw_fastrtps_cpp").touch()
    return {"HOME": str(tmp_path / "home"), "AMENT_PREFIX_PATH": str(tmp_path / "ros")}


def problem(variables, *arguments):
    return environment.problem(variables, ["node", *arguments], "/nowhere")


def test_nothing_is_wrong_with_a_usual_environment(good):
    assert problem(good) == ""
    assert environment.warnings(good) == []


@pytest.mark.parametrize("home", [None, ""])
def test_without_a_home_the_folder_of_the_logs_is_unknown(good, home):
    if home is None:
        del good["HOME"]
    else:
        good["HOME"] = home

    text = problem(good)

    assert "HOME is not set" in text
    assert "ROS_LOG_DIR" in text


@pytest.mark.parametrize("name", ["ROS_LOG_DIR", "ROS_HOME"])
def test_a_folder_for_the_logs_makes_up_for_a_missing_home(good, tmp_path, name):
    del good["HOME"]

    assert problem({**good, name: str(tmp_path / "logs")}) == ""
    assert problem({**good, name: "~/logs"}).startswith("HOME is not set")


def test_without_log_files_no_home_is_needed(good):
    del good["HOME"]

    assert problem(good, "--ros-args", "--disable-external-lib-logs") == ""


def test_a_folder_for_the_logs_that_cannot_be_made_is_named(good, tmp_path):
    (tmp_path / "file").touch()

    for folder in ("/proc/nope", str(tmp_path / "file" / "logs")):
        text = problem({**good, "ROS_LOG_DIR": folder})

        assert text.startswith(f"ROS cannot write its log files to {folder} (")
        assert "set ROS_LOG_DIR to a writable folder" in text


def test_an_rmw_that_is_not_installed_is_named_with_those_that_are(good):
    variables = {**good, "RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}

    text = problem(variables)

    assert "RMW_IMPLEMENTATION is rmw_cyclonedds_cpp, which is not installed" in text
    assert "installed: rmw_fastrtps_cpp: unset RMW_IMPLEMENTATION" in text
    assert "apt install ros-jazzy-rmw-cyclonedds-cpp" in problem(
        {**variables, "ROS_DISTRO": "jazzy"}
    )


def test_an_rmw_that_is_installed_is_taken(good):
    assert problem({**good, "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp"}) == ""
    assert problem({**good, "RMW_IMPLEMENTATION": ""}) == ""


@pytest.mark.parametrize(
    ("domain", "is_good"), [("0", True), ("232", True), ("233", False), ("-1", False), ("a", False)]
)
def test_a_domain_is_a_number_that_dds_has_ports_for(good, domain, is_good):
    text = problem({**good, "ROS_DOMAIN_ID": domain})

    assert text == "" if is_good else f"ROS_DOMAIN_ID is {domain!r}; expected a number" in text


def test_a_profile_that_is_not_there_is_a_warning(good):
    (text,) = environment.warnings({**good, "FASTRTPS_DEFAULT_PROFILES_FILE": "/nope.xml"})

    assert "FASTRTPS_DEFAULT_PROFILES_FILE is /nope.xml, which is not a readable file" in text


@pytest.mark.parametrize("module", ["pose_node", "camera_node", "demo"])
@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"HOME": None}, "set HOME, or set ROS_LOG_DIR to a writable folder"),
        ({"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}, "unset RMW_IMPLEMENTATION"),
        ({"ROS_LOG_DIR": "/proc/nope"}, "set ROS_LOG_DIR to a writable folder"),
        ({"ROS_DOMAIN_ID": "500"}, "export ROS_DOMAIN_ID="),
    ],
)
def test_a_program_that_cannot_start_says_in_one_line_what_to_do(module, changes, remedy):
    variables = {name: text for name, text in {**os.environ, **changes}.items() if text is not None}

    done = subprocess.run(
        [sys.executable, "-m", f"mobilepose_ros.{module}"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{module}: ")
    assert remedy in line
