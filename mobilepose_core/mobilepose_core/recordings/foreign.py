"""Topics that are not ROS 2's: an MCAP file may have others beside them, such as JSON."""

from __future__ import annotations

from collections.abc import Callable

from rosbags.interfaces import MessageDefinition, MessageDefinitionFormat
from rosbags.rosbag2 import storage_mcap

_ENCODINGS = frozenset({"cdr", ""})
"""Of messages of ROS 2; the empty one is that of damaged topics."""

_msgdef_of_rosbags: Callable[[storage_mcap.Schema | None], MessageDefinition] | None = getattr(
    storage_mcap, "get_msgdef", None
)
"""Its function, which is no part of its interface: other versions may not have it."""


def is_foreign(encoding: str) -> bool:
    """Whether messages of an encoding are not those of ROS 2."""
    return encoding not in _ENCODINGS


def bear_in_rosbags() -> None:
    """Has rosbags open MCAP files with schemas of other programs, at which it would give up.

    A version in which that cannot be done gives up, and such files are read in full.
    """
    if _msgdef_of_rosbags is not None:
        storage_mcap.get_msgdef = _msgdef


def _msgdef(schema: storage_mcap.Schema | None) -> MessageDefinition:
    assert _msgdef_of_rosbags is not None
    try:
        return _msgdef_of_rosbags(schema)
    except KeyError:  # its name of an encoding
        return MessageDefinition(MessageDefinitionFormat.NONE, "")
