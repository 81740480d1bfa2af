import struct

import cv2
import numpy as np
import pytest

from mobilepose_core.io import image_format

KINDS = {".jpg": "JPEG", ".png": "PNG", ".tiff": "TIFF", ".webp": "WebP"}


def encoded(kind, picture, *options):
    return cv2.imencode(kind, picture, list(options))[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_pictures_format_and_size_are_known_before_it_is_decoded(kind, channels):
    content = encoded(kind, np.zeros((20, 30, channels), np.uint8))

    assert image_format.identify(content) == KINDS[kind]
    assert image_format.claimed_size(content) == (30, 20)


def test_the_size_of_a_lossy_webp_is_known():
    content = encoded(".webp", np.zeros((20, 30, 3), np.uint8), cv2.IMWRITE_WEBP_QUALITY, 80)

    assert content[12:16].tobytes() == b"VP8 "
    assert image_format.claimed_size(content) == (30, 20)


def test_the_size_of_a_webp_with_features_is_known():
    chunk = b"VP8X" + struct.pack("<IB3x", 10, 16) + (29).to_bytes(3, "little") + b"\x13\0\0"
    content = b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk

    assert image_format.claimed_size(np.frombuffer(content, np.uint8)) == (30, 20)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_the_size_of_a_tiff_is_known_in_either_byte_order(order, kind):
    def entry(tag, value):
        number = struct.pack(order + ("HH" if kind == 3 else "I"), *([value, 0][: 5 - kind]))
        return struct.pack(order + "HHI", tag, kind, 1) + number

    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    content = head + struct.pack(order + "H", 3) + entry(254, 0) + entry(256, 30) + entry(257, 20)

    assert image_format.claimed_size(np.frombuffer(content, np.uint8)) == (30, 20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_ends_too_early_has_its_size_or_none(kind):
    content = encoded(kind, np.zeros((20, 30, 3), np.uint8))

    for end in range(len(content)):
        assert image_format.claimed_size(content[:end]) in (None, (30, 20))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", ""),
        (b"text", ""),
        (b"GIF89a", "GIF"),
        (b"BM1234", "BMP"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
        (b"\0\0\0\x1cftypheic", "HEIC"),
        (b"\0\0\0\x1cftypmp42", ""),
        (b"\0\0\1\x67", "H.264 or H.265 video"),
    ],
)
def test_other_formats_have_a_name_or_none_and_no_size(content, name):
    content = np.frombuffer(content, np.uint8)

    assert image_format.identify(content) == name
    assert image_format.claimed_size(content) is None


@pytest.fixture
def png():
    """A small PNG's bytes."""
    return encoded(".png", np.full((20, 30, 3), 90, np.uint8)).tobytes()


def complete(content):
    """What is decoded of some bytes; None for nothing."""
    found = image_format.complete(np.frombuffer(content, np.uint8))
    return None if found is None else found.tobytes()


def test_a_png_whose_chunk_claims_gigabytes_is_not_complete(png):
    claim = png.index(b"IDAT") - 4
    content = png[:claim] + (2**31 - 1).to_bytes(4, "big") + png[claim + 4 :]

    assert complete(png) == png
    assert complete(content) is None


@pytest.mark.parametrize("missing", [1, 4, 12, 13, 30])
def test_a_png_without_its_end_is_not_complete(png, missing):
    assert complete(png[:-missing]) is None


def test_an_end_that_is_not_empty_is_none(png):
    assert complete(png[:-12] + struct.pack(">I4s", 4, b"IEND") + bytes(8) + png) is None


def test_what_lies_behind_the_end_of_a_png_is_not_decoded(png):
    assert complete(png + b"\xff" * 100) == png
