"""Soak test of the pose node under overload: memory, threads, descriptors and latency.

    python -m benchmarks.node_soak --minutes 10 --overload 5

It ends with a verdict on each guarantee, and exit status 1 if one is broken. Verdicts use medians,
since other load on the machine delays single images. A processed image has waited for less than the
interval between images, so it was the newest; its latency is less than two inferences; memory,
threads and descriptors do not grow.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any, NamedTuple

from benchmarks.measure.node_process import NodeListener, Process, processes
from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator

WARM_UP = 10.0
"""Time before the first sample, s: buffers reach their size."""

SAMPLE_INTERVAL = 10.0
"""Time between two samples, s."""

GROWTH = 10.0
"""Largest growth of the node's memory from the first sample to the last, MB."""

Sample = dict[str, float]


class OverloadVerdict(NamedTuple):
    """A figure with its guaranteed upper limit."""

    value: float
    limit: float

    @property
    def is_kept(self) -> bool:
        """Whether the guarantee holds."""
        return self.value <= self.limit


def run(options: argparse.Namespace) -> int:
    """Runs it with the options of `benchmarks.node_soak`; returns the exit status."""
    picture = astronaut(640, 480)
    seconds = _inference(options, picture)
    rate = min(240.0, options.overload / seconds)
    print(f"inference takes {seconds * 1e3:.1f} ms; the camera runs at {rate:.0f} Hz")
    with processes(options.model, options.threads, picture, rate) as (node, listener):
        time.sleep(min(WARM_UP, options.minutes * 30))
        samples = [_sample(node, listener)]
        print(f"{'':>7}" + "".join(f"{name:>16}" for name in samples[0]))
        _print("start", samples[0])
        ends = time.monotonic() + options.minutes * 60
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(SAMPLE_INTERVAL, left))
            samples.append(_sample(node, listener))
            _print(f"{(options.minutes * 60 - max(0.0, left)):.0f} s", samples[-1])
    start, end = samples[0], samples[-1]
    overload = (end["received"] - start["received"]) / (end["answered"] - start["answered"])
    print(f"{overload:.1f} images were received for each processed one")
    verdicts = _verdicts(samples)
    for name, verdict in verdicts.items():
        word = "PASS" if verdict.is_kept else "FAIL"
        print(f"{word}  {name}: {verdict.value:.4g}, at most {verdict.limit:.4g}")
    is_kept = all(verdict.is_kept for verdict in verdicts.values())
    if options.json:
        known = {"minutes": options.minutes, "camera_hz": round(rate, 1), "overload": overload}
        rows = {name: {**v._asdict(), "passed": v.is_kept} for name, v in verdicts.items()}
        known |= {"start": start, "end": end, "verdicts": rows, "passed": is_kept}
        print(json.dumps(known))
    return 0 if is_kept else 1


def _verdicts(samples: list[Sample]) -> dict[str, OverloadVerdict]:
    """Verdicts on the medians of all samples but the first, and on the node's growth."""
    start, end = samples[0], samples[-1]
    middle = {name: statistics.median(sample[name] for sample in samples[1:]) for name in end}
    return {
        "wait of the newest image (ms)": OverloadVerdict(
            middle["waiting_ms"], 1e3 / middle["rate_in_hz"]
        ),
        "latency (ms)": OverloadVerdict(middle["latency_p50_ms"], 2 * middle["inference_ms"]),
        "memory (MB)": OverloadVerdict(end["memory_mb"], start["memory_mb"] + GROWTH),
        "threads": OverloadVerdict(end["threads"], start["threads"]),
        "descriptors": OverloadVerdict(end["descriptors"], start["descriptors"]),
    }


def _inference(options: argparse.Namespace, picture: Any) -> float:
    """Median time of an inference, s."""
    estimator = PoseEstimator(options.model, "cpu", options.threads)
    times = []
    for _ in range(50):
        called = time.perf_counter()
        estimator(picture)
        times.append(time.perf_counter() - called)
    return statistics.median(times)


def _sample(node: Process, listener: NodeListener) -> Sample:
    figures = listener.fresh()
    return {
        "memory_mb": round(node.memory(), 1),
        "threads": node.threads(),
        "descriptors": node.descriptors(),
        "received": int(figures["received"]),
        "answered": int(figures["answered"]),
        "latency_p50_ms": float(figures["latency p50 (ms)"]),
        "latency_p99_ms": float(figures["latency p99 (ms)"]),
        "waiting_ms": float(figures["waiting p50 (ms)"]),
        "inference_ms": float(figures["inference p50 (ms)"]),
        "rate_in_hz": float(figures["rate in (Hz)"]),
    }


def _print(when: str, figures: Sample) -> None:
    print(f"{when:>7}" + "".join(f"{value:>16g}" for value in figures.values()), flush=True)
