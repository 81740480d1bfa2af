"""The tables of pipeline, startup and scaling in `docs/performance.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.growing import knee
from benchmarks.page.plots import growth_picture
from benchmarks.page.tables import goals, quartiles
from mobilepose_core.evaluation.markdown import table

Figures = Mapping[str, Any]


def pipe(figures: Figures) -> str:
    """The pipeline's overhead over its network, in each case, with its stages."""
    cases: Sequence[Figures] = figures["cases"]
    names = {
        "pipe_ms": "whole pipeline",
        "network_ms": "network alone",
        "added_ms": "overhead of the pipeline",
        "added_smoothed_ms": "... with smoothing",
        "added_found_ms": "... in a frame in which the detector runs",
    }
    heads = [f"{case['size']}, {case['people']} {_persons(case['people'])}" for case in cases]
    rows = [
        [name, *(f"{case[key]['ms']:.2f}" for case in cases)] for key, name in names.items()
    ] + [
        [f"stage: {stage}", *(f"{case['stages_ms'][stage]['ms']:.2f}" for case in cases)]
        for stage in cases[0]["stages_ms"]
    ]
    return "\n\n".join(("\n".join(table(("Median ms", *heads), rows)), goals(figures)))


def _persons(count: int) -> str:
    return "person" if count == 1 else "people"


def startup(figures: Figures) -> str:
    """Time to the first pose, memory, and the goals of both."""
    names = {
        "import_s": ("import, s", "{:.2f}"),
        "load_s": ("loading the models, s", "{:.2f}"),
        "first_pose_s": ("first pose, s", "{:.2f}"),
        "start_s": ("together, s", "{:.2f}"),
        "memory_mb": ("estimator's resident memory, MB", "{:.0f}"),
    }
    rows = [
        [name, *(form.format(figures[key][which]) for which in ("median", "low", "high"))]
        for key, (name, form) in names.items()
    ]
    node = ["node's resident memory, MB", f"{figures['node_memory_mb']:.0f}", "-", "-"]
    steps = table(("", "Median", "Least", "Most"), [*rows, node])
    return "\n\n".join(("\n".join(steps), goals(figures)))


def growth(figures: Figures) -> str:
    """For each sweep: explanation, table, line with knee, and plot."""
    parts = [
        "\n\n".join(
            (
                f"### {sweep['title']}",
                " ".join(sweep["notes"]),
                "\n".join(_sweep_table(sweep)),
                "\n".join(f"- {knee.in_words(one, sweep['x'])}" for one in sweep["series"]),
                f"![{sweep['title']}]({growth_picture(sweep['name'])})",
            )
        )
        for sweep in figures["sweeps"]
    ]
    about = (
        f"Medians of {figures['rounds']} rounds, {figures['threads']} threads. {figures['knee']}"
    )
    return "\n\n".join((about, *parts))


def _sweep_table(sweep: Figures) -> list[str]:
    """One row per size, with columns for each series."""
    head = [sweep["title"]]
    columns = [[point["label"] for point in sweep["series"][0]["points"]]]
    for series in sweep["series"]:
        points, item = series["points"], sweep["item"]
        head += [f"{series['name']}, ms", "Quartiles"]
        columns += [[f"{point['ms']:.1f}" for point in points], list(map(quartiles, points))]
        if item:
            head += [f"ms a {item}", f"{item}s a second"]
            each = [point["ms"] / point["x"] for point in points]
            columns += [[f"{ms:.1f}" for ms in each], [f"{1e3 / ms:.0f}" for ms in each]]
    return table(head, zip(*columns, strict=True))
