"""Compressed data that unpacks to more than it should is not unpacked."""

import tracemalloc
from types import SimpleNamespace

import lz4.frame
import numpy as np
import pytest
from rosbags.rosbag2 import ReaderError, storage_mcap

from mobilepose_core.errors import DataError
from mobilepose_core.recordings import compression
from mobilepose_core.recordings.compression import unpacked, zstd
from mobilepose_core.recordings.recording import Recording

PACK = {"zstd": zstd.compress, "lz4": lz4.frame.compress}
ZEROS = bytes(50_000_000)


def peak(function):
    """The most memory that a call allocates through Python, bytes."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", PACK)
@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_000])
def test_what_is_packed_is_unpacked(form, size):
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert unpacked(PACK[form](content), form) == (content, True)
    assert unpacked(PACK[form](content) * 2, form) == (content * 2, True)


@pytest.mark.parametrize("form", PACK)
def test_damaged_data_is_unpacked_as_far_as_it_goes(form):
    content = np.random.default_rng(0).integers(0, 64, 1_000_000, np.uint8).tobytes()
    packed = PACK[form](content)
    cut, known = packed[: len(packed) // 2], 300_000

    for damaged in (cut, cut + b"\xff" * len(cut)):
        part, is_whole = unpacked(damaged, form)
        assert not is_whole
        assert part[:known] == content[:known]


@pytest.mark.parametrize("form", PACK)
def test_what_is_larger_than_allowed_is_not_unpacked_further(form):
    packed = PACK[form](ZEROS)

    assert unpacked(packed, form, most=10_000) == (b"", False)
    assert peak(lambda: unpacked(packed, form, most=10_000)) < 5_000_000


@pytest.mark.parametrize("form", PACK)
def test_rosbags_unpacks_no_more_of_a_chunk_than_it_declares(form):
    packed = PACK[form](ZEROS)

    def read(size):
        with pytest.raises(ReaderError, match="larger than the 1000 bytes"):
            storage_mcap.decompress(packed, form, size, 0)

    assert peak(lambda: read(1000)) < 5_000_000
    with pytest.raises(ReaderError, match="too large"):
        storage_mcap.decompress(packed, form, 2**40, 0)


def test_a_chunk_of_an_absurd_size_is_a_loss(walk, monkeypatch):
    folder = walk(frames=1, compression="STORAGE")
    monkeypatch.setattr(compression, "MAX_SIZE", 100_000)

    with Recording(folder) as bag:
        assert list(bag.messages(bag.topics)) == []
        assert "is too large" in bag.losses[0]


def test_a_message_that_unpacks_to_an_absurd_size_is_a_loss(monkeypatch):
    monkeypatch.setattr(compression, "MAX_SIZE", 10_000)

    with pytest.raises(ValueError, match="damaged, or too large"):
        compression.message_of(zstd.compress(ZEROS))


def test_a_file_that_unpacks_to_many_times_its_size_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "MAX_SIZE", 2_000_000)
    (tmp_path / "bag.mcap.zstd").write_bytes(zstd.compress(ZEROS))

    with (tmp_path / "bag.mcap.zstd").open("rb") as source, (tmp_path / "bag").open("wb") as target:
        problem = compression.copy_unpacked(source, target)

    assert "1000 times its size" in problem
    assert (tmp_path / "bag").stat().st_size <= 3_000_000


def test_a_file_for_which_the_disk_becomes_full_is_a_loss(tmp_path):
    (tmp_path / "bag.mcap.zstd").write_bytes(zstd.compress(bytes(1000)))

    with (tmp_path / "bag.mcap.zstd").open("rb") as source, open("/dev/full", "wb") as target:
        target_on_disk = SimpleNamespace(
            write=target.write, flush=target.flush, fileno=source.fileno
        )
        problem = compression.copy_unpacked(source, target_on_disk)
        target.raw.close()

    assert "No space left on device" in problem
    assert problem.endswith("set TMPDIR")


def test_a_file_that_does_not_fit_when_unpacked_is_a_loss(walk, monkeypatch):
    folder = walk(frames=1, compression="FILE")
    small = SimpleNamespace(f_bavail=20, f_blocks=100, f_frsize=4096)
    monkeypatch.setattr(compression.os, "fstatvfs", lambda _: small)

    with pytest.raises(DataError, match=r"walk.mcap.zstd does not fit .* set TMPDIR"):
        Recording(folder)
