import array
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import CompressedImage

from mobilepose_core.messages.compressed_images import MAX_PIXELS, bgr_from_compressed


def compressed(content, image_format="jpeg"):
    return CompressedImage(format=image_format, data=array.array("B", bytes(content)))


def encoded(kind, picture):
    return cv2.imencode(kind, picture)[1].tobytes()


@pytest.mark.parametrize(
    "image_format",
    ["png", "", "bgr8; png compressed bgr8", "rgb8; png compressed bgr8", "rgb8; png compressed "],
)
def test_a_png_is_its_picture_whatever_was_compressed(bgr, image_format):
    picture = bgr_from_compressed(compressed(encoded(".png", bgr), image_format))

    assert np.array_equal(picture, bgr)


def test_red_and_blue_are_exchanged_where_the_format_says_so(bgr):
    swapped = encoded(".png", bgr[..., ::-1])

    picture = bgr_from_compressed(compressed(swapped, "rgb8; png compressed rgb8"))

    assert np.array_equal(picture, bgr)


@pytest.mark.parametrize("image_format", ["jpeg", "jpg", "bgr8; jpeg compressed bgr8"])
def test_a_jpeg_is_nearly_its_picture(bgr, image_format):
    large = cv2.resize(bgr, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)

    picture = bgr_from_compressed(compressed(encoded(".jpg", large), image_format))

    assert picture.shape == large.shape
    assert np.abs(picture.astype(int) - large).mean() < 6


@pytest.mark.parametrize(
    ("kind", "image_format"),
    [(".png", "mono8; png compressed "), (".jpg", "mono8; jpeg compressed mono8")],
)
def test_compressed_grey_becomes_three_equal_channels(kind, image_format):
    grey = np.full((16, 24), 130, np.uint8)

    picture = bgr_from_compressed(compressed(encoded(kind, grey), image_format))

    assert np.array_equal(picture, np.full((16, 24, 3), 130))


@pytest.mark.parametrize("image_format", ["mono16; png compressed ", "bgr16; png compressed bgr16"])
def test_of_16_compressed_bits_the_upper_8_are_kept(bgr, image_format):
    wide = bgr.astype(np.uint16) * 256 + 77
    expected = bgr
    if image_format.startswith("mono"):
        wide, expected = wide[..., 0], np.stack([bgr[..., 0]] * 3, axis=-1)

    picture = bgr_from_compressed(compressed(encoded(".png", wide), image_format))

    assert np.array_equal(picture, expected)


def test_the_orientation_in_exif_does_not_turn_a_cameras_pixels(bgr):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHHI", 0x112, 3, 1, 6, 0, 0)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    content = encoded(".jpg", bgr)

    picture = bgr_from_compressed(compressed(content[:2] + segment + content[2:]))

    assert picture.shape == bgr.shape


def test_the_alpha_of_a_png_is_dropped(bgr):
    with_alpha = np.concatenate([bgr, np.zeros_like(bgr[..., :1])], axis=-1)

    assert np.array_equal(bgr_from_compressed(compressed(encoded(".png", with_alpha))), bgr)


@pytest.mark.parametrize(
    "image_format",
    ["16UC1; compressedDepth png", "16UC1; compressedDepth", "32FC1; compresseddepth"],
)
def test_compressed_depth_is_refused_as_such(image_format):
    content = bytes(12) + encoded(".png", np.zeros((4, 4), np.uint16))

    with pytest.raises(ValueError, match="is a depth image; expected a colour camera's JPEG"):
        bgr_from_compressed(compressed(content, image_format))


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_compressed_image_that_was_cut_off_is_refused(bgr, kind):
    content = encoded(kind, bgr)

    for end in range(0, len(content) - 1, 11):
        with pytest.raises(ValueError, match=r"was it cut off\?|is of an unknown kind"):
            bgr_from_compressed(compressed(content[:end]))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "of an unknown kind"),
        (b"\0" * 500, "of an unknown kind"),
        (b"GIF89a" + bytes(99), "GIF"),
        (encoded(".bmp", np.zeros((4, 4, 3), np.uint8)), "BMP"),
        (b"\0\0\0\x20ftypheic" + bytes(99), "HEIC"),
        (b"\0\0\0\1\x67" + bytes(99), "H.264 or H.265 video"),
    ],
)
def test_an_unknown_format_is_named_with_the_expected_ones(content, kind):
    complaint = f"with {len(content)} bytes of data is {kind}; expected JPEG, PNG, TIFF or WebP"
    with pytest.raises(ValueError, match=complaint):
        bgr_from_compressed(compressed(content))


@pytest.mark.parametrize(
    ("kind", "image_format", "error"),
    [
        (".tiff", "bgr8; tiff compressed ", 0),
        (".tiff", "mono8; tiff compressed mono8", 0),
        (".webp", "webp", 0),
        (".webp", "bgr8; webp compressed bgr8", 0),
        (".jpg", "png", 6),
        (".png", "jpeg", 0),
    ],
)
def test_the_data_says_what_it_is_whatever_its_format_says(bgr, kind, image_format, error):
    large = cv2.resize(bgr, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)

    picture = bgr_from_compressed(compressed(encoded(kind, large), image_format))

    assert picture.shape == large.shape
    assert np.abs(picture.astype(int) - large).mean() <= error


@pytest.mark.parametrize("kind", [".jpg", ".png", ".tiff", ".webp"])
@pytest.mark.parametrize("behind", [bytes(1000), bytes(100_000), b"ftypmp42" + bytes(5000)])
def test_the_rest_of_a_cameras_buffer_is_ignored(bgr, kind, behind):
    whole = bgr_from_compressed(compressed(encoded(kind, bgr)))

    picture = bgr_from_compressed(compressed(encoded(kind, bgr) + behind))

    assert np.array_equal(picture, whole)


@pytest.mark.parametrize("kind", [".jpg", ".png", ".tiff"])
def test_a_compressed_image_that_was_cut_off_and_padded_is_refused(bgr, kind):
    content = encoded(kind, cv2.resize(bgr, (64, 48)))

    with pytest.raises(ValueError, match=r"was it cut off\?"):
        bgr_from_compressed(compressed(content[: len(content) * 2 // 3] + bytes(5000)))


@pytest.mark.parametrize("encoding", ["16UC1", "32FC1"])
def test_depth_that_was_compressed_as_a_picture_is_refused_as_depth(encoding):
    content = encoded(".png", np.full((4, 4), 2000, np.uint16))

    complaint = f"is a depth image by its encoding {encoding}.*infrared .* is mono16"
    with pytest.raises(ValueError, match=complaint):
        bgr_from_compressed(compressed(content, f"{encoding}; png compressed "))


def test_compressed_depth_whose_format_does_not_say_so_is_refused_as_depth():
    content = bytes(12) + encoded(".png", np.full((4, 4), 2000, np.uint16))

    with pytest.raises(ValueError, match="is a depth image; expected a colour camera's JPEG"):
        bgr_from_compressed(compressed(content, ""))


@pytest.mark.parametrize("kind", [".png", ".tiff"])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_compressed_pixels_of_fewer_than_16_bits_are_not_black(kind, bits):
    grey = np.linspace(0, 2**bits - 1, 600).reshape(20, 30).astype(np.uint16)

    picture = bgr_from_compressed(
        compressed(encoded(kind, grey), f"mono16; {kind[1:]} compressed ")
    )

    assert np.array_equal(picture[..., 0], grey >> (bits - 8))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_mosaic_that_was_compressed_as_it_is_gives_its_colour_back(bits):
    mosaic = np.tile(np.array([[210, 120], [120, 40]], np.uint16), (8, 12)) << (bits - 8)
    content = encoded(".png", mosaic.astype(np.uint16 if bits == 16 else np.uint8))

    picture = bgr_from_compressed(compressed(content, f"bayer_rggb{bits}; png compressed "))

    assert (picture[2:-2, 2:-2].reshape(-1, 3) == (40, 120, 210)).all()


def test_a_mosaic_that_was_taken_out_before_compression_is_left_alone(bgr):
    content = encoded(".png", bgr)

    picture = bgr_from_compressed(compressed(content, "bayer_rggb8; png compressed bgr8"))

    assert np.array_equal(picture, bgr)


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


def tiff(width, height):
    """A TIFF that claims this size, with the pixels of another."""
    content = bytearray(encoded(".tiff", np.zeros((16, 16, 3), np.uint8)))
    (start,) = struct.unpack("<I", content[4:8])
    for entry in range(start + 2, start + 2 + 12 * content[start], 12):
        (tag,) = struct.unpack("<H", content[entry : entry + 2])
        if tag in (256, 257):
            value = struct.pack("<HII", 4, 1, width if tag == 256 else height)
            content[entry + 2 : entry + 12] = value
    return bytes(content)


def webp(width, height):
    """A WebP that claims this size, with the pixels of another."""
    content = bytearray(encoded(".webp", np.zeros((16, 16, 3), np.uint8)))
    assert content[12:16] == b"VP8L"
    bits = int.from_bytes(content[21:25], "little") & ~0xFFFFFFF
    content[21:25] = (bits | (height - 1) << 14 | (width - 1)).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (tiff(30_000, 30_000), "30000x30000"),
        (webp(16_383, 16_383), "16383x16383"),
        (png(30_000, 30_000), "30000x30000"),
        (png(2**31 - 1, 2**31 - 1), "2147483647x2147483647"),
        (jpeg(65_535, 65_535), "65535x65535"),
    ],
    ids=["tiff", "webp", "png", "largest png", "largest jpeg"],
)
def test_a_few_bytes_that_claim_gigabytes_are_not_decoded(content, size):
    with pytest.raises(ValueError, match=f"claims {size} pixels; at most {MAX_PIXELS} are allowed"):
        bgr_from_compressed(compressed(content))


@pytest.mark.parametrize("content", [png(0, 5), png(2**20, 1), jpeg(0, 16)])
def test_a_compressed_image_of_no_possible_size_is_refused(content):
    with pytest.raises(ValueError, match="cannot be decoded"):
        bgr_from_compressed(compressed(content))


@settings(max_examples=75, deadline=None)
@given(
    kind=st.sampled_from([".jpg", ".png", ".tiff", ".webp"]),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
)
def test_a_damaged_compressed_image_is_a_picture_or_refused(kind, changes):
    content = bytearray(encoded(kind, np.full((20, 30, 3), 90, np.uint8)))
    for place, value in changes:
        content[place % len(content)] = value

    try:
        picture = bgr_from_compressed(compressed(content))
    except ValueError:
        return
    assert picture.ndim == 3
    assert picture.shape[2] == 3
