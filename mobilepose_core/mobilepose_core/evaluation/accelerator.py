"""The report's section on GPUs, from the output of `benchmarks.inference --device cuda`.

That file is kept, since most machines that write the report have no GPU.
"""

from __future__ import annotations

import json
from pathlib import Path

from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.markdown import cell, table

FILE = "gpu.json"

_HEAD = ("Model and device", "Crops at a time", "ms", "Quartiles", "Crops a second")


def section(path: Path) -> list[str]:
    """The lines of the section; empty if there is no file.

    Raises:
        DataError: the file is not the benchmark's output.
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
        raise DataError(
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
