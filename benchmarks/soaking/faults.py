"""Events in which a disk is full: that of the node's log, and that of a program's results."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from benchmarks.picture import astronaut
from benchmarks.soaking import small_disk
from benchmarks.soaking.processes import PATIENCE, SoakError
from benchmarks.soaking.small_disk import SmallDisk

if TYPE_CHECKING:
    from benchmarks.soaking.soak import Soak

NO_DISK = "the kernel gives processes no disk of their own"


def log_disk_is_full(soak: Soak) -> None:
    """The node goes on, and logs to its files again when there is room."""
    disk = soak.node.disk
    if disk is None:
        soak.skip(NO_DISK)
        return
    folder = disk.seen_by(soak.node.pid)
    small_disk.fill(folder)
    try:
        for number in range(5):
            soak.control.change("configure")  # refused, which is logged
            soak.control.set(max_rate=float(number))
            soak.pass_time(0.1)
    finally:
        small_disk.empty(folder)
        soak.control.set(max_rate=0.0)
    soak.pass_time(0.5)


def results_disk_is_full(soak: Soak) -> None:
    """`mobilepose predict` says so in a line, and leaves no broken file."""
    if not small_disk.is_available():
        soak.skip(NO_DISK)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder, photo = Path(scratch) / "full", Path(scratch) / "photo.png"
        folder.mkdir()
        cv2.imwrite(str(photo), astronaut(320, 240))
        disk = SmallDisk(folder, size=8192)
        program = [sys.executable, "-m", "mobilepose_core.cli", "predict", str(photo)]
        saved = [*program, "--threads=1", "--save", str(folder / "drawn.png")]
        script = '"$@"; echo status $?; ls -A "$0"'
        command = disk.command(["sh", "-c", script, str(folder), *saved])
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if done.stdout.splitlines()[-1:] != ["status 1"] or "Traceback" in done.stderr:
        raise SoakError(f"predict on a full disk: {done.stdout[-300:]} {done.stderr[-300:]}")
