"""The annotated rosbag2, written from a journal: results, perhaps with the originals."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore
from rosbags.typesys.base import TypesysError

from mobilepose_core.recordings.annotator import JOINTS, JOINTS_3D, SKELETONS, TYPES
from mobilepose_core.recordings.journal import ResultJournal
from mobilepose_core.recordings.message_types import typestore
from mobilepose_core.recordings.recording import RecordedTopic, Recording

STORAGES = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}
"""By the names that `ros2 bag` has for them."""

VERSION: Final = 8
"""Of metadata.yaml: the oldest that rosbags writes, which ROS 2 Iron, Jazzy and later read."""

_FOREVER = QosTime(9223372036, 854775807)
_NO_HASH = f"RIHS01_{'0' * 64}"


class ResultTopic(NamedTuple):
    """A topic of results: its full name, and the result's name below the node's."""

    name: str
    result: str


class Form(NamedTuple):
    """How a rosbag2 is written.

    Attributes:
        storage: one of `STORAGES`.
        is_compressed: whether with Zstandard: MCAP by chunks, SQLite by messages.
    """

    storage: str
    is_compressed: bool


def write(
    folder: Path,
    form: Form,
    journal: ResultJournal,
    topics: Sequence[ResultTopic],
    originals: Recording | None,
    about: Callable[[], Mapping[str, str]],
) -> int:
    """Writes a rosbag2.

    Args:
        folder: where; must not exist yet.
        form: of the files.
        journal: has the results, by the numbers of their topics.
        topics: of the results.
        originals: whose messages are copied too; None for results alone.
        about: gives what is noted in metadata.yaml as custom_data; is called when all messages are
            written, since copying `originals` may find losses.

    Returns:
        The number of its messages.
    """
    journal.flush()
    writer = Writer(folder, version=VERSION, storage_plugin=STORAGES[form.storage])
    if form.is_compressed:
        mode = CompressionMode.STORAGE if form.storage == "mcap" else CompressionMode.MESSAGE
        writer.set_compression(mode, CompressionFormat.ZSTD)
    count = 0
    with writer:
        connections: dict[Any, Any] = {}
        if originals is not None:
            connections |= {n: _copied(writer, t) for n, t in originals.topics.items()}
        for number, (name, result) in enumerate(topics):
            connections[number] = writer.add_connection(
                name, TYPES[result], typestore=typestore(), offered_qos_profiles=[_qos(result)]
            )
        for time, key, data in _merged(journal, originals):
            writer.write(connections[key], time, data)
            count += 1
        for name, text in about().items():
            writer.set_custom_data(name, text)
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return count


def _merged(
    journal: ResultJournal, originals: Recording | None
) -> Iterator[tuple[int, Any, bytes]]:
    """Time, ns, key of the connection, and message, in the order of time."""
    results = (
        (entry.time, entry.topic, journal.read(entry))
        for entry in sorted(journal.entries, key=lambda entry: entry.time)
    )
    if originals is None:
        return results
    copied = ((m.time, m.topic, m.data) for m in originals.messages(originals.topics))
    return heapq.merge(copied, results, key=lambda message: message[0])


def _copied(writer: Writer, topic: RecordedTopic) -> Any:
    """A connection for the messages of a topic, with the definition that it was recorded with."""
    store = typestore()
    if not topic.definition and topic.type in store.types:
        return writer.add_connection(
            topic.name, topic.type, typestore=store, offered_qos_profiles=topic.qos
        )
    return writer.add_connection(
        topic.name,
        topic.type,
        msgdef=topic.definition,
        rihs01=_hash(topic),
        serialization_format=topic.encoding or "cdr",
        offered_qos_profiles=topic.qos,
    )


def _hash(topic: RecordedTopic) -> str:
    """The type's hash, from its definition."""
    store = get_typestore(Stores.EMPTY)
    is_idl = topic.definition.startswith("=" * 80)
    try:
        if is_idl:
            for part in topic.definition.split("=" * 80 + "\n")[1:]:
                store.register(get_types_from_idl(part.partition("\n")[2]))
        else:
            store.register(get_types_from_msg(topic.definition, topic.type))
        return store.hash_rihs01(topic.type)
    except (TypesysError, KeyError, AssertionError):
        return _NO_HASH


def _qos(result: str) -> Qos:
    """That of the pose node's topics."""
    is_latched = result == SKELETONS
    durability = QosDurability.TRANSIENT_LOCAL if is_latched else QosDurability.VOLATILE
    depth = 1 if is_latched or result not in (JOINTS, JOINTS_3D) else 10
    return Qos(
        QosHistory.KEEP_LAST,
        depth,
        QosReliability.RELIABLE,
        durability,
        _FOREVER,
        _FOREVER,
        QosLiveliness.AUTOMATIC,
        _FOREVER,
        False,
    )
