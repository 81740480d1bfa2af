"""Time to the first pose, and memory of the estimator and the node.

    python -m benchmarks.startup --json

Every start of the estimator is a separate process; so are the node and a camera.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from benchmarks.measure.node_process import processes
from benchmarks.picture import astronaut
from mobilepose_core.typing import ImageArray

SECONDS, MEGABYTES = 2.0, 250.0
"""Goals for the time from import to first pose, and for the node's resident memory."""

STEPS = {"import_s": "import", "load_s": "loading the models", "first_pose_s": "first pose"}
RATE = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--frames", type=int, default=100, help="before memory is read")
    parser.add_argument("--seconds", type=float, default=10.0, help="that the node works")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the networks")
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    frame = astronaut(640, 480)
    starts = _starts(frame, options)
    figures = {step: _spread([start[step] for start in starts]) for step in STEPS}
    figures["start_s"] = _spread([sum(start[step] for step in STEPS) for start in starts])
    figures["memory_mb"] = _spread([start["memory_mb"] for start in starts])
    node = _node_memory(frame, options)
    for step, name in STEPS.items():
        print(f"{name:<24}{figures[step]['median']:>8.2f} s")
    print(f"{'total':<24}{figures['start_s']['median']:>8.2f} s, goal {SECONDS:g}")
    print(f"{'estimator, resident':<24}{figures['memory_mb']['median']:>8.0f} MB")
    print(f"{'node, resident':<24}{node:>8.0f} MB, goal {MEGABYTES:g}")
    if options.json:
        goals = [
            _goal("import and first pose, s", figures["start_s"]["median"], SECONDS),
            _goal("node's resident memory, MB", node, MEGABYTES),
        ]
        print(json.dumps({**figures, "node_memory_mb": round(node, 1), "goals": goals}))
    return 0


def _starts(frame: ImageArray, options: argparse.Namespace) -> list[dict[str, float]]:
    """The figures of `first_pose` in several processes, after one that warms the disk cache."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        cv2.imwrite(str(picture), frame)
        arguments = [picture, options.model, options.threads, options.frames]
        command = [sys.executable, "-m", "benchmarks.measure.first_pose", *map(str, arguments)]
        runs = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for _ in range(options.starts + 1)
        ]
    return [json.loads(run) for run in runs[1:]]


def _node_memory(frame: ImageArray, options: argparse.Namespace) -> float:
    """Resident memory of the pose node after some seconds of images, MB."""
    with processes(options.model, options.threads, frame, RATE) as (node, _):
        time.sleep(options.seconds)
        return node.memory()


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "low": round(min(values), 3),
        "high": round(max(values), 3),
    }


def _goal(name: str, value: float, limit: float) -> dict[str, object]:
    return {"goal": f"{name} <= {limit:g}", "value": round(value, 3), "met": value <= limit}


if __name__ == "__main__":
    sys.exit(main())
