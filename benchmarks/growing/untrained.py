"""Sweeps of `benchmarks.growth` over a network's width, input size and work."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from benchmarks.growing.sweeps import Call, Sweep
from benchmarks.measure import operations
from mobilepose_core.inference.pose_model import PoseModel

WIDTHS = (0.25, 0.5, 0.75, 1.0)
INPUT_SIZES = (224, 192)


def widths(
    threads: int, counts: Sequence[float] = WIDTHS, input_sizes: Sequence[int] = INPUT_SIZES
) -> Sweep:
    """Untrained networks alone, by width."""
    return Sweep(
        "width",
        "Width and input size",
        "width",
        {
            f"{size}x{size} input": {
                width: _untrained(width, size, threads).call for width in counts
            }
            for size in input_sizes
        },
        notes=[
            "The network alone, one crop, FP32. These networks are untrained, since speed does not "
            "depend on the weights; their accuracy is not measured. Most multiplications grow with "
            "the square of the width, so time is not linear in the width, but in the work, see "
            "below."
        ],
    )


def work(
    threads: int, counts: Sequence[float] = WIDTHS, input_sizes: Sequence[int] = INPUT_SIZES
) -> Sweep:
    """The networks of `widths`, by multiply-adds."""
    networks = {
        size: [_untrained(width, size, threads) for width in counts] for size in input_sizes
    }
    return Sweep(
        "work",
        "Multiply-adds of a network",
        "GMAC",
        {
            f"{size}x{size} input": {one.gmac: one.call for one in members}
            for size, members in networks.items()
        },
        labels={one.gmac: f"{one.gmac:.2f}" for members in networks.values() for one in members},
        notes=["The same networks by billions of multiply-adds, counted in their files."],
    )


@dataclass(frozen=True)
class _Untrained:
    """A network with random weights: a call, and its work."""

    call: Call
    gmac: float


@cache
def _untrained(width: float, size: int, threads: int) -> _Untrained:
    from mobilepose_core.model import ModelConfig, build
    from mobilepose_core.release.export import export

    config = ModelConfig(width=width, input_size=size)
    crops = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "untrained.onnx"
        export(build(config).eval(), config, path)
        session = PoseModel(path, "cpu", threads)
        counted = operations.count(path, crops.shape)
    if counted is None:
        raise RuntimeError(f"the work of a network of width {width} cannot be counted")
    return _Untrained(partial(session.infer, crops), counted.macs / 1e9)
