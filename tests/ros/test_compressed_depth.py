"""Depth images as image_transport's `compressedDepth` sends them."""

import struct
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilepose_core.io.pixel_limit import PixelLimit
from mobilepose_core.messages.compressed_depth import depth_from_compressed

HOLE = 0
CLOSEST_UNIT, FARTHEST = 100.0, 10.0
"""Settings of the plugin for 32FC1: depth of which a step is one unit, and largest depth, m."""


def message(data, image_format="16UC1; compressedDepth png"):
    return SimpleNamespace(format=image_format, data=data)


def png(values):
    return cv2.imencode(".png", values)[1].tobytes()


def nibbles(number):
    """A number in RVL: three bits at a time, the lowest first; 8 says that more follow."""
    found = [number & 7]
    while number := number >> 3:
        found[-1] += 8
        found.append(number & 7)
    return found


def rvl(values):
    """(H, W) uint16 in RVL, pixel by pixel, as Wilson describes it."""
    pixels, found, place, last = values.ravel().tolist(), [], 0, 0
    while place < len(pixels):
        for is_run in (lambda value: value == HOLE, lambda value: value != HOLE):
            run = []
            while place < len(pixels) and is_run(pixels[place]):
                run.append(pixels[place])
                place += 1
            found += nibbles(len(run))
        for value in run:
            difference, last = value - last, value
            found += nibbles(2 * difference if difference >= 0 else -2 * difference - 1)
    found += [0] * (-len(found) % 8)
    words = [int("".join(f"{n:x}" for n in found[i : i + 8]), 16) for i in range(0, len(found), 8)]
    height, width = values.shape
    return struct.pack(f"<II{len(words)}I", width, height, *words)


@pytest.fixture
def millimetres():
    """(30, 40) mm, noisy, with holes alone and in a row."""
    random = np.random.default_rng(0)
    values = random.integers(1, 65535, (30, 40), np.uint16)
    values[random.random(values.shape) < 0.3] = HOLE
    values[5:7] = HOLE
    values[-1, -3:] = HOLE
    return values


@pytest.mark.parametrize("coding", ["png", "", "rvl"])
@pytest.mark.parametrize("encoding", ["16UC1", "mono16"])
def test_depth_in_millimetres_is_as_it_was(millimetres, encoding, coding):
    data = bytes(12) + (rvl if coding == "rvl" else png)(millimetres)

    depth = depth_from_compressed(message(data, f"{encoding}; compressedDepth {coding}".strip()))

    assert np.array_equal(depth.values, millimetres)
    assert (depth.unit, depth.encoding) == (0.001, encoding)


@pytest.mark.parametrize("coding", ["png", "rvl"])
def test_depth_in_metres_is_a_by_value_minus_b(coding):
    inverse = np.array([[0, 1, 101, 505], [2525, 10100, 10099, 65535]], np.uint16)
    a = CLOSEST_UNIT * (CLOSEST_UNIT + 1)  # 10100
    b = 1 - a / FARTHEST  # -1009
    data = struct.pack("<iff", 0, a, b) + (rvl if coding == "rvl" else png)(inverse)

    depth = depth_from_compressed(message(data, f"32FC1; compressedDepth {coding}"))

    expected = [[np.nan, 10, 10100 / 1110, 10100 / 1514], [10100 / 3534, 10100 / 11109]]
    assert depth.values.dtype == np.float32
    assert (depth.unit, depth.encoding) == (1.0, "32FC1")
    np.testing.assert_allclose(depth.values[0], expected[0], rtol=1e-6)
    np.testing.assert_allclose(depth.values[1, :2], expected[1], rtol=1e-6)
    assert np.isnan(depth.metres(np.array([0]), np.array([0])))


def test_rvl_as_it_is_written_by_hand():
    # 2 holes; 2 depths; +5 is 10 = 0b001'010, so 0xA, 0x1; +1 is 2; and three nibbles of padding
    data = bytes(12) + struct.pack("<III", 2, 2, 0x22A12000)

    depth = depth_from_compressed(message(data, "16UC1; compressedDepth rvl"))

    assert depth.values.tolist() == [[0, 0], [5, 6]]


def test_a_png_of_16_bits_needs_no_header(millimetres):
    depth = depth_from_compressed(message(png(millimetres), "16UC1; png compressed "))

    assert np.array_equal(depth.values, millimetres)


@pytest.mark.parametrize("coding", ["png", "rvl"])
def test_what_was_cut_off_anywhere_is_refused(millimetres, coding):
    data = bytes(12) + (rvl if coding == "rvl" else png)(millimetres)

    for end in range(0, len(data) - 40, 23):
        with pytest.raises(ValueError, match=r"was it cut off\?|is of an unknown kind"):
            depth_from_compressed(message(data[:end], f"16UC1; compressedDepth {coding}"))


def test_a_claim_of_too_many_pixels_is_refused_before_anything_is_decoded():
    claim = bytearray(png(np.zeros((8, 8), np.uint16)))
    claim[16:24] = struct.pack(">II", 30_000, 30_000)
    runs = struct.pack("<III", 30_000, 30_000, 0)

    for coding, data in (("png", bytes(claim)), ("rvl", runs)):
        with pytest.raises(ValueError, match="claims 30000x30000 pixels; at most 1000 are allowed"):
            depth_from_compressed(
                message(bytes(12) + data, f"16UC1; compressedDepth {coding}"), PixelLimit(1000)
            )


@pytest.mark.parametrize(
    ("data", "image_format", "complaint"),
    [
        (bytes(12) + png(np.ones((4, 4), np.uint16)), "64FC1; compressedDepth", "16UC1, mono16"),
        (png(np.ones((4, 4), np.uint16)), "32FC1; png compressed ", "no header of compressedDepth"),
        (png(np.ones((4, 4), np.uint8)), "16UC1; png compressed ", "expected grey, 16 bits"),
        (bytes(12) + png(np.ones((4, 4, 3), np.uint16)), "16UC1; compressedDepth", "expected grey"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "16UC1; jpeg compressed ", "is JPEG; expected PNG"),
        (bytes(20), "16UC1; compressedDepth rvl", "has no pixels"),
        (bytes(12) + struct.pack("<III", 1, 1, 0), "16UC1; compressedDepth rvl", "is damaged"),
        (bytes(12) + struct.pack("<III", 1, 1, 0x20 << 24), "16UC1; compressedDepth rvl", "damage"),
    ],
)
def test_what_is_no_compressed_depth_is_refused_with_the_reason(data, image_format, complaint):
    with pytest.raises(ValueError, match=complaint):
        depth_from_compressed(message(data, image_format))


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["16UC1; compressedDepth", "32FC1; compressedDepth", "16UC1", ""]),
    coding=st.sampled_from([" png", " rvl"]),
    head=st.binary(min_size=12, max_size=12),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4),
    end=st.integers(0, 300),
)
def test_any_message_is_a_depth_map_or_refused(kind, coding, head, changes, end):
    values = np.arange(35, dtype=np.uint16).reshape(5, 7) // 3
    data = bytearray(head + (rvl if coding == " rvl" else png)(values))[:end]
    for place, value in changes:
        if place < len(data):
            data[place] = value

    try:
        depth = depth_from_compressed(message(bytes(data), kind + coding), PixelLimit(10_000))
    except ValueError:
        return
    metres = depth.metres(np.arange(3), np.arange(3))
    assert not np.any(metres <= 0)
