"""Accounts for every image of a camera on its way to the pose node.

    python -m benchmarks.transport --json
    python -m benchmarks.transport --only 640x480 camera_node --seconds 5

Camera and node are separate processes with default settings; `profile` gives the camera's process
the package's Fast DDS profile, which `camera_node` sets by itself. An image is processed, dropped
with a reason that the node reports, or reported as lost in transport; any other image is
unaccounted for, which fails the benchmark.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from benchmarks.measure import machine
from benchmarks.measure.node_process import (
    PATIENCE,
    PROFILES,
    NodeListener,
    Process,
    take_own_domain,
)
from mobilepose_ros import fastdds, running
from mobilepose_ros.counters import Drop

SIZES = ((640, 480, 30.0), (1280, 720, 30.0), (1920, 1080, 15.0))
"""Width, height, and rate of the camera, Hz."""

OURS = "camera_node"
CAMERAS = ("reliable", "best_effort")

GOAL = 99.0
"""Per cent of images that must arrive at 640x480 and 30 Hz from our camera and a reliable one."""

DROPPED = "dropped: "


@dataclass(frozen=True)
class Case:
    """A camera and its settings.

    Attributes:
        camera: `camera_node`, or the reliability of another driver.
        width: of its images, pixels.
        height: of its images, pixels.
        rate: Hz.
        profile: whether its process has the package's Fast DDS profile.
    """

    camera: str
    width: int
    height: int
    rate: float
    profile: bool

    @property
    def name(self) -> str:
        """Such as `reliable 640x480 profile`."""
        profile = " profile" if self.profile else ""
        return f"{self.camera} {self.width}x{self.height}{profile}"

    @property
    def has_goal(self) -> bool:
        """Whether the goal applies: default settings, and a size that must work."""
        return self.camera != "best_effort" and self.height == 480 and not self.profile


@dataclass(frozen=True)
class Account:
    """Counts of a camera's images.

    Attributes:
        published: by the camera, as it reports.
        received: by the node.
        answered: processed, with joints published.
        dropped: by the node, by reason.
        lost: in transport, as the node reports.
    """

    published: int
    received: int
    answered: int
    dropped: dict[str, int]
    lost: int

    @classmethod
    def of(cls, published: int, figures: dict[str, str]) -> Account:
        """The counts in the node's diagnostics."""
        dropped = {
            name.removeprefix(DROPPED): int(value)
            for name, value in figures.items()
            if name.startswith(DROPPED)
        }
        lost = dropped.pop(Drop.LOST.value)
        return cls(published, int(figures["received"]), int(figures["answered"]), dropped, lost)

    @property
    def unaccounted(self) -> int:
        """Images missing from the node's counts; negative if it counts too many."""
        return self.published - self.answered - sum(self.dropped.values()) - self.lost

    @property
    def arrived(self) -> float:
        """Per cent of the images that the node received."""
        return 100 * self.received / self.published


def cases() -> list[Case]:
    """All measured cases."""
    ours = [Case(OURS, *SIZES[0], profile=False)]
    return ours + [
        Case(camera, *size, profile=profile)
        for size in SIZES
        for camera in CAMERAS
        for profile in (False, True)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of images in each case")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="cases whose names have one of these texts in them"
    )
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    chosen = [case for case in cases() if any(text in case.name for text in options.only)]
    if not chosen:
        parser.error(f"--only has none of: {', '.join(case.name for case in cases())}")
    reasons = [reason.value for reason in Drop if reason is not Drop.LOST]
    heads = [
        "camera",
        "images",
        "published",
        "received",
        "answered",
        *reasons,
        "lost",
        "unaccounted",
    ]
    print(f"| {' | '.join([*heads, 'arrived, %'])} |")
    print("|---" * (len(heads) + 1) + "|")
    accounts = {}
    for case in chosen:
        accounts[case] = account = measured(case, options.seconds, options.model)
        print(_row(case, account), flush=True)
    is_reached = all(a.arrived >= GOAL for case, a in accounts.items() if case.has_goal)
    is_complete = not any(account.unaccounted for account in accounts.values())
    print(f"\n{'PASS' if is_complete else 'FAIL'}  every image is accounted for")
    print(f"{'PASS' if is_reached else 'FAIL'}  {GOAL:g} % of 640x480 at 30 Hz arrive by default")
    if options.json:
        rows = [
            {
                **asdict(case),
                **asdict(account),
                "unaccounted": account.unaccounted,
                "arrived_percent": round(account.arrived, 2),
            }
            for case, account in accounts.items()
        ]
        known = {"machine": machine.description(), "seconds": options.seconds, "cases": rows}
        print(json.dumps({**known, "complete": is_complete, "goal_reached": is_reached}))
    return 0 if is_complete else 1


def measured(case: Case, seconds: float, model: str) -> Account:
    """The counts of a camera's images over some seconds.

    Raises:
        RuntimeError: the camera or the node failed.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listener())
        node = Process("pose_node", model=model, device="cpu")
        stack.callback(node.end)
        while listener.fresh()["state"] != "active":
            pass
        camera = stack.enter_context(_camera(case, seconds))
        return _settled(listener, _published(camera, case))


@contextlib.contextmanager
def _listener() -> Iterator[NodeListener]:
    """A listener to diagnostics, in its own DDS domain with default transports."""
    take_own_domain()
    for name in fastdds.CHOICES:
        os.environ.pop(name, None)
    with running.ros([]) as stop:
        listener = NodeListener()
        with running.spinning(stop, listener):
            yield listener
        listener.destroy_node()


@contextlib.contextmanager
def _camera(case: Case, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """The camera's process, which lives as long as the block."""
    count = max(1, round(seconds * case.rate))
    sizes = ["--width", str(case.width), "--height", str(case.height)]
    rates = ["--rate", str(case.rate), "--count", str(count)]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.measure.camera", case.camera, *sizes, *rates],
        env={**os.environ, **({fastdds.variable(): str(PROFILES)} if case.profile else {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _published(camera: subprocess.Popen[str], case: Case) -> int:
    """The number of published images, once the camera has finished."""
    assert camera.stdout is not None
    words = camera.stdout.readline().split()
    if len(words) != 2 or words[0] != "published":
        raise RuntimeError(f"the camera of {case.name} failed; its error is above")
    return int(words[1])


def _settled(listener: NodeListener, published: int) -> Account:
    """The counts once they are complete, or have not changed for a while."""
    accounts: list[Account] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        accounts.append(Account.of(published, listener.fresh()))
        if not accounts[-1].unaccounted or accounts[-5:] == accounts[-1:] * 5:
            break
    return accounts[-1]


def _row(case: Case, account: Account) -> str:
    camera = case.camera.replace("_", " ") if case.camera != OURS else OURS
    cells = [
        camera + (", profile" if case.profile else ""),
        f"{case.width}x{case.height} at {case.rate:g} Hz",
        *(account.published, account.received, account.answered),
        *(account.dropped[reason.value] for reason in Drop if reason is not Drop.LOST),
        *(account.lost, account.unaccounted, f"{account.arrived:.1f}"),
    ]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
