"""Topics that are not ROS 2's: an MCAP file may have others beside them, such as JSON."""

from __future__ import annotations

from rosbags.interfaces import MessageDefinition, MessageDefinitionFormat
from rosbags.rosbag2 import storage_mcap

_ENCODINGS = frozenset({"cdr", ""})
"""Of messages of ROS 2; the empty one is that of damaged topics."""

_msgdef_of_rosbags = storage_mcap.get_msgdef


def is_foreign(encoding: str) -> bool:
    """Whether messages of an encoding are not those of ROS 2."""
    return encoding not in _ENCODINGS


def bear_in_rosbags() -> None:
    """Has rosbags open MCAP files with schemas of other programs, at which it would give up."""
    storage_mcap.get_msgdef = _msgdef


def _msgdef(schema: storage_mcap.Schema | None) -> MessageDefinition:
    try:
        return _msgdef_of_rosbags(schema)
    except KeyError:  # its name of an encoding
        return MessageDefinition(MessageDefinitionFormat.NONE, "")
