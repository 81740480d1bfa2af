"""Type aliases for arrays, each defined once; docstrings state shapes and units."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

AnyArray = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.floating[Any]]
Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
ImageArray = npt.NDArray[np.uint8]
"""Pixels, (H, W, 3) BGR unless stated otherwise; also the bytes of a file."""

ImageSize = tuple[int, int]
"""Width and height, pixels."""
