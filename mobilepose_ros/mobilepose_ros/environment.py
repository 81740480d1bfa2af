"""What ROS needs of the environment, checked before ROS is loaded.

ROS ends a process in ways of its own, without saying what to do. Nothing is imported here that
takes time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

DOMAINS = range(233)
"""Of DDS: those with a higher number have no UDP ports."""

PROFILES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")
"""Variables that name Fast DDS's profile, by its new name and its old one."""

NO_LOG_FILES = "--disable-external-lib-logs"
"""ROS's argument with which it writes no log files."""


def problem(environment: Mapping[str, str], arguments: Sequence[str], prefix: str) -> str:
    """Why ROS cannot start, and what to do; empty where it can.

    Args:
        environment: variables by name.
        arguments: the command line.
        prefix: where Python is installed, and ROS too where it comes as wheels.
    """
    return (
        _rmw_problem(environment, prefix)
        or _domain_problem(environment)
        or ("" if NO_LOG_FILES in arguments else _log_problem(environment))
    )


def warnings(environment: Mapping[str, str]) -> list[str]:
    """What ROS goes on without, and should not."""
    return [
        f"{name} names {path}, which is no file that can be read: Fast DDS goes on without it, and "
        "large images get lost; correct the path, or unset the variable"
        for name in PROFILES
        if (path := environment.get(name)) and not os.access(path, os.R_OK)
    ]


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
    distribution = environment.get("ROS_DISTRO", "")  # empty: ROS comes as wheels, with one RMW
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
        "that are to hear each other: export ROS_DOMAIN_ID=0"
    )


def log_folder(environment: Mapping[str, str]) -> Path | None:
    """Where ROS writes its log files; None where it cannot tell."""
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
            "HOME is not set, and ROS writes its log files below it: set HOME, or set ROS_LOG_DIR "
            "to a folder that can be written (in a systemd unit: Environment=ROS_LOG_DIR=/tmp/ros)"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".mobilepose-{os.getpid()}"
        os.close(os.open(trial, os.O_CREAT | os.O_WRONLY, 0o600))
        trial.unlink()
    except OSError as error:
        return (
            f"ROS cannot write its log files to {folder} ({error.strerror or error}): set "
            "ROS_LOG_DIR to a folder that can be written, such as ROS_LOG_DIR=/tmp/ros"
        )
    return ""
