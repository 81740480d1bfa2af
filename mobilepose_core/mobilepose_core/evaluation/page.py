"""The report, `docs/results.md`, as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Mapping, Sequence

from mobilepose_core.evaluation import claims, markdown, pck, pipe
from mobilepose_core.evaluation.rows import ResultRow

PCK_PICTURE = "pck.png"
LOSS_PICTURE = "loss.png"

MAIN_PARTS = ("mean", "elbows", "wrists")

PUBLISHED = (
    ("Baseline from random weights", claims.PUBLISHED["baseline-scratch"], "", "", "", ""),
    ("Baseline", claims.PUBLISHED["baseline"], "", "", "4.3 M", "68 MB"),
    ("GAP removed", claims.PUBLISHED["gap_removed"], "", "", "", ""),
    ("Split", claims.PUBLISHED["split"], "", "", "3.3 M", "52 MB"),
    ("Final", claims.PUBLISHED[claims.FINAL], "97.6", "95.2", "2.3 M", "26 MB"),
)
"""The paper's table: model, mean, elbows, wrists, parameters, checkpoint."""

COUNTING = (
    "We count every trained value once: weights, biases, and the scales and offsets of batch "
    "normalisation. The paper's Baseline of 4.3 M parameters is MobileNet with its classifier of "
    "a thousand classes (4.2 M) or the network without pooling (4.3 M); 22 outputs behind the "
    "pooling make 3.2 M, which is what is trained here. Its checkpoints of 68 and 52 MB are 16 "
    "bytes a parameter, as if each weight came with its moving average and Adam's two moments. "
    "Ours hold the averaged weights alone; a run's `state.pt` holds the rest."
)


def page(
    rows: Sequence[ResultRow],
    milliseconds: Mapping[str, float],
    kept: Collection[str],
    people: str,
    threads: int,
    rounds: int,
    of_pipe: Sequence[pipe.Line] = (),
    of_gpu: Sequence[str] = (),
) -> str:
    """The page as Markdown.

    Args:
        rows: one per model.
        milliseconds: median time of one crop, by model.
        kept: models whose figures are from an earlier report.
        people: description of the test people.
        threads: CPU threads of the timing.
        rounds: number of timings.
        of_pipe: figures of the pipeline around the networks.
        of_gpu: the section on GPUs, from `accelerator.section`.
    """
    names = {row.name: f"{row.name} \\*" if row.name in kept else row.name for row in rows}
    return "\n".join(
        [
            "# Results",
            "",
            "Written by `mobilepose report`; not edited by hand.",
            "",
            f"Evaluated on {people}, each in the crop of their annotation. PCK counts joints "
            "within a share of the torso (left hip to right shoulder).",
            "",
            *_main_table(rows, names, milliseconds),
            "",
            _measurement(threads, rounds),
            *_on_kept(kept),
            "",
            *_on_pipe(of_pipe),
            *of_gpu,
            *_on_published(),
            *_on_claims(rows),
            *_on_training(rows, names),
            *_on_parts(rows, names),
            *_CURVES,
        ]
    )


_MAIN_HEAD = (
    "Model",
    "Mean",
    "Elbows",
    "Wrists",
    "Mean @0.05",
    "Time",
    "Parameters",
    "Checkpoint",
    "ONNX",
    "Training error",
    "Validation error",
)

_CURVES = (
    "## Curves",
    "",
    f"![PCK of elbows and wrists over thresholds]({PCK_PICTURE})",
    "",
    f"![Training and validation error over steps]({LOSS_PICTURE})",
    "",
)


def _main_table(
    rows: Sequence[ResultRow], names: Mapping[str, str], milliseconds: Mapping[str, float]
) -> list[str]:
    cells = [_main_cells(names[row.name], row, milliseconds[row.name]) for row in rows]
    return markdown.table(_MAIN_HEAD, cells)


def _measurement(threads: int, rounds: int) -> str:
    """How the figures of the main table were measured."""
    return (
        "PCK@0.2 in per cent, person-centric unless stated otherwise. FLIC marks the hips at "
        "another point than other data sets do, so models trained on those score lower on FLIC's "
        "hips, and in the mean. Time: median of "
        f"{rounds} interleaved rounds, one crop, FP32 unless the name says INT8, ONNX Runtime, "
        f"{threads} threads, on {platform.machine()}; the machine was shared, so ratios are "
        "more reliable than milliseconds. Errors: mean squared, of heatmaps for the Final "
        "network and of coordinates in crop sides for the others, which are not comparable; "
        "validation is on the held-out people of the training set."
    )


def _on_published() -> list[str]:
    head = ("Model", "Mean", "Elbows", "Wrists", "Parameters", "Checkpoint")
    return ["## As published", "", *markdown.table(head, PUBLISHED), "", COUNTING, ""]


def _on_claims(rows: Sequence[ResultRow]) -> list[str]:
    paragraphs = claims.paragraphs(rows)
    if not paragraphs:
        return []
    return [
        "## The paper's claims",
        "",
        "PCK@0.2 of FLIC's test set, from one or more seeds. A claim is reproduced or not if the "
        "networks differ by more than a point, or each of two seeds by more than nothing; they "
        "must have seen equally many people.",
        "",
        *(line for paragraph in paragraphs for line in (paragraph, "")),
    ]


def _on_training(rows: Sequence[ResultRow], names: Mapping[str, str]) -> list[str]:
    return [
        "## Training",
        "",
        *markdown.table(
            ("Model", "Data", "Steps", "People seen", "Minutes"),
            [_training_cells(names[row.name], row) for row in rows],
        ),
        "",
        "Up to the validation whose weights were kept. Models are comparable if they were "
        "trained equally long.",
        *_on_means(rows),
        "",
    ]


def _on_parts(rows: Sequence[ResultRow], names: Mapping[str, str]) -> list[str]:
    """Observer-centric figures, and figures of each joint."""
    return [
        "## Observer-centric",
        "",
        "Left and right as seen in the image, as in most published tables.",
        "",
        *markdown.table(
            ("Model", "Mean", "Elbows", "Wrists"),
            [[names[row.name], *_figures(row.observer, MAIN_PARTS)] for row in rows],
        ),
        "",
        "## By joint",
        "",
        *markdown.table(
            ("Model", *pck.PARTS),
            [[names[row.name], *_figures(row.pck, pck.PARTS)] for row in rows],
        ),
        "",
    ]


def _on_pipe(lines: Sequence[pipe.Line]) -> list[str]:
    return [
        line
        for title, text, head, rows in pipe.sections(lines)
        for line in (f"## {title}", "", *markdown.table(head, rows), "", text, "")
    ]


def _on_kept(kept: Collection[str]) -> list[str]:
    if not kept:
        return []
    return [
        "",
        "\\* not released: accuracy as measured after its training, time as measured now on the "
        "same network with random weights.",
    ]


def _on_means(rows: Sequence[ResultRow]) -> list[str]:
    """Notes on models with averaged weights."""
    lines = []
    for row in rows:
        mean = row.card.get("mean")
        if mean:
            checksums = ", ".join(checksum[:8] for checksum in mean["with"].values())
            lines.append(
                f"- {row.name}: a weighted mean of this run's weights ({mean['share']:g}) and "
                f"others of the same network ({1 - mean['share']:g}, SHA-256 {checksums}...); "
                "errors are those of this run's weights alone."
            )
    return ["", *lines] if lines else []


def _main_cells(name: str, row: ResultRow, milliseconds: float) -> list[str]:
    trained = row.card["trained"]
    return [
        name,
        *_figures(row.pck, MAIN_PARTS),
        f"{row.strict['mean']:.1f}",
        f"{milliseconds:.1f} ms",
        f"{row.card['parameters'] / 1e6:.2f} M",
        _megabytes(row.checkpoint_bytes),
        _megabytes(row.onnx_bytes),
        _error(trained["train_loss"]),
        _error(trained["validation_loss"]),
    ]


def _training_cells(name: str, row: ResultRow) -> list[str]:
    trained = row.card["trained"]
    return [
        name,
        ", ".join(row.card["data"]),
        str(trained["step"]),
        str(row.people_seen),
        f"{trained['minutes']:.0f}",
    ]


def _figures(figures: Mapping[str, float], parts: Iterable[str]) -> list[str]:
    return [f"{figures[part]:.1f}" for part in parts]


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1e6:.1f} MB"


def _error(error: float | None) -> str:
    return "-" if error is None else f"{error:.2e}"
