"""SQLite files of rosbag2 that are damaged, or were never closed: read as far as they go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from mobilepose_core.recordings.damaged_mcap import Channel, Schema, StoredMessage

PATIENCE = 1000
"""Rows in a row that cannot be read, after which the rest is given up."""


class DamagedSqlite:
    """Reads what is there, as `DamagedMcap` does.

    A recording that was killed has its last messages in a second file, `-wal`.

    Attributes:
        schemas: by number.
        channels: by number.
        has_end: always; a database has none.
        losses: what could not be read.
    """

    has_end = True

    def __init__(self, path: Path, has_log: bool = False) -> None:
        """Opens nothing yet.

        Args:
            path: of the file.
            has_log: whether its `-wal` is read: SQLite then writes a third file beside the two.
        """
        self.path = path
        self._has_log = has_log
        self.schemas: dict[int, Schema] = {}
        self.channels: dict[int, Channel] = {}
        self.losses: list[str] = []

    def __iter__(self) -> Iterator[StoredMessage]:
        """The messages, in the order in which they were recorded."""
        self.losses = []
        try:
            with closing(self._opened()) as database:
                self._read_topics(database)
                yield from self._rows(database)
        except sqlite3.Error as error:
            self.losses.append(f"the database is damaged: {error}")

    def _opened(self) -> sqlite3.Connection:
        how = "mode=ro" if self._has_log else "immutable=1"
        database = sqlite3.connect(f"file:{quote(str(self.path))}?{how}", uri=True)
        # Without this, SQLite refuses a file that is shorter than its first page says.
        database.execute("PRAGMA writable_schema=ON")
        return database

    def _read_topics(self, database: sqlite3.Connection) -> None:
        present = {row[1] for row in database.execute("PRAGMA table_info(topics)")}
        qos = "offered_qos_profiles" if "offered_qos_profiles" in present else "''"
        types: dict[str, int] = {}
        try:
            columns = "topic_type, encoding, encoded_message_definition"
            rows = database.execute(f"SELECT {columns} FROM message_definitions")
            for number, (name, encoding, text) in enumerate(rows, 1):
                self.schemas[number], types[name] = Schema(name, encoding, text), number
        except sqlite3.OperationalError:  # before Iron there were no definitions
            pass
        query = f"SELECT id, name, type, serialization_format, {qos} FROM topics"
        for number, topic, name, encoding, profiles in database.execute(query):
            if name not in types:
                types[name] = len(types) + 1
                self.schemas[types[name]] = Schema(name, "", "")
            self.channels[number] = Channel(topic, types[name], encoding, profiles or "")

    def _rows(self, database: sqlite3.Connection) -> Iterator[StoredMessage]:
        last = failures = lost = 0
        while failures < PATIENCE:
            query = "SELECT id, topic_id, timestamp, data FROM messages WHERE id {} ? ORDER BY id"
            try:
                if not failures:
                    for number, channel, time, data in database.execute(query.format(">"), (last,)):
                        if number <= last:  # pages that lead back to themselves
                            raise sqlite3.DatabaseError
                        last = number
                        yield StoredMessage(channel, time, data)
                    break
                row = database.execute(query.format("="), (last + failures,)).fetchone()
            except sqlite3.DatabaseError:
                failures += 1
                continue
            if row is None:
                failures += 1
                continue
            lost += failures - 1
            last, failures = last + failures, 0
            yield StoredMessage(*row[1:])
        if failures:
            self.losses.append(f"the database is damaged behind message {last}")
        if lost:
            self.losses.append(f"{lost} messages in the middle of the database are damaged")
