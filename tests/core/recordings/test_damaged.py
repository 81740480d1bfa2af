"""Recordings that are damaged, cut off or without an index are read as far as they go."""

import shutil
import sqlite3
import struct
from contextlib import closing
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from rosbags.rosbag2 import Reader

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import recording
from mobilepose_core.recordings.damaged_sqlite import DamagedSqlite
from mobilepose_core.recordings.recording import Recording

TOPIC = "/camera/image_raw"
MAGIC = b"\x89MCAP0\r\n"


def contents(path):
    """Topic, time and bytes of all messages, what was noted, and what was lost."""
    with Recording(path) as bag:
        messages = [tuple(message) for message in bag.messages(bag.topics)]
        return messages, bag.notes, bag.losses


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", [None, "FILE", "MESSAGE", "STORAGE"])
def test_sound_recordings_are_read_bit_by_bit(walk, raw_messages, storage, compression):
    if (storage, compression) == ("sqlite3", "STORAGE"):
        pytest.skip("SQLite has no compression of its own")
    plain = walk("plain", storage=storage)

    messages, notes, losses = contents(walk("other", storage=storage, compression=compression))

    assert messages == raw_messages(plain)
    assert notes == losses == []


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", [None, "FILE", "MESSAGE"])
def test_a_recording_without_metadata_is_read_whole(
    walk, raw_messages, without_metadata, storage, compression
):
    plain = walk("plain", storage=storage)
    folder = without_metadata(walk("other", storage=storage, compression=compression))

    messages, notes, losses = contents(folder)

    assert messages == raw_messages(plain)
    assert losses == []
    assert notes == ["no metadata.yaml: the recording was not ended properly"]


@pytest.mark.parametrize("compression", [None, "STORAGE"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_truncated_mcap_gives_every_message_before_the_cut(
    walk, raw_messages, cut, compression, share
):
    folder = walk(frames=8, compression=compression, noise=60)
    whole = raw_messages(folder)
    cut(folder / "walk.mcap", share)

    messages, notes, losses = contents(folder)

    assert messages == whole[: len(messages)]
    expected = share * len(whole)  # messages are of one size, but for the index behind them
    assert expected - 1.5 <= len(messages) <= expected + 0.5
    assert "has no usable index" in notes[0]
    assert len(losses) == 1
    assert "cut off or damaged from byte" in losses[0]


def test_an_mcap_that_was_not_closed_is_read_whole_without_a_loss(walk, raw_messages):
    folder = walk(frames=8)
    whole = raw_messages(folder)
    file = folder / "walk.mcap"
    data = file.read_bytes()
    with Reader(file) as reader:
        last = max(reader.storage.chunks, key=lambda chunk: chunk.chunk_start_offset)
    file.write_bytes(data[: last.chunk_start_offset + last.chunk_length])

    messages, notes, losses = contents(folder)

    assert (messages, losses) == (whole, [])
    assert notes[-1] == "walk.mcap was not closed: the recording was interrupted"


def test_a_damaged_part_of_an_mcap_costs_its_own_messages_only(walk, raw_messages):
    folder = walk(frames=15, compression="STORAGE")
    whole = raw_messages(folder)
    file = folder / "walk.mcap"
    with Reader(file) as reader:
        chunks = sorted(reader.storage.chunks, key=lambda chunk: chunk.chunk_start_offset)
        inside = chunks[1].message_start_time, chunks[1].message_end_time
    assert len(chunks) > 2
    data = bytearray(file.read_bytes())
    middle = chunks[1].chunk_start_offset + chunks[1].chunk_length // 2
    data[middle : middle + 40] = bytes(40)
    file.write_bytes(data)

    messages, _, losses = contents(folder)

    rest = [message for message in whole if not inside[0] <= message[1] <= inside[1]]
    assert [m for m in messages if not inside[0] <= m[1] <= inside[1]] == rest
    assert len(messages) < len(whole)
    assert any("is damaged" in loss for loss in losses)


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_a_truncated_sqlite_gives_every_message_before_the_cut(walk, raw_messages, cut, share):
    folder = walk(frames=8, storage="sqlite3")
    whole = raw_messages(folder)
    cut(folder / "walk.db3", share)

    messages, _, losses = contents(folder)

    assert messages == whole[: len(messages)]
    assert len(messages) >= int(share * len(whole)) - 1
    assert len(losses) == 1
    assert "damaged" in losses[0]


def test_pages_of_sqlite_that_lead_back_are_not_read_for_ever(recorder):
    with recorder(storage="sqlite3") as bag:
        for number in range(200):
            bag.jpeg(np.zeros((9, 9, 3), np.uint8), number)
    file = next(bag.path.glob("*.db3"))
    with closing(sqlite3.connect(file)) as database:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'messages'"
        root = (database.execute(query).fetchone()[0] - 1) * 4096
    content = bytearray(file.read_bytes())
    (count,) = struct.unpack_from(">H", content, root + 3)
    first, last = (
        root + struct.unpack_from(">H", content, root + 12 + 2 * number)[0]
        for number in (0, count - 1)
    )
    content[last : last + 4] = content[first : first + 4]  # the last page but one is the first
    content[root + 8 : root + 12] = b"\xff" * 4  # and the last one does not exist
    file.write_bytes(content)

    rows = list(islice(DamagedSqlite(file), 1000))

    assert 100 < len(rows) < 200
    assert len({row.time for row in rows}) == len(rows)


@pytest.mark.parametrize("change", ["data = 'text'", "data = 7", "timestamp = 'noon'"])
def test_a_row_of_sqlite_with_other_values_is_a_loss(walk, raw_messages, change):
    folder = walk(frames=3, storage="sqlite3")
    whole = raw_messages(folder)
    with closing(sqlite3.connect(folder / "walk.db3")) as database:
        database.execute(f"UPDATE messages SET {change} WHERE id = 3")
        database.commit()

    messages, _, losses = contents(folder)

    assert messages == whole[:2]
    assert f"walk: {TOPIC}: a message is damaged" in losses


def test_a_type_of_sqlite_without_a_definition_is_nothing_to_report(walk, raw_messages):
    folder = walk(frames=3, storage="sqlite3")
    whole = raw_messages(folder)
    with closing(sqlite3.connect(folder / "walk.db3")) as database:
        database.execute(
            "UPDATE message_definitions SET encoding = 'unknown', encoded_message_definition = ''"
        )  # as rosbag2 has it
        database.commit()

    assert contents(folder) == (whole, [], [])


@pytest.mark.parametrize("column", ["name", "type"])
def test_a_topic_of_sqlite_without_a_name_or_type_is_a_loss(recorder, person, column):
    with recorder(storage="sqlite3") as bag:
        bag.image(person(0), 0)
        bag.image(person(0), 0, "/rear")
    with closing(sqlite3.connect(bag.path / "walk.db3")) as database:
        database.execute(f"UPDATE topics SET {column} = x'00' WHERE name = '/rear'")
        database.commit()

    messages, _, losses = contents(bag.path)

    assert [topic for topic, _, _ in messages] == [TOPIC]
    assert losses == ["walk.db3: a topic is damaged"]


@pytest.fixture
def killed(walk, raw_messages, tmp_path):
    """A recording with messages in SQLite's log, as it was when its recorder was killed.

    Returns its folder, the messages in the database, and those in the log.
    """
    folder = walk(storage="sqlite3")
    whole = raw_messages(folder)
    database = sqlite3.connect(folder / "walk.db3")
    database.execute("PRAGMA journal_mode=WAL")
    query = "INSERT INTO messages SELECT id + 5, topic_id, timestamp + 10, data FROM messages"
    database.execute(query)
    database.commit()
    copy = tmp_path / "killed"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    database.close()
    return copy, whole, [(topic, time + 10, data) for topic, time, data in whole]


def test_messages_that_sqlite_has_not_moved_into_its_file_yet_are_read(killed):
    folder, whole, later = killed
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    messages, _, losses = contents(folder)

    assert sorted(messages) == sorted(whole + later)
    assert losses == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_log_of_sqlite_without_room_for_a_copy_is_a_loss(killed, monkeypatch):
    folder, whole, _ = killed
    monkeypatch.setattr(recording.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))

    messages, _, losses = contents(folder)

    assert messages == whole
    assert losses[0].startswith("walk.db3-wal is not read: there is no room for a copy")
    assert {path.suffix for path in folder.iterdir()} == {".yaml", ".db3", ".db3-wal"}


def test_a_damaged_sqlite_is_read_without_another_file_beside_it(walk, cut):
    folder = walk(frames=8, storage="sqlite3")
    database = sqlite3.connect(folder / "walk.db3")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()
    cut(folder / "walk.db3", 0.9)
    before = sorted(folder.iterdir())

    assert len(contents(folder)[0]) == 7
    assert sorted(folder.iterdir()) == before


def test_files_of_a_recording_that_was_split_are_read_in_order(walk, raw_messages, tmp_path):
    folder = tmp_path / "split"
    folder.mkdir()
    whole = []
    for number in (1, 2, 10):
        part = walk(f"part{number}", frames=1)
        whole += raw_messages(part)
        shutil.copy(part / f"part{number}.mcap", folder / f"split_{number}.mcap")

    assert contents(folder)[0] == whole


@pytest.fixture
def parts(walk, raw_messages, tmp_path):
    """Makes a folder of parts with these numbers; returns it and the messages of each part."""

    def make(*numbers, name="split"):
        folder = tmp_path / "day"
        folder.mkdir(exist_ok=True)
        whole = []
        for number in numbers:
            part = walk(f"{name}part{number}", frames=1)
            whole.append(raw_messages(part))
            shutil.copy(part / f"{part.name}.mcap", folder / f"{name}_{number}.mcap")
        return folder, whole

    return make


def test_parts_that_are_missing_are_losses_and_the_others_are_read(parts):
    folder, whole = parts(0, 2, 6)

    messages, notes, losses = contents(folder)

    assert messages == [*whole[0], *whole[1], *whole[2]]
    assert losses == ["split_1.mcap is missing", "split_3.mcap to split_5.mcap is missing"]
    assert notes == ["no metadata.yaml: the recording was not ended properly"]


def test_parts_are_read_without_other_files_beside_them(parts):
    folder, whole = parts(0, 1)
    parts(0, 1, name="other")

    messages, notes, losses = contents(folder / "split_*.mcap")

    assert messages == [*whole[0], *whole[1]]
    assert losses == []
    assert notes == ["no metadata.yaml: the recording was not ended properly"]


def test_first_parts_that_are_missing_are_noted(parts):
    folder, whole = parts(3, 4)
    folder = folder.rename(folder.with_name("split"))

    messages, notes, losses = contents(folder)

    assert messages == [*whole[0], *whole[1]]
    assert losses == []
    assert notes[-1] == "begins with split_3.mcap: earlier parts are missing"


def test_a_file_that_metadata_does_not_list_is_read_and_noted(walk, raw_messages):
    folder, other = walk(frames=2), walk("other", frames=1)
    whole = [*raw_messages(folder), *raw_messages(other)]
    shutil.copy(other / "other.mcap", folder)

    assert contents(folder) == (whole, ["other.mcap is not listed in metadata.yaml: read too"], [])


def test_a_file_that_is_named_but_missing_is_a_loss(walk, tmp_path):
    folder = walk()
    text = (folder / "metadata.yaml").read_text()
    listed = "relative_file_paths:\n  - walk.mcap\n"
    assert listed in text
    (folder / "metadata.yaml").write_text(text.replace(listed, f"{listed}  - more.mcap\n"))

    messages, _, losses = contents(folder)

    assert len(messages) == 5
    assert losses == ["more.mcap is missing"]


@pytest.mark.parametrize("text", ["", "a: [", "rosbag2_bagfile_information: 3"])
def test_damaged_metadata_is_noted_and_the_files_are_read(walk, text):
    folder = walk()
    (folder / "metadata.yaml").write_text(text)

    messages, notes, losses = contents(folder)

    assert len(messages) == 5
    assert losses == []
    assert "metadata.yaml is damaged" in notes[0]


@pytest.mark.parametrize("content", [b"", b"\0" * 100, MAGIC, MAGIC + b"\xff" * 50])
@pytest.mark.parametrize("name", ["walk.mcap", "walk.db3"])
def test_a_file_of_something_else_is_refused_with_the_reason(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match="no topics can be read"):
        Recording(tmp_path / name)


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such recording"):
        Recording(tmp_path / "nowhere")
    with pytest.raises(DataError, match="not a rosbag2"):
        Recording(tmp_path)


def test_a_part_that_unpacks_to_an_absurd_size_is_not_read(walk, monkeypatch):
    folder = walk(frames=8, compression="STORAGE")
    (folder / "walk.mcap").write_bytes((folder / "walk.mcap").read_bytes()[:-8])
    monkeypatch.setattr(recording.compression, "MAX_SIZE", 100_000)

    with pytest.raises(DataError, match="is damaged"):
        Recording(folder)
