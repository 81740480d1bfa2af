"""Recordings: frames per second beside a plain loop, and how cost grows with length, bags, cores.

    python -m benchmarks.bags --frames 120 --out out/bags.json

The plain loop reads the same messages, decodes them and estimates poses in this process, and keeps
nothing. Every round runs each contestant once, in random order, so that other load on the machine
affects all of them equally. The cost of a frame is processor time, of all processes, which other
load changes little; frames per second are by the clock.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from tqdm import tqdm

from benchmarks import picture
from benchmarks.measure import machine
from benchmarks.measure.output_file import output_file
from mobilepose_core import PoseEstimator
from mobilepose_core.io import atomic
from mobilepose_core.messages import SECOND, bgr_from_image
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.annotator import Drawing
from mobilepose_core.recordings.engines import LocalEngine, run
from mobilepose_core.recordings.frames import stamp_of
from mobilepose_core.recordings.job import Estimation, Job
from mobilepose_core.recordings.message_types import (
    IMAGE,
    constructor,
    deserialized,
    serialized,
    typestore,
)
from mobilepose_core.recordings.recording import Recording

WIDTH, HEIGHT, RATE = 640, 480, 30
TOPIC = "/camera/image_raw"
BAGS = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--frames", type=int, default=120, help="of the shortest recording")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--out", type=output_file, help="file for the JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bags-") as name:
        result = measure(options, Path(name))
    print_table(result)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_json(options.out, result)
    return 0


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Frames per second of every contestant: the median, and that of ratios to the plain loop."""
    length = options.frames
    for factor in (1, 2, 4):
        record(folder / f"bag{factor}", length * factor)
    for number in range(BAGS):
        shutil.copytree(folder / "bag1", folder / f"copy{number}")
    how = Estimation(options.model, "cpu", options.threads)
    estimator = PoseEstimator(options.model, "cpu", options.threads)

    def job(bag: str, **settings: Any) -> Job:
        return Job(folder / bag, folder / "out" / bag, estimation=how, **settings)

    contestants: dict[str, tuple[int, Callable[[], object]]] = {
        "plain loop": (length, partial(plain_loop, folder / "bag1", estimator)),
        "joints and markers": (
            length,
            partial(annotate, job("bag1", drawing=Drawing("none"))),
        ),
        "and a JPEG overlay": (length, partial(annotate, job("bag1"))),
        "and a raw overlay": (length, partial(annotate, job("bag1", drawing=Drawing("raw")))),
        "and the originals": (length, partial(annotate, job("bag1", with_originals=True))),
    }
    for factor in (2, 4):
        name = f"a JPEG overlay, {factor} times as long"
        contestants[name] = length * factor, partial(annotate, job(f"bag{factor}"))
    for workers in sorted({1, 2, os.cpu_count() or 1}):
        for bags in (1, BAGS):
            jobs = [job(f"copy{number}") for number in range(bags)]
            name = f"{bags} recording{'s' * (bags > 1)}, {workers} process{'es' * (workers > 1)}"
            contestants[name] = length * bags, partial(processed, jobs, workers)
    plain_loop(folder / "bag1", estimator)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in tqdm(range(options.rounds), desc="rounds", leave=False):
        random.Random(len(times[order[0]])).shuffle(order)
        for name in order:
            times[name].append(timed(partial(anew, folder, contestants[name][1])))
    seconds, work = (
        {name: np.array(found)[:, column] for name, found in times.items()} for column in (0, 1)
    )
    plain = work["plain loop"] / length
    return {
        "machine": machine.description(),
        "model": options.model,
        "threads": options.threads,
        "rounds": options.rounds,
        "frame": f"{WIDTH}x{HEIGHT} bgr8",
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": [
            {
                "name": name,
                "frames": frames,
                "fps": round(frames / statistics.median(seconds[name]), 2),
                "cpu_ms": round(1000 * statistics.median(work[name]) / frames, 2),
                "cost": round(float(np.median(work[name] / frames / plain)), 3),
            }
            for name, (frames, _) in contestants.items()
        ],
    }


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time with that of processes that have ended."""
    begin, work = time.monotonic(), _processor_time()
    call()
    return time.monotonic() - begin, _processor_time() - work


def _processor_time() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def anew(folder: Path, call: Callable[[], object]) -> None:
    """Calls something that finds no earlier results."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    call()


def plain_loop(bag: Path, estimator: PoseEstimator) -> int:
    """The shortest program that estimates the poses in a recording; returns their number."""
    estimator.begin_video()
    count = 0
    with Recording(bag) as recording:
        for message in recording.messages([TOPIC]):
            frame = bgr_from_image(deserialized(message.data, IMAGE))
            count += len(estimator(frame, stamp_of(message.data) / SECOND))
    return count


def processed(jobs: list[Job], workers: int) -> int:
    """Annotates recordings in processes, which are started for it; returns the frames."""
    return sum(r.frames for reports in run(LocalEngine(workers), jobs) for r in reports)


def record(path: Path, frames: int) -> None:
    """Records a photograph that moves to and fro."""
    photo = picture.astronaut(WIDTH, HEIGHT)
    header, stamped = constructor("std_msgs/msg/Header"), constructor("builtin_interfaces/msg/Time")
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as bag:
        topic = bag.add_connection(TOPIC, IMAGE, typestore=typestore())
        for number in tqdm(range(frames), desc=path.name, leave=False):
            stamp = 1_700_000_000 * SECOND + number * SECOND // RATE
            moved = np.roll(photo, round(40 * np.sin(number / 20)), axis=1)
            image = constructor(IMAGE)(
                header=header(stamp=stamped(sec=stamp // SECOND, nanosec=stamp % SECOND)),
                height=HEIGHT,
                width=WIDTH,
                encoding="bgr8",
                step=3 * WIDTH,
                data=moved.reshape(-1),
            )
            bag.write(topic, stamp, serialized(image))


def print_table(result: Mapping[str, Any]) -> None:
    title = f"{'frames':>8}{'frames/s':>10}{'CPU ms a frame':>16}{'plain loop = 1':>16}"
    print(f"{'':<40}{title}")
    for row in result["rows"]:
        figures = f"{row['fps']:>10.1f}{row['cpu_ms']:>16.1f}{row['cost']:>16.2f}"
        print(f"{row['name']:<40}{row['frames']:>8}{figures}")


if __name__ == "__main__":
    sys.exit(main())
