"""Memory, threads and descriptors of the pose node under a camera that is far too fast for it.

    python -m benchmarks.node_soak --minutes 10

The newest image is answered, so that latency stays below two inferences.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

from benchmarks.node_process import Listener, Process, astronaut, processes
from mobilepose_core import PoseEstimator

WARM_UP = 10.0
"""Time before the first look, s: buffers grow to their size."""

LOOK_INTERVAL = 10.0
"""Time between two lines, s."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--overload", type=float, default=5.0, help="of what inference can do")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the network")
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    picture = astronaut(640, 480)
    seconds = _inference(options, picture)
    rate = min(240.0, options.overload / seconds)
    print(f"inference takes {seconds * 1e3:.1f} ms; the camera shows {rate:.0f} Hz")
    with processes(options.model, options.threads, picture, rate) as (node, listener):
        time.sleep(min(WARM_UP, options.minutes * 30))
        start = _look(node, listener)
        print(f"{'':>7}" + "".join(f"{name:>17}" for name in start))
        _print("start", start)
        ends = time.monotonic() + options.minutes * 60
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(LOOK_INTERVAL, left))
            end = _look(node, listener)
            _print(f"{(options.minutes * 60 - max(0.0, left)):.0f} s", end)
    _print("end", end)
    if options.json:
        known = {"minutes": options.minutes, "camera_hz": round(rate, 1)}
        print(json.dumps({**known, "inference_ms": seconds * 1e3, "start": start, "end": end}))
    return 0


def _inference(options: argparse.Namespace, picture: Any) -> float:
    """Median time of an inference, s."""
    estimator = PoseEstimator(options.model, "cpu", options.threads)
    times = []
    for _ in range(50):
        called = time.perf_counter()
        estimator(picture)
        times.append(time.perf_counter() - called)
    return statistics.median(times)


def _look(node: Process, listener: Listener) -> dict[str, float]:
    figures = listener.fresh()
    return {
        "memory_mb": round(node.memory(), 1),
        "threads": node.threads(),
        "descriptors": node.descriptors(),
        "received": int(figures["received"]),
        "answered": int(figures["answered"]),
        "latency_p50_ms": float(figures["latency p50 (ms)"]),
        "latency_p99_ms": float(figures["latency p99 (ms)"]),
        "inference_ms": float(figures["inference p50 (ms)"]),
    }


def _print(when: str, figures: dict[str, float]) -> None:
    print(f"{when:>7}" + "".join(f"{value:>17g}" for value in figures.values()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
