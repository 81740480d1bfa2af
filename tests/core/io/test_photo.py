import struct
import zlib

import cv2
import numpy as np
import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.io import photo
from mobilepose_core.io.pixel_limit import PixelLimit


@pytest.fixture
def jpeg(tmp_path):
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8))
    return path


def test_a_whole_photograph_is_read(jpeg):
    assert photo.read(jpeg).shape == (50, 70, 3)


@pytest.mark.parametrize(
    "behind", [b"\0" * 200, b"\0" * 5000, b"\0\0\0\x18ftypmp42" + b"mdat" * 999]
)
def test_padding_or_a_video_behind_a_jpeg_does_no_harm(jpeg, behind):
    jpeg.write_bytes(jpeg.read_bytes() + behind)

    assert photo.read(jpeg).shape == (50, 70, 3)


def test_a_jpeg_that_was_cut_off_is_not_taken_for_a_grey_one(jpeg):
    content = jpeg.read_bytes()
    jpeg.write_bytes(content[: len(content) // 2])

    assert photo.read(jpeg) is None


@pytest.mark.parametrize("content", [None, b"", b"text", b"\x89PNG\r\n\x1a\n rubbish"])
def test_bytes_that_are_not_a_picture_give_none(tmp_path, content):
    path = tmp_path / "photo.png"
    if content is not None:
        path.write_bytes(content)

    assert photo.read(path) is None


def encoded(kind, picture):
    return cv2.imencode(kind, picture)[1]


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_nothing_that_is_cut_off_is_a_picture_wherever_it_was_cut(kind):
    content = encoded(kind, np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8))

    assert photo.decode(content).shape == (20, 30, 3)
    assert all(photo.decode(content[:end]) is None for end in range(0, len(content) - 1, 7))


def test_grey_and_16_bit_pictures_become_bgr_of_8_bits():
    grey = np.random.default_rng(1).integers(0, 2**16, (20, 30), np.uint16)

    picture = photo.decode(encoded(".png", grey))

    assert np.array_equal(picture, np.stack([(grey >> 8).astype(np.uint8)] * 3, axis=-1))


def test_a_picture_of_a_sensor_of_12_bits_is_not_black():
    grey = np.linspace(0, 4095, 600).reshape(20, 30).astype(np.uint16)

    assert np.array_equal(photo.decode(encoded(".png", grey))[..., 0], grey >> 4)


def turned_jpeg():
    """A JPEG, 30 x 20, whose EXIF says that the camera was held upright (orientation 6)."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHHI", 0x112, 3, 1, 6, 0, 0)
    content = encoded(".jpg", np.zeros((20, 30, 3), np.uint8)).tobytes()
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    return np.frombuffer(content[:2] + segment + content[2:], np.uint8)


@pytest.mark.parametrize(("upright", "shape"), [(True, (30, 20, 3)), (False, (20, 30, 3))])
def test_exif_turns_a_photograph_but_not_the_sensors_pixels(upright, shape):
    assert photo.decode(turned_jpeg(), upright).shape == shape


@pytest.mark.parametrize("kind", [".jpg", ".png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_size_is_known_before_anything_is_decoded(kind, channels):
    content = encoded(kind, np.zeros((20, 30, channels), np.uint8))

    assert photo.claimed_size(content) == (30, 20)
    assert photo.claimed_size(content[: len(content) // 2]) in ((30, 20), None)


def test_the_size_of_a_progressive_jpeg_behind_exif_is_known():
    plain = np.zeros((20, 30, 3), np.uint8)
    progressive = cv2.imencode(".jpg", plain, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1]

    assert photo.claimed_size(progressive) == (30, 20)
    assert photo.claimed_size(turned_jpeg()) == (30, 20)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff\xe0\0\0" * 2000, b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_jpeg_or_png_has_no_size(content):
    assert photo.claimed_size(np.frombuffer(content, np.uint8)) is None


def test_a_png_of_impossible_size_is_no_picture():
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    content = np.frombuffer(b"\x89PNG\r\n\x1a\n" + parts, np.uint8)

    assert photo.claimed_size(content) == (2**31 - 1, 2**31 - 1)
    assert photo.decode(content) is None


def test_a_bug_of_ours_is_not_taken_for_a_bad_photograph(jpeg, monkeypatch):
    def broken(self, values):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(photo.BitDepth, "to_8_bits", broken)

    with pytest.raises(ValueError, match="broadcast"):
        photo.read(jpeg)


SUFFIXES = [".jpg", ".png", ".tiff", ".webp", ".bmp", ".ppm", ".pgm", ".pbm", ".gif"]


@pytest.mark.parametrize("kind", SUFFIXES)
def test_every_format_that_is_decoded_is_limited_by_the_size_it_claims(kind):
    try:
        content = encoded(kind, np.zeros((20, 30, 1 if kind in (".pgm", ".pbm") else 3), np.uint8))
    except cv2.error:
        pytest.skip("this OpenCV does not write the format")

    assert photo.claimed_size(content) == (30, 20)
    assert photo.decode(content, limit=PixelLimit(600)).shape == (20, 30, 3)
    assert photo.decode(content, limit=PixelLimit(599)) is None


@pytest.mark.parametrize(
    "content", [b"Pf\n30000 30000\n-1.0\n", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n"]
)
def test_formats_whose_size_is_unknown_are_not_decoded(content, monkeypatch):
    monkeypatch.setattr(photo.cv2, "imdecode", lambda *_: pytest.fail("was decoded"))

    assert photo.decode(np.frombuffer(content, np.uint8)) is None


def test_a_picture_that_is_too_large_is_refused_with_the_limit_and_what_sets_it(jpeg):
    limit = PixelLimit(3499, "option --max-image-pixels")

    with pytest.raises(DataError) as error:
        photo.load(jpeg, limit)

    assert str(error.value).endswith(
        "a JPEG that is too large, 70 x 50 pixels; at most 3499 are allowed "
        "(option --max-image-pixels); scale it down"
    )


def jpeg_2000():
    return encoded(".jp2", np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8))


def test_a_jpeg_2000_that_was_cut_off_is_refused_wherever_it_was_cut(tmp_path):
    content = jpeg_2000()

    assert photo.decode(content).shape == (40, 60, 3)
    assert all(photo.decode(content[:end]) is None for end in range(0, len(content), 53))
    path = tmp_path / "photo.jp2"
    path.write_bytes(content[: len(content) // 2].tobytes())
    with pytest.raises(DataError, match="a JPEG 2000 that is cut off; copy it again"):
        photo.load(path)


def test_the_size_of_a_jpeg_2000_is_that_of_its_codestream_not_of_its_header():
    content = jpeg_2000().copy()
    header = content.tobytes().index(b"ihdr") + 4

    content[header : header + 8] = (0, 0, 0, 1, 0, 0, 0, 1)

    assert photo.claimed_size(content) == (60, 40)
    start = content.tobytes().index(b"\xff\x4f\xff\x51")
    assert photo.claimed_size(content[start:]) == (60, 40)
    assert photo.decode(content, limit=PixelLimit(2399)) is None
