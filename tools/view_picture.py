"""The picture of docs/view.md: `mobilepose view` on a film of the astronaut, in headless Chromium.

python -m tools.view_picture
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.io.drawing import save
from mobilepose_core.typing import ImageArray
from tools.browser import Page, browser

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "view.jpg"

SIZE = (1120, 700)
"""Of the window, pixels."""

RATE, SECONDS = 15, 6
"""Of the film, which is shown again and again."""

SETTLED = 4.0
"""Time until the rates are those of the running view, s."""


def film(path: Path) -> None:
    """The photograph of scikit-image, which a hand holds: it moves to and fro."""
    from skimage import data

    photograph = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    height, width = photograph.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (width, height))
    for number in range(RATE * SECONDS):
        angle = 2 * np.pi * number / (RATE * SECONDS)
        move = np.array([[1, 0, 8 * np.sin(angle)], [0, 1, 4 * np.sin(2 * angle)]])
        border = cv2.BORDER_REPLICATE
        writer.write(cv2.warpAffine(photograph, move, (width, height), borderMode=border))
    writer.release()


@contextlib.contextmanager
def viewing(path: Path, *options: str) -> Iterator[str]:
    """Runs `mobilepose view` while the block runs; the address of its page."""
    command = [sys.executable, "-m", "mobilepose_core.cli", "view", path.name, "--port", "0"]
    process = subprocess.Popen(
        [*command, *options], cwd=path.parent, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().split()
        if not line:
            raise RuntimeError("mobilepose view has ended; its error is above")
        yield line[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def photographed(page: Page, url: str, seconds: float) -> ImageArray:
    """The page after a while."""
    page.open(url, SIZE)
    page.wait("document.querySelectorAll('#skeletons line').length")
    page.ask("for (const part of document.querySelectorAll('details')) part.open = true")
    time.sleep(seconds)
    return page.photograph()


def main(target: Path = PICTURE, seconds: float = SETTLED) -> None:
    """Writes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "astronaut.avi"
        film(path)
        with viewing(path, "--loop") as url, browser() as page:
            save(photographed(page, url, seconds), target)


if __name__ == "__main__":
    main()
