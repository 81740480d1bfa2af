"""`Recording`: the topics and messages of a rosbag2, damaged ones as far as they go."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from rosbags.interfaces import MessageDefinitionFormat
from rosbags.rosbag2 import Reader, ReaderError
from rosbags.rosbag2.metadata import parse_qos
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import compression
from mobilepose_core.recordings.damaged_mcap import DamagedMcap
from mobilepose_core.recordings.damaged_sqlite import DamagedSqlite
from mobilepose_core.recordings.fingerprint import fingerprint
from mobilepose_core.recordings.storage import (
    MCAP,
    METADATA,
    PACKED,
    SQLITE,
    in_order,
    storage_files,
)

compression.bound_rosbags()


class RecordedTopic(NamedTuple):
    """A topic of a recording.

    Attributes:
        name: in full.
        type: such as `sensor_msgs/msg/Image`.
        total: of its messages, as far as they can be read.
        definition: text of the type, as in .msg or .idl files; empty if it was not recorded.
        encoding: `cdr`.
        qos: profiles of its publishers, as rosbags has them.
    """

    name: str
    type: str
    total: int
    definition: str
    encoding: str
    qos: tuple[Any, ...]


class Message(NamedTuple):
    """A message: its topic, when it was recorded, ns, and CDR."""

    topic: str
    time: int
    data: bytes


class Recording:
    """A rosbag2: a folder, or one of its files.

    Attributes:
        path: of the folder or file.
        topics: by name.
        fingerprint: tells it from others of its name; see `fingerprint`.
        notes: what is unusual about it, without a loss.
        losses: what could not be read; complete once all messages were read.
    """

    def __init__(self, path: Path) -> None:
        """Opens it.

        Raises:
            DataError: it is not there, or nothing in it can be read.
        """
        self.path = path
        self.notes: list[str] = []
        self.losses: list[str] = []
        self._unpacked = tempfile.TemporaryDirectory(prefix="mobilepose-")
        stored = self._storage_files()
        self.fingerprint = fingerprint(
            [*stored, *(_log(file) for file in stored if _has_log(file))]
        )
        self._files = [self._plain(file) for file in stored]
        self._damaged: dict[Path, DamagedMcap | DamagedSqlite] = {}
        self.topics: dict[str, RecordedTopic] = {}
        for file in self._files:
            for topic in self._topics_of(file):
                if not all(isinstance(text, str) for text in topic[:2] + topic[3:5]):
                    self._lose(file, ["a topic is damaged"])  # as SQLite may have it
                    continue
                known = self.topics.get(topic.name)
                total = topic.total + (known.total if known else 0)
                self.topics[topic.name] = (known or topic)._replace(total=total)
        if not self.topics:
            self.close()
            raise DataError(f"{path}: no topics can be read; {'; '.join(self.losses) or 'empty'}")

    def close(self) -> None:
        """Removes temporary files."""
        self._unpacked.cleanup()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def messages(self, topics: Collection[str]) -> Iterator[Message]:
        """The messages of topics, file after file, in the order of time unless it is damaged."""
        for file in self._files:
            if file in self._damaged:
                yield from self._damaged_messages(file, topics)
            else:
                yield from self._messages(file, topics)

    def _storage_files(self) -> list[Path]:
        """Its files in order.

        Raises:
            DataError: there are none.
        """
        if self.path.is_file():
            return [self.path]
        if not self.path.is_dir():
            raise DataError(f"{self.path}: no such recording")
        named: list[str] = []
        if (self.path / METADATA).is_file():
            try:
                content = YAML(typ="safe").load((self.path / METADATA).read_text(encoding="utf-8"))
                listed = content["rosbag2_bagfile_information"]["relative_file_paths"]
                named = [Path(name).name for name in listed]
            except (OSError, YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
                self.notes.append(f"{METADATA} is damaged ({type(error).__name__})")
        else:
            self.notes.append(f"no {METADATA}: the recording was not ended properly")
        there = storage_files(self.path)
        missing = [name for name in named if name not in {path.name for path in there}]
        self.losses += [f"{name} is missing" for name in missing]
        order = {name: place for place, name in enumerate(named)}
        files = sorted(there, key=lambda path: (order.get(path.name, len(order)), in_order(path)))
        if not files:
            raise DataError(
                f"{self.path}: not a rosbag2; expected a folder with {MCAP} or {SQLITE} files, or "
                "such a file"
            )
        return files

    def _plain(self, file: Path) -> Path:
        """The file itself, or a copy without rosbag2's compression, or to read its log from."""
        if _has_log(file):
            return self._with_log(file)
        if file.suffix != PACKED:
            return file
        plain = Path(self._unpacked.name) / file.stem
        with file.open("rb") as source, plain.open("wb") as target:
            if problem := compression.copy_unpacked(source, target):
                self.losses.append(f"{file.name} {problem}")
        return plain

    def _with_log(self, file: Path) -> Path:
        """A copy of a database and its log: SQLite writes where it reads them."""
        parts = [file, _log(file)]
        needed = sum(part.stat().st_size for part in parts)
        if needed > shutil.disk_usage(self._unpacked.name).free:
            self.losses.append(
                f"{_log(file).name} is not read: there is no room for a copy of "
                f"{needed / 1e9:.1f} GB in {tempfile.gettempdir()}; set TMPDIR"
            )
            return file
        for part in parts:
            shutil.copyfile(part, Path(self._unpacked.name) / part.name)
        return Path(self._unpacked.name) / file.name

    def _is_copy(self, file: Path) -> bool:
        return file.parent == Path(self._unpacked.name)

    def _topics_of(self, file: Path) -> list[RecordedTopic]:
        if not (self._is_copy(file) and _has_log(file)):
            try:
                with Reader(file) as reader:
                    if reader.message_count and not getattr(reader.storage, "chunks", True):
                        self.notes.append(f"{file.name} has no index: read in full")
                    return [_topic(connection) for connection in reader.connections]
            except Exception as error:  # rosbags raises any, where files are damaged
                self.notes.append(f"{file.name} has no usable index ({_line(error)}): read in full")
        return self._search(file)

    def _search(self, file: Path) -> list[RecordedTopic]:
        """The topics of a damaged file, which is read in full."""
        damaged: DamagedMcap | DamagedSqlite = DamagedMcap(file)
        if file.suffix != MCAP:
            damaged = DamagedSqlite(file, self._is_copy(file) and _has_log(file))
        counts = Counter(entry.channel for entry in damaged)
        self._damaged[file] = damaged
        self._lose(file, damaged.losses)
        if not damaged.has_end and not damaged.losses:
            self.notes.append(f"{file.name} was not closed: the recording was interrupted")
        return [
            RecordedTopic(
                channel.topic,
                damaged.schemas[channel.schema].name,
                counts[number],
                damaged.schemas[channel.schema].text,
                channel.encoding,
                tuple(_qos(channel.qos)),
            )
            for number, channel in damaged.channels.items()
            if channel.schema in damaged.schemas
        ]

    def _messages(self, file: Path, topics: Collection[str]) -> Iterator[Message]:
        """Of a sound file, in the order of time; goes on without the index where it is not."""
        last, at_last = -1, Counter[tuple[str, int]]()
        try:
            with Reader(file) as reader:
                wanted = [c for c in reader.connections if c.topic in topics]
                for connection, time, data in reader.messages(wanted) if wanted else ():
                    if time != last:
                        last = time
                        at_last.clear()
                    at_last[connection.topic, len(data)] += 1
                    yield from self._message(connection.topic, time, data)
            return
        except Exception as error:  # see above
            self._lose(file, [_line(error)])
        self._search(file)
        for message in self._damaged_messages(file, topics):
            key = message.topic, len(message.data)
            if message.time == last and at_last[key]:
                at_last[key] -= 1
            elif message.time >= last:
                yield message

    def _damaged_messages(self, file: Path, topics: Collection[str]) -> Iterator[Message]:
        damaged = self._damaged[file]
        for entry in damaged:
            channel = damaged.channels.get(entry.channel)
            if channel is not None and channel.topic in topics:
                yield from self._message(channel.topic, entry.time, entry.data)

    def _message(self, topic: str, time: int, data: bytes) -> Iterator[Message]:
        if not (isinstance(time, int) and isinstance(data, bytes)):  # as SQLite may have it
            self._lose(self.path, [f"{topic}: a message is damaged"])
            return
        try:
            yield Message(topic, time, compression.message_of(data))
        except ValueError as error:
            self._lose(self.path, [f"{topic}: {error}"])

    def _lose(self, file: Path, losses: Collection[str]) -> None:
        texts = [f"{file.name}: {loss}" for loss in losses]
        self.losses += [text for text in dict.fromkeys(texts) if text not in self.losses]


def _has_log(file: Path) -> bool:
    """Whether SQLite has messages in a second file, which rosbags does not read."""
    log = _log(file)
    return file.suffix == SQLITE and log.is_file() and log.stat().st_size > 0


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _topic(connection: Any) -> RecordedTopic:
    has_text = connection.msgdef.format != MessageDefinitionFormat.NONE
    return RecordedTopic(
        connection.topic,
        connection.msgtype,
        connection.msgcount,
        connection.msgdef.data if has_text else "",
        connection.ext.serialization_format,
        tuple(connection.ext.offered_qos_profiles),
    )


def _qos(text: str) -> list[Any]:
    with suppress(ReaderError, KeyError, TypeError):
        return parse_qos(text)
    return []


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
