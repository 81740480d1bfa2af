"""Gives back memory that a node no longer needs."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Frees what is no longer used, and returns it to the operating system.

    Objects that hold each other would stay until Python's next full collection. What is freed
    would stay with the allocator, in pieces that do not fit what comes next; the GNU C library
    returns it on request.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
