"""`Job`: one recording and what is done with it; `JobReport`: how it went."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mobilepose_core.errors import DataError
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.recordings.annotator import Drawing
from mobilepose_core.recordings.cameras import Selection
from mobilepose_core.recordings.recording import Recording
from mobilepose_core.recordings.storage import METADATA

ABOUT, REPORT = "mobilepose", "mobilepose_report"
"""Keys of custom_data in metadata.yaml: what was done, and how it went."""

FORMAT = 2
"""Changes when journals or results do; what an older version began is begun anew."""


@dataclass(frozen=True)
class Estimation:
    """How poses are estimated; see `PoseEstimator`."""

    model: str = "final"
    device: str = "auto"
    threads: int = 0
    finder: str = "detector"
    find_size: int = 0
    smoothing_time: float = 0.0
    rotate: int = 0


@dataclass(frozen=True)
class Job:
    """One recording and what is done with it; it can be pickled.

    Attributes:
        source: the rosbag2.
        target: folder of the annotated rosbag2; its folder must exist.
        selection: which topics are used.
        estimation: how poses are estimated.
        drawing: what is drawn.
        storage: `mcap` or `sqlite3`.
        is_compressed: whether the result is compressed.
        with_originals: whether the recording's own messages are copied into it.
        interval: time between two checkpoints, s.
    """

    source: Path
    target: Path
    selection: Selection = field(default_factory=Selection)
    estimation: Estimation = field(default_factory=Estimation)
    drawing: Drawing = field(default_factory=Drawing)
    storage: str = "mcap"
    is_compressed: bool = False
    with_originals: bool = False
    interval: float = 5.0

    @property
    def work(self) -> Path:
        """The folder of what is not finished."""
        return self.target.with_name(f".{self.target.name}.part")


@dataclass(frozen=True)
class JobReport:
    """How it went.

    Attributes:
        source: the rosbag2.
        target: the annotated one; empty after a failure.
        frames: number of images, those that could not be decoded among them.
        people: number of poses in them.
        seconds: that this run took; 0 if it had been finished before.
        resumed: frames that an earlier run had processed.
        notes: what was unusual, without a loss.
        losses: what could not be read.
        faults: what was wrong with images, calibration and depth, and how often.
        error: why it failed; empty if it did not.
    """

    source: str
    target: str = ""
    frames: int = 0
    people: int = 0
    seconds: float = 0.0
    resumed: int = 0
    notes: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    faults: dict[str, int] = field(default_factory=dict)
    error: str = ""


def about(job: Job, recording: Recording) -> dict[str, Any]:
    """What is done: a journal or a result of something else is not taken for this one's."""
    how = asdict(replace(job.estimation, threads=0))
    how["model"] = model_file.find(job.estimation.model).checksum
    return {
        "format": FORMAT,
        "source": job.source.name,
        "fingerprint": recording.fingerprint,
        "topics": {name: topic.total for name, topic in sorted(recording.topics.items())},
        "selection": asdict(job.selection),
        "estimation": how,
        "drawing": asdict(job.drawing),
        "storage": job.storage,
        "is_compressed": job.is_compressed,
        "with_originals": job.with_originals,
    }


def finished(job: Job, about: dict[str, Any]) -> JobReport:
    """The report of an earlier run.

    Raises:
        DataError: the folder holds something else.
    """
    known: dict[str, Any] = {}
    try:
        text = (job.target / METADATA).read_text(encoding="utf-8")
        custom = YAML(typ="safe").load(text)["rosbag2_bagfile_information"]["custom_data"]
        known = dict(json.loads(custom[ABOUT]))
        if known == json.loads(json.dumps(about)):
            report = JobReport(**json.loads(custom[REPORT]))
            return replace(
                report,
                source=str(job.source),
                target=str(job.target),
                resumed=report.frames,
                notes=tuple(report.notes),
                losses=tuple(report.losses),
            )
    except (OSError, YAMLError, KeyError, TypeError, ValueError):
        pass
    if known and known.get("format") != FORMAT:
        raise DataError(
            f"{job.target}: exists, and is the result of another version of mobilepose; remove it, "
            "or give another folder (--out)"
        )
    is_other = known.get("fingerprint") != json.loads(json.dumps(about["fingerprint"]))
    if is_other and known.get("source") == job.source.name:
        raise DataError(
            f"{job.target}: exists, and is the result of another recording {job.source.name}, or "
            f"of {job.source} before it changed; give another folder (--out), or remove it"
        )
    raise DataError(
        f"{job.target}: exists, and is not the result of {job.source.name} with these options; "
        "remove it, or give another folder"
    )
