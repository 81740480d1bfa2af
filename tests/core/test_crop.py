import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilepose_core import crop

regions = st.builds(
    crop.Region,
    st.floats(-200, 900),
    st.floats(-200, 900),
    st.floats(20, 1500),
    st.floats(-3.2, 3.2),
)


@given(regions, st.sampled_from([128, 192, 224]))
def test_a_point_goes_to_the_crop_and_back_to_where_it_was(region, size):
    points = np.array([[0, 0], [639, 479], [123.4, 56.7]], dtype=np.float32)
    matrix = crop.crop_from_image(region, size)

    there = crop.transform(matrix, points)
    back = crop.transform(crop.invert(matrix), there)

    # float32 keeps 24 bits: a point at 1e4 crop pixels is known to about 1e-3.
    assert np.allclose(back, points, atol=1e-2)


def test_the_region_of_a_frame_maps_corner_pixels_to_corner_pixels():
    matrix = crop.crop_from_image(crop.region_of_frame(448, 448), 224)

    corners = crop.transform(matrix, np.array([[-0.5, -0.5], [447.5, 447.5]]))

    assert np.allclose(corners, [[-0.5, -0.5], [223.5, 223.5]])


def test_the_square_around_a_box_keeps_its_centre_and_widens_its_longer_side():
    region = crop.region_of_box([10, 20, 50, 120], margin=1.5)

    assert (region.x, region.y, region.side) == (30, 70, 150)


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [5, 5, 1, 1], [0, 0, np.nan, 1], [0, 1, 2]])
def test_an_invalid_box_is_refused_with_its_value(box):
    with pytest.raises(ValueError, match="box"):
        crop.region_of_box(box)


def test_joints_that_are_unknown_do_not_count_for_the_box():
    joints = np.array([[1, 2], [np.nan, np.nan], [5, -3]], dtype=np.float32)

    assert crop.box_of_joints(joints).tolist() == [1, -3, 5, 2]


def test_without_joints_there_is_no_box():
    assert np.isnan(crop.box_of_joints(np.full((11, 2), np.nan))).all()


def _blob(width, height, x, y, radius):
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    brightness = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return np.repeat(brightness[..., None], 3, axis=2).astype(np.uint8)


def _centre_of_light(picture):
    light = np.maximum(picture[..., 0].astype(float) - 140, 0)  # brighter than the grey border
    rows, columns = np.indices(light.shape)
    return np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()


@pytest.mark.parametrize(
    ("side", "angle"), [(300, 0.0), (300, 0.6), (150, -0.4), (1100, 0.0), (1100, 0.9), (777, 0.3)]
)
def test_a_light_in_the_picture_appears_where_the_matrix_says(side, angle):
    image = _blob(1000, 800, 520, 380, side / 20)
    region = crop.Region(500, 400, side, angle)

    shown = crop.cut(image, region, 224)

    expected = crop.transform(crop.crop_from_image(region, 224), np.array([520.0, 380.0]))
    # The blob's 8-bit quantisation moves its centre by some hundredths of a pixel.
    assert np.allclose(_centre_of_light(shown), expected, atol=0.15)


def test_outside_the_picture_a_crop_is_grey():
    shown = crop.cut(np.zeros((100, 100, 3), np.uint8), crop.Region(0, 0, 100), 50)

    assert (shown[:20, :20] == 128).all()
    assert (shown[-20:, -20:] == 0).all()


def test_fine_stripes_average_to_grey_when_much_is_shown_in_few_pixels():
    stripes = np.zeros((2000, 2000, 3), np.uint8)
    stripes[:, ::2] = 255

    shown = crop.cut(stripes, crop.region_of_frame(2000, 2000), 100)

    assert np.abs(shown.astype(int) - 127).max() <= 2


def test_what_a_crop_shows_does_not_depend_on_how_much_picture_is_around_it():
    picture = np.random.default_rng(0).integers(0, 256, (1000, 1201, 3), np.uint8)
    region = crop.Region(500.3, 480.8, 800.0, 0.2)

    beside = np.full((1000, 4000, 3), 7, np.uint8)
    alone = crop.cut(picture, region, 128)
    within = crop.cut(np.concatenate([picture, beside], axis=1), region, 128)

    assert np.array_equal(alone, within)


@pytest.mark.parametrize("side", [200.0, 33_000.0])
def test_a_picture_longer_than_opencv_warps_is_shown_as_any(side):
    picture = np.zeros((1000, 33_000, 3), np.uint8)
    picture[:, 20_000:20_800] = 255

    shown = crop.cut(picture, crop.Region(20_000.0 - 0.5, 500.0, side), 100)

    assert shown[50, 49].max() < 80
    assert shown[50, 50].min() > 175
