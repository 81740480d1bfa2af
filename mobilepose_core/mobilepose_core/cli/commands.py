"""What a command's module adds itself to."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from mobilepose_core.cli.parser import CommandParser

Commands: TypeAlias = "argparse._SubParsersAction[CommandParser]"
"""argparse has no public name for it."""
