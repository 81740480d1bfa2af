"""The user's cache folder, for files that can be built or downloaded again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def user_cache() -> Path:
    """`mobilepose` in the user's cache; it need not exist yet.

    A user without a home directory, such as a service in a container, gets a temporary folder.
    """
    cache = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    if cache.startswith("~"):
        return Path(tempfile.gettempdir(), f"mobilepose-{os.getuid()}")
    return Path(cache, "mobilepose")
