"""The tables of networks in `docs/performance.md`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.compared.measured_network import PARTS
from benchmarks.page.plots import BATCH
from mobilepose_core.evaluation.markdown import cell, table

Figures = Mapping[str, Any]

GOAL_UNITS = {"ratio": "{:.2f}", "ms": "{:.2f} ms", "value": "{:.2f}"}
"""Keys of a goal's measured value, and their formats."""


def machine(figures: Figures) -> str:
    """A sentence on the machine."""
    what = figures["machine"]
    return (
        f"Measured on {what['cpu']} with {what['cores']} cores, {figures['threads']} threads "
        f"unless said otherwise, ONNX Runtime {what['onnxruntime']}; its arithmetic peak with "
        f"these threads, measured in the same run: {what['gmacs']:.0f} GMAC/s."
    )


def models(figures: Figures) -> str:
    """The table of all models on the CPU."""
    head = (
        "Model",
        "Runtime",
        "Precision",
        f"ms, {figures['threads']} threads",
        "Quartiles",
        "ms, 1 thread",
        "GMAC",
        "Parameters",
        "File",
        "Peak memory",
        "Share of peak",
        *(part.capitalize() for part in PARTS),
    )
    rows = [_model_cells(model) for model in figures["models"] if BATCH not in model]
    return "\n".join(table(head, rows))


def devices(figures: Figures) -> str:
    """The table of our networks on other devices, with one crop and with a batch."""
    rows = [
        (
            model["name"],
            model["precision"],
            f"{model[BATCH]}",
            cell(model["ms"], "{:.2f}"),
            quartiles(model),
            cell(model["images_per_second"], "{:.0f}"),
        )
        for model in figures["models"]
        if BATCH in model
    ]
    if not rows:
        return "No other device was measured in this run."
    head = ("Model", "Precision", "Crops at a time", "ms", "Quartiles", "Crops a second")
    return "\n".join(table(head, rows))


def _model_cells(model: Figures) -> list[str]:
    found = model["pck"] or {}
    return [
        f"`{model['name']}`",
        model["runtime"],
        cell(model["precision"], "{}"),
        cell(model["ms"], "{:.1f}"),
        quartiles(model),
        cell(model["ms_1_thread"], "{:.1f}"),
        cell(model["gmac"], "{:.2f}"),
        cell(_in_millions(model["parameters"]), "{:.2f} M"),
        cell(_in_millions(model["file_bytes"]), "{:.1f} MB"),
        cell(model["peak_mb"], "{:.0f} MB"),
        cell(model["share_of_peak"], "{:.0%}"),
        *(cell(found.get(part), "{:.1f}") for part in PARTS),
    ]


def missing(figures: Figures) -> str:
    """The models that could not be measured, with reasons."""
    if not figures["missing"]:
        return "All models were measured."
    return "\n".join(
        f"- `{model['name']}` was not measured: {model['reason']}" for model in figures["missing"]
    )


def goals(figures: Figures) -> str:
    """The table of goals with measured values."""
    rows = [
        (
            goal["goal"],
            next(cell(goal[unit], form) for unit, form in GOAL_UNITS.items() if unit in goal),
            "-" if goal["met"] is None else "met" if goal["met"] else "not met",
        )
        for goal in figures["goals"]
    ]
    return "\n".join(table(("Goal", "Measured", ""), rows))


def whole_pipe(figures: Figures) -> str:
    """The table of pipelines and detectors as users call them."""
    rows = [(row["name"], cell(row["ms"], "{:.1f}"), quartiles(row)) for row in figures["pipe"]]
    return "\n".join(table(("", "ms", "Quartiles"), rows))


def quartiles(times: Figures) -> str:
    """Lower and upper quartile, ms."""
    return "-" if times["low"] is None else f"{times['low']:.1f} - {times['high']:.1f}"


def _in_millions(value: float | None) -> float | None:
    return None if value is None else value / 1e6
