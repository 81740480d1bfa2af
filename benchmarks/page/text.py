"""The text output of `benchmarks.inference`."""

from __future__ import annotations

from typing import Any

from benchmarks.compared.measured_network import PARTS

_HEAD = (
    f"{'':<28}{'ms':>8}{'quartiles':>19}{'1 thread':>10}{'quartiles':>19}{'runs':>6}{'GMAC':>8}"
    f"{'param.':>9}{'file':>9}{'memory':>9}{'of peak':>9}{'PCK':>7}{'elbows':>8}{'wrists':>8}"
)


def page(result: dict[str, Any], rounds: int) -> str:
    """All tables.

    Args:
        result: as `benchmarks.inference` writes it as JSON.
        rounds: that were measured.
    """
    machine = result["machine"]
    return "\n".join(
        [
            f"{machine['cpu']}, {machine['cores']} cores; ONNX Runtime {machine['onnxruntime']}, "
            f"LiteRT {machine['litert']}; {result['threads']} threads unless stated otherwise",
            f"{rounds} interleaved rounds in shuffled order; slow networks run only in some of "
            "them, see runs. Times are from input to outputs, of the second of two calls in a row",
            "GMAC and parameters are counted in the files. Memory: peak of a process that runs the "
            f"network alone. Of peak: relative to {machine['gmacs']:.1f} GMAC/s, FP32, of a large "
            "matrix product in this run",
            "PCK@0.2 on FLIC's test set, person-centric; BlazePose defines hips differently than "
            "FLIC, which lowers its mean",
            "",
            _HEAD,
            *(_model(row) for row in result["models"]),
            "",
            *(f"{row['name']:<28}{row['ms']:>8.2f}  {_quartiles(row)}" for row in result["pipe"]),
            "",
            *(f"{_goal(row)}" for row in result["goals"]),
            *(f"{row['name']} is missing: {row['reason']}" for row in result["missing"]),
        ]
    )


def _model(row: dict[str, Any]) -> str:
    found = row["pck"] or {}
    text = f"{row['name']:<28}{row['ms']:>8.2f}  {_quartiles(row)}"
    if "images_per_second" in row:
        return f"{text}  {row['images_per_second']:.0f} crops a second"
    return (
        f"{text}{_cell(row['ms_1_thread'], 10, '.2f')}  {_quartiles(row, '_1_thread')}"
        f"{row['runs']:>6}{_cell(row['gmac'], 8, '.3f')}"
        f"{_cell(_per(row['parameters'], 1e6), 7, '.2f')} M"
        f"{_cell(_per(row['file_bytes'], 1e6), 6, '.1f')} MB{_cell(row['peak_mb'], 6, '.0f')} MB"
        f"{_cell(row['share_of_peak'], 9, '.0%')}"
        + "".join(_cell(found.get(part), 7 if part == "mean" else 8, ".1f") for part in PARTS)
    )


def _quartiles(row: dict[str, Any], threads: str = "") -> str:
    low, high = row[f"low{threads}"], row[f"high{threads}"]
    return f"{'-' if low is None else f'{low:.2f} - {high:.2f}':>17}"


def _goal(row: dict[str, Any]) -> str:
    if row["ratio"] is None:
        return f"{row['goal']}: not measured"
    return f"{row['goal']}: {row['ratio']:.2f}, {'met' if row['met'] else 'not met'}"


def _cell(value: float | None, width: int, form: str) -> str:
    return f"{'-' if value is None else format(value, form):>{width}}"


def _per(value: float | None, unit: float) -> float | None:
    return None if value is None else value / unit
