"""Photographs, videos and webcams in; pictures, videos, JSON lines and CSV out.

Public are the names in `__all__`, among them the modules `drawing` and `image_format`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobilepose_core.lazy_imports import lazy_imports

if TYPE_CHECKING:
    from mobilepose_core.io import drawing, image_format
    from mobilepose_core.io.annotations import Annotation
    from mobilepose_core.io.atomic import TargetError, WriteError, write_json
    from mobilepose_core.io.bit_depth import BitDepth
    from mobilepose_core.io.drawing import save as save_picture
    from mobilepose_core.io.pixel_limit import PixelLimit
    from mobilepose_core.io.sources import (
        Frame,
        Photograph,
        Source,
        Stream,
        Video,
        Webcam,
        is_live,
        open_source,
    )

__all__ = [
    "Annotation",
    "BitDepth",
    "Frame",
    "Photograph",
    "PixelLimit",
    "Source",
    "Stream",
    "TargetError",
    "Video",
    "Webcam",
    "WriteError",
    "drawing",
    "image_format",
    "is_live",
    "open_source",
    "save_picture",
    "write_json",
]

__getattr__ = lazy_imports(
    __name__,
    {
        "Annotation": "annotations:Annotation",
        "BitDepth": "bit_depth:BitDepth",
        "Frame": "sources:Frame",
        "Photograph": "sources:Photograph",
        "PixelLimit": "pixel_limit:PixelLimit",
        "Source": "sources:Source",
        "Stream": "sources:Stream",
        "TargetError": "atomic:TargetError",
        "Video": "sources:Video",
        "Webcam": "sources:Webcam",
        "WriteError": "atomic:WriteError",
        "is_live": "sources:is_live",
        "open_source": "sources:open_source",
        "save_picture": "drawing:save",
        "write_json": "atomic:write_json",
    },
)
