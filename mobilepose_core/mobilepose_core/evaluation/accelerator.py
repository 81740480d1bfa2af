"""The report's part on a GPU: what `benchmarks.inference --device cuda` printed beside one.

Most machines on which the report is written have none, so that its line of JSON is kept.
"""

from __future__ import annotations

import json
from pathlib import Path

from mobilepose_core.evaluation.markdown import cell, table

FILE = "gpu.json"

_HEAD = ("Model and device", "Crops at a time", "ms", "Quartiles", "Crops a second")


def section(path: Path) -> list[str]:
    """The lines of the page; none where there is no file.

    Raises:
        ValueError: it is not what the benchmark printed.
    """
    if not path.is_file():
        return []
    try:
        measured = json.loads(path.read_bytes())
        machine = measured["machine"]
        rows = [
            [
                row["name"],
                str(row["batch"]),
                cell(row["ms"], "{:.2f}"),
                f"{row['low']:.2f} - {row['high']:.2f}",
                cell(row["images_per_second"], "{:.0f}"),
            ]
            for row in measured["models"]
            if row["device"] in ("cuda", "tensorrt")
        ]
        if not rows or not machine["gpu"]:
            raise ValueError("no GPU in it")
        where = f"{machine['gpu']}, ONNX Runtime {machine['onnxruntime']}, {machine['cpu']}"
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not what `python -m benchmarks.inference --device cuda --out {path.name}` "
            f"writes: {error!r}"
        ) from error
    return [
        "## On a GPU",
        "",
        *table(_HEAD, rows),
        "",
        f"{where}: from crops in the computer's memory to joints in it, between runs of other "
        "networks on the CPU.",
        *([measured["note"]] if "note" in measured else []),
        "",
    ]
