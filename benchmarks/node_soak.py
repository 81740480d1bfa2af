"""Memory, threads and descriptors of the pose node under a camera that is far too fast for it.

    python -m benchmarks.node_soak --minutes 10

It ends with a verdict on each promise, and exit status 1 where one is broken. Medians are judged,
as a busy machine takes its share from single images: an image that is answered has waited for less
than the next one took to come, so it was the newest; its latency is less than two inferences; and
memory, threads and descriptors stay what they were.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any, NamedTuple

from benchmarks.measure.node_process import NodeListener, Process, processes
from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator

WARM_UP = 10.0
"""Time before the first look, s: buffers grow to their size."""

LOOK_INTERVAL = 10.0
"""Time between two lines, s."""

GROWTH = 10.0
"""Memory that the node may take more of from the first look to the last, MB."""

Look = dict[str, float]


class Verdict(NamedTuple):
    """A figure that is promised to be no more than a limit."""

    value: float
    limit: float

    @property
    def is_kept(self) -> bool:
        """Whether the promise is."""
        return self.value <= self.limit


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
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
        looks = [_look(node, listener)]
        print(f"{'':>7}" + "".join(f"{name:>16}" for name in looks[0]))
        _print("start", looks[0])
        ends = time.monotonic() + options.minutes * 60
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(LOOK_INTERVAL, left))
            looks.append(_look(node, listener))
            _print(f"{(options.minutes * 60 - max(0.0, left)):.0f} s", looks[-1])
    start, end = looks[0], looks[-1]
    overload = (end["received"] - start["received"]) / (end["answered"] - start["answered"])
    print(f"{overload:.1f} images came in for each that was answered")
    verdicts = _verdicts(looks)
    for name, verdict in verdicts.items():
        word = "PASS" if verdict.is_kept else "FAIL"
        print(f"{word}  {name}: {verdict.value:.4g}, at most {verdict.limit:.4g}")
    is_kept = all(verdict.is_kept for verdict in verdicts.values())
    if options.json:
        known = {"minutes": options.minutes, "camera_hz": round(rate, 1), "overload": overload}
        told = {name: {**v._asdict(), "passed": v.is_kept} for name, v in verdicts.items()}
        known |= {"start": start, "end": end, "verdicts": told, "passed": is_kept}
        print(json.dumps(known))
    return 0 if is_kept else 1


def _verdicts(looks: list[Look]) -> dict[str, Verdict]:
    """What is promised, by the medians of all looks but the first, and by how the node grew."""
    start, end = looks[0], looks[-1]
    middle = {name: statistics.median(look[name] for look in looks[1:]) for name in end}
    return {
        "wait of the newest image (ms)": Verdict(middle["waiting_ms"], 1e3 / middle["rate_in_hz"]),
        "latency (ms)": Verdict(middle["latency_p50_ms"], 2 * middle["inference_ms"]),
        "memory (MB)": Verdict(end["memory_mb"], start["memory_mb"] + GROWTH),
        "threads": Verdict(end["threads"], start["threads"]),
        "descriptors": Verdict(end["descriptors"], start["descriptors"]),
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


def _look(node: Process, listener: NodeListener) -> Look:
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


def _print(when: str, figures: Look) -> None:
    print(f"{when:>7}" + "".join(f"{value:>16g}" for value in figures.values()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
