"""Names that options take, where the packages that know them are too heavy for `--help`.

A test compares them with those packages.
"""

from __future__ import annotations

from collections.abc import Iterable

DATASETS = ("flic", "lsp", "coco")
SPLITS = ("train", "val", "test", "held-out")
DEVICES = ("auto", "cpu", "cuda", "tensorrt", "openvino")
DETECTOR = "detector"
FINDERS = (DETECTOR, "full_frame")
FIND_SIZES = range(96, 1280 + 1, 32)
"""Resolutions of the detector, pixels."""
FIND_SIZE = 256
"""The one by default."""
STORAGES = ("mcap", "sqlite3")
OVERLAYS = ("none", "compressed", "raw")
ENGINES = ("local", "ray")
FRAMINGS = ("upper_body", "body")
ARCHITECTURES = ("final", "baseline", "gap_removed", "split", "finder")
DECODERS = ("upsample_first", "block_first")
SKIPS = ("separable", "depthwise")
TRUNKS = (
    "mobilenet",
    "squeezenet",
    "densenet-6-12-12-8",
    "densenet-6-12-12-16",
    "densenet-6-12-24-16",
)


def listed(names: Iterable[str]) -> str:
    """Alternatives for a help text: `a, b or c`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
