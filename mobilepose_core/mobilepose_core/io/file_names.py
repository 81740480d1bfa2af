"""Names of files as text, and as native code can take them.

A name is bytes. Python shows those that are not UTF-8 as lone surrogates, over which OpenCV's
binding ends the process and UTF-8 cannot be written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def shown(text: str) -> str:
    r"""Text that may hold names, as valid UTF-8: an invalid byte becomes `\xe9`, say."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_plain(name: str) -> bool:
    """Whether native code that takes names as UTF-8 finds the file that Python finds."""
    try:
        return os.fsencode(name) == name.encode("utf-8")
    except UnicodeEncodeError:
        return False


def expanded(name: str) -> Path:
    """A path whose `~` is the user's home.

    Raises:
        ValueError: the user does not exist.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{name}: {error}; write the path in full") from error


@contextmanager
def native(path: Path) -> Iterator[str]:
    """A name of a file, there or not yet there, that OpenCV can take.

    It is absolute, so that nothing in it reads as a protocol. A name that is not UTF-8 gets a link,
    which is removed at the end of the block.

    Raises:
        OSError: no link can be made.
    """
    name = os.path.abspath(path)
    if is_plain(name):
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="mobilepose-") as folder:
        parent, last = os.path.split(name)
        if is_plain(last):  # what lies beside the file is found beside it
            Path(folder, "folder").symlink_to(parent)
            yield str(Path(folder, "folder", last))
            return
        suffix = path.suffix if path.suffix.isascii() else ""
        link = Path(folder, f"file{suffix}")
        link.symlink_to(name)
        yield str(link)
