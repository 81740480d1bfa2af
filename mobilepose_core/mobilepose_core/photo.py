"""Photographs from disk, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_TAIL = 1024
"""Some cameras write padding behind the end of a JPEG."""


def read(path: Path) -> npt.NDArray[np.uint8] | None:
    """A photograph, or None where it is missing, no picture, or cut off.

    OpenCV fills what is missing of a truncated JPEG with grey and says nothing to its caller.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not content or (content.startswith(_JPEG_START) and _JPEG_END not in content[-_TAIL:]):
        return None
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if decoded is None else np.asarray(decoded, np.uint8)
