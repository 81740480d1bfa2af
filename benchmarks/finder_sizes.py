"""How long a look of the detector takes, by the size of its canvas, beside the pose network.

    python -m benchmarks.finder_sizes --threads 2 --json

`mobilepose evaluate-finder --find-size` measures the recall of each size.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from functools import partial

from benchmarks.picture import astronaut
from mobilepose_core import crop, person_map
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.inference.pose_model import PoseModel

SIZES = (224, 256, 320, 384, 448)
WIDTH, HEIGHT = 640, 480
WARM_UP = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--finder", default="finder", help="released detector or .onnx file")
    parser.add_argument("--model", default="final", help="pose network beside it")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="multiples of 32")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of each network")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    rows = measure(
        options.finder, options.model, tuple(options.sizes), options.threads, options.rounds
    )
    print(f"{'':<16}{'canvas':>10}{'ms':>8}{'quartiles':>16}{'least':>8}")
    for name, row in rows.items():
        quartiles = f"{row['low_ms']:.2f} - {row['high_ms']:.2f}"
        print(
            f"{name:<16}{row['canvas']:>10}{row['ms']:>8.2f}{quartiles:>16}{row['least_ms']:>8.2f}"
        )
    if options.json:
        print(json.dumps({"finder": options.finder, "threads": options.threads, "rows": rows}))
    return 0


def measure(
    finder: str, model: str, sizes: tuple[int, ...], threads: int, rounds: int
) -> dict[str, dict[str, float | str]]:
    """Times on the CPU, interleaved, of a detector on each canvas and of a pose network.

    Args:
        finder: released detector or path of an .onnx file.
        model: released pose network or path of an .onnx file.
        sizes: of the canvas, multiples of 32.
        threads: of the CPU, of each network.
        rounds: that count, 2 or more.

    Returns:
        By name: `canvas` of a frame of 640x480, and median, quartiles and least of the times.
    """
    frame = astronaut(WIDTH, HEIGHT)
    pose = PoseModel(model, "cpu", threads)
    crops = crop.cut(frame, crop.region_of_frame(WIDTH, HEIGHT), pose.size)[None]
    contestants: dict[str, Callable[[], object]] = {model: partial(pose.infer, crops)}
    canvases = {model: f"{pose.size}x{pose.size}"}
    for size in sizes:
        name, canvas = f"find_size {size}", person_map.canvas_of(WIDTH, HEIGHT, size)
        detector = FinderDetector(finder, "cpu", threads, size)
        contestants[name] = partial(detector.look, frame, 0)
        canvases[name] = f"{canvas.width}x{canvas.height}"
    rows: dict[str, dict[str, float | str]] = {}
    for name, taken in interleaved(contestants, rounds, WARM_UP).items():
        low, middle, high = (round(ms, 3) for ms in statistics.quantiles(taken, n=4))
        least = round(min(taken), 3)
        rows[name] = {
            "canvas": canvases[name],
            "ms": middle,
            "low_ms": low,
            "high_ms": high,
            "least_ms": least,
        }
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
