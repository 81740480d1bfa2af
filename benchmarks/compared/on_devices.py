"""Our networks on other devices than the CPU, with one crop and with a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.compared import networks
from benchmarks.compared.measured_network import Accuracies
from benchmarks.measure.rounds import Spread
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import devices
from mobilepose_core.inference.runtime.model_file import released_pose_models

DEVICES = tuple(device for device in devices.DEVICES if device != "auto")

BATCH = 16
"""Number of crops in a batch."""


@dataclass(frozen=True)
class OnDevice:
    """One of our models on a device, with a batch size.

    Attributes:
        name: of model, device and batch.
        session: the model.
        device: of the session.
        batch: number of crops per run.
        run: runs it once.
    """

    name: str
    session: PoseModel
    device: str
    batch: int
    run: Callable[[], Any]

    def as_json(self, spread: Spread, known: Accuracies) -> dict[str, Any]:
        """The session's row of the results, with crops per second."""
        model = self.session.file
        return {
            "name": self.name,
            "runtime": networks.ONNX,
            "device": self.device,
            "precision": "INT8" if model.name.endswith("-int8") else "FP32",
            **spread.as_json(),
            "ms_1_thread": None,
            "gmac": None,
            "parameters": None,
            "file_bytes": model.path.stat().st_size,
            "peak_mb": None,
            "share_of_peak": None,
            "pck": known.get(model.name),
            "batch": self.batch,
            "images_per_second": round(self.batch / spread.ms * 1e3, 1),
        }


def sessions(
    names: list[str], asked: list[str], threads: int
) -> tuple[list[OnDevice], list[dict[str, str]]]:
    """Our models on devices, and the reasons for those that cannot run there.

    Args:
        names: of networks; others' are skipped.
        asked: of `DEVICES`.
        threads: CPU threads.
    """
    found: list[OnDevice] = []
    missing = []
    ours = [name for name in names if name in released_pose_models()]
    for device, name in ((device, name) for device in asked for name in ours):
        session = PoseModel(name, device, threads)
        if session.fallback:
            missing.append({"name": f"{name} on {device}", "reason": session.fallback})
            continue
        # One crop on the CPU has its own row already.
        found += [_with(session, device, batch) for batch in (1, BATCH)[device == "cpu" :]]
    return found, missing


def _with(session: PoseModel, device: str, batch: int) -> OnDevice:
    crops = networks.crops_of(session, batch)
    name = f"{session.file.name} on {device}" + (f", {batch} crops" if batch > 1 else "")
    return OnDevice(name, session, device, batch, lambda: session.infer(crops))
