"""Times the stages of the pipeline by wrapping their functions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

from mobilepose_core import PoseEstimator, heatmap
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.inference.pose_model import PoseModel, Windows
from mobilepose_core.inference.tracking.smoothing import Smoother
from mobilepose_core.inference.tracking.tracker import Tracker

STAGES: dict[str, list[tuple[Any, str]]] = {
    "predict": [(Tracker, "predict")],
    "finder": [(FinderDetector, "look"), (verification, "verify_detections")],
    "cut": [(Windows, "cut")],
    "network": [(PoseModel, "run")],
    "decode": [(heatmap, "decode")],
    "scores": [(PoseModel, "_decode")],
    "transform": [(PoseModel, "__call__")],
    "tracker": [(Tracker, "update")],
    "smoothing": [(Smoother, "__call__")],
    "rest": [(PoseEstimator, "__call__")],
}
"""Functions of each stage; times exclude other stages that they call."""


class Stopwatch(contextlib.ExitStack):
    """A context manager that times every call of a stage.

    Attributes:
        times: by stage since the last reset, ms.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reset()
        self._inner: list[float] = []

    def reset(self) -> None:
        """Sets all times to zero."""
        self.times = dict.fromkeys(STAGES, 0.0)

    def __enter__(self) -> Stopwatch:
        """Wraps the functions of all stages."""
        for stage, functions in STAGES.items():
            for owner, name in functions:
                timed = self.timed(stage, getattr(owner, name))
                self.enter_context(mock.patch.object(owner, name, timed))
        return self

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added to a stage, minus that of timed calls inside it."""

        def call(*arguments: Any, **options: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                passed = (time.perf_counter() - start) * 1e3
                self.times[stage] += passed - self._inner.pop()
                if self._inner:
                    self._inner[-1] += passed

        return call
