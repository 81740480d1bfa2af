import array
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import CompressedImage

from mobilepose_ros import images


def compressed(content, image_format="jpeg"):
    return CompressedImage(format=image_format, data=array.array("B", bytes(content)))


def encoded(kind, picture):
    return cv2.imencode(kind, picture)[1].tobytes()


@pytest.mark.parametrize(
    "image_format",
    ["png", "", "bgr8; png compressed bgr8", "rgb8; png compressed bgr8", "rgb8; png compressed "],
)
def test_a_png_is_its_picture_whatever_was_compressed(bgr, image_format):
    picture = images.bgr_from_compressed(compressed(encoded(".png", bgr), image_format))

    assert np.array_equal(picture, bgr)


def test_red_and_blue_are_exchanged_where_the_format_says_so(bgr):
    swapped = encoded(".png", bgr[..., ::-1])

    picture = images.bgr_from_compressed(compressed(swapped, "rgb8; png compressed rgb8"))

    assert np.array_equal(picture, bgr)


@pytest.mark.parametrize("image_format", ["jpeg", "jpg", "bgr8; jpeg compressed bgr8"])
def test_a_jpeg_is_nearly_its_picture(bgr, image_format):
    large = cv2.resize(bgr, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)

    picture = images.bgr_from_compressed(compressed(encoded(".jpg", large), image_format))

    assert picture.shape == large.shape
    assert np.abs(picture.astype(int) - large).mean() < 6


@pytest.mark.parametrize(
    ("kind", "image_format"),
    [(".png", "mono8; png compressed "), (".jpg", "mono8; jpeg compressed mono8")],
)
def test_compressed_grey_becomes_three_equal_channels(kind, image_format):
    grey = np.full((16, 24), 130, np.uint8)

    picture = images.bgr_from_compressed(compressed(encoded(kind, grey), image_format))

    assert np.array_equal(picture, np.full((16, 24, 3), 130))


@pytest.mark.parametrize("image_format", ["mono16; png compressed ", "bgr16; png compressed bgr16"])
def test_of_16_compressed_bits_the_upper_8_are_kept(bgr, image_format):
    wide = bgr.astype(np.uint16) * 256 + 77
    expected = bgr
    if image_format.startswith("mono"):
        wide, expected = wide[..., 0], np.stack([bgr[..., 0]] * 3, axis=-1)

    picture = images.bgr_from_compressed(compressed(encoded(".png", wide), image_format))

    assert np.array_equal(picture, expected)


def test_the_orientation_in_exif_does_not_turn_a_cameras_pixels(bgr):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHHI", 0x112, 3, 1, 6, 0, 0)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    content = encoded(".jpg", bgr)

    picture = images.bgr_from_compressed(compressed(content[:2] + segment + content[2:]))

    assert picture.shape == bgr.shape


def test_the_alpha_of_a_png_is_dropped(bgr):
    with_alpha = np.concatenate([bgr, np.zeros_like(bgr[..., :1])], axis=-1)

    assert np.array_equal(images.bgr_from_compressed(compressed(encoded(".png", with_alpha))), bgr)


@pytest.mark.parametrize(
    "image_format",
    ["16UC1; compressedDepth png", "16UC1; compressedDepth", "32FC1; compresseddepth"],
)
def test_compressed_depth_is_refused_as_such(image_format):
    content = bytes(12) + encoded(".png", np.zeros((4, 4), np.uint16))

    with pytest.raises(ValueError, match="is a depth image; expected a colour camera's JPEG"):
        images.bgr_from_compressed(compressed(content, image_format))


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_compressed_image_that_was_cut_off_is_refused(bgr, kind):
    content = encoded(kind, bgr)

    for end in range(0, len(content) - 1, 11):
        with pytest.raises(ValueError, match=r"was it cut off\?|is neither JPEG nor PNG"):
            images.bgr_from_compressed(compressed(content[:end]))


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 500, b"GIF89a" + bytes(99), encoded(".bmp", np.zeros((4, 4, 3), np.uint8))],
)
def test_what_is_neither_jpeg_nor_png_is_refused(content):
    with pytest.raises(ValueError, match=f"with {len(content)} bytes of data is neither JPEG nor"):
        images.bgr_from_compressed(compressed(content))


def png(width, height):
    """A PNG that claims this size, and has no pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width, height):
    """A JPEG that claims this size, with the pixels of another."""
    content = encoded(".jpg", np.zeros((16, 16, 3), np.uint8))
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (png(30_000, 30_000), "30000x30000"),
        (png(2**31 - 1, 2**31 - 1), "2147483647x2147483647"),
        (jpeg(65_535, 65_535), "65535x65535"),
    ],
    ids=["png", "largest png", "largest jpeg"],
)
def test_a_few_bytes_that_claim_gigabytes_are_not_decoded(content, size):
    with pytest.raises(ValueError, match=f"claims {size} pixels; {images.MAX_PIXELS} are allowed"):
        images.bgr_from_compressed(compressed(content))


@pytest.mark.parametrize("content", [png(0, 5), png(2**20, 1), jpeg(0, 16)])
def test_a_compressed_image_of_no_possible_size_is_refused(content):
    with pytest.raises(ValueError, match="cannot be decoded"):
        images.bgr_from_compressed(compressed(content))


@settings(max_examples=75, deadline=None)
@given(
    kind=st.sampled_from([".jpg", ".png"]),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
)
def test_a_damaged_compressed_image_is_a_picture_or_refused(kind, changes):
    content = bytearray(encoded(kind, np.full((20, 30, 3), 90, np.uint8)))
    for place, value in changes:
        content[place % len(content)] = value

    try:
        picture = images.bgr_from_compressed(compressed(content))
    except ValueError:
        return
    assert picture.ndim == 3
    assert picture.shape[2] == 3
