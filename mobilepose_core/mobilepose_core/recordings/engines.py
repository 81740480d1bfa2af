"""Many recordings at once: over the cores of this machine, or over a cluster with Ray.

Both engines run the same job. A job whose process dies is run again, elsewhere, and goes on from
its journal.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.job import Job, JobReport

log = logging.getLogger(__name__)

ATTEMPTS = 4
"""How often a job is begun before it is given up: processes may be killed for their memory."""

PROGRESS = "progress"
"""File in a job's folder with the numbers of frames that are done, and of all."""

_INTERVAL = 0.5
"""Time between two reports of progress, s."""

_GRACE = 3.0
"""Time that processes have to end by themselves, s."""


class Engine(Protocol):
    """Runs jobs."""

    def submit(self, job: Job) -> None:
        """Adds a job."""

    def finished(self, timeout: float) -> list[JobReport]:
        """The reports that came since the last call; waits for one, s."""

    def close(self) -> None:
        """Stops what is running."""


def run(
    engine: Engine, jobs: Sequence[Job], timeout: float = _INTERVAL
) -> Iterator[list[JobReport]]:
    """Runs jobs; returns what has finished, at least every `timeout` seconds."""
    try:
        for job in jobs:
            job.target.parent.mkdir(parents=True, exist_ok=True)
            engine.submit(job)
        left = len(jobs)
        while left:
            reports = engine.finished(timeout)
            left -= len(reports)
            yield reports
    finally:
        engine.close()


def attempt(job: Job) -> JobReport:
    """Runs a job in this process; a failure is a report too."""
    last = 0.0

    def note(done: int, count: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _INTERVAL:
            last = time.monotonic()
            with suppress(OSError):  # on a full disk what matters cannot be written either
                (job.work / PROGRESS).write_text(f"{done} {count}\n")

    try:
        return annotate(job, note)
    except Exception as error:  # one recording must not end the work on thousands
        log.debug("where it happened:", exc_info=True)
        is_known = isinstance(error, (ValueError, OSError))
        text = str(error) if is_known else f"{job.source}: {type(error).__name__}: {error}"
        return JobReport(str(job.source), error=text)


def progress_of(job: Job) -> tuple[int, int]:
    """Frames of a job that are done, and all of them; 0 before it has begun or behind its end."""
    try:
        done, count = (job.work / PROGRESS).read_text().split()
        return int(done), int(count)
    except (OSError, ValueError):
        return 0, 0


class LocalEngine:
    """Processes of this machine."""

    def __init__(self, workers: int) -> None:
        self._waiting: deque[tuple[Job, int]] = deque()
        self._workers: list[_Worker] = []
        self._room = workers
        self._context = multiprocessing.get_context("spawn")

    def submit(self, job: Job) -> None:
        """Adds a job."""
        self._waiting.append((job, 1))

    def finished(self, timeout: float) -> list[JobReport]:
        """See `Engine`."""
        self._assign()
        busy = [worker for worker in self._workers if worker.job is not None]
        ready = wait([worker.connection for worker in busy], timeout)
        reports = []
        for worker in busy:
            if worker.connection not in ready:
                continue
            job, number = worker.job or (None, 0)
            try:
                reports.append(worker.connection.recv())
                worker.job = None
            except (EOFError, OSError):
                self._remove(worker)
                assert job is not None
                if number < ATTEMPTS:
                    self._waiting.appendleft((job, number + 1))
                else:
                    reports.append(JobReport(str(job.source), error=_died(job)))
        return reports

    def close(self) -> None:
        """Stops all processes."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def _assign(self) -> None:
        while self._waiting and (worker := self._idle()) is not None:
            job = self._waiting.popleft()
            try:
                worker.begin(job)
            except OSError:  # it died while it was idle, which is not the job's fault
                self._remove(worker)
                self._waiting.appendleft(job)

    def _idle(self) -> _Worker | None:
        """A worker without a job, started if there is room for one; None if all are busy."""
        for worker in self._workers:
            if worker.job is None:
                return worker
        if len(self._workers) >= self._room:
            return None
        try:
            self._workers.append(_Worker(self._context))
        except OSError as error:
            if not self._workers:
                raise
            self._room = len(self._workers)
            log.warning("no more processes can be started (%s); %d go on", error, self._room)
            return None
        return self._workers[-1]

    def _remove(self, worker: _Worker) -> None:
        """Forgets a worker whose process died."""
        self._workers.remove(worker)
        worker.stop()


class _Worker:
    """A process that runs one job after another."""

    def __init__(self, context: Any) -> None:
        self.connection, theirs = context.Pipe()
        self.job: tuple[Job, int] | None = None
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, job: tuple[Job, int]) -> None:
        self.job = job
        self.connection.send(job[0])

    def stop(self) -> None:
        self._process.kill()  # journals are made for that
        self._process.join()
        self.connection.close()


def _work(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's Ctrl-C ends this process
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(attempt(job))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class RayEngine:
    """A cluster, or the cores of this machine, through Ray.

    All machines need the recordings and the folder of the results under the same path.
    """

    def __init__(self, workers: int, threads: int, address: str = "") -> None:
        """Connects to a cluster, or starts one.

        Args:
            workers: number of jobs at a time on this machine; unused with an address.
            threads: of a job, which Ray counts as so many cores.
            address: of a cluster; empty starts one on this machine.

        Raises:
            MobilePoseError: Ray cannot be reached, or cannot be started; none of it runs on.
        """
        import ray

        self._ray = ray
        options = {"address": address} if address else {"num_cpus": workers * max(1, threads)}
        with _ending_what_it_starts():
            try:
                ray.init(include_dashboard=False, log_to_driver=False, **options)
            except Exception as error:  # Ray raises any
                reason = " ".join(str(error).split())
                raise MobilePoseError(
                    f"no Ray cluster can be reached at {address} ({reason}); start one with `ray "
                    "start --head`, or leave --address out"
                    if address
                    else f"Ray cannot be started on this machine ({reason}); run it again when the "
                    "machine is less busy, or leave --engine ray out"
                ) from error
        self._run = ray.remote(num_cpus=max(1, threads), max_retries=ATTEMPTS - 1)(attempt)
        self._running: dict[Any, Job] = {}

    def submit(self, job: Job) -> None:
        """Adds a job."""
        self._running[self._run.remote(job)] = job

    def finished(self, timeout: float) -> list[JobReport]:
        """See `Engine`."""
        done, _ = self._ray.wait(list(self._running), num_returns=1, timeout=timeout)
        reports = []
        for reference in done:
            job = self._running.pop(reference)
            try:
                reports.append(self._ray.get(reference))
            except self._ray.exceptions.RayError as error:
                reports.append(JobReport(str(job.source), error=f"{_died(job)}: {error}"))
        return reports

    def close(self) -> None:
        """Leaves the cluster, or ends it."""
        self._ray.shutdown()


def _died(job: Job) -> str:
    return f"{job.source}: {ATTEMPTS} processes died on it; is there too little memory?"


@contextmanager
def _ending_what_it_starts() -> Iterator[None]:
    """Ends the processes that are started within if it fails: Ray forgets some of its own."""
    psutil = importlib.import_module("psutil")  # Ray has a copy of it
    this = psutil.Process()
    before = set(this.children(recursive=True))
    try:
        yield
    except BaseException:
        started = [child for child in this.children(recursive=True) if child not in before]
        for child in started:
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        _, left = psutil.wait_procs(started, timeout=_GRACE)
        for child in left:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(left, timeout=_GRACE)
        raise
