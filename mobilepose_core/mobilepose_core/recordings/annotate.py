"""`annotate`: annotates one recording, and goes on from where a killed run ended."""

from __future__ import annotations

import fcntl
import functools
import json
import os
import pickle
import shutil
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2

from mobilepose_core.errors import DataError
from mobilepose_core.inference.pose_estimator import PoseEstimator
from mobilepose_core.inference.rotation import Rotation
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.recordings import annotated, checkpoint
from mobilepose_core.recordings.annotator import Annotator
from mobilepose_core.recordings.cameras import CameraTopics, cameras_of
from mobilepose_core.recordings.disk import written
from mobilepose_core.recordings.frames import frames_of
from mobilepose_core.recordings.job import ABOUT, REPORT, Job, JobReport, about, finished
from mobilepose_core.recordings.journal import ResultJournal
from mobilepose_core.recordings.recording import Recording

PATIENCE = 10.0
"""How long another process may take to end, s: one that was given up may still run."""

JOURNAL = "journal"
"""File in a job's folder with its results so far."""

Progress = Callable[[int, int], None]
"""Takes the number of frames that are done, and of all."""


def annotate(job: Job, progress: Progress = lambda done, count: None) -> JobReport:
    """Annotates a recording.

    The result appears under its name when it is whole. What was done is in a journal until then, so
    that a run that is killed loses the work of `job.interval` seconds at most. A finished recording
    is not processed again.

    Raises:
        DataError: the recording cannot be read, or something else is where the result belongs.
        OSError: the result cannot be written.
    """
    with Recording(job.source) as recording:
        what = about(job, recording)
        if job.target.exists():
            report = finished(job, what)
            shutil.rmtree(job.work, ignore_errors=True)  # of a run killed behind its last step
            return report
        job.work.mkdir(exist_ok=True)
        with _locked(job.work):
            if job.target.exists():
                return finished(job, what)
            try:
                report = _Run(job, recording, what).finish(progress)
            finally:
                if not (job.work / JOURNAL).exists():  # nothing to go on from
                    shutil.rmtree(job.work, ignore_errors=True)
            shutil.rmtree(job.work)
    return report


class _Run:
    """The processing of one recording."""

    def __init__(self, job: Job, recording: Recording, what: dict[str, Any]) -> None:
        self.job = job
        self.recording = recording
        self.what = what
        self.cameras = cameras_of(recording, job.selection)
        self.annotators = _annotators(job, recording, self.cameras)
        self.topics = [
            annotated.ResultTopic(f"{camera.output}/{name}", name)
            for camera, annotator in zip(self.cameras, self.annotators, strict=True)
            for name in annotator.names
        ]
        if job.with_originals:
            self._check_apart()
            recording.notes += [
                f"{name} is not copied: it is in {encoding}, not CDR as ROS 2 writes it"
                for name, encoding in recording.foreign.items()
            ]
        self.numbers = {topic.name: number for number, topic in enumerate(self.topics)}
        self.count = sum(recording.topics[camera.image].total for camera in self.cameras)
        with written(job.work):
            self.journal = ResultJournal(job.work / JOURNAL, what)

    def _check_apart(self) -> None:
        """Raises DataError where a result has the name of a topic that is copied."""
        taken = [topic.name for topic in self.topics if topic.name in self.recording.topics]
        if taken:
            raise DataError(
                f"{self.job.source}: has a topic {taken[0]} of its own; give results another name "
                "(--name), or leave the originals out"
            )

    def finish(self, progress: Progress) -> JobReport:
        """Processes the frames that are left, and writes the result."""
        begin = clock.monotonic()
        done = resumed = self._restore()
        progress(done, self.count)
        seen = [False] * len(self.cameras) if not done else self._seen()
        due = begin + self.job.interval
        for frame in self._frames(done):
            annotator, camera = self.annotators[frame.camera], self.cameras[frame.camera]
            if not seen[frame.camera]:
                seen[frame.camera] = True
                self._add(camera, frame.time, annotator.skeleton())
            for result in annotator(frame):
                self._add(camera, frame.time, result)
            done += 1
            progress(done, self.count)
            if clock.monotonic() >= due:
                self._checkpoint(done)
                due = clock.monotonic() + self.job.interval
        self._checkpoint(done)
        self._write(done)
        return self._report(done, resumed, clock.monotonic() - begin)

    def _restore(self) -> int:
        """Goes on from the last checkpoint; returns the number of frames before it."""
        if self.journal.state is None:
            return 0
        try:
            done, states = checkpoint.unpacked(self.journal.state)
        except pickle.UnpicklingError as error:
            raise DataError(f"{self.job.work}: not of this program ({error}); remove it") from error
        for annotator, state in zip(self.annotators, states, strict=True):
            annotator.restore(state)
        return int(done)

    def _checkpoint(self, done: int) -> None:
        state = checkpoint.packed((done, [a.state for a in self.annotators]))
        with written(self.job.work):
            self.journal.checkpoint(state)

    def _seen(self) -> list[bool]:
        """Whether each camera has had a frame."""
        known = {self.topics[entry.topic].name for entry in self.journal.entries}
        return [f"{camera.output}/skeleton" in known for camera in self.cameras]

    def _frames(self, skipped: int) -> Iterator[Any]:
        wanted = {t for c in self.cameras for t in (c.image, c.info, c.depth) if t}
        frames = frames_of(self.recording.messages(wanted), self.cameras)
        for number, frame in enumerate(frames):
            if number >= skipped:
                yield frame

    def _add(self, camera: CameraTopics, time: int, result: Any) -> None:
        with written(self.job.work):
            self.journal.add(self.numbers[f"{camera.output}/{result.name}"], time, result.data)

    def _report(self, done: int, resumed: int = 0, seconds: float = 0.0) -> JobReport:
        faults: dict[str, int] = {}
        for camera, annotator in zip(self.cameras, self.annotators, strict=True):
            faults |= {f"{camera.image}: {t}": n for t, n in annotator.faults.items()}
        return JobReport(
            str(self.job.source),
            str(self.job.target),
            done,
            sum(annotator.people for annotator in self.annotators),
            seconds,
            resumed,
            tuple(self.recording.notes),
            tuple(self.recording.losses),
            faults,
        )

    def _write(self, done: int) -> None:
        """Writes the result beside its journal, then gives it its name."""
        folder = self.job.work / self.job.target.name
        if folder.exists():
            shutil.rmtree(folder)
        with written(self.job.work):
            annotated.write(
                folder,
                annotated.Form(self.job.storage, self.job.is_compressed),
                self.journal,
                self.topics,
                self.recording if self.job.with_originals else None,
                lambda: self._about(done),
            )
            self.journal.close()
        folder.rename(self.job.target)

    def _about(self, done: int) -> dict[str, str]:
        """What the result says of itself, wherever it is moved."""
        lasting = replace(self._report(done), source=self.job.source.name, target="")
        return {ABOUT: json.dumps(self.what), REPORT: json.dumps(asdict(lasting))}


def _annotators(job: Job, recording: Recording, cameras: list[CameraTopics]) -> list[Annotator]:
    how = job.estimation
    first = _estimator(how.model, how.device, how.threads, how.finder, how.find_size)
    rotation, smoothing = Rotation(how.rotate), Smoothing(how.smoothing_time)
    annotators = []
    for camera in cameras:
        estimator = PoseEstimator(first.model, finder="boxes", smoothing=smoothing)
        estimator.detector = first.detector  # which keeps no state
        kind = recording.topics[camera.image].type
        annotators.append(Annotator(estimator, kind, bool(camera.depth), rotation, job.drawing))
    return annotators


@functools.lru_cache(maxsize=1)
def _estimator(model: str, device: str, threads: int, finder: str, find_size: int) -> PoseEstimator:
    """The networks, loaded once for all recordings of a process."""
    if threads:
        cv2.setNumThreads(threads)
    return PoseEstimator(model, device, threads, finder, find_size=find_size)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of a folder.

    Raises:
        DataError: another one works there.
    """
    with (folder / "lock").open("a+") as file:
        deadline = clock.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > deadline:
                    raise DataError(f"{folder}: another process works on it") from None
                clock.sleep(0.1)
        with written(folder):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield
