"""How cost grows: with people, cameras, the image's size, and the network's width and input.

    python -m benchmarks.growth --json --out out/growth.json

Every round of a sweep calls each size once, in random order, so that other load on the machine
affects all sizes equally.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np

from benchmarks.growing import knee, sweeps, untrained
from benchmarks.growing.sweeps import Sweep
from benchmarks.measure.output_file import output_file
from benchmarks.measure.rounds import Spread
from mobilepose_core.evaluation.timing import interleaved
from mobilepose_core.io import atomic

ROUNDS = 40
WARM_UP = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="2 or more")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--out", type=output_file, help="file for the JSON")
    options = parser.parse_args()
    if options.rounds < 2 or options.threads < 1:
        parser.error("--rounds is 2 or more, --threads is 1 or more")
    cv2.setNumThreads(options.threads)
    # The width sweeps come last: they import torch, which takes memory.
    makers: Sequence[Callable[[], Sweep]] = (
        lambda: sweeps.people(options.model, options.threads),
        lambda: sweeps.cameras(options.model, options.threads),
        lambda: sweeps.image_sizes(options.model, options.threads),
        lambda: untrained.widths(options.threads),
        lambda: untrained.work(options.threads),
    )
    measured = []
    for make in makers:
        measured.append(measure(make(), options.rounds))
        print_table(measured[-1])
    result = json.dumps(
        {
            "model": options.model,
            "threads": options.threads,
            "rounds": options.rounds,
            "knee": knee.DEFINITION,
            "sweeps": measured,
        }
    )
    print(knee.DEFINITION)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(options.out, result + "\n")
    if options.json:
        print(result)
    return 0


def measure(sweep: Sweep, rounds: int, warm_up: int = WARM_UP) -> dict[str, Any]:
    """The times of a sweep with line and knee of each series, as plain values."""
    calls = {
        _key(name, x): call for name, sizes in sweep.series.items() for x, call in sizes.items()
    }
    times = interleaved(calls, rounds, warm_up, order=random.Random(0))
    series = []
    for name, sizes in sweep.series.items():
        of_sizes = [np.divide(times[_key(name, x)], sweep.repeats) for x in sizes]
        points: list[dict[str, Any]] = [
            {"x": x, "label": sweep.labels.get(x, f"{x:g}"), **Spread.of(ms.tolist()).as_json()}
            for x, ms in zip(sizes, of_sizes, strict=True)
        ]
        series.append(
            {
                "name": name,
                "points": points,
                "line": asdict(knee.line(list(sizes), [point["ms"] for point in points])),
                "knee": knee.knee(list(sizes), np.stack(of_sizes, axis=1)),
            }
        )
    return {
        "name": sweep.name,
        "title": sweep.title,
        "x": sweep.x,
        "item": sweep.item,
        "notes": list(sweep.notes),
        "series": series,
    }


def _key(series: str, x: float) -> str:
    return f"{series}, {x:g}"


def print_table(sweep: Mapping[str, Any]) -> None:
    """Prints a measured sweep as text."""
    print(f"\n{sweep['title']}\n{' '.join(sweep['notes'])}")
    for series in sweep["series"]:
        print(f"{sweep['x']:<16}{'median ms':>11}{'quartiles ms':>18}   {series['name']}")
        for point in series["points"]:
            quartiles = f"{point['low']:.2f} - {point['high']:.2f}"
            print(f"{point['label']:<16}{point['ms']:>11.2f}{quartiles:>18}")
        print(knee.in_words(series, sweep["x"]))


if __name__ == "__main__":
    sys.exit(main())
