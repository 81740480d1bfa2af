import os
import stat
import subprocess
from pathlib import Path

import pytest

from mobilepose_core.io import atomic

BEFORE = b"what was there before"


def test_a_file_appears_under_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "table.csv"

    with atomic.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".csv"

    assert path.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_what_was_there_stays_when_the_block_fails(tmp_path, error):
    path = tmp_path / "model.onnx"
    path.write_bytes(BEFORE)

    def fail():
        with atomic.replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        fail()

    assert path.read_bytes() == BEFORE
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_named_and_leaves_what_was_there(tmp_path, disk_full_after):
    path = tmp_path / "model.onnx"
    path.write_bytes(BEFORE)

    with disk_full_after(1000), pytest.raises(atomic.WriteError, match=r"model\.onnx cannot be"):
        atomic.write_bytes(path, bytes(5000))

    assert path.read_bytes() == BEFORE
    assert list(tmp_path.iterdir()) == [path]


def test_on_a_full_file_system_the_free_space_and_a_remedy_are_named(tmp_path):
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small file system")
    try:
        with pytest.raises(atomic.WriteError, match=r"No space.*MB are free.*free some space"):
            atomic.write_bytes(tmp_path / "model.onnx", bytes(100_000))
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_an_empty_or_missing_file_is_no_result(tmp_path):
    empty, missing = atomic.Replacement(tmp_path / "a"), atomic.Replacement(tmp_path / "a")
    empty.temporary.touch()

    with pytest.raises(atomic.WriteError, match="it is empty"):
        empty.commit()
    with pytest.raises(atomic.WriteError, match="no file came"):
        missing.commit()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_fails_its_check_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(BEFORE)

    replacement = atomic.Replacement(path)
    replacement.temporary.write_bytes(b"cut off")

    with pytest.raises(atomic.WriteError, match="1 of 3 frames"):
        replacement.commit(check=lambda written: "1 of 3 frames")

    assert path.read_bytes() == BEFORE


@pytest.mark.parametrize("place", ["missing/a.json", "folder"])
def test_a_place_where_no_file_can_be_is_refused_before_the_work(tmp_path, place):
    (tmp_path / "folder").mkdir()

    with pytest.raises(atomic.WriteError, match="folder"):
        atomic.Replacement(tmp_path / place)


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").write_bytes(BEFORE)
    (tmp_path / "link").symlink_to("real")

    atomic.write_text(tmp_path / "link", "ä")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "ä"


def test_a_device_is_written_to_and_never_replaced():
    atomic.write_text(Path("/dev/null"), "text")

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_is_written_to_though_its_link_leads_to_no_file():
    reading, writing = os.pipe()

    atomic.write_text(Path(f"/dev/fd/{writing}"), "text")
    os.close(writing)

    with open(reading, "rb") as pipe:
        assert pipe.read() == b"text"


def test_a_device_that_is_full_says_so():
    with pytest.raises(atomic.WriteError, match="/dev/full cannot be written: No space"):
        atomic.write_text(Path("/dev/full"), "text")


def test_the_longest_name_that_a_file_can_have_is_written(tmp_path):
    path = tmp_path / ("ä" * 125 + ".json")

    atomic.write_json(path, {"a": 1})

    assert path.read_text() == '{\n  "a": 1\n}\n'


def test_a_file_is_as_readable_as_any_other_new_one(tmp_path):
    atomic.write_text(tmp_path / "ours", "text")
    (tmp_path / "other").write_text("text")

    modes = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("ours", "other")]
    assert modes[0] == modes[1]
