"""A live view in a browser: the page, its server, and the same data for Foxglove. Without ROS.

`PageServer` shows the newest `ViewedFrame` to any number of browsers; `FoxgloveSink`, which needs
foxglove-sdk, gives the same to Foxglove, live or as an MCAP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobilepose_core.lazy_imports import lazy_imports

if TYPE_CHECKING:
    from mobilepose_core.view.address import DEFAULT_HOST, DEFAULT_PORT, FOXGLOVE_PORT, exposure
    from mobilepose_core.view.foxglove_sink import FoxgloveSink
    from mobilepose_core.view.frames import ERROR, OK, WARN, Rates, ViewedFrame, ViewStatus
    from mobilepose_core.view.page_data import MAX_SIDE, QUALITY, PageStyle
    from mobilepose_core.view.server import PageServer

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "ERROR",
    "FOXGLOVE_PORT",
    "MAX_SIDE",
    "OK",
    "QUALITY",
    "WARN",
    "FoxgloveSink",
    "PageServer",
    "PageStyle",
    "Rates",
    "ViewStatus",
    "ViewedFrame",
    "exposure",
]

__getattr__ = lazy_imports(
    __name__,
    {
        "DEFAULT_HOST": "address:DEFAULT_HOST",
        "DEFAULT_PORT": "address:DEFAULT_PORT",
        "ERROR": "frames:ERROR",
        "FOXGLOVE_PORT": "address:FOXGLOVE_PORT",
        "MAX_SIDE": "page_data:MAX_SIDE",
        "OK": "frames:OK",
        "QUALITY": "page_data:QUALITY",
        "WARN": "frames:WARN",
        "FoxgloveSink": "foxglove_sink:FoxgloveSink",
        "PageServer": "server:PageServer",
        "PageStyle": "page_data:PageStyle",
        "Rates": "frames:Rates",
        "ViewStatus": "frames:ViewStatus",
        "ViewedFrame": "frames:ViewedFrame",
        "exposure": "address:exposure",
    },
)
