"""Modules under the names that they had before 0.2, kept for one release with a warning."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED: Mapping[str, str] = {
    "evaluation.finding": "evaluation.detection_metrics",
    "evaluation.judged": "evaluation.comparison",
    "evaluation.placing": "evaluation.crop_regions",
    "frames": "io.sources",
    "inference.boxes": "pose",
    "inference.devices": "inference.runtime.devices",
    "inference.drawing": "io.drawing",
    "inference.estimator": "inference.pose_estimator",
    "inference.model_file": "inference.runtime.model_file",
    "inference.pose": "pose",
    "inference.smoothing": "inference.tracking.smoothing",
    "inference.tracker": "inference.tracking.tracker",
    "photo": "io.photo",
}
"""New names of modules in the package, by their old names."""

PACKAGE = "mobilepose_core"


class MovedModules(MetaPathFinder, Loader):
    """An import hook for the old names."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """A spec for an old name; None for any other."""
        package, _, name = fullname.partition(".")
        return ModuleSpec(fullname, self) if package == PACKAGE and name in MOVED else None

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual empty module, which `exec_module` replaces."""

    def exec_module(self, module: ModuleType) -> None:
        """Replaces the module by the one of the new name."""
        old = module.__name__
        new = f"{PACKAGE}.{MOVED[old.partition('.')[2]]}"
        message = f"{old} is now {new}; the old name goes with the next release"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        sys.modules[old] = importlib.import_module(new)


def install() -> None:
    """Makes the old names importable."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
