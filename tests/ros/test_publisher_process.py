"""Which process a publisher is of, by its GID, and what of that process keeps images away."""

import os
import shutil
from types import SimpleNamespace

import pytest

from mobilepose_ros import publisher_process

HERE, ELSEWHERE = b"\x78\xfd", b"\x11\x22"
NUMBER = 0x34567


def gid(number, host=HERE, vendor=b"\x01\x0f"):
    return vendor + host + number.to_bytes(4, "little")[:2] + bytes(10)


def publisher(number=NUMBER, **where):
    return SimpleNamespace(endpoint_gid=list(gid(number, **where)))


@pytest.fixture
def proc(tmp_path):
    """A /proc of a process that uses shared memory, and of others that are added to it."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "maps").write_text("7f00-7f01 rw-s /dev/shm/fastrtps_5f2e\n")

    def add(number=NUMBER, state="S", command=b"camera\0", library="libfastrtps.so.2.14"):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "maps").write_text(f"7f00-7f01 r-xp /opt/ros/lib/{library}\n")
        (tmp_path / str(number) / "cmdline").write_bytes(command)
        (tmp_path / str(number) / "stat").write_text(f"{number} (a (b) c) {state} 1 1\n")

    return SimpleNamespace(path=tmp_path, add=add)


def obstacle(proc, entry=None, user=None):
    own = gid(os.getpid())
    return publisher_process.obstacle(entry or publisher(), own, proc.path, user)


def test_a_process_of_the_same_user_is_no_obstacle(proc):
    proc.add()

    assert obstacle(proc) == ""


def test_a_process_of_another_user_is_named_with_both_users(proc):
    proc.add()

    text = obstacle(proc, user=65534)

    assert f"its process {NUMBER} runs as user " in text
    assert "this node as nobody" in text
    assert "run both as the same user" in text


def test_a_user_without_a_name_is_a_number(proc):
    proc.add()

    assert "this node as 54321" in obstacle(proc, user=54321)


@pytest.mark.parametrize(
    ("reach", "is_named"), [("LOCALHOST", True), ("localhost", True), ("SUBNET", False)]
)
def test_udp_alone_takes_a_range_that_leaves_transports_alone(proc, monkeypatch, reach, is_named):
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", reach)
    proc.add()

    text = obstacle(proc, user=65534)

    assert "FASTDDS_BUILTIN_TRANSPORTS=UDPv4" in text
    assert ("ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET" in text) == is_named


def test_without_shared_memory_another_user_is_no_obstacle(proc):
    (proc.path / "self" / "maps").write_text("7f00-7f01 r--p /usr/lib/libc.so\n")
    proc.add()

    assert obstacle(proc, user=65534) == ""


def test_a_process_that_is_stopped_is_to_go_on(proc):
    proc.add(state="T")

    assert obstacle(proc) == (
        f"its process {NUMBER} is stopped (Ctrl-Z?): kill -CONT {NUMBER} resumes it"
    )


def test_a_process_that_is_not_there_died_or_is_in_a_container(proc):
    proc.add(number=NUMBER + 1)

    assert "it died, or runs in another container" in obstacle(proc)


def test_threads_of_the_kernel_and_processes_without_dds_are_no_cameras(proc):
    proc.add(number=NUMBER & 0xFFFF, command=b"")
    proc.add(number=0x10000 | NUMBER & 0xFFFF, library="libc.so.6")
    proc.add()

    assert "runs as user" in obstacle(proc, user=65534)


def test_the_first_process_of_a_container_is_not_taken_for_that_of_the_machine(proc):
    proc.add(number=1, library="libsystemd.so")

    assert "in another container" in obstacle(proc, publisher(1), user=65534)


def test_nothing_is_said_of_a_process_that_ends_meanwhile(proc, monkeypatch):
    proc.add()
    shares_memory = publisher_process._shares_memory

    def end_meanwhile(path):
        shutil.rmtree(path / str(NUMBER))
        return shares_memory(path)

    monkeypatch.setattr(publisher_process, "_shares_memory", end_meanwhile)

    assert obstacle(proc, user=65534) == ""


def test_what_cannot_be_known_is_not_said(proc):
    proc.add()
    proc.add(number=NUMBER & 0xFFFF)  # either may be it

    assert obstacle(proc, user=65534) == ""
    assert obstacle(proc, publisher(NUMBER + 1, host=ELSEWHERE)) == ""
    assert obstacle(proc, publisher(NUMBER + 1, vendor=b"\x01\x10")) == ""
    assert obstacle(proc, SimpleNamespace()) == ""


def test_the_own_endpoint_is_found_among_others():
    entries = [publisher(os.getpid() ^ 1), publisher(os.getpid())]

    assert publisher_process.own_gid(entries) == gid(os.getpid())
    assert publisher_process.own_gid(entries[:1]) == b""
