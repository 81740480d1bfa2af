"""Sets up `.venv`: a Python environment, ROS 2 if none is sourced, and the built workspace.

    python3 ros2_ws/bootstrap.py demo    what the node and the demo need
    python3 ros2_ws/bootstrap.py test    that, and what training, the tests and lint need
    python3 ros2_ws/bootstrap.py docs    what the node needs, and what builds the documentation
    python3 ros2_ws/bootstrap.py release what the node needs, and what builds archives to publish
    python3 ros2_ws/bootstrap.py fuzz    what the node and recordings need, and the fuzzer

`.venv` is the prefix of both the ROS wheels and the workspace, so its Python finds everything.
Only what changed since the last run is done again.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

WORKSPACE = Path(__file__).resolve().parent
ROOT = WORKSPACE.parent
PACKAGES = (ROOT / "mobilepose_core", ROOT / "mobilepose_ros")
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
LOCK = WORKSPACE / "requirements.lock"
STATE = VENV / "setup.json"
LOG = VENV / "setup.log"

EXTRAS = {
    "demo": ("cpu", "demo"),
    "test": ("cpu", "demo", "bag", "foxglove", "train", "dev", "bench"),
    "docs": ("cpu", "demo", "docs"),
    "release": ("cpu", "demo", "release"),
    "fuzz": ("cpu", "demo", "bag", "fuzz"),
}
INCLUDED_IN = {"demo": tuple(EXTRAS), **{level: (level,) for level in EXTRAS if level != "demo"}}
"""Levels that include all that a level needs."""

ALONE = {"test": ("pytorchcv==0.0.74",)}
"""Packages installed without their dependencies: this one requires torchvision, which is not needed
here."""

OPTIONAL = {"test": ("ray",)}
"""Extras whose tests are skipped without them: set-up goes on where there is no wheel, or no
network."""

WHEELS: dict[str, dict[str, str]] = {
    "jazzy": {},
    "kilted": {"ros-jazzy-python-cmake-module": "ros-kilted-ament-cmake-ros-core"},
}
"""ROS 2 distributions on PyPI, and what each has in place of some of Jazzy's packages."""

TOO_OLD = ("foxy", "galactic", "humble")
"""ROS 2 distributions that lack what the nodes use."""

DISTRO = os.environ.get("ROS_DISTRO") or "jazzy"
SOURCED = bool(os.environ.get("ROS_DISTRO") and os.environ.get("ROS_VERSION"))
"""Whether ROS 2 is sourced, which sets both; otherwise it comes from PyPI."""

ROS_PIN = re.compile(r"(?m)^ros-.*\n")
ROS_LOCK = WORKSPACE / f"requirements-{DISTRO}.lock"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

UNUSABLE = frozenset(" \t\n:;$\"'`\\&|<>()*?[]{}#!")
"""Characters in a path, besides those outside ASCII, that break shells, make, CMake or the first
line of installed programs, such as a space."""


class SetupError(Exception):
    """Says what is wrong, what is expected and what to do."""


def requirements(package: Path, *extras: str) -> list[str]:
    """The requirements that a package's setup.cfg lists, with those of the extras."""
    config = configparser.RawConfigParser()
    config.read(package / "setup.cfg")
    texts = [config.get("options.extras_require", extra) for extra in extras]
    return " ".join([config.get("options", "install_requires", fallback=""), *texts]).split()


def ros_wheels(distro: str) -> list[str]:
    """What a distribution from PyPI consists of."""
    names = requirements(PACKAGES[1], "wheels")
    return [WHEELS[distro].get(name, name.replace("jazzy", distro)) for name in names]


def pins() -> str:
    """The versions to install: those of the lock file, with this distribution's of ROS 2."""
    text = LOCK.read_text()
    return ROS_PIN.sub("", text) + ROS_LOCK.read_text() if ROS_LOCK.exists() else text


def fingerprint(*parts: str | Path) -> str:
    """A hash of texts, and of files' names and contents."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str(part).encode() + b"\0")
        digest.update(part.read_bytes() if isinstance(part, Path) else b"")
    return digest.hexdigest()


def python_fingerprint() -> str:
    """Changes when `.venv` must be recreated."""
    return fingerprint(sys.version, sys.base_prefix, DISTRO * SOURCED, str(VENV))


def packages_fingerprint(level: str) -> str:
    """Changes when packages must be installed."""
    configs = [path / "setup.cfg" for path in PACKAGES]
    return fingerprint(level, DISTRO, pins(), Path(__file__), *configs)


def workspace_fingerprint() -> str:
    """Changes when the workspace must be rebuilt; Python code and shared files are linked."""
    messages = (WORKSPACE / "src" / "mobilepose_msgs").rglob("*")
    files = [path for path in messages if path.is_file()]
    files += [path for package in PACKAGES for path in package.glob("*.*") if path.is_file()]
    folders = ("launch", "config", "rviz")
    names = [str(path) for name in folders for path in (PACKAGES[1] / name).glob("*")]
    return fingerprint(DISTRO, pins(), Path(__file__), *sorted(files), *sorted(names))


def read_state() -> dict[str, Any]:
    """What the last run completed; empty if pip was killed or `.venv` is not ours."""
    try:
        state: dict[str, Any] = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return {} if state["python"] != python_fingerprint() or state.get("busy") else state


def base_python() -> str:
    """The base interpreter, even if this runs in a virtual environment."""
    path = Path(sys.base_prefix, "bin", f"python{VERSION}")
    return str(path) if path.exists() else sys.executable


def check_place(root: Path) -> None:
    """Raises SetupError if something would break in the path of this checkout."""
    wrong = sorted({letter for letter in str(root) if not letter.isascii() or letter in UNUSABLE})
    if wrong:
        names = ", ".join("a space" if letter == " " else repr(letter) for letter in wrong)
        raise SetupError(
            f"the path of this checkout, {str(root)!r}, has {names} in it: CMake builds ROS 2's "
            "messages, and installed programs start, only below plain letters, digits and -_.+; "
            "move the checkout, to ~/mobilepose say, and run it again there"
        )


def check_machine() -> None:
    """Raises SetupError if something is missing on this machine."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 14):
        raise SetupError(
            f"Python is {VERSION}; expected 3.10 to 3.14: add PYTHON=python3.12 to make"
        )
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError("Python cannot make environments: sudo apt install python3-venv")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise SetupError("Python's headers (Python.h) are missing: sudo apt install python3-dev")
    for program in ("cmake", "make", os.environ.get("CXX", "c++").split()[0]):
        if not shutil.which(program):
            raise SetupError(f"{program} not found: sudo apt install cmake make g++")
    here = (platform.system(), platform.machine(), platform.libc_ver()[0])
    if SOURCED:
        check_sourced_ros()
    elif DISTRO not in WHEELS:
        raise SetupError(
            f"ROS_DISTRO is {DISTRO!r}, which is not sourced, and PyPI has {' and '.join(WHEELS)} "
            f"only: source /opt/ros/{DISTRO}/setup.bash, or unset ROS_DISTRO"
        )
    elif here != ("Linux", "x86_64", "glibc"):
        raise SetupError(f"ROS 2's wheels are for Linux, x86_64, glibc, not {here}: source a ROS 2")


def check_sourced_ros() -> None:
    """Raises SetupError if this Python cannot use the sourced ROS 2, or the nodes cannot."""
    if DISTRO in TOO_OLD:
        raise SetupError(
            f"ROS 2 {DISTRO!r} is sourced, and the nodes need a newer one (docs/distributions.md); "
            "run make in a shell that does not source it: then Jazzy is installed from PyPI"
        )
    if DISTRO not in WHEELS:
        known = " and ".join(WHEELS)
        print(f"Warning: ROS 2 {DISTRO!r} is sourced; mobilepose is tested on {known}")
    command = [base_python(), "-c", "import colcon_core, cv2, numpy, rclpy"]
    probe = subprocess.run(command, capture_output=True, text=True)
    if probe.returncode:
        raise SetupError(
            f"ROS 2 {DISTRO!r} is sourced, but with {command[0]}: {probe.stderr.splitlines()[-1]}; "
            f"add PYTHON=/usr/bin/python3 to make, and if it stays: sudo apt install "
            f"ros-{DISTRO}-ros-base python3-colcon-common-extensions python3-numpy python3-opencv"
        )


def environment() -> dict[str, str]:
    """The environment for pip and colcon: `.venv` first."""
    env = {name: value for name, value in os.environ.items() if "_ROS_WHEELS" not in name}
    places = {"PATH": VENV / "bin", "LD_LIBRARY_PATH": VENV / "lib", "AMENT_PREFIX_PATH": VENV}
    for name, place in {**places, "CMAKE_PREFIX_PATH": VENV}.items():
        env[name] = os.pathsep.join(filter(None, [str(place), env.get(name)]))
    return env


def run(title: str, command: list[str], hint: str) -> None:
    """Runs a command with one line of progress on the terminal and its output in setup.log."""
    start, terminal = time.monotonic(), sys.stdout.isatty()
    print(f"  {title} …", end="" if terminal else "\n", flush=True)
    with LOG.open("ab") as log:
        begin = log.tell()
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log)
        while process.poll() is None:
            time.sleep(0.2)
            if terminal:
                latest = LOG.read_bytes()[begin:].decode(errors="replace").split("\n")[-2:-1]
                line = f"  {title} … {time.monotonic() - start:.0f} s  {' '.join(latest)}"
                print("\r\033[K" + line[: shutil.get_terminal_size()[0] - 1], end="", flush=True)
    if process.returncode:
        lines = LOG.read_bytes()[begin:].decode(errors="replace").splitlines()
        last = "\n".join(f"    {line[:200]}" for line in lines[-15:])
        raise SetupError(
            f"{title} failed (exit status {process.returncode}). {hint} "
            f"All output: {LOG.relative_to(ROOT)}; its last lines:\n{last}"
        )
    print("\r\033[K" * terminal + f"  {title}: {time.monotonic() - start:.0f} s")


def make_environment() -> None:
    """A new, empty `.venv`; with a sourced ROS 2 it sees the system's packages too."""
    if VENV.exists():
        print("  .venv is incomplete or for another Python or ROS: recreating it")
        shutil.rmtree(VENV)
    VENV.mkdir()
    options = ["--system-site-packages"] if SOURCED else []
    command = [base_python(), "-m", "venv", *options, str(VENV)]
    run(f"Python {platform.python_version()} in .venv", command, "Is the disk full?")
    if SOURCED:
        setup = '. "$VIRTUAL_ENV/local_setup.${ZSH_VERSION:+z}${BASH_VERSION:+ba}sh"'
        with (VENV / "bin" / "activate").open("a") as activate:
            activate.write(f"\n{setup}\n")


def install_packages(level: str) -> None:
    """Installs what a level needs, at the lock file's versions.

    With a sourced ROS 2, NumPy and OpenCV stay the distribution's: its cv_bridge is built
    against them.
    """
    wanted, pinned = requirements(PACKAGES[0], *EXTRAS[level]), pins()
    if SOURCED:
        wanted = [line for line in wanted if not line.startswith(("numpy", "opencv"))]
        probe = "import numpy; print('numpy==' + numpy.__version__)"
        numpy = subprocess.check_output([base_python(), "-c", probe], text=True)
        pinned = re.sub(r"(?m)^numpy==.*\n", "", pinned) + numpy
    else:
        wanted += ros_wheels(DISTRO)
    (VENV / "constraints.txt").write_text(pinned)
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off"]
    pip += ["--no-compile"]  # of 11 000 modules few are ever imported, which compiles them
    command = [*pip, f"--constraint={VENV}/constraints.txt", *wanted]
    run(f"Python packages for '{level}'", command, "Is the package index reachable?")
    if alone := ALONE.get(level):
        command = [*pip, "--no-deps", *alone]
        run("Python packages for comparisons", command, "Is the package index reachable?")
    if extras := OPTIONAL.get(level):
        optional = requirements(PACKAGES[0], *extras)
        command = [*pip, "--only-binary=:all:", f"--constraint={VENV}/constraints.txt", *optional]
        try:
            run("Optional Python packages", command, "")
        except SetupError:
            print(f"  not installed, so that their tests are skipped: {', '.join(extras)}")


def repair_cmake_exports() -> None:
    """Replaces the include folders of the machine that built the ROS wheels by this machine's."""
    probe = (
        "import numpy, sysconfig as s; print(s.get_path('include'), numpy.get_include(), sep='\\n')"
    )
    output = subprocess.check_output([PYTHON, "-c", probe], text=True, env=environment())
    python_include, numpy_include = output.splitlines()
    for path in VENV.glob("share/*/cmake/*Export.cmake"):
        text = re.sub(r'/opt/[^;"]*/numpy/(_core|core)/include', numpy_include, path.read_text())
        path.write_text(re.sub(r'/opt/[^;"]*/include/python3\.\d+', python_include, text))


def build_workspace() -> None:
    """Builds the workspace into `.venv`, linked to the sources, and makes it importable there."""
    build = VENV / "build"
    shutil.rmtree(build, ignore_errors=True)
    if not SOURCED:
        repair_cmake_exports()
    command = [PYTHON, "-m", "colcon", f"--log-base={VENV}/log", "build", "--symlink-install"]
    command += [f"--base-paths={WORKSPACE}/src", f"--build-base={build}", f"--install-base={VENV}"]
    command += ["--merge-install", "--executor=sequential", "--event-handlers=console_direct+"]
    command += ["--cmake-args", f"-DPython3_EXECUTABLE={PYTHON}", "-DBUILD_TESTING=OFF"]
    run("ROS 2 workspace", command, "")
    paths = [str(path) for path in PACKAGES] + [str(build / path.name) for path in PACKAGES]
    if not SOURCED:
        paths.append("import os, sys; os.environ.setdefault('AMENT_PREFIX_PATH', sys.prefix)")
    path_file = VENV / "lib" / f"python{VERSION}" / "site-packages" / "mobilepose.pth"
    path_file.write_text("\n".join([*paths, ""]))


def set_up(level: str) -> None:
    """Brings `.venv` up to date for a level."""
    state = read_state()
    installed = state.get("packages", {})
    names = INCLUDED_IN[level]
    complete = any(installed.get(name) == packages_fingerprint(name) for name in names)
    if complete and state.get("workspace") == workspace_fingerprint():
        return
    check_machine()
    print(f"Setting up .venv with ROS 2 {DISTRO} {'as sourced' if SOURCED else 'from PyPI'}")
    if not state:
        make_environment()
        state = {"python": python_fingerprint(), "packages": {}}
    if not complete:
        # "busy" stays if pip is killed.
        STATE.write_text(json.dumps({**state, "busy": True}))
        install_packages(level)
        state = {**state, "packages": {**state["packages"], level: packages_fingerprint(level)}}
        state.pop("workspace", None)
        STATE.write_text(json.dumps(state))
    build_workspace()
    STATE.write_text(json.dumps({**state, "workspace": workspace_fingerprint()}))


def main() -> None:
    """Sets up the level that the first argument names."""
    if len(sys.argv) != 2 or sys.argv[1] not in EXTRAS:
        sys.exit(f"usage: {sys.argv[0]} {' | '.join(EXTRAS)}")
    try:
        check_place(ROOT)
    except SetupError as error:
        sys.exit(f"\nError: {error}")
    folder = os.open(WORKSPACE, os.O_RDONLY)  # held until this process ends
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up of this folder to end", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        set_up(sys.argv[1])
    except SetupError as error:
        sys.exit(f"\nError: {error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: run it again.")


if __name__ == "__main__":
    main()
