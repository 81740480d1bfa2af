"""Pictures as cameras, telephones and interrupted copies leave them."""

import struct

import cv2
import numpy as np
import pytest

from mobilepose_core import jpeg, photo

RANDOM = np.random.default_rng(7)
SCENE = cv2.resize(RANDOM.integers(0, 255, (9, 12, 3), np.uint8), (96, 72))
NOISE = RANDOM.integers(0, 255, (72, 96, 3), np.uint8)


def encoded(picture, *options):
    return cv2.imencode(".jpg", picture, list(options))[1].tobytes()


def with_thumbnail(content):
    """With EXIF data that hold a whole JPEG, behind which is room for another."""
    thumbnail = encoded(cv2.resize(SCENE, (16, 12)))
    exif = b"Exif\0\0" + bytes(40) + thumbnail + bytes(30)
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:]


def in_three_scans():
    """A baseline JPEG whose components come one after the other, with a comment between them."""
    grey = encoded(SCENE[..., 0])
    place = grey.index(b"\xff\xda")
    coded = grey[place + 10 : -2]
    frame = grey.index(b"\xff\xc0")
    head = grey[:frame] + struct.pack(
        ">HHBHHB9B", 0xFFC0, 17, 8, 72, 96, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0
    )
    tables = grey[frame + 13 : place]
    scans = [struct.pack(">HHBBBBBB", 0xFFDA, 8, 1, i, 0, 0, 63, 0) + coded for i in (1, 2, 3)]
    return head + tables + (b"\xff\xfe\0\x06\xff\xd9ab").join(scans) + b"\xff\xd9"


JPEGS = {
    "plain": encoded(SCENE),
    "noise": encoded(NOISE, cv2.IMWRITE_JPEG_QUALITY, 100),
    "grey": encoded(SCENE[..., 0]),
    "progressive": encoded(NOISE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restart markers": encoded(NOISE, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "grey with restart markers": encoded(NOISE[..., 0], cv2.IMWRITE_JPEG_RST_INTERVAL, 5),
    "thumbnail": with_thumbnail(encoded(SCENE)),
    "filled before a marker": encoded(SCENE)[:-2] + b"\xff\xff\xff\xd9",
    "zeros before a marker": encoded(SCENE).replace(b"\xff\xdb", b"\0\0\xff\xdb", 1),
    "three scans": in_three_scans(),
}

VIDEO = b"\0\0\0\x18ftypmp42" + bytes(12) + b"\0\0\x10\0mdat" + b"\x12\xff\x41" * 900
TRAILERS = {
    "nothing": b"",
    "zeros": bytes(5000),
    "many zeros": bytes(500_000),
    "ones": b"\xff" * 5000,
    "video of a motion photo": VIDEO,
    "video that holds a picture": VIDEO + encoded(SCENE) + VIDEO,
    "another picture": encoded(SCENE),
    "trailer with its own mark": b"\0\0\1\n\x0e\0\0\0Image_UTC_Data16" + bytes(3000) + b"SEFT",
}


def array(content):
    return np.frombuffer(content, np.uint8)


@pytest.mark.parametrize("trailer", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize("content", JPEGS.values(), ids=JPEGS)
def test_a_whole_picture_is_the_same_whatever_lies_behind_it(content, trailer):
    picture = photo.decode(array(content + trailer))

    assert picture.shape == (72, 96, 3)
    assert np.array_equal(picture, photo.decode(array(content)))


@pytest.mark.parametrize("trailer", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize("content", JPEGS.values(), ids=JPEGS)
def test_a_cut_picture_is_refused_whatever_lies_behind_it(content, trailer):
    for end in range(2, len(content) - 2, 1 + len(content) // 40):
        # A cut in the last bytes of filling leaves a picture whole, and one within a marker may
        # be closed by what follows.
        if content[end - 1] != 0xFF:
            assert photo.decode(array(content[:end] + trailer)) is None, end


def test_a_cut_behind_the_thumbnail_is_refused():
    content = JPEGS["thumbnail"]
    end = content.index(b"\xff\xd9") + 2

    assert photo.decode(array(content[: end + 20])) is None


def test_missing_restart_markers_show_that_a_picture_was_cut_and_closed():
    content = JPEGS["restart markers"]
    half = content[: content.index(b"\xff\xd3")]

    assert not jpeg.is_complete(array(half + b"\xff\xd9"))


def test_two_scans_of_three_are_refused_though_a_comment_holds_an_end():
    content = JPEGS["three scans"]
    third = content.rindex(b"\xff\xda")

    assert content[:third].count(b"\xff\xd9") == 2
    assert not jpeg.is_complete(array(content[:third]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xda\0\x02\xff\xd9",
        b"\xff\xd8" + b"\xff\xe0\0\0" * 5000,
        b"\xff\xd8" + b"\xff" * 100_000,
        b"\xff\xd8" + bytes(100_000),
        b"\xff\xd8\xff\xc0\0\x02\xff\xdd\0\x02\xff\xda\0\x03\x01\xff\xc4",
    ],
)
def test_what_has_no_pixels_is_not_complete(content):
    assert not jpeg.is_complete(array(content))
    assert jpeg.size(array(content)) is None


def test_any_bytes_are_complete_or_not():
    random = np.random.default_rng(1)
    for content in JPEGS.values():
        for _ in range(100):
            damaged = array(content).copy()
            damaged[random.integers(0, len(damaged), 5)] = random.integers(0, 256, 5)
            jpeg.is_complete(damaged)
            jpeg.size(damaged)


def test_behind_a_cut_random_bytes_are_no_end():
    random = np.random.default_rng(3)
    cut = JPEGS["noise"][:3000]

    taken = [jpeg.is_complete(array(cut + random.bytes(20_000))) for _ in range(300)]

    assert np.mean(taken) < 0.02  # one marker in 247 is an end
