"""Foxglove's server, where its SDK is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobilepose_core.view import PageStyle

if TYPE_CHECKING:
    from mobilepose_core.view import FoxgloveSink


def started(host: str, port: int, style: PageStyle) -> FoxgloveSink | None:
    """A server for Foxglove; None without a port.

    Raises:
        ValueError: its SDK is missing, or the port is taken.
    """
    if not port:
        return None
    try:
        from mobilepose_core.view import FoxgloveSink as Sink
    except ModuleNotFoundError as error:
        raise ValueError(
            f"foxglove_port is {port}, but Foxglove's SDK is not installed: pip install "
            "'foxglove-sdk>=0.30,<0.31', or set foxglove_port to 0"
        ) from error
    sink = Sink(style)
    sink.serve(host, port)
    return sink
