"""Signals that end a command from outside, SIGTERM and SIGHUP: they do what Ctrl-C does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""From `docker stop`, `timeout` and batch schedulers; from a terminal that is closed, which Windows
does not have."""


class Terminated(KeyboardInterrupt):
    """A signal ended the command: whatever handles Ctrl-C handles this too.

    Attributes:
        signal: the one that came.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Raises `Terminated` in the main thread when a signal of `ENDING` comes within the block.

    Only the first one: `timeout` sends two, and the second would break off the completion of files.
    A signal that is ignored, as under `nohup`, or handled already, stays so. Outside the main
    thread, which alone receives signals, nothing is changed.
    """
    has_come = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal has_come
        if not has_come:
            has_come = True
            raise Terminated(number)

    is_main = threading.current_thread() is threading.main_thread()
    taken = [n for n in ENDING if is_main and signal.getsignal(n) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
