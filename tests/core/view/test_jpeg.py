"""Images as JPEG: how large they are, and what the format cannot hold."""

import cv2
import numpy as np
import pytest

from mobilepose_core.errors import FrameError
from mobilepose_core.view import PageStyle, jpeg
from mobilepose_core.view.page_data import PageFrame


def size(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[:2]


def test_a_large_image_is_reduced_and_a_small_one_is_not():
    def reduced(height, width):
        return size(jpeg.encoded(np.zeros((height, width, 3), np.uint8), max_side=100))

    assert reduced(400, 200) == (100, 50)
    assert reduced(1, 1000) == (1, 100)
    assert reduced(60, 100) == (60, 100)


@pytest.mark.parametrize("shape", [(2, 70_000), (70_000, 2)])
def test_an_image_that_is_larger_than_a_jpeg_can_be_is_reduced_to_that(shape):
    image = np.zeros((*shape, 3), np.uint8)

    assert jpeg.scale_of(image) == 65_500 / 70_000
    assert sorted(size(jpeg.encoded(image))) == [2, 65_500]


def test_an_image_as_large_as_a_jpeg_can_be_stays_as_it_is():
    image = np.zeros((2, 65_500, 3), np.uint8)

    assert jpeg.scale_of(image) == 1
    assert size(jpeg.encoded(image)) == (2, 65_500)


def test_the_page_gets_an_image_that_is_larger_than_a_jpeg_can_be(make_frame):
    frame = make_frame(size=(70_000, 2))

    _, picture = PageFrame(1, frame, PageStyle(max_side=2**31)).encoded()

    assert size(picture) == (2, 65_500)


def test_quality_bounds_the_size_of_the_jpeg():
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)

    sizes = [len(jpeg.encoded(noise, quality)) for quality in (20, 90)]

    assert sizes[0] < sizes[1] / 2


def test_an_image_that_cannot_be_encoded_is_refused(monkeypatch):
    monkeypatch.setattr(jpeg.cv2, "imencode", lambda *_: (False, ()))

    with pytest.raises(FrameError, match="4x3 pixels and type uint8 cannot be encoded as JPEG"):
        jpeg.encoded(np.zeros((3, 4, 3), np.uint8))
