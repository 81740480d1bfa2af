"""What is behind damage in an MCAP file is found by its index, or without one."""

import numpy as np
import pytest

from mobilepose_core.recordings.recording import Recording

reader = pytest.importorskip("mcap.reader", reason="mcap is not installed")
writer = pytest.importorskip("mcap.writer", reason="mcap is not installed")

TOPIC = "/words"
START = 1_700_000_000_000_000_000


def contents(path):
    """Topic, time and bytes of all messages, what was noted, and what was lost."""
    with Recording(path) as bag:
        messages = [tuple(message) for message in bag.messages(bag.topics)]
        return messages, bag.notes, bag.losses


@pytest.fixture(scope="module")
def chunked(tmp_path_factory):
    """An MCAP of small chunks, and what is in it.

    Returns a function that takes the compression, and returns content, messages, and the chunks:
    where each begins, how long it is, and the numbers of its messages.
    """
    folder = tmp_path_factory.mktemp("chunked")

    def write(compression):
        file = folder / "recording.mcap"
        random = np.random.default_rng(0)
        with file.open("wb") as stream:
            recorder = writer.Writer(stream, chunk_size=20_000, compression=compression)
            recorder.start("ros2")
            schema = recorder.register_schema("std_msgs/msg/String", "ros2msg", b"string data")
            channel = recorder.register_channel(TOPIC, "cdr", schema)
            for number in range(60):
                data = random.integers(0, 64, 2000, np.uint8).tobytes()
                recorder.add_message(channel, START + number, data, START + number)
            recorder.finish()
        with file.open("rb") as stream:
            index = reader.make_reader(stream).get_summary().chunk_indexes
        chunks = [
            (
                chunk.chunk_start_offset,
                chunk.chunk_length,
                range(chunk.message_start_time - START, chunk.message_end_time - START + 1),
            )
            for chunk in index
        ]
        return file.read_bytes(), contents(file)[0], chunks

    return write


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize("compression", ["NONE", "ZSTD", "LZ4"])
def test_damage_across_two_chunks_of_an_mcap_costs_no_other_chunk(
    chunked, tmp_path, compression, has_index
):
    content, whole, chunks = chunked(writer.CompressionType[compression])
    assert len(chunks) > 4
    content, (place, *_) = bytearray(content), chunks[2]
    content[place - 200 : place + 200] = bytes(400)
    last = chunks[-1]
    (tmp_path / "a.mcap").write_bytes(content if has_index else content[: last[0] + last[1]])

    messages, _, losses = contents(tmp_path / "a.mcap")

    touched = {*chunks[1][2], *chunks[2][2]}
    assert messages == [message for message in messages if message in whole]
    assert len(messages) == len(set(messages))
    assert {whole.index(message) for message in messages} >= set(range(60)) - touched
    assert len(messages) < len(whole)
    assert any("damaged from byte" in loss for loss in losses)


@pytest.mark.parametrize("offset", [1, 4, 9])
def test_a_chunk_of_a_wrong_length_costs_no_other_chunk(chunked, tmp_path, offset):
    content, whole, chunks = chunked(writer.CompressionType.ZSTD)
    content = bytearray(content)
    content[chunks[2][0] + offset] ^= 0x3F

    (tmp_path / "a.mcap").write_bytes(content)
    messages, _, losses = contents(tmp_path / "a.mcap")

    assert set(whole) - set(messages) <= {whole[number] for number in chunks[2][2]}
    assert losses or messages == whole


def test_an_mcap_without_an_index_is_read_whole_and_noted(chunked, tmp_path):
    content, whole, chunks = chunked(writer.CompressionType.ZSTD)
    end = chunks[-1][0] + chunks[-1][1]
    footer = b"\x02" + (20).to_bytes(8, "little") + bytes(20) + content[:8]
    (tmp_path / "a.mcap").write_bytes(content[:end] + footer)

    assert contents(tmp_path / "a.mcap") == (whole, ["a.mcap has no index: read in full"], [])


def test_a_damaged_first_chunk_takes_no_definitions_with_it(chunked, tmp_path):
    content, whole, chunks = chunked(writer.CompressionType.ZSTD)
    content, (place, length, numbers) = bytearray(content), chunks[0]
    content[place : place + length] = bytes(length)
    (tmp_path / "a.mcap").write_bytes(content)

    assert contents(tmp_path / "a.mcap")[0] == whole[len(numbers) :]


def test_messages_behind_damage_are_found_in_an_mcap_without_chunks(chunked, tmp_path):
    content, whole, chunks = chunked(writer.CompressionType.NONE)
    start, records = chunks[0][0], b""
    for place, length, _ in chunks:
        records += content[place + 9 + 40 : place + length]
    content = bytearray(content[:start] + records)
    middle = start + len(records) // 2
    content[middle : middle + 3000] = bytes(3000)
    (tmp_path / "a.mcap").write_bytes(content)

    messages, _, losses = contents(tmp_path / "a.mcap")

    intact = [message for message in messages if message in whole]
    assert intact == [message for message in whole if message in messages]
    assert len(intact) in (57, 58)
    assert len(messages) - len(intact) <= 1  # records have no checksums: one is damaged inside
    assert whole[-1] in messages
    assert losses


def test_a_damaged_beginning_of_an_mcap_is_passed_over(chunked, tmp_path):
    content, whole, _ = chunked(writer.CompressionType.ZSTD)
    (tmp_path / "a.mcap").write_bytes(bytes(16) + content[16:])

    messages, _, losses = contents(tmp_path / "a.mcap")

    assert messages == whole
    assert "does not begin as an MCAP file does" in losses[0]
