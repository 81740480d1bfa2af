"""The folder of the user's for what can be made or fetched anew."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def user_cache() -> Path:
    """`mobilepose` in the user's cache, which the first who needs it makes.

    Among temporary files for a user without a home, as services in containers are.
    """
    cache = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    if cache.startswith("~"):
        return Path(tempfile.gettempdir(), f"mobilepose-{os.getuid()}")
    return Path(cache, "mobilepose")
