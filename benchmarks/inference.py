"""Time of the networks alone and of the whole pipe, interleaved in one run.

    python -m benchmarks.inference --json

Every round runs each contestant once, so that what else the machine does falls on all alike; the
ratios say more than the milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference.detector import Detector
from mobilepose_core.inference.model_file import released_pose_models
from mobilepose_core.inference.session import PoseSession

WARM_UP = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    frame = astronaut(640, 480)
    contestants: dict[str, Callable[[], Any]] = {}
    for name in released_pose_models():
        session = PoseSession(name, "cpu", options.threads)
        crops = astronaut(session.size, session.size)[None]
        estimator = PoseEstimator(name, "cpu", options.threads)
        contestants[name] = lambda session=session, crops=crops: session(crops)
        contestants[f"{name}, whole pipe"] = lambda estimator=estimator: estimator(frame)
    if not contestants:
        print("no released model to measure", file=sys.stderr)
        return 1
    detector = Detector(device="cpu", threads=options.threads)
    contestants["finder, whole frame"] = lambda: detector(frame)
    times = interleaved(contestants, options.rounds, WARM_UP)
    rows = [_row(name, times[name]) for name in contestants]
    print(f"{options.rounds} rounds, {options.threads} threads, 640x480 frame, one person")
    print(f"{'':<24}{'median ms':>11}{'quartiles ms':>18}")
    for row in rows:
        print(f"{row['name']:<24}{row['ms']:>11.2f}{row['low']:>10.2f} - {row['high']:.2f}")
    if options.json:
        print(json.dumps({"threads": options.threads, "models": rows}))
    return 0


def _row(name: str, times: list[float]) -> dict[str, Any]:
    low, median, high = statistics.quantiles(times, n=4)
    return {
        "name": name,
        "ms": round(median, 3),
        "low": round(low, 3),
        "high": round(high, 3),
    }


if __name__ == "__main__":
    sys.exit(main())
