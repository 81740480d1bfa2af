"""The folder of the user's for what can be made or fetched anew."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path:
    """`mobilepose` in the user's cache, which the first who needs it makes."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "mobilepose"
