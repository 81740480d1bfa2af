"""Frames with skeletons drawn in, saved: photographs as photographs, a video as a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2

from mobilepose_core import photo
from mobilepose_core.frames import Photograph, Source, Video, Webcam
from mobilepose_core.inference import drawing
from mobilepose_core.output.result import Output, Result

CODECS = {".avi": "MJPG", ".mp4": "mp4v"}
"""By the file's ending, those that every build of OpenCV can write: none needs a licence."""


def saver(sources: Sequence[Source], path: Path, together: bool) -> Output:
    """What saves the drawn frames of some sources; no frame is written yet.

    Args:
        sources: photographs, or one video or webcam.
        path: of a picture or a video, or a folder for photographs, made where missing.
        together: whether photographs go to a folder though there may be only one.

    Raises:
        ValueError: the sources cannot be saved there; says why, and where they can.
    """
    photographs = [source for source in sources if isinstance(source, Photograph)]
    moving = [source for source in sources if not isinstance(source, Photograph)]
    if len(moving) > 1 or (moving and photographs):
        raise ValueError(
            "only photographs are saved together, and a video or webcam alone; "
            f"got {len(photographs)} of the one and {len(moving)} of the other kind; save each "
            "video in a run of its own"
        )
    if moving:
        return VideoFile(path, moving[0])
    if together or path.is_dir():
        return Photographs(_targets_in(path, [photograph.path for photograph in photographs]))
    return Photographs({photographs[0].path: path})


class Photographs:
    """Photographs saved as a picture each."""

    def __init__(self, targets: Mapping[Path, Path]) -> None:
        """Checks where they go.

        Args:
            targets: by the photograph's own path, where its picture is written.

        Raises:
            ValueError: one cannot be written there, or is the photograph itself.
        """
        for source, target in targets.items():
            drawing.check_target(target)
            check_apart(source, target)
        self._targets = targets

    def write(self, result: Result) -> None:
        """Saves one."""
        drawing.save(result.picture, self._targets[Path(result.frame.source)])

    def close(self) -> None:
        """Nothing is left to do: each picture is whole."""


class VideoFile:
    """A video of the size and rate of its source.

    OpenCV's encoders want an even number of rows and columns: an odd one loses its last.
    """

    def __init__(self, path: Path, source: Video | Webcam) -> None:
        """Checks the name; the file is opened with the first frame, which tells its size.

        Args:
            path: ends in one of `CODECS`.
            source: whose frames will come. A video's come out one for one. A webcam's are repeated
                or left out where it does not keep the rate that it promises, so that time is kept.

        Raises:
            ValueError: the ending is none of those, or the folder is missing.
        """
        check_video(path)
        if isinstance(source, Video):
            check_apart(source.path, path)
        self._path = path
        self._rate = source.rate
        self._keeps_time = isinstance(source, Webcam)
        self._writer: cv2.VideoWriter | None = None
        self._written = 0

    def write(self, result: Result) -> None:
        """Adds a frame.

        Raises:
            ValueError: the file cannot be written.
        """
        if self._writer is None:
            height, width = result.frame.image.shape[:2]
            codec = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
            self._writer = cv2.VideoWriter(str(self._path), codec, self._rate, (width, height))
            if not self._writer.isOpened():
                raise ValueError(f"{self._path} cannot be written; is its folder writable?")
        copies = 1
        if self._keeps_time:
            copies = round((result.frame.time or 0.0) * self._rate) + 1 - self._written
        for _ in range(copies):
            self._writer.write(result.picture)
            self._written += 1

    def close(self) -> None:
        """Ends the file."""
        if self._writer is not None:
            self._writer.release()


def _targets_in(folder: Path, sources: Sequence[Path]) -> dict[Path, Path]:
    """Where photographs go in a folder, which is made: each keeps its name."""
    if not folder.is_dir() and folder.suffix.lower() in photo.SUFFIXES | CODECS.keys():
        raise ValueError(f"{folder} is no name of a folder, which the photographs are saved in")
    sources = list(dict.fromkeys(sources))
    names = Counter(source.name for source in sources)
    if clash := [name for name, count in names.items() if count > 1]:
        raise ValueError(
            f"several photographs are named {clash[0]}; save those of each folder on their own"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{folder} cannot be made a folder ({error.strerror})") from error
    return {source: folder / source.name for source in sources}


def check_video(path: Path) -> None:
    """Raises ValueError where no video can be written, by the file's name and folder."""
    if path.suffix.lower() not in CODECS:
        raise ValueError(f"{path} is no name of a video; it ends in {' or '.join(CODECS)}")
    drawing.check_folder(path)


def check_apart(source: Path, target: Path) -> None:
    """Raises ValueError where what is written would replace what is looked at."""
    if target.resolve() == source.resolve():
        raise ValueError(f"{target} would be written over itself; save it elsewhere")
