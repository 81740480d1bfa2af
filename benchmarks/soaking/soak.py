"""Runs the events of a long run one after another, and accounts for every image."""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.soaking import resources, small_disk
from benchmarks.soaking.account import ImageAccount
from benchmarks.soaking.control import NODE, Control
from benchmarks.soaking.events import ANY, LAST, Event
from benchmarks.soaking.processes import (
    PATIENCE,
    CameraProcess,
    Child,
    SoakedNode,
    SoakError,
)
from benchmarks.soaking.resources import Resources
from benchmarks.soaking.small_disk import SmallDisk
from benchmarks.soaking.verdicts import Happened

NODE_PROGRAM = ("-m", "mobilepose_ros.pose_node")

FIRST_IMAGE = 5.0
"""Longest time to wait for the answer of a first image, s; `max_rate` may drop it."""

ON_ITS_WAY = 1.0
"""Time in which an image is taken even if other processes need the CPU, s."""

SETTLED = 20.0
"""Time without a change after which counts that are not complete will not change, s. On a busy
machine, large images that a reliable camera sent again arrived after more than six."""

Process = TypeVar("Process", bound=Child)


class Soak:
    """The node, its camera and what happens to them.

    Attributes:
        options: of the program: `rate`, `overload_hz`, `spell`, `model` and `threads`.
        random: chooses what is random.
        control: asks the node.
        node: under test.
        camera: that publishes now.
        stop: set to end the run early.
        happened: events up to now.
        samples: what the node held before the first round, and at the end of each.
        left_behind: segments in shared memory of killed processes.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        control: Control,
        folder: Path,
        program: Sequence[str] = NODE_PROGRAM,
    ) -> None:
        """Starts the node and a camera.

        Args:
            options: see above; `seed` is of `random`.
            control: spins already.
            folder: for files.
            program: what Python runs as the node.
        """
        self.options = options
        self.random = random.Random(options.seed)
        self.control = control
        self.stop = threading.Event()
        self.happened: list[Happened] = []
        self.samples: list[Resources] = []
        self.left_behind: set[str] = set()
        self._folder = folder
        self._children = contextlib.ExitStack()
        self._cameras: list[CameraProcess] = []
        self._skipped = ""
        self._start = self._carried = ImageAccount()
        parameters = {"model": options.model, "device": "cpu", "threads": options.threads}
        self.node = self.add(SoakedNode(folder, parameters, self._disk(), program))
        self.camera = self._new_camera()

    def start(self) -> None:
        """Waits for joints.

        Raises:
            SoakError: the node does not answer; with what it has written.
        """
        try:
            self.camera.tell("find")
            self.run_camera(self.camera)
            self.control.wait(lambda: self.control.answers > 0, "joints")
        except (RuntimeError, SoakError) as error:
            raise SoakError(f"{error}; the node: {self.node.output.read_text()[-2000:]}") from None

    def _disk(self) -> SmallDisk | None:
        if not small_disk.is_available():
            return None
        folder = self._folder / "disk"
        folder.mkdir()
        return SmallDisk(folder)

    def add(self, child: Process) -> Process:
        """Ends a process with the run."""
        self._children.callback(self._end, child)
        return child

    def _end(self, child: Child) -> None:
        if child.is_running:
            child.end()
        self.left_behind |= child.left_behind

    def close(self) -> int:
        """Ends all processes; returns how many segments the node left in shared memory."""
        of_node = resources.owned(self.node.pid)
        self._children.close()
        left = resources.exist(of_node) - self.left_behind
        resources.remove(left | self.left_behind)
        return len(left)

    # What events use.

    def pass_time(self, spells: float) -> None:
        """Waits for a number of spells.

        Raises:
            SoakError: the node has ended.
        """
        deadline = time.monotonic() + spells * self.options.spell
        while (left := deadline - time.monotonic()) > 0:
            if not self.node.is_running:
                raise SoakError("the node has ended")
            time.sleep(min(0.1, left))

    def skip(self, reason: str) -> None:
        """Notes that the event cannot happen here."""
        self._skipped = reason

    def change(self, transition: str) -> None:
        """Requests a transition.

        Raises:
            SoakError: it fails.
        """
        if not self.control.change(transition):
            raise SoakError(f"the transition {transition} failed")

    def add_camera(self, *arguments: object) -> CameraProcess:
        """Starts another camera, which has found the node."""
        camera = self._new_camera(*arguments)
        camera.tell("find")
        return camera

    def _new_camera(self, *arguments: object) -> CameraProcess:
        camera = self.add(CameraProcess(self._folder, "--rate", self.options.rate, *arguments))
        self._cameras.append(camera)
        return camera

    def start_camera(self, *arguments: object) -> None:
        """Starts a camera in place of the last one; it publishes."""
        self.camera = self.add_camera(*arguments)
        self.run_camera(self.camera)

    def run_camera(self, camera: CameraProcess) -> None:
        """Has a camera publish, once its first image has been answered.

        Nobody can know of an image that a newer one replaces before the node has taken any.
        """
        before = self.control.answers
        camera.tell("first")
        with contextlib.suppress(SoakError):
            self.control.wait(lambda: self.control.answers > before, "joints", FIRST_IMAGE)
        camera.tell("run")

    def end_camera(self) -> None:
        """Ends the camera as Ctrl-C does, once its last image can have been taken.

        An image that is on its way when its publisher ends is lost, and no middleware reports it.
        """
        self.camera.tell("pause")
        time.sleep(ON_ITS_WAY)
        self.camera.tell("end")
        self.camera.end()
        self.control.wait(lambda: not self.control.count_publishers("image"), "the camera's end")

    def kill_camera(self) -> None:
        """Kills the camera."""
        self.camera.kill()

    def wait_for_one_camera(self) -> None:
        """Waits until the middleware knows that other cameras are gone."""
        self.control.wait(lambda: self.control.count_publishers("image") == 1, "one camera")
        self.pass_time(0.3)

    def wait_for_joints(self) -> None:
        """Waits until the node answers images again."""
        before = self.control.answers
        self.control.wait(lambda: self.control.answers > before + 1, "joints")

    def restart_counts(self) -> None:
        """Takes the node's counts as they are; the next ones start at zero."""
        now = self._account()
        self._carried = now.since(self._start)
        self._start = ImageAccount(published=now.published, heard=now.heard)

    # The run.

    def round(
        self,
        events: Sequence[Event],
        deadline: float = math.inf,
        report: Callable[[Happened], None] = lambda happened: None,
    ) -> None:
        """All events in random order, then what the node holds.

        Args:
            events: what happens.
            deadline: time of `time.monotonic` after which no event starts.
            report: called with every event that has happened.
        """
        for event in [*self.random.sample(list(events), len(events)), LAST]:
            if self.happened and (time.monotonic() > deadline or self.stop.is_set()):
                return
            self.happen(event)
            report(self.happened[-1])
            if not self.node.is_running:
                return
        self.measure()

    def happen(self, event: Event) -> None:
        """Makes an event happen, and accounts for its images."""
        failure, self._skipped, self._carried = "", "", ImageAccount()
        try:
            self._start = self._settle(ANY)
            self.run_camera(self.camera)
            event.run(self)
        except SoakError as broken:
            failure = str(broken)
            failure += self._recover()
        end = self._last_account()
        try:
            if self.node.is_running:
                end = self._settle(event.uncounted)
        except SoakError as broken:
            failure = f"{failure}; {broken}".removeprefix("; ")
            self.node.abort()
        account = self._carried.plus(end.since(self._start))
        self.happened.append(Happened(event.name, account, event.uncounted, failure, self._skipped))

    def measure(self) -> None:
        """Adds to the samples, once the middleware has forgotten those who are gone.

        Memory is measured with the networks loaded anew: their buffers keep the size that the
        largest number of people since then needed.
        """
        topic = f"{NODE}/markers"
        self.control.wait(lambda: not self.control.count_subscribers(topic), "no viewer")
        sample = Resources.of(self.node)
        for transition in ("deactivate", "cleanup", "configure"):
            self.change(transition)
        self.samples.append(sample._replace(memory=round(self.node.memory(), 1)))
        self.change("activate")

    def _recover(self) -> str:
        """Brings camera and node back after a failure; returns what does not work."""
        try:
            if not self.node.is_running:
                return ""
            self.node.thaw()
            if not self.camera.is_running:
                self.start_camera()
            for transition in ("configure", "activate"):
                if self.control.state != "active":
                    self.control.change(transition)
            self.control.call("enable", data=True)
        except SoakError as broken:
            return f"; then {broken}"
        return ""

    def _account(self) -> ImageAccount:
        try:
            self.control.fresh()
        except RuntimeError as error:
            raise SoakError(str(error)) from None
        return self._last_account()

    def _last_account(self) -> ImageAccount:
        published = sum(camera.published for camera in self._cameras)
        return ImageAccount.of(published, self.control.figures, self.control.answers)

    def _settle(self, uncounted: float = 0) -> ImageAccount:
        """Pauses the camera; the counts once they are complete, or do not change."""
        if self.camera.is_running:
            self.camera.tell("pause")
        account = self._account()
        began = changed = time.monotonic()
        while (now := time.monotonic()) - began < PATIENCE:
            unchanged = ON_ITS_WAY if self._is_complete(account, uncounted) else SETTLED
            if now - changed >= unchanged:
                break
            newest = self._account()
            if newest != account:
                account, changed = newest, time.monotonic()
        return account

    def _is_complete(self, account: ImageAccount, uncounted: float) -> bool:
        """Whether every image since the start of the event has been accounted for."""
        added = self._carried.plus(account.since(self._start))
        return 0 <= added.missing <= uncounted and not (added.unexplained or added.unheard)
