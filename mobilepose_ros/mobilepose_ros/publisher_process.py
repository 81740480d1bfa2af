"""The local process of a Fast DDS publisher, and why its messages may not arrive."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Sequence
from pathlib import Path

from rclpy.topic_endpoint_info import TopicEndpointInfo

VENDOR = bytes((0x01, 0x0F))
"""First bytes of the GIDs of eProsima Fast DDS."""

HOST, PROCESS = slice(2, 4), slice(4, 6)
"""Bytes of such a GID that identify the host and the process: the lower two of the process ID."""

PROC = Path("/proc")


def own_gid(entries: Iterable[TopicEndpointInfo]) -> bytes:
    """The GID of an endpoint of this process; empty without one."""
    number = os.getpid().to_bytes(4, "little")[:2]
    return next((gid for gid in map(_gid, entries) if gid[PROCESS] == number), b"")


def obstacle(
    publisher: TopicEndpointInfo, own: bytes, proc: Path = PROC, user: int | None = None
) -> str:
    """Why messages of a matched publisher do not arrive, and what to do; empty if unknown.

    Args:
        publisher: of another process.
        own: GID of an endpoint of this process.
        proc: the proc file system.
        user: user ID of this process; queried by default.
    """
    gid = _gid(publisher)
    if gid[:2] != VENDOR or own[:2] != VENDOR or gid[HOST] != own[HOST]:
        return ""
    processes = _processes(int.from_bytes(gid[PROCESS], "little"), proc)
    if len(processes) > 1:
        return ""
    if processes and _is_stopped(processes[0]):
        number = processes[0].name
        return f"its process {number} is stopped (Ctrl-Z?): kill -CONT {number} resumes it"
    if not _shares_memory(proc):
        return ""
    if not processes:
        return (
            "its process is not visible from here: it died, or runs in another container; "
            f"start containers with --ipc=host --pid=host, or {_without_shared_memory()}"
        )
    (process,) = processes
    owner, own_user = _owner(process), os.geteuid() if user is None else user
    if owner is None or owner == own_user:
        return ""
    return (
        f"its process {process.name} runs as user {_user(owner)}, this node as {_user(own_user)}, "
        "and they cannot share memory: run both as the same user, or "
        f"{_without_shared_memory()}"
    )


def _shares_memory(proc: Path) -> bool:
    """Whether Fast DDS uses shared memory in this process."""
    try:
        return "/dev/shm/fast" in (proc / "self" / "maps").read_text(errors="replace")
    except OSError:
        return True


def _without_shared_memory() -> str:
    """How to disable shared memory; rmw_fastrtps enables it itself for the range LOCALHOST."""
    local = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "").upper() == "LOCALHOST"
    more = " and ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET" if local else ""
    return f"set FASTDDS_BUILTIN_TRANSPORTS=UDPv4{more} for both"


def _gid(entry: TopicEndpointInfo) -> bytes:
    values: Sequence[int] = getattr(entry, "endpoint_gid", ())
    return bytes(values)


def _processes(number: int, proc: Path) -> list[Path]:
    """Processes whose ID has these lower two bytes and that may use Fast DDS.

    A process in a container has another ID there than here, often 1.
    """
    paths = [path for path in proc.glob("[0-9]*") if int(path.name) & 0xFFFF == number]
    return [path for path in paths if _may_use_fast_dds(path)]


def _may_use_fast_dds(process: Path) -> bool:
    try:
        if not (process / "cmdline").read_bytes():  # a kernel thread
            return False
        libraries = (process / "maps").read_text(errors="replace")
    except PermissionError:  # another user's
        return process.name != "1"
    except OSError:  # it just ended
        return False
    return "libfastrtps" in libraries or "libfastdds" in libraries


def _is_stopped(process: Path) -> bool:
    try:
        state = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in ("T", "t")


def _owner(process: Path) -> int | None:
    """The user ID of a process; None if it just ended."""
    try:
        return process.stat().st_uid
    except OSError:
        return None


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
