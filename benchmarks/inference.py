"""Times our networks, others' networks, and our whole pipeline, interleaved in one run.

    python -m benchmarks.inference
    python -m benchmarks.inference --only final blazepose_full --rounds 30 --json
    python -m benchmarks.inference --device cuda tensorrt

Every network runs alone at its own input size, from its input to its outputs. It has a session for
each number of threads, and a round runs every session, so that other load on the machine affects
all equally: ratios are more reliable than milliseconds. Slow networks run only in some rounds.
Peers are downloaded to the user's cache on first use; comparators have random weights.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # NumPy's, as it is imported
import cv2

from benchmarks.compared import goals, networks, on_devices
from benchmarks.compared.measured_network import Measured, accuracies
from benchmarks.compared.networks import HEIGHT, WIDTH, BenchmarkNetwork
from benchmarks.measure import arithmetic, machine
from benchmarks.measure.output_file import output_file
from benchmarks.measure.rounds import Spread, measured
from benchmarks.page.text import page
from benchmarks.peers.packages import UnavailableError
from benchmarks.peers.roster import PEERS
from benchmarks.picture import astronaut
from mobilepose_core import PoseEstimator
from mobilepose_core.evaluation.speed import looks_at
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.inference.runtime.model_file import released_pose_models
from mobilepose_core.io import atomic
from mobilepose_core.typing import ImageArray

Contestants = dict[str, Callable[[], Any]]
_PRODUCT = "product"

FRAMES_PER_SECOND = 30
"""Frame rate of the video for our pipeline."""


def main() -> int:
    options = _options()
    try:
        found, missing = chosen(options.only, options.also)
    except ValueError as error:
        print(f"inference: {error}", file=sys.stderr)
        return 1
    result = run(found, missing, options.threads, options.rounds, options.device)
    print(page(result, options.rounds))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(options.out, json.dumps(result) + "\n")
    if options.json:
        print(json.dumps(result))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these networks")
    parser.add_argument(
        "--also", nargs="+", type=Path, default=[], metavar="PATH", help=".onnx or .tflite files"
    )
    parser.add_argument("--rounds", type=int, default=80, help="2 or more")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--device",
        nargs="+",
        default=[],
        choices=on_devices.DEVICES,
        help="also time our networks there, with one crop and with a batch",
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--out", type=output_file, help="file for that line")
    options = parser.parse_args()
    if options.rounds < 2 or min(options.threads) < 1:
        parser.error("--rounds is 2 or more, --threads are 1 or more")
    return options


def chosen(
    only: list[str] | None, also: list[Path]
) -> tuple[list[BenchmarkNetwork], list[dict[str, str]]]:
    """The networks to measure, and the unavailable ones with their reasons.

    Args:
        only: names; None for all.
        also: the user's files.

    Raises:
        ValueError: an unknown name, or a file that cannot be measured.
    """
    known = networks.names()
    names = known if only is None else only
    if unknown := set(names) - set(known):
        raise ValueError(f"{', '.join(sorted(unknown))} unknown; known: {', '.join(known)}")
    found, missing = [], []
    for name in names:
        try:
            found.append(networks.peer(name) if name in PEERS else networks.ours(name))
        except UnavailableError as error:
            missing.append({"name": name, "reason": str(error)})
    return found + [networks.from_file(path) for path in also], missing


def run(
    found: list[BenchmarkNetwork],
    missing: list[dict[str, str]],
    threads: list[int],
    rounds: int,
    devices: list[str],
) -> dict[str, Any]:
    """Measures networks; returns the JSON result.

    Args:
        found: the networks.
        missing: rows of unavailable networks.
        threads: numbers of threads; the largest is used for what is measured once.
        rounds: 2 or more.
        devices: on which our networks are measured, too.
    """
    most = max(threads)
    cv2.setNumThreads(most)
    rows = [Measured.counted(network, most) for network in found]
    elsewhere, fell_back = on_devices.sessions([network.name for network in found], devices, most)
    pipe = _pipe([network.name for network in found], most)
    with tempfile.TemporaryDirectory() as scratch:
        contestants: Contestants = {
            _key(_PRODUCT, most): arithmetic.matrix_product(Path(scratch), most)
        }
        for count in threads:
            contestants |= {_key(one.name, count): one.open(count) for one in found}
        contestants |= pipe | {session.name: session.run for session in elsewhere}
        times = measured(contestants, rounds)
    peak = arithmetic.GMAC / times[_key(_PRODUCT, most)].ms * 1e3
    known = accuracies()
    return {
        "threads": most,
        "machine": {**machine.description(), "gmacs": round(peak, 1)},
        "models": [
            *(row.as_json(_times(row.network, threads, times), peak, known) for row in rows),
            *(session.as_json(times[session.name], known) for session in elsewhere),
        ],
        "pipe": [{"name": name, **times[name].as_json()} for name in pipe],
        "missing": missing + fell_back,
        "goals": goals.results({one.name: times[_key(one.name, most)].ms for one in found}),
    }


def _times(
    network: BenchmarkNetwork, threads: list[int], times: dict[str, Spread]
) -> dict[int, Spread]:
    return {count: times[_key(network.name, count)] for count in threads}


def _key(name: str, threads: int) -> str:
    return f"{name}, {threads} threads"


def _pipe(names: list[str], threads: int) -> Contestants:
    """Our pipelines as users call them, from a frame to poses."""
    frame = astronaut(WIDTH, HEIGHT)
    pipe: Contestants = {}
    for name in names:
        if name in released_pose_models():
            estimator = PoseEstimator(name, "cpu", threads)
            pipe[f"{name}, whole pipeline"] = _filmed(estimator, frame)
        elif name == networks.FINDER:
            detector = FinderDetector(name, "cpu", threads)
            pipe |= looks_at(frame, detector)
    return pipe


def _filmed(estimator: PoseEstimator, frame: ImageArray) -> Callable[[], Any]:
    """Frames with regular times, however long a round takes: otherwise tracks would time out."""
    times = itertools.count(step=1 / FRAMES_PER_SECOND)
    return lambda: estimator(frame, next(times))


if __name__ == "__main__":
    sys.exit(main())
