import array
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mobilepose_core.messages import images
from mobilepose_ros.images import image_from_bgr

WIDTH, HEIGHT = 12, 8

# Rows of 7 bytes more than the pixels need, filled with a value that must not show.
PADDING = 7


def packed(rows, encoding, padding=PADDING, is_bigendian=0, height=HEIGHT):
    """A message of (rows, bytes) with padding behind every row."""
    rows = np.ascontiguousarray(rows, dtype=np.uint8)
    padded = np.full((len(rows), rows.shape[1] + padding), 99, np.uint8)
    padded[:, : rows.shape[1]] = rows
    return Image(
        height=height,
        width=WIDTH,
        encoding=encoding,
        is_bigendian=is_bigendian,
        step=padded.shape[1],
        data=array.array("B", padded.tobytes()),
    )


def planes(bgr):
    """Y, U and V of each pixel, video range (ITU-R BT.601, as OpenCV's 4:2:0 conversion has it)."""
    i420 = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    y = i420[: WIDTH * HEIGHT].reshape(HEIGHT, WIDTH)
    quarter = WIDTH * HEIGHT // 4
    u, v = (
        i420[start : start + quarter]
        .reshape(HEIGHT // 2, WIDTH // 2)
        .repeat(2, axis=0)
        .repeat(2, axis=1)
        for start in (WIDTH * HEIGHT, WIDTH * HEIGHT + quarter)
    )
    return y, u, v


def interleaved(*columns):
    return np.stack(columns, axis=-1).reshape(len(columns[0]), -1)


@pytest.mark.parametrize("padding", [0, PADDING])
@pytest.mark.parametrize("encoding", ["bgr8", "8UC3"])
def test_bgr_shares_the_memory_of_the_message(bgr, encoding, padding):
    image = packed(bgr.reshape(HEIGHT, -1), encoding, padding)

    picture = images.bgr_from_image(image)

    assert np.array_equal(picture, bgr)
    assert np.shares_memory(picture, np.frombuffer(image.data, np.uint8))


@pytest.mark.parametrize(
    ("encoding", "order"),
    [("rgb8", [2, 1, 0]), ("bgra8", [0, 1, 2, 0]), ("rgba8", [2, 1, 0, 0])],
)
def test_channels_are_put_in_order_and_alpha_is_dropped(bgr, encoding, order):
    pixels = bgr[..., order]

    picture = images.bgr_from_image(packed(pixels.reshape(HEIGHT, -1), encoding))

    assert np.array_equal(picture, bgr)
    assert picture.flags.c_contiguous


@pytest.mark.parametrize("encoding", ["mono8", "8UC1"])
def test_grey_becomes_three_equal_channels(bgr, encoding):
    grey = bgr[..., 0]

    picture = images.bgr_from_image(packed(grey, encoding))

    assert np.array_equal(picture, np.stack([grey] * 3, axis=-1))


@pytest.mark.parametrize(("is_bigendian", "order"), [(0, "<u2"), (1, ">u2")])
def test_mono16_keeps_its_upper_byte_in_either_byte_order(bgr, is_bigendian, order):
    values = bgr[..., 0].astype(np.uint16) * 256 + 17
    rows = values.astype(order).view(np.uint8)

    picture = images.bgr_from_image(packed(rows, "mono16", is_bigendian=is_bigendian))

    assert np.array_equal(picture, np.stack([bgr[..., 0]] * 3, axis=-1))


@pytest.mark.parametrize(
    ("encoding", "is_luma_first"),
    [("yuv422", False), ("uyvy", False), ("yuv422_yuy2", True), ("yuyv", True)],
)
def test_yuv_422_gives_the_colours_back(bgr, encoding, is_luma_first):
    y, u, v = planes(bgr)
    chroma = np.where(np.arange(WIDTH) % 2 == 0, u, v)
    rows = interleaved(y, chroma) if is_luma_first else interleaved(chroma, y)

    picture = images.bgr_from_image(packed(rows, encoding))

    assert np.abs(picture.astype(int) - bgr).max() <= 4  # of rounding to 8 bits, twice


@pytest.mark.parametrize(("encoding", "first"), [("nv12", "u"), ("nv21", "v")])
def test_yuv_420_gives_the_colours_back(bgr, encoding, first):
    y, u, v = planes(bgr)
    half = (u[::2, ::2], v[::2, ::2]) if first == "u" else (v[::2, ::2], u[::2, ::2])
    rows = np.concatenate([y, interleaved(*half)])

    picture = images.bgr_from_image(packed(rows, encoding))

    assert np.abs(picture.astype(int) - bgr).max() <= 4


@pytest.mark.parametrize("padding", [0, PADDING])
def test_nv24_gives_every_pixel_its_own_colour(padding):
    colours = np.random.default_rng(5).integers(60, 190, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    quarters = colours.repeat(2, axis=0).repeat(2, axis=1)
    i420 = cv2.cvtColor(quarters, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    size = WIDTH * HEIGHT
    y = i420[: 4 * size].reshape(2 * HEIGHT, 2 * WIDTH)[::2, ::2]
    u, v = i420[4 * size : 5 * size], i420[5 * size :]
    chroma = np.zeros((HEIGHT, 2 * (WIDTH + padding)), np.uint8)
    chroma[:, 0 : 2 * WIDTH : 2] = u.reshape(HEIGHT, WIDTH)
    chroma[:, 1 : 2 * WIDTH : 2] = v.reshape(HEIGHT, WIDTH)
    luma = np.pad(y, ((0, 0), (0, padding)))
    rows = np.concatenate([luma, chroma.reshape(2 * HEIGHT, -1)])
    image = packed(rows, "nv24", padding=0)

    picture = images.bgr_from_image(image)

    assert np.abs(picture.astype(int) - colours).max() <= 4


BAYER = {"rggb": "RGGB", "bggr": "BGGR", "gbrg": "GBRG", "grbg": "GRBG"}
BAYER_BITS = ((8, 0), (16, 0), (16, 1))
"""Bits per pixel, and whether the message is big-endian."""


@pytest.mark.parametrize("pattern", BAYER)
@pytest.mark.parametrize(("bits", "is_bigendian"), BAYER_BITS)
def test_a_bayer_mosaic_gives_its_colour_back(pattern, bits, is_bigendian):
    # The name spells the first two rows: rggb is R G over G B.
    colour = {"B": 40, "G": 120, "R": 210}
    mosaic = np.tile(
        np.array([colour[letter] for letter in BAYER[pattern]], np.uint8).reshape(2, 2),
        (HEIGHT // 2, WIDTH // 2),
    )
    if bits == 16:
        order = ">u2" if is_bigendian else "<u2"
        mosaic = (mosaic.astype(np.uint16) * 256 + 5).astype(order).view(np.uint8)

    picture = images.bgr_from_image(
        packed(mosaic, f"bayer_{pattern}{bits}", is_bigendian=is_bigendian)
    )

    inner = picture[2:-2, 2:-2].reshape(-1, 3)
    assert (inner == (40, 120, 210)).all()


def test_every_supported_encoding_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")

    tested_bayer = {f"bayer_{pattern}{bits}" for pattern in BAYER for bits, _ in BAYER_BITS}
    untested = [name for name in images.ENCODINGS if f'"{name}"' not in text]

    assert set(untested) == tested_bayer


def test_the_last_row_needs_no_padding(bgr):
    image = packed(bgr.reshape(HEIGHT, -1), "bgr8")
    image.data = image.data[:-PADDING]

    assert np.array_equal(images.bgr_from_image(image), bgr)


@pytest.fixture
def install_cv_bridge(tmp_path, monkeypatch):
    """Puts a package cv_bridge of this text where Python finds it; none without a text."""

    def install(text=None):
        images._cv_bridge.cache_clear()
        if text is None:
            monkeypatch.setitem(sys.modules, "cv_bridge", None)
        else:
            (tmp_path / "cv_bridge").mkdir()
            (tmp_path / "cv_bridge" / "__init__.py").write_text(text)
            monkeypatch.delitem(sys.modules, "cv_bridge", raising=False)
            monkeypatch.syspath_prepend(tmp_path)

    yield install
    sys.modules.pop("cv_bridge", None)
    images._cv_bridge.cache_clear()


CONVERTING = """
import numpy as np

class CvBridge:
    def encoding_to_cvtype2(self, encoding):
        return 16

    def imgmsg_to_cv2(self, image, desired_encoding):
        if image.encoding != "rgb16":
            raise TypeError(f"Unrecognized image encoding [{image.encoding}]")
        assert desired_encoding == "bgr8"
        values = np.ndarray((image.height, image.step // 6, 3), np.uint16, image.data)
        return (values[:, : image.width, ::-1] >> 8).astype(np.uint8)
"""

FAILING = """
class CvBridge:
    def encoding_to_cvtype2(self, encoding):
        print("page after page on NumPy 1.x and 2")
        raise {error}
"""


def test_an_unknown_encoding_is_named_with_those_that_are_known(install_cv_bridge):
    install_cv_bridge()

    complaint = r"'32FC1' is not supported; supported: bgr8, .*bayer_.*cv_bridge.*not installed"
    with pytest.raises(ValueError, match=complaint):
        images.bgr_from_image(packed(np.zeros((HEIGHT, 4 * WIDTH)), "32FC1"))


def test_what_only_cv_bridge_knows_goes_through_it(bgr, install_cv_bridge):
    install_cv_bridge(CONVERTING)
    values = bgr[..., ::-1].astype(np.uint16) * 256 + 3

    picture = images.bgr_from_image(
        packed(values.reshape(HEIGHT, -1).view(np.uint8), "rgb16", padding=6)
    )

    assert np.array_equal(picture, bgr)


@pytest.mark.parametrize(
    ("encoding", "changes", "complaint"),
    [
        ("nonsense", {}, r"by cv_bridge: Unrecognized .*\[nonsense\]; supported without it: bgr8"),
        ("rgb16", {"width": 0}, "0x8 image in rgb16 has no pixels"),
        ("rgb16", {"height": 2**32 - 1}, "was it cut off"),
        ("rgb16", {"step": 13}, r"step 13 became \(8, 2, 3\) in cv_bridge; is the step right"),
    ],
)
def test_what_cv_bridge_cannot_convert_is_refused(install_cv_bridge, encoding, changes, complaint):
    install_cv_bridge(CONVERTING)
    image = packed(np.zeros((HEIGHT, 6 * WIDTH)), encoding, padding=0)
    for field, value in changes.items():
        setattr(image, field, value)

    with pytest.raises(ValueError, match=complaint):
        images.bgr_from_image(image)


@pytest.mark.parametrize(
    "error",
    [
        "ImportError('numpy.core.multiarray failed to import')",
        "AttributeError('_ARRAY_API not found')",
        "SystemError('initialization of cv_bridge_boost raised unreported exception')",
        "ModuleNotFoundError('no cv_bridge_boost', name='cv_bridge.boost')",
    ],
)
def test_a_cv_bridge_of_another_numpy_is_one_clear_error(install_cv_bridge, capsys, error):
    install_cv_bridge(FAILING.format(error=error))

    for _ in range(3):
        with pytest.raises(ValueError, match=r"'rgb16' is not supported; .*cannot be loaded: "):
            images.bgr_from_image(packed(np.zeros((HEIGHT, 6 * WIDTH)), "rgb16"))

    assert capsys.readouterr().out.count("page after page") == 1


def test_what_needs_no_cv_bridge_does_not_load_it(bgr, install_cv_bridge):
    install_cv_bridge("raise RuntimeError('loaded')")

    assert np.array_equal(images.bgr_from_image(packed(bgr.reshape(HEIGHT, -1), "bgr8")), bgr)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"width": 0}, "0x8 image in bgr8 has no pixels"),
        ({"height": 0}, "12x0 image in bgr8 has no pixels"),
        ({"step": 35}, "needs a step of at least 36 bytes, got 35"),
        ({"data": array.array("B", bytes(100))}, "needs 288 bytes of data, got 100"),
        ({"data": array.array("B")}, "needs 288 bytes of data, got 0"),
        ({"height": 2**32 - 1}, "bytes of data, got 288; was it cut off?"),
        ({"encoding": "nv12", "height": 7, "step": 12}, "multiples of 2 and 2"),
        ({"encoding": "yuv422", "width": 11}, "multiples of 2 and 1"),
        ({"encoding": "nv24"}, "needs 840 bytes of data, got 288"),
    ],
)
def test_a_message_that_claims_too_much_is_refused_with_the_numbers(bgr, changes, complaint):
    image = packed(bgr.reshape(HEIGHT, -1), "bgr8", padding=0)
    for field, value in changes.items():
        setattr(image, field, value)

    with pytest.raises(ValueError, match=complaint):
        images.bgr_from_image(image)


@pytest.mark.parametrize("is_contiguous", [True, False])
def test_a_picture_and_its_message_are_inverses(bgr, is_contiguous):
    picture = bgr if is_contiguous else bgr[:, ::-1]
    header = Header(frame_id="camera")

    image = image_from_bgr(picture, header)

    assert image.header is header
    assert (image.width, image.height, image.step) == (WIDTH, HEIGHT, 3 * WIDTH)
    assert isinstance(image.data, array.array)
    assert np.array_equal(images.bgr_from_image(image), picture)


sizes = st.integers(0, 40) | st.sampled_from([2**16, 2**31, 2**32 - 1])


@settings(max_examples=500, deadline=None)
@given(
    encoding=st.sampled_from([*images.ENCODINGS, "", "rgb16", "\0"]),
    size=st.tuples(sizes, sizes, sizes),
    is_bigendian=st.integers(0, 255),
    data=st.binary(max_size=4000),
)
def test_any_image_is_a_picture_of_its_size_or_refused(
    raw_image, encoding, size, is_bigendian, data
):
    image = raw_image(encoding, size, is_bigendian, data)

    try:
        picture = images.bgr_from_image(image)
    except ValueError:
        return
    assert picture.shape == (image.height, image.width, 3)
    assert picture.dtype == np.uint8


def test_an_image_of_too_many_pixels_is_refused_before_it_is_converted(bgr):
    image = packed(bgr.reshape(HEIGHT, -1), "bgr8")
    pixels = WIDTH * HEIGHT

    assert images.bgr_from_image(image, max_pixels=pixels).shape == bgr.shape
    with pytest.raises(ValueError, match=rf"has {WIDTH}x{HEIGHT} pixels; at most {pixels - 1} are"):
        images.bgr_from_image(image, max_pixels=pixels - 1)
