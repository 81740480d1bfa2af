"""metadata.yaml of a rosbag2: its files, and the messages of its topics."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mobilepose_core.errors import DataError
from mobilepose_core.recordings.storage import METADATA


class TopicCount(NamedTuple):
    """A topic, its message type, and the number of its messages."""

    name: str
    type: str
    messages: int


def names_of(folder: Path) -> list[str]:
    """The names of a rosbag2's files.

    Raises:
        DataError: its metadata.yaml is damaged.
    """
    try:
        return [Path(name).name for name in _information(folder)["relative_file_paths"]]
    except (KeyError, TypeError) as error:
        raise _damaged(error) from error


def topics_of(folder: Path) -> list[TopicCount]:
    """The topics of a rosbag2.

    Raises:
        DataError: its metadata.yaml is damaged.
    """
    try:
        return [
            TopicCount(
                str(topic["topic_metadata"]["name"]),
                str(topic["topic_metadata"]["type"]),
                int(topic["message_count"]),
            )
            for topic in _information(folder)["topics_with_message_count"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(error) from error


def _information(folder: Path) -> Any:
    try:
        text = (folder / METADATA).read_text(encoding="utf-8")
        return YAML(typ="safe").load(text)["rosbag2_bagfile_information"]
    except (OSError, YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> DataError:
    return DataError(f"{METADATA} is damaged ({type(error).__name__})")
