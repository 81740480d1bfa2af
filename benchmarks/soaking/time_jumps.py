"""Events in which time jumps: the camera's stamps, and the simulated time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.soaking.processes import SoakError

if TYPE_CHECKING:
    from benchmarks.soaking.soak import Soak

HOUR = 3600.0

TICK = 0.05
"""Time between two messages on /clock, s."""


def stamps_jump(soak: Soak) -> None:
    """An hour ahead, an hour back, without stamps, all the same, and as they should be."""
    for command in (
        f"offset {HOUR}",
        f"offset {-HOUR}",
        "stamps zero",
        "stamps repeated",
        "stamps true",
        "offset 0",
    ):
        soak.camera.tell(command)
        soak.pass_time(0.2)


def simulated_time_jumps(soak: Soak) -> None:
    """A simulation starts, jumps ahead and back, stands still, and ends."""
    if reason := soak.control.set(use_sim_time=True):
        raise SoakError(f"use_sim_time was refused: {reason}")
    try:
        for start in (100.0, 100.0 + HOUR, 50.0):
            _run_clock(soak, start, soak.options.spell * 0.2)
        soak.pass_time(0.2)
    finally:
        soak.control.set(use_sim_time=False)


def _run_clock(soak: Soak, start: float, seconds: float) -> None:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        soak.control.publish_time(start + passed)
        time.sleep(TICK)
