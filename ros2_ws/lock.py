"""Resolves the versions that set-up installs: `python3 ros2_ws/lock.py`, or `make lock`."""

from __future__ import annotations

import subprocess
import tempfile

from bootstrap import (
    EXTRAS,
    LOCK,
    OPTIONAL,
    PACKAGES,
    ROS_PIN,
    WHEELS,
    WORKSPACE,
    base_python,
    requirements,
    ros_wheels,
)

HEAD = """\
# The versions that set-up installs, for Python 3.10-3.14. Made by `make lock`; do not edit.
# pip reads it as constraints: what is installed is listed in the packages' setup.cfg.
# What only the CUDA build of torch needs is not pinned: that build brings its own pins.
"""


def lock() -> None:
    """Resolves the lock files with uv, in a scratch environment."""
    extras = [*EXTRAS["test"], *OPTIONAL["test"], "docs", "gpu", "release", "fuzz"]
    wanted = requirements(PACKAGES[0], *extras)
    # Python 3.12 is Ubuntu 24.04's, where a sourced ROS 2 Jazzy brings NumPy 1.26.
    wanted += ["numpy<2; python_version == '3.12'", "numpy>=2; python_version != '3.12'"]
    # LiteRT accepts any version, but 1.3 does not support these; uv does not check that.
    wanted += ["backports.strenum<1.3; python_version >= '3.11'"]
    with tempfile.TemporaryDirectory() as scratch:
        python = f"{scratch}/bin/python"
        subprocess.run([base_python(), "-m", "venv", scratch], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        everything = resolved(python, [*wanted, *ros_wheels("jazzy")])
        LOCK.write_text(HEAD + everything)
        common = ROS_PIN.sub("", everything).splitlines()
        for distro in WHEELS.keys() - {"jazzy"}:
            pinned = ROS_PIN.finditer(resolved(python, [*common, *ros_wheels(distro)]))
            text = HEAD + "".join(match[0] for match in pinned)
            (WORKSPACE / f"requirements-{distro}.lock").write_text(text)


def resolved(python: str, wanted: list[str]) -> str:
    """The pins, a line each, that an interpreter's uv finds for requirements."""
    options = "--quiet --universal --python-version=3.10 --no-header --no-annotate"
    command = f"{python} -m uv pip compile {options} --no-emit-index-url --no-emit-find-links -"
    output = subprocess.check_output(command.split(), input="\n".join(wanted), text=True)
    cuda = ("nvidia-", "cuda-", "triton==")
    return "".join(line for line in output.splitlines(True) if not line.startswith(cuda))


if __name__ == "__main__":
    lock()
