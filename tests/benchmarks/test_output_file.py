import argparse

import pytest
from benchmarks.measure.output_file import output_file


def test_a_file_that_can_be_written_is_not_written_yet(tmp_path):
    path = tmp_path / "folder" / "result.json"

    assert output_file(str(path)) == path
    assert path.parent.is_dir()
    assert not path.exists()


def test_a_file_that_is_there_keeps_what_is_in_it(tmp_path):
    (tmp_path / "result.json").write_text("old")

    output_file(str(tmp_path / "result.json"))

    assert (tmp_path / "result.json").read_text() == "old"


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    for text in ("/proc/nope/result.json", str(tmp_path)):
        with pytest.raises(argparse.ArgumentTypeError, match=f"{text} cannot be written: "):
            output_file(text)
