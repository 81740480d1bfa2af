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

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import compression, foreign
from mobilepose_core.recordings.damaged_mcap import DamagedMcap
from mobilepose_core.recordings.damaged_sqlite import DamagedSqlite
from mobilepose_core.recordings.files import files_of
from mobilepose_core.recordings.fingerprint import fingerprint
from mobilepose_core.recordings.storage import MCAP, PACKED, SQLITE

compression.bound_rosbags()
foreign.bear_in_rosbags()


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
    """A rosbag2: a folder, one of its files, or several, `walk_*.mcap`.

    Attributes:
        path: of the folder or files.
        topics: by name.
        foreign: topics of other programs, which are not read: their encodings by name.
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
        stored, self.notes, self.losses = files_of(path)
        self._unpacked = tempfile.TemporaryDirectory(prefix="mobilepose-")
        self.fingerprint = fingerprint(
            [*stored, *(_log(file) for file in stored if _has_log(file))]
        )
        self._files = [self._plain(file) for file in stored]
        self._damaged: dict[Path, DamagedMcap | DamagedSqlite] = {}
        self.topics: dict[str, RecordedTopic] = {}
        self.foreign: dict[str, str] = {}
        for file in self._files:
            for topic in self._topics_of(file):
                if not all(isinstance(text, str) for text in topic[:2] + topic[3:5]):
                    self._lose(file, ["a topic is damaged"])  # as SQLite may have it
                    continue
                if foreign.is_foreign(topic.encoding):
                    self.foreign[topic.name] = topic.encoding
                    continue
                known = self.topics.get(topic.name)
                total = topic.total + (known.total if known else 0)
                self.topics[topic.name] = (known or topic)._replace(total=total)
        if not self.topics:
            self.close()
            others = [f"{name} is in {what}, not CDR" for name, what in self.foreign.items()]
            reasons = "; ".join([*self.losses, *others]) or "empty"
            raise DataError(f"{path}: no topics can be read; {reasons}")

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
                if not (file.suffix == SQLITE and isinstance(error, KeyError)):  # of a definition
                    reason = _line(error)
                    self.notes.append(f"{file.name} has no usable index ({reason}): read in full")
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
                wanted = [
                    connection
                    for connection in reader.connections
                    if connection.topic in topics
                    and not foreign.is_foreign(_topic(connection).encoding)
                ]
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
            if channel is None or foreign.is_foreign(channel.encoding):
                continue
            if channel.topic in topics:
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
