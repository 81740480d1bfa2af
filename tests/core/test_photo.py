import cv2
import numpy as np
import pytest

from mobilepose_core import photo


@pytest.fixture
def jpeg(tmp_path):
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8))
    return path


def test_a_whole_photograph_is_read(jpeg):
    assert photo.read(jpeg).shape == (50, 70, 3)


def test_padding_behind_a_jpeg_does_no_harm(jpeg):
    jpeg.write_bytes(jpeg.read_bytes() + b"\0" * 200)

    assert photo.read(jpeg).shape == (50, 70, 3)


def test_a_jpeg_that_was_cut_off_is_not_taken_for_a_grey_one(jpeg):
    content = jpeg.read_bytes()
    jpeg.write_bytes(content[: len(content) // 2])

    assert photo.read(jpeg) is None


@pytest.mark.parametrize("content", [None, b"", b"text", b"\x89PNG\r\n\x1a\n rubbish"])
def test_what_is_no_picture_is_none(tmp_path, content):
    path = tmp_path / "photo.png"
    if content is not None:
        path.write_bytes(content)

    assert photo.read(path) is None
