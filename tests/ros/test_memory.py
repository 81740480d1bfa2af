"""Memory that is given back."""

import os
import platform
import weakref
from pathlib import Path

import pytest

from mobilepose_ros import memory

PIECE = 1000
"""Bytes; Python takes so many from the C library's allocator, and fewer than 513 from its own."""


class Holder:
    """Holds itself."""

    def __init__(self):
        self.myself = self


def resident():
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_objects_that_hold_each_other_are_freed():
    freed = weakref.ref(Holder())

    memory.give_back()

    assert freed() is None


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can")
def test_freed_memory_goes_back_to_the_system_even_below_a_piece_that_is_in_use():
    pieces = [bytes(PIECE) for _ in range(100_000)]
    last = pieces[-1]
    del pieces
    before = resident()

    memory.give_back()

    assert before - resident() > 50_000 * PIECE
    assert len(last) == PIECE
