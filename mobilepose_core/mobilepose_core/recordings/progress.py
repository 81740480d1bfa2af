"""How many frames of many recordings are done, and how many there will be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import metadata
from mobilepose_core.recordings.cameras import Selection, without_copies
from mobilepose_core.recordings.damaged_mcap import DamagedMcap
from mobilepose_core.recordings.engines import progress_of
from mobilepose_core.recordings.job import Job, JobReport
from mobilepose_core.recordings.message_types import COMPRESSED, IMAGE
from mobilepose_core.recordings.metadata import TopicCount
from mobilepose_core.recordings.storage import MCAP, METADATA, PACKED, parts_of, storage_files

COUNTING = 0.2
"""Most that is spent at a time on counting the images of recordings that have not begun, s."""

_SAMPLE = 1000
"""Messages of an SQLite file whose topics are counted: there is no index by topic."""


class FrameCount(NamedTuple):
    """Frames of all recordings.

    Attributes:
        done: so far, those of earlier runs among them.
        total: of all, as far as is known.
        earlier: of those that are done: the work of earlier runs.
    """

    done: int
    total: int
    earlier: int


class Progress:
    """Counts the frames of jobs while they run.

    A job that has begun tells its number of frames. That of another one is estimated from the
    number of its images, some of which may be depth: by the share of frames in those that have
    begun.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._images: list[int | None] = []
        self._earlier: dict[str, int] = {}

    def frames(self, reports: Collection[JobReport]) -> FrameCount:
        """The frames of all jobs.

        Args:
            reports: of the jobs that have ended; one that failed has no frames.
        """
        self._count_images()
        known = {report.source: (report.frames, report.frames) for report in reports}
        self._earlier |= {report.source: report.resumed for report in reports}
        for job in self._jobs:
            source = str(job.source)
            done, total = (0, 0) if source in known else progress_of(job)
            if total:
                known[source] = done, total
                self._earlier.setdefault(source, done)
        total = sum(total for _, total in known.values()) + self._expected(known)
        done = sum(done for done, _ in known.values())
        return FrameCount(done, total, min(done, sum(self._earlier.values())))

    def _expected(self, known: Mapping[str, tuple[int, int]]) -> int:
        """The frames of the jobs that have not begun.

        Args:
            known: frames that are done and all of them, of each source that has begun.
        """
        sources = [str(job.source) for job in self._jobs]
        images = dict(zip(sources, self._images, strict=False))
        totals = {source: total for source, (_, total) in known.items() if total}
        counted = {source: count for source in totals if (count := images.get(source))}
        share = sum(totals[s] for s in counted) / sum(counted.values()) if counted else 1.0
        left = [images.get(source) for source in sources if source not in known]
        expected = [count * share for count in left if count is not None]
        sizes = [*totals.values(), *filter(None, expected)]
        mean = sum(sizes) / len(sizes) if sizes else 0.0
        return round(sum(expected) + left.count(None) * mean)

    def _count_images(self) -> None:
        deadline = time.monotonic() + COUNTING
        for job in self._jobs[len(self._images) :]:
            self._images.append(image_count(job.source, job.selection))
            if time.monotonic() > deadline:
                return


def image_count(source: Path, selection: Selection) -> int | None:
    """The number of images of cameras in a recording, without reading them.

    What is depth shows in the images alone: here it is told by the names of topics.

    Args:
        source: the rosbag2.
        selection: whose topics are counted.

    Returns:
        What MCAP's statistics, metadata.yaml or a sample of SQLite tell; None if none of them is
        there, and 0 for a recording that cannot be opened.
    """
    files = _files(source)
    if any(file.suffix != MCAP for file in files) and (source / METADATA).is_file():
        with suppress(DataError):
            return _images(metadata.topics_of(source), selection)
    try:
        counts = [_topics(file) for file in files]
    except OSError:
        return 0
    known = [_images(topics, selection) for topics in counts if topics is not None]
    return sum(known) if len(known) == len(counts) else None


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return storage_files(source)
    return [source] if source.is_file() else parts_of(source)


def _images(topics: Collection[TopicCount], selection: Selection) -> int:
    counts = {t.name: t.messages for t in topics if t.type in (IMAGE, COMPRESSED)}
    names = without_copies(counts.keys() - set(selection.depth.values()), selection.node)
    likely = [name for name in names if "depth" not in name.lower()] or names
    return sum(counts.get(name, 0) for name in selection.images or likely)


def _topics(file: Path) -> list[TopicCount] | None:
    if file.suffix == PACKED:
        return None
    return _topics_of_mcap(file) if file.suffix == MCAP else _topics_of_sqlite(file)


def _topics_of_mcap(file: Path) -> list[TopicCount] | None:
    mcap = DamagedMcap(file)
    counts = mcap.counts()
    if counts is None:
        return None
    return [
        TopicCount(channel.topic, mcap.schemas[channel.schema].name, counts.get(number, 0))
        for number, channel in mcap.channels.items()
        if channel.schema in mcap.schemas
    ]


def _topics_of_sqlite(file: Path) -> list[TopicCount] | None:
    uri = f"file:{quote(str(file))}?immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            (total,) = database.execute("SELECT MAX(id) FROM messages").fetchone()
            rows = database.execute(
                "SELECT name, type, COUNT(sample.id) FROM topics LEFT JOIN "
                f"(SELECT id, topic_id FROM messages ORDER BY id LIMIT {_SAMPLE}) AS sample "
                "ON topics.id = sample.topic_id GROUP BY topics.id"
            ).fetchall()
    except sqlite3.Error:
        return None
    sampled = sum(count for *_, count in rows)
    share = total / sampled if total and sampled else 0.0
    return [TopicCount(str(name), str(kind), round(count * share)) for name, kind, count in rows]
