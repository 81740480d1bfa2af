"""The pipeline's overhead over its network, stage by stage, for one person and for several.

    python -m benchmarks.pipe --json

Each case is measured twice. Whole frames alternate with runs of the bare network on as many crops;
their difference is the overhead. Then every stage of the same frames is timed. People are tracked,
so the detector does not run; frames with detection are measured separately.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.measure.stages import STAGES, Stopwatch
from benchmarks.picture import astronaut, people
from mobilepose_core import PoseEstimator
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference.detection.person_detector import BOXES, DEFAULT
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.typing import ImageArray

SIZES = ((640, 480), (1280, 720))
GOAL = 1.0
"""Goal for the overhead with one person at 640x480, ms."""

WARM_UP = 10
FOLLOWED, SMOOTHED, FOUND, NETWORK = "followed", "followed, smoothed", "found anew", "network"
RATE = 30.0
"""Frame rate of the videos, Hz."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the networks")
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    cases = []
    for size in SIZES:
        for count in options.people:
            case = measure(size, count, options)
            _print(case)
            cases.append(case)
    added = {f"{case['size']}, {case['people']}": case["added_ms"]["ms"] for case in cases}
    first = next(iter(added.values()))
    print(f"the pipeline adds {first:.2f} ms in the first case; the goal is at most {GOAL:g} ms")
    if options.json:
        goal = {"goal": f"adds <= {GOAL:g} ms", "ms": first, "met": first <= GOAL}
        print(json.dumps({"threads": options.threads, "cases": cases, "goals": [goal]}))
    return 0


def measure(size: tuple[int, int], count: int, options: argparse.Namespace) -> dict[str, Any]:
    """The times of a frame of that size with `count` people, ms."""
    frame, boxes = people(*size, count)
    found = PersonBoxes(boxes, np.ones(count, np.float32))
    estimators = {
        FOLLOWED: _estimator(options, BOXES),
        SMOOTHED: _estimator(options, BOXES, smoothing=Smoothing(time=0.1)),
        FOUND: _estimator(options, DEFAULT, tracking=Tracking(find_interval=1)),
    }
    contestants: dict[str, Callable[[], object]] = {
        name: _video(estimator, frame, found) for name, estimator in estimators.items()
    }
    contestants[NETWORK] = _network(estimators[FOLLOWED].model, count)
    times = interleaved(contestants, options.rounds, WARM_UP)
    added = {
        name: _spread(np.subtract(times[name], times[NETWORK]).tolist()) for name in estimators
    }
    stages = {name: _stages(contestants[name], options.rounds) for name in estimators}
    return {
        "size": f"{size[0]}x{size[1]}",
        "people": count,
        "pipe_ms": _spread(times[FOLLOWED]),
        "network_ms": _spread(times[NETWORK]),
        "added_ms": added[FOLLOWED],
        "added_smoothed_ms": added[SMOOTHED],
        "added_found_ms": added[FOUND],
        "stages_ms": stages[FOLLOWED] | {"smoothing": stages[SMOOTHED]["smoothing"]},
        "beyond_network_ms": round(
            sum(t["ms"] for name, t in stages[FOLLOWED].items() if name != NETWORK), 3
        ),
        "stages_found_ms": stages[FOUND],
    }


def _estimator(options: argparse.Namespace, finder: str, **settings: Any) -> PoseEstimator:
    return PoseEstimator(options.model, "cpu", options.threads, finder, **settings)


def _video(estimator: PoseEstimator, frame: ImageArray, found: PersonBoxes) -> Callable[[], None]:
    """A repeated frame in which an estimator tracks people after one detection."""
    number = itertools.count(1)
    estimator(frame, 0.0, found)

    def show() -> None:
        poses = estimator(frame, next(number) / RATE)
        if len(poses) != len(found):
            raise RuntimeError(f"{len(poses)} of {len(found)} people in the picture are tracked")

    return show


def _network(session: PoseModel, count: int) -> Callable[[], object]:
    """A run of the network alone, on crops of `count` people."""
    crops = session.seen(np.stack([astronaut(session.size, session.size)] * count))
    return lambda: session.run(crops)


def _stages(run: Callable[[], object], rounds: int) -> dict[str, dict[str, float]]:
    """Times of each stage, ms."""
    with Stopwatch() as stopwatch:
        laps = []
        for index in range(rounds + WARM_UP):
            stopwatch.reset()
            run()
            if index >= WARM_UP:
                laps.append(dict(stopwatch.times))
    return {stage: _spread([lap[stage] for lap in laps]) for stage in STAGES}


def _spread(times: Sequence[float]) -> dict[str, float]:
    low, median, high = statistics.quantiles(times, n=4)
    return {"ms": round(median, 3), "low": round(low, 3), "high": round(high, 3)}


def _print(case: dict[str, Any]) -> None:
    print(f"{case['size']}, {case['people']} tracked; medians and quartiles in ms")
    rows = {f"  {name}": times for name, times in case["stages_ms"].items()} | {
        "whole pipeline": case["pipe_ms"],
        "network alone": case["network_ms"],
        "the pipeline adds": case["added_ms"],
        "... with smoothing": case["added_smoothed_ms"],
        "... with detection": case["added_found_ms"],
    }
    for name, times in rows.items():
        print(f"{name:<24}{times['ms']:>9.3f}{times['low']:>9.3f} - {times['high']:.3f}")


if __name__ == "__main__":
    sys.exit(main())
