"""Folders of results: checked first, and removed if they stay empty."""

from pathlib import Path

import pytest

from mobilepose_ros import results_folder


def test_a_folder_is_there_while_it_is_used_and_stays_with_what_is_in_it(tmp_path):
    folder = tmp_path / "a" / "b"

    with results_folder.writable(folder):
        (folder / "result").touch()

    assert (folder / "result").exists()


def test_folders_that_stay_empty_are_gone_and_others_stay(tmp_path):
    (tmp_path / "a").mkdir()

    with results_folder.writable(tmp_path / "a" / "b" / "c"):
        assert list((tmp_path / "a" / "b" / "c").iterdir()) == []

    assert list((tmp_path / "a").iterdir()) == []


def test_a_folder_that_cannot_be_made_or_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()

    for folder in (Path("/proc/nope"), tmp_path / "file", tmp_path / "file" / "folder"):
        with (
            pytest.raises(ValueError, match=f"cannot be written to {folder} .*--out"),
            results_folder.writable(folder),
        ):
            pytest.fail("the work was begun")
