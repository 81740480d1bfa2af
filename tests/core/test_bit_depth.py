import numpy as np
import pytest

from mobilepose_core.bit_depth import BitDepth


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_the_upper_8_bits_are_those_of_the_bits_in_use(bits, order):
    values = np.linspace(0, 2**bits - 1, 100).astype(order)

    result = BitDepth().to_8_bits(values)

    assert result.dtype == np.uint8
    assert np.array_equal(result, np.linspace(0, 2**bits - 1, 100).astype(int) >> (bits - 8))


def test_a_sensor_has_one_of_the_usual_depths():
    assert BitDepth().to_8_bits(np.array([0, 600], np.uint16)).tolist() == [0, 150]


def test_brightness_does_not_change_with_what_is_shown():
    depth = BitDepth()
    depth.to_8_bits(np.array([1000], np.uint16))

    assert depth.to_8_bits(np.array([0, 40, 200], np.uint16)).tolist() == [0, 10, 50]


def test_a_depth_that_turns_out_to_be_larger_is_reported_once():
    reports = []
    depth = BitDepth(reports.append)

    for brightest in (300, 1000, 3000, 900, 4000):
        depth.to_8_bits(np.array([brightest], np.uint16))

    assert [text.partition(" of them")[0] for text in reports] == [
        "images of 16 bits use the lower 10",
        "images of 16 bits use the lower 12",
    ]


def test_a_black_picture_is_black():
    assert not BitDepth().to_8_bits(np.zeros((3, 4), np.uint16)).any()


def test_pixels_of_8_bits_stay_as_they_are():
    values = np.arange(5, dtype=np.uint8)

    assert BitDepth().to_8_bits(values) is values


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint32])
def test_pixels_of_another_type_are_refused(kind):
    with pytest.raises(ValueError, match=f"pixels are of {np.dtype(kind)}; expected uint8 or"):
        BitDepth().to_8_bits(np.ones(3, kind))
