"""A network's measurements besides time: size, work, memory and accuracy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import DOCS
from benchmarks.compared.networks import BenchmarkNetwork
from benchmarks.measure import memory, operations
from benchmarks.measure.rounds import Spread

RESULTS = ("results.json", "peers.json")
"""Files with accuracies in docs/: ours from `mobilepose report`, others from
`benchmarks.peer_accuracy`."""

PARTS = ("mean", "elbows", "wrists")
Accuracies = Mapping[str, dict[str, float]]


@dataclass(frozen=True)
class Measured:
    """A network with its counted work and measured memory.

    Attributes:
        network: the network.
        work: counted in its file; None if that cannot be read.
        peak: peak resident memory of a process that runs it, bytes; None if unknown.
    """

    network: BenchmarkNetwork
    work: operations.Operations | None
    peak: int | None

    @classmethod
    def counted(cls, network: BenchmarkNetwork, threads: int) -> Measured:
        """Counts the work in a network's file, and runs it in a child process."""
        work = operations.count(network.path, network.shape)
        return cls(network, work, memory.peak_bytes(network.path, network.shape, threads))

    def as_json(
        self, times: Mapping[int, Spread], peak_gmacs: float, known: Accuracies
    ) -> dict[str, Any]:
        """The network's row of the results.

        Args:
            times: by number of threads; the largest number is the row's main time.
            peak_gmacs: of the machine with these threads, GMAC/s.
            known: accuracies by name.
        """
        spread = times[max(times)]
        gmac = self.work.macs / 1e9 if self.work else None
        return {
            "name": self.network.name,
            "runtime": self.network.runtime,
            "device": "cpu",
            "precision": self.work.precision if self.work else None,
            "input": list(self.network.shape),
            **spread.as_json(),
            "ms_1_thread": round(times[1].ms, 3) if 1 in times else None,
            "low_1_thread": round(times[1].low, 3) if 1 in times else None,
            "high_1_thread": round(times[1].high, 3) if 1 in times else None,
            "gmac": gmac and round(gmac, 4),
            "parameters": self.work.parameters if self.work else None,
            "file_bytes": self.network.path.stat().st_size,
            "peak_mb": self.peak and round(self.peak / 1e6, 1),
            "share_of_peak": gmac and round(gmac / spread.ms * 1e3 / peak_gmacs, 3),
            "pck": known.get(self.network.name),
        }


def accuracies(folder: Path = DOCS) -> Accuracies:
    """Published PCK@0.2 on FLIC's test set, by name of the network."""
    known: dict[str, dict[str, float]] = {}
    for file in (folder / name for name in RESULTS):
        rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
        known |= {row["name"]: {part: row["pck"][part] for part in PARTS} for row in rows}
    return known
