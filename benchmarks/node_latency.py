"""Latency that the pose node adds to inference, by stage, with camera and node as processes.

    python -m benchmarks.node_latency --json

The overhead is the time from an image's stamp to the publication of its joints, without inference:
the sum of the medians of all other stages. Both are measured on the same images, so that other load
on the machine affects both. The overhead in CPU time is the node's, minus that of as many calls of
the same estimator without ROS, measured before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

import numpy as np

from benchmarks.measure.node_process import processes
from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator
from mobilepose_core.time_window import SECONDS
from mobilepose_ros.counters import FrameTimes

SIZES = ((640, 480), (1280, 720))
STAGES = {
    "age": "transport, from the stamp",
    "waiting": "waiting for inference",
    "conversion": "conversion",
    "inference": "inference",
    "messages": "message building",
    "publication": "publication",
}
assert tuple(STAGES) == FrameTimes._fields


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--rate", type=float, default=30.0, help="of the camera, Hz")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the network")
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    results = {}
    for width, height in SIZES:
        picture = astronaut(width, height)
        bare_ms, bare_cpu = _bare(picture, options)
        result = _through_ros(picture, options)
        result["bare_inference_ms"] = bare_ms
        others = [ms for stage, ms in result["stages_ms"].items() if stage != "inference"]
        result["overhead_ms"] = round(sum(others), 3)
        busy = result.pop("cpu_seconds") - result.pop("frames") * bare_cpu
        result["overhead_cpu_percent"] = round(100 * busy / result.pop("wall_seconds"), 1)
        results[f"{width}x{height}"] = result
    _print(results, options)
    if options.json:
        overhead = {size: result["overhead_ms"] for size, result in results.items()}
        print(json.dumps({"overhead_ms": overhead, "sizes": results}))
    return 0


def _bare(picture: np.ndarray, options: argparse.Namespace) -> tuple[float, float]:
    """Median milliseconds and mean CPU seconds of inference without ROS, at the same rate."""
    estimator = PoseEstimator(options.model, "cpu", options.threads)
    for _ in range(10):
        estimator(picture)
    times = []
    count = max(10, round(options.seconds / 2 * options.rate))
    start, cpu = time.monotonic(), time.process_time()
    for number in range(count):
        time.sleep(max(0.0, start + number / options.rate - time.monotonic()))
        called = time.perf_counter()
        estimator(picture)
        times.append(time.perf_counter() - called)
    return round(statistics.median(times) * 1e3, 3), (time.process_time() - cpu) / count


def _through_ros(picture: np.ndarray, options: argparse.Namespace) -> dict[str, Any]:
    """Medians by stage, ms, and the node's resource usage."""
    with processes(options.model, options.threads, picture, options.rate) as (node, listener):
        time.sleep(min(SECONDS, options.seconds) / 4)  # past the first, slow calls
        frames = -int(listener.fresh()["answered"])
        start, cpu = time.monotonic(), node.cpu_seconds()
        time.sleep(options.seconds)
        figures = listener.fresh()
        return {
            "latency_ms": float(figures["latency p50 (ms)"]),
            "latency_p99_ms": float(figures["latency p99 (ms)"]),
            "stages_ms": {name: float(figures[f"{name} p50 (ms)"]) for name in STAGES},
            "rate_out_hz": float(figures["rate out (Hz)"]),
            "frames": frames + int(figures["answered"]),
            "wall_seconds": time.monotonic() - start,
            "cpu_seconds": node.cpu_seconds() - cpu,
        }


def _print(results: dict[str, dict[str, Any]], options: argparse.Namespace) -> None:
    print(f"{options.model}, {options.threads} threads, {options.rate:g} Hz; medians in ms")
    print(f"{'':<28}" + "".join(f"{size:>12}" for size in results))
    for stage, name in STAGES.items():
        print(f"{name:<28}" + "".join(f"{r['stages_ms'][stage]:>12.2f}" for r in results.values()))
    for key, name in (
        ("latency_ms", "stamp to publication"),
        ("latency_p99_ms", "... 99th percentile"),
        ("bare_inference_ms", "inference without ROS"),
        ("overhead_ms", "overhead of the node"),
        ("overhead_cpu_percent", "... % of one core"),
        ("rate_out_hz", "answered, Hz"),
    ):
        print(f"{name:<28}" + "".join(f"{result[key]:>12.2f}" for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
