"""The processes of a long run: the node, cameras and viewers."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np

from benchmarks.measure.node_process import Process
from benchmarks.soaking import resources
from benchmarks.soaking.small_disk import SmallDisk

PATIENCE = 60.0
"""Longest time to wait for a process or an answer, s."""


LAST_WORDS = 8000
"""Characters of a hanging node's output that are printed."""


class SoakError(Exception):
    """A guarantee is broken, in words."""


class Child(Process):
    """A process that may be frozen or killed.

    Attributes:
        left_behind: segments in shared memory that it had made when it was killed.
    """

    def __init__(self, command: Sequence[str], **options: object) -> None:
        """Starts it, out of reach of Ctrl-C; `options` are those of `subprocess.Popen`."""
        self._process = subprocess.Popen(  # type: ignore[call-overload]
            command, start_new_session=True, **options
        )
        self.pid = self._process.pid
        self.left_behind: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kills it, without a chance to clean up."""
        self.left_behind = resources.owned(self.pid)
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Suspends it."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Resumes it."""
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """Terminates it, like Ctrl-C; kills it if it does not end."""
        if not self.is_running:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise SoakError(f"process {self._process.args!r} did not end") from None


class SoakedNode(Child):
    """The pose node. What it logs is in `folder/log` (on the small disk, if any) and `output`."""

    def __init__(
        self,
        folder: Path,
        parameters: dict[str, object],
        disk: SmallDisk | None = None,
        program: Sequence[str] = ("-m", "mobilepose_ros.pose_node"),
    ) -> None:
        """Starts it.

        Args:
            folder: for its output.
            parameters: of the node.
            disk: for the files of its log.
            program: what Python runs.
        """
        self.output = folder / "node.log"
        self.disk = disk
        words = [word for name, value in parameters.items() for word in ("-p", f"{name}:={value}")]
        command = [sys.executable, *program, "--ros-args", *words]
        log_folder = folder / "log" if disk is None else disk.folder
        with self.output.open("wb") as output:
            super().__init__(
                command if disk is None else disk.command(command),
                env={
                    **os.environ,
                    "ROS_LOG_DIR": str(log_folder),
                    "PYTHONFAULTHANDLER": "1",
                    "PYTHONUNBUFFERED": "1",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def abort(self) -> None:
        """Ends a node that hangs, and prints what each of its threads did."""
        self.left_behind = resources.owned(self.pid)
        self.thaw()
        os.kill(self.pid, signal.SIGABRT)
        self._process.wait(PATIENCE)
        print(self.output.read_text(errors="replace")[-LAST_WORDS:], flush=True)


class CameraProcess(Child):
    """A camera that does what it is told, and how much it has published."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        """Starts it; `arguments` are those of `benchmarks.soaking.camera`."""
        counts = folder / f"camera-{time.monotonic_ns()}"
        counts.write_bytes(bytes(16))
        self._counts = np.memmap(counts, np.int64, "r", shape=(2,))
        super().__init__(
            [sys.executable, "-m", "benchmarks.soaking.camera", str(counts), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def published(self) -> int:
        """Number of images that it has published."""
        return int(self._counts[1])

    def tell(self, command: str) -> None:
        """Gives it a command, and waits until it has obeyed.

        Raises:
            RuntimeError: it does not.
        """
        words = cast(IO[str], self._process.stdin)
        words.write(f"{command}\n")
        words.flush()
        try:
            if self._answers.get(timeout=PATIENCE) == "ok":
                return
        except queue.Empty:
            pass
        raise RuntimeError(f"the camera does not obey {command!r}")

    def _listen(self) -> None:
        for line in cast(IO[str], self._process.stdout):
            self._answers.put(line.strip())
        self._answers.put("ended")


class ViewerProcess(Child):
    """Somebody who subscribes to everything, in a process of their own."""

    def __init__(self) -> None:
        super().__init__(
            [sys.executable, "-m", "benchmarks.soaking.viewer"], stdout=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        """Waits for the first message.

        Raises:
            SoakError: none comes.
        """
        done = threading.Event()
        stream = cast(IO[str], self._process.stdout)

        def read() -> None:
            if stream.readline().strip() == "ready":
                done.set()

        threading.Thread(target=read, daemon=True).start()
        if not done.wait(PATIENCE):
            raise SoakError("a viewer received nothing")
