"""Checks the environment before ROS is loaded.

ROS itself aborts the process without saying what to do. This module imports nothing slow.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mobilepose_ros import discovery_server

DOMAINS = range(233)
"""Valid DDS domain IDs: higher ones have no UDP ports."""

PROFILES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")
"""Environment variables with the path of Fast DDS's profiles, the new and the old name."""

NO_LOG_FILES = "--disable-external-lib-logs"
"""ROS argument that disables log files."""


def problem(environment: Mapping[str, str], arguments: Sequence[str], prefix: str) -> str:
    """Why ROS cannot start, and what to do; empty if it can.

    Args:
        environment: variables by name.
        arguments: the command line.
        prefix: installation prefix of Python, and of ROS if it was installed from wheels.
    """
    return (
        _rmw_problem(environment, prefix)
        or _domain_problem(environment)
        or ("" if NO_LOG_FILES in arguments else _log_problem(environment))
    )


def warnings(environment: Mapping[str, str]) -> list[str]:
    """Problems that ROS ignores but users should not."""
    found = [
        f"{name} is {path}, which is not a readable file: Fast DDS runs without it, and large "
        "images get lost; correct the path, or unset the variable"
        for name in PROFILES
        if (path := environment.get(name)) and not os.access(path, os.R_OK)
    ]
    return [*found, *discovery_server.warnings(environment)]


def installed_rmws(environment: Mapping[str, str], prefix: str) -> list[str]:
    """Names of the RMW implementations that are installed."""
    prefixes = [*environment.get("AMENT_PREFIX_PATH", "").split(os.pathsep), prefix]
    index = "share/ament_index/resource_index/rmw_typesupport"
    names = {path.name for root in filter(None, prefixes) for path in Path(root, index).glob("*")}
    return sorted(names - {"rmw_implementation"})


def _rmw_problem(environment: Mapping[str, str], prefix: str) -> str:
    wanted = environment.get("RMW_IMPLEMENTATION", "")
    installed = installed_rmws(environment, prefix)
    if not wanted or not installed or wanted in installed:
        return ""
    distribution = environment.get("ROS_DISTRO", "")  # empty: ROS from wheels, with one RMW
    package = f"ros-{distribution}-{wanted.replace('_', '-')}"
    install = f"sudo apt install {package}, or " if distribution else ""
    return (
        f"RMW_IMPLEMENTATION is {wanted}, which is not installed; installed: "
        f"{', '.join(installed)}: {install}unset RMW_IMPLEMENTATION (it may be set in ~/.bashrc)"
    )


def _domain_problem(environment: Mapping[str, str]) -> str:
    text = environment.get("ROS_DOMAIN_ID", "").lstrip()
    if not text or (text.isascii() and text.isdigit() and int(text) in DOMAINS):
        return ""
    return (
        f"ROS_DOMAIN_ID is {text!r}; expected a number from 0 to {DOMAINS[-1]}, the same for all "
        "nodes that communicate: export ROS_DOMAIN_ID=0"
    )


def log_folder(environment: Mapping[str, str]) -> Path | None:
    """Where ROS writes its log files; None if HOME is not set."""
    if folder := environment.get("ROS_LOG_DIR"):
        path = folder
    elif home := environment.get("ROS_HOME"):
        path = os.path.join(home, "log")
    else:
        path = "~/.ros/log"
    if not path.startswith("~"):
        return Path(path)
    home = environment.get("HOME", "")
    return Path(home + path[1:]) if home else None


def _log_problem(environment: Mapping[str, str]) -> str:
    folder = log_folder(environment)
    if folder is None:
        return (
            "HOME is not set, and ROS writes its log files there: set HOME, or set ROS_LOG_DIR "
            "to a writable folder (in a systemd unit: Environment=ROS_LOG_DIR=/tmp/ros)"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".mobilepose-{os.getpid()}"
        os.close(os.open(trial, os.O_CREAT | os.O_WRONLY, 0o600))
        trial.unlink()
    except OSError as error:
        return (
            f"ROS cannot write its log files to {folder} ({error.strerror or error}): set "
            "ROS_LOG_DIR to a writable folder, such as ROS_LOG_DIR=/tmp/ros"
        )
    return ""
