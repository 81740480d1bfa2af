"""The state of annotators as bytes.

States are pickled, and read back with the few classes that they consist of: a journal may come from
elsewhere, and a pickle that may name any class can run any program.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

_CLASSES = {
    "mobilepose_core.crop": {"Region"},
    "mobilepose_core.framing": {"Framing"},
    "mobilepose_core.inference.pose_estimator": {"FrameClock", "StampFault", "VideoState"},
    "mobilepose_core.inference.tracking.settings": {"Tracking"},
    "mobilepose_core.inference.tracking.smoothing": {"Smoother", "_State"},
    "mobilepose_core.inference.tracking.track": {"Track"},
    "mobilepose_core.inference.tracking.tracker": {"Tracker"},
    "mobilepose_core.pose": {"Pose"},
    "mobilepose_core.skeleton": {"Skeleton"},
    "collections": {"Counter"},
    "numpy": {"dtype", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.numeric": {"_frombuffer"},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The classes above, and no others."""
        if name not in _CLASSES.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a state")
        return super().find_class(module, name)


def packed(state: Any) -> bytes:
    """A state as bytes."""
    return pickle.dumps(state, protocol=4)


def unpacked(data: bytes) -> Any:
    """The state in bytes.

    Raises:
        UnpicklingError: it is none, or names other classes.
    """
    return _Unpickler(io.BytesIO(data)).load()
