import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import file_names

NOT_UTF8 = os.fsdecode(b"stra\xdfe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain.jpg", "plain.jpg"), ("写.png", "写.png"), (NOT_UTF8, r"stra\xdfe")],
)
def test_any_name_is_shown_as_text_that_utf_8_can_write(text, expected):
    assert file_names.shown(text) == expected
    file_names.shown(text).encode("utf-8")


@pytest.mark.parametrize("name", ["a.png", "写 b.png", f"{NOT_UTF8}.png", "a:b%03d.png"])
@pytest.mark.parametrize("folder", ["folder", NOT_UTF8])
def test_native_code_reads_and_writes_a_file_of_any_name(tmp_path, folder, name):
    path = tmp_path / folder / name
    path.parent.mkdir()
    picture = np.full((8, 12, 3), 7, np.uint8)

    with file_names.native(path) as written:
        assert cv2.imwrite(written, picture)
    assert path.is_file()
    with file_names.native(path) as read:
        assert np.array_equal(cv2.imread(read), picture)

    assert not Path(read).is_symlink() or read == str(path)


def test_what_lies_beside_a_file_of_a_plain_name_is_found_beside_its_native_name(tmp_path):
    folder = tmp_path / NOT_UTF8
    folder.mkdir()
    (folder / "model.onnx").touch()
    (folder / "model.data").touch()

    with file_names.native(folder / "model.onnx") as name:
        assert Path(name).with_name("model.data").exists()
