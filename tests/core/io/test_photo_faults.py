import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core.io import photo

PICTURE = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)


def fault(path):
    with pytest.raises(ValueError, match=str(path.name)) as caught:
        photo.load(path)
    assert photo.read(path) is None
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.fixture
def written(tmp_path):
    """Writes a file and returns its path."""

    def write(content, name="photo.jpg"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_a_photograph_that_is_missing_is_said_to_be(tmp_path):
    (tmp_path / "link.jpg").symlink_to("nowhere.jpg")

    assert fault(tmp_path / "photo.jpg").startswith("no such file")
    assert fault(tmp_path / "link.jpg").startswith("a link to a file that is gone")


def test_a_photograph_that_this_user_may_not_read_is_said_to_be_forbidden(written):
    path = written(cv2.imencode(".jpg", PICTURE)[1].tobytes())
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        assert fault(path).startswith("this user may not read it")
    finally:
        os.seteuid(user)


def test_a_folder_and_an_empty_file_are_named_as_what_they_are(tmp_path, written):
    (tmp_path / "folder.jpg").mkdir()

    assert fault(tmp_path / "folder.jpg").startswith("a folder, expected")
    assert fault(written(b"")).startswith("an empty file")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "photo.jpg")

    assert fault(tmp_path / "photo.jpg").startswith("a device or a pipe")


@pytest.mark.parametrize("content", [b"<html>404</html>", b"\0\x05\x16\x07\0\x02\0\0Mac OS X"])
def test_what_is_no_picture_is_shown_by_how_it_begins(written, content):
    assert fault(written(content)).startswith(
        f"no picture of a known format: it begins with {content[:12]!r}"
    )


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp"])
def test_a_picture_that_is_cut_off_is_named_with_its_format(written, kind):
    content = cv2.imencode(f".{kind}", PICTURE)[1].tobytes()

    path = written(content[: len(content) // 2], f"photo.{kind}")

    name = {"jpg": "JPEG", "webp": "WebP"}.get(kind, kind.upper())
    assert fault(path) == f"a {name} that is cut off; copy it again"


def tiff(values, sample_format):
    """An uncompressed TIFF (TIFF 6.0) of (H, W, C) values; 2 is signed, 3 floating-point."""
    height, width, channels = values.shape
    pixels = values[..., ::-1].tobytes()  # RGB
    bits, short, long = 8 * values.itemsize, 3, 4
    directory = 8 + len(pixels) + 12  # behind the numbers of bits and of formats
    lists = struct.pack("<3H3H", *[bits] * 3, *[sample_format] * 3)
    place = {258: 8 + len(pixels), 339: 8 + len(pixels) + 6}
    tags = {
        256: (short, 1, width),
        257: (short, 1, height),
        258: (short, channels, place[258] if channels > 1 else bits),
        259: (short, 1, 1),
        262: (short, 1, 2 if channels > 1 else 1),
        273: (long, 1, 8),
        277: (short, 1, channels),
        278: (short, 1, height),
        279: (long, 1, len(pixels)),
        339: (short, channels, place[339] if channels > 1 else sample_format),
    }
    entries = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in tags.items())
    end = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", directory) + pixels + lists + end


@pytest.mark.parametrize(
    ("dtype", "numbers"), [("f4", "32-bit floating-point"), ("i2", "16-bit signed")]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_tiff_of_other_numbers_is_not_called_damaged(written, dtype, numbers, channels):
    values = np.ascontiguousarray(PICTURE[..., :channels].astype(dtype))
    content = tiff(values, 3 if dtype[0] == "f" else 2)
    read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(read.reshape(values.shape), values)

    expected = f"a TIFF of {numbers} numbers, which are not read; save it with 8 or 16 bits"
    assert fault(written(content, "photo.tif")) == expected


def test_a_floating_point_tiff_of_opencv_is_not_called_damaged(written):
    content = cv2.imencode(".tif", np.float32(PICTURE) / 255)[1].tobytes()

    assert "floating-point numbers, which are not read" in fault(written(content, "photo.tif"))


def test_a_tiff_that_is_cut_off_is_still_said_to_be(written):
    content = cv2.imencode(".tif", PICTURE)[1].tobytes()

    complaint = fault(written(content[:-20], "photo.tif"))

    assert complaint == "a TIFF that is cut off or damaged; copy it again"


def test_a_picture_that_claims_more_than_can_be_decoded_is_too_large(written):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")

    path = written(b"\x89PNG\r\n\x1a\n" + b"".join(parts), "photo.png")

    assert fault(path).startswith("a PNG that is too large, 100000 x 100000 pixels")


def test_a_file_of_gigabytes_is_not_read_into_memory(tmp_path):
    path = tmp_path / "photo.jpg"
    with path.open("wb") as file:
        file.truncate(3 * 2**30)

    assert fault(path).startswith("too large for a photograph, 3.2 GB")


def test_a_gif_is_no_photograph_and_says_so(written):
    assert "a GIF, which this OpenCV cannot read" in fault(written(b"GIF89a" + bytes(20)))


def test_a_heic_names_the_package_that_reads_it(written):
    pytest.importorskip("PIL.Image", reason="Pillow")
    try:
        import pillow_heif  # noqa: F401
    except ImportError:
        reason = "a HEIC, which needs the package pillow-heif: pip install pillow-heif"
    else:
        reason = "a HEIC that is cut off or damaged"
    brands = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"

    assert fault(written(brands + bytes(100), "photo.heic")).startswith(reason)


@pytest.mark.parametrize("turned", [False, True])
def test_an_avif_is_read_upright_where_pillow_can(tmp_path, turned):
    features = pytest.importorskip("PIL.features", reason="Pillow reads AVIF")
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    from PIL import Image

    upright = np.zeros((48, 64, 3), np.uint8)
    upright[:24] = (10, 30, 200)  # BGR: red above black
    exif = Image.Exif()
    stored = np.ascontiguousarray(np.rot90(upright)) if turned else upright
    exif[0x112] = 6 if turned else 1
    path = Path(tmp_path / "photo.avif")
    Image.fromarray(stored[..., ::-1].copy()).save(path, exif=exif, quality=95)

    picture = photo.load(path)

    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).mean() < 6


def test_what_is_no_avif_behind_its_first_bytes_is_damaged(written):
    pytest.importorskip("PIL.Image", reason="Pillow reads AVIF")

    content = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(100)

    assert fault(written(content, "photo.avif")).startswith("an AVIF")
