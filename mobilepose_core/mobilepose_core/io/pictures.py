"""Frames with skeletons drawn in, saved: photographs as photographs, a video as a video."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from mobilepose_core.io import drawing, file_names, photo, video_writer
from mobilepose_core.io.atomic import TargetError, WriteError
from mobilepose_core.io.result import Output, Result
from mobilepose_core.io.sources import Photograph, Source, Stream, Video, Webcam
from mobilepose_core.io.video_codecs import CODECS
from mobilepose_core.io.video_writer import VideoWriter

Say: TypeAlias = Callable[[str], None]


def saver(
    sources: Sequence[Source], path: Path, together: bool, say: Say = lambda line: None
) -> Output:
    """What saves the drawn frames of some sources; no frame is written yet.

    Args:
        sources: photographs, or one video or webcam.
        path: of a picture or a video, or a folder for photographs, made where missing.
        together: whether photographs go to a folder though there may be only one.
        say: takes a line of text on what was written.

    Raises:
        TargetError: the sources cannot be saved under that name; says why, and where they can.
        WriteError: a folder is missing, or cannot be made.
    """
    photographs = [source for source in sources if isinstance(source, Photograph)]
    moving = [source for source in sources if not isinstance(source, Photograph)]
    if len(moving) > 1 or (moving and photographs):
        raise TargetError(
            "only photographs are saved together, and a video or webcam alone; "
            f"got {len(photographs)} of the one and {len(moving)} of the other kind; save each "
            "video in a run of its own"
        )
    if moving:
        return VideoFile(path, moving[0], say)
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
            TargetError: one has an ending that cannot be written, or is the photograph itself.
            WriteError: a folder is missing.
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
    """A video of the size of its source, whose frames stand at the times of the source's."""

    def __init__(
        self, path: Path, source: Video | Webcam | Stream, say: Say = lambda line: None
    ) -> None:
        """Checks the name; the file is opened with the first frame, which tells its size.

        Args:
            path: ends in one of `CODECS`.
            source: whose frames will come. Frames are repeated where the source pauses; those of a
                webcam that come faster than it promises are left out.
            say: takes a line of text on what was written.

        Raises:
            TargetError: the ending is not one of these, or the file is the source itself.
            WriteError: the folder is missing.
        """
        video_writer.check_name(path)
        rate = video_writer.rate_for([], source.rate)
        if isinstance(source, Video):
            check_apart(source.path, path)
            rate = video_writer.rate_for(source.stamps(), source.rate)
        self._writer = VideoWriter(path, rate)
        self._say = say

    def write(self, result: Result) -> None:
        """Adds a frame.

        Raises:
            ValueError: the file cannot be written.
        """
        self._writer.write(result.picture, result.frame.time or 0.0)

    def close(self) -> None:
        """Ends the file, and says what it is.

        Raises:
            ValueError: it is not whole.
        """
        writer = self._writer
        if writer.close() and writer.codec is not None:
            plays = "browsers play it" if writer.codec.in_browsers else _NOT_IN_BROWSERS
            self._say(
                f"{file_names.shown(str(writer.path))}: {writer.written / writer.rate:.1f} s at "
                f"{writer.rate:.4g} frames per second, {writer.codec.name} ({plays})"
            )


_NOT_IN_BROWSERS = (
    "browsers do not play it; they play an .mp4, where OpenCV has an encoder for H.264 or VP9"
)


def _targets_in(folder: Path, sources: Sequence[Path]) -> dict[Path, Path]:
    """Where photographs go in a folder, which is made: each keeps its name."""
    if not folder.is_dir() and folder.suffix.lower() in photo.SUFFIXES | CODECS.keys():
        raise TargetError(
            f"{folder} is not the name of a folder, which the photographs are saved in"
        )
    sources = list(dict.fromkeys(sources))
    names = [_writable(source.name) for source in sources]
    if clash := [name for name, count in Counter(names).items() if count > 1]:
        raise TargetError(
            f"several photographs are named {clash[0]}; save those of each folder on their own"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be made a folder ({error.strerror})") from error
    return {source: folder / name for source, name in zip(sources, names, strict=True)}


def _writable(name: str) -> str:
    """The name of a picture like a photograph's, in a format that can be written."""
    return name if drawing.can_write(Path(name).suffix) else f"{name}.png"


def check_apart(source: Path, target: Path) -> None:
    """Raises TargetError where what is written would replace what is looked at."""
    if os.path.realpath(target) == os.path.realpath(source):
        raise TargetError(f"{target} would be written over itself; save it elsewhere")
