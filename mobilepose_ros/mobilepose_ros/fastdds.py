"""Sets a Fast DDS profile with more shared memory, before ROS starts.

Fast DDS's default segment of shared memory, 0.5 MB, is smaller than a 640x480 image. The segment
belongs to the publishing process: what counts is a profile in the environment of the camera.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path

OF_VERSION_2, OF_VERSION_3 = "FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"
"""Environment variables with the path of Fast DDS's profiles, in Jazzy and in Kilted."""

TRANSPORTS = "FASTDDS_BUILTIN_TRANSPORTS"
"""Environment variable with which transports a process has: DEFAULT, UDPv4, …"""

CHOICES = (OF_VERSION_2, OF_VERSION_3, TRANSPORTS)
"""Variables with which users configure Fast DDS's transports themselves."""

CHOSEN_FILES = ("DEFAULT_FASTRTPS_PROFILES.xml", "DEFAULT_FASTDDS_PROFILES.xml")
"""Profiles that Fast DDS loads from the working directory."""

SHARED_MEMORY = Path("/dev/shm")

REQUIRED_BYTES = 128 * 2**20
"""Free shared memory required, bytes; a process with the profile uses 34 MiB."""


def is_in_use(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ROS uses Fast DDS, its default."""
    chosen = environment.get("RMW_IMPLEMENTATION", "")
    return not chosen or chosen.startswith("rmw_fastrtps")


def variable(environment: Mapping[str, str] = os.environ) -> str:
    """The variable that the installed Fast DDS reads; version 3 warns of that of version 2."""
    return OF_VERSION_3 if is_version_3(environment) else OF_VERSION_2


def is_version_3(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the installed Fast DDS is that of Kilted, not of Jazzy."""
    return any((prefix / "lib" / "libfastdds.so").exists() for prefix in _prefixes(environment))


def profile(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Path of the package's profile; None if it is not installed."""
    places = [prefix / "share" / "mobilepose_ros" for prefix in _prefixes(environment)]
    places.append(Path(__file__).resolve().parents[1])
    files = [place / "config" / "fastdds.xml" for place in places]
    return next((file for file in files if file.is_file()), None)


def set_profile(
    environment: MutableMapping[str, str] = os.environ, shared_memory: Path = SHARED_MEMORY
) -> None:
    """Makes Fast DDS use the package's profile, unless the user set one or memory is short."""
    is_chosen = any(environment.get(name) for name in CHOICES)
    if is_chosen or any(Path(name).exists() for name in CHOSEN_FILES):
        return
    file = profile(environment)
    if is_in_use(environment) and file is not None and _free(shared_memory) >= REQUIRED_BYTES:
        environment[variable(environment)] = str(file)


def _prefixes(environment: Mapping[str, str]) -> list[Path]:
    return [Path(path) for path in environment.get("AMENT_PREFIX_PATH", "").split(":") if path]


def _free(shared_memory: Path) -> int:
    try:
        return shutil.disk_usage(shared_memory).free
    except OSError:
        return 0
