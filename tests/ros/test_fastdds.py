"""The room that programs make for large images before ROS starts."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from mobilepose_ros import fastdds

LARGEST_IMAGE = 1920 * 1080 * 3


@pytest.fixture
def shared_memory(tmp_path, monkeypatch):
    """A folder with room, and a working directory without profiles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fastdds, "REQUIRED_BYTES", 1)
    return tmp_path


def test_the_package_s_profile_is_used_where_the_user_chose_none(shared_memory):
    environment = {"PATH": "/bin", fastdds.OF_VERSION_2: ""}

    fastdds.set_profile(environment, shared_memory)

    root = ElementTree.parse(environment[fastdds.OF_VERSION_2]).getroot()
    sizes = {child.tag.rsplit("}")[-1]: child.text for child in root.iter()}
    assert int(sizes["maxMessageSize"]) >= LARGEST_IMAGE
    assert int(sizes["segment_size"]) >= 4 * LARGEST_IMAGE


def test_an_installed_profile_goes_before_that_of_the_source(shared_memory):
    installed = shared_memory / "share" / "mobilepose_ros" / "config" / "fastdds.xml"
    installed.parent.mkdir(parents=True)
    installed.touch()
    environment = {"AMENT_PREFIX_PATH": f"/nowhere:{shared_memory}"}

    fastdds.set_profile(environment, shared_memory)

    assert environment[fastdds.OF_VERSION_2] == str(installed)


def test_version_3_of_fast_dds_gets_the_variable_that_it_reads(shared_memory):
    (shared_memory / "lib").mkdir()
    (shared_memory / "lib" / "libfastdds.so").touch()
    environment = {"AMENT_PREFIX_PATH": f"/nowhere:{shared_memory}"}

    fastdds.set_profile(environment, shared_memory)

    assert environment.keys() - {"AMENT_PREFIX_PATH"} == {"FASTDDS_DEFAULT_PROFILES_FILE"}


@pytest.mark.parametrize(
    "chosen",
    [
        {"FASTRTPS_DEFAULT_PROFILES_FILE": "mine.xml"},
        {"FASTDDS_DEFAULT_PROFILES_FILE": "mine.xml"},
        {"FASTDDS_BUILTIN_TRANSPORTS": "UDPv4"},
        {"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"},
    ],
)
def test_what_the_user_chose_is_left_alone(shared_memory, chosen):
    environment = dict(chosen)

    fastdds.set_profile(environment, shared_memory)

    assert environment == chosen


def test_profiles_of_the_working_directory_are_left_alone(shared_memory):
    Path("DEFAULT_FASTRTPS_PROFILES.xml").touch()
    environment = {}

    fastdds.set_profile(environment, shared_memory)

    assert not environment


@pytest.mark.parametrize("room", [10**18, None])
def test_nothing_is_asked_of_shared_memory_that_is_short_or_missing(
    shared_memory, monkeypatch, room
):
    place = shared_memory if room else shared_memory / "missing"
    monkeypatch.setattr(fastdds, "REQUIRED_BYTES", room or 1)
    environment = {}

    fastdds.set_profile(environment, place)

    assert not environment


@pytest.mark.parametrize("name", ["rmw_fastrtps_cpp", "rmw_fastrtps_dynamic_cpp", ""])
def test_fast_dds_is_the_default(name):
    assert fastdds.is_in_use({"RMW_IMPLEMENTATION": name})
    assert fastdds.is_in_use({})
