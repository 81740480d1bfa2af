"""Images that training keeps in memory, as JPEG with full colour resolution."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mobilepose_core.typing import ImageArray

_FULL_COLOUR = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


@dataclass(frozen=True)
class StoredImage:
    """An image as JPEG.

    Attributes:
        jpeg: the encoded image.
    """

    jpeg: bytes

    @classmethod
    def of(cls, pixels: ImageArray, quality: int) -> StoredImage:
        """Stores an image.

        Args:
            pixels: (H, W, 3) uint8 BGR.
            quality: of the JPEG, 1 to 100.
        """
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, *_FULL_COLOUR]
        _, encoded = cv2.imencode(".jpg", pixels, options)
        return cls(encoded.tobytes())

    def opened(self) -> ImageArray:
        """(H, W, 3) uint8 BGR."""
        encoded = np.frombuffer(self.jpeg, np.uint8)
        return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
