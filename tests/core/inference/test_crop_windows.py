"""Windows show what their regions do, wherever these lie, and lead back to the frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilepose_core import crop
from mobilepose_core.inference.pose_model import Windows

SIZE = 32


def smooth_picture(width, height):
    noise = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(-100, 500),
    y=st.floats(-100, 400),
    side=st.floats(1, 900),
    width=st.integers(20, 401),
    height=st.integers(20, 301),
)
def test_a_point_of_the_crop_is_where_it_came_from(x, y, side, width, height):
    """Pictures of their own coordinates are seen through a window, and read back."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    frame = np.stack([across % 256, down % 256, across // 256], axis=-1).astype(np.uint8)
    windows = Windows([crop.Region(x, y, side)], SIZE)

    (shown,) = windows.cut(frame)
    cells = np.array([[[u, v] for u in range(2, 30, 9) for v in range(2, 30, 9)]], np.float32)
    reach = max(2.0, side / SIZE)
    for (u, v), (px, py) in zip(cells[0].astype(int), windows.to_image(cells)[0], strict=True):
        inside = reach < px < width - 1 - reach and reach < py < height - 1 - reach
        if inside and px % 256 > reach and px % 256 < 255 - reach:
            assert shown[v, u, 0] == pytest.approx(px % 256, abs=1.5)
        if inside and py % 256 > reach and py % 256 < 255 - reach:
            assert shown[v, u, 1] == pytest.approx(py % 256, abs=1.5)


@pytest.mark.parametrize(
    "region",
    [
        crop.Region(60.2, 50.9, 40.3),
        crop.Region(60.2, 50.9, 133.0),
        crop.Region(3.0, 110.0, 90.0),
        crop.Region(80.0, 60.0, 500.0),
    ],
)
def test_a_window_shows_what_a_warp_to_its_place_does(region):
    picture = smooth_picture(161, 121)
    windows = Windows([region], SIZE)
    (left, top), (right, bottom) = windows.to_image(
        np.array([[[-0.5, -0.5], [SIZE - 0.5, SIZE - 0.5]]], np.float32)
    )[0]
    place = crop.Region((left + right) / 2, (top + bottom) / 2, right - left)

    (shown,) = windows.cut(picture)

    assert (right - left, bottom - top) == pytest.approx((region.side,) * 2, rel=0.05)
    assert (place.x, place.y) == pytest.approx((region.x, region.y), abs=region.side / SIZE)
    apart = np.abs(shown.astype(int) - crop.cut(picture, place, SIZE))
    assert apart.mean() < 3


def test_borders_are_where_the_frame_ends_in_the_crop():
    white = np.full((60, 80, 3), 255, np.uint8)
    windows = Windows([crop.Region(0.0, 30.0, 64.0), crop.Region(70.0, 5.0, 40.0)], SIZE)

    for shown, (x0, y0, x1, y1) in zip(windows.cut(white), windows.borders(80, 60), strict=True):
        is_white = (shown > 200).all(axis=-1)
        rows, columns = np.nonzero(is_white)
        assert columns.min() == pytest.approx(max(x0, -0.5) + 0.5, abs=1)
        assert rows.min() == pytest.approx(max(y0, -0.5) + 0.5, abs=1)
        assert columns.max() == pytest.approx(min(x1, SIZE - 0.5) - 0.5, abs=1)
        assert rows.max() == pytest.approx(min(y1, SIZE - 0.5) - 0.5, abs=1)


def test_where_there_is_no_frame_the_crop_is_grey():
    (shown,) = Windows([crop.Region(-500.0, 20.0, 50.0)], SIZE).cut(smooth_picture(80, 60))

    assert (shown == crop.BORDER).all()


@pytest.mark.parametrize("side", [0.001, 200.0, 33_000.0, 1e7])
def test_frames_and_regions_of_any_size_are_shown(side):
    frame = np.zeros((100, 33_001, 3), np.uint8)
    frame[:, 20_000:20_800] = 255

    (shown,) = Windows([crop.Region(20_100.0, 50.0, side)], SIZE).cut(frame)

    assert shown.shape == (SIZE, SIZE, 3)
    assert shown[SIZE // 2, SIZE // 2].max() == {200.0: 255, 0.001: 255}.get(side, shown[16, 16, 0])


def test_fine_stripes_are_averaged_not_skipped():
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255

    (shown,) = Windows([crop.region_of_frame(640, 640)], SIZE).cut(stripes)

    assert np.abs(shown.astype(int) - 127).max() <= 2


def test_several_windows_are_cut_as_each_by_itself():
    picture = smooth_picture(161, 121)
    regions = [crop.Region(30.0 + i, 40.0, 25.0 * (i + 1)) for i in range(4)]

    together = Windows(regions, SIZE).cut(picture)

    for region, shown in zip(regions, together, strict=True):
        assert np.array_equal(Windows([region], SIZE).cut(picture)[0], shown)


@pytest.mark.parametrize("region", [crop.Region(60.2, 50.9, 43.0), crop.Region(60.0, 50.0, 133.0)])
def test_an_upright_window_is_the_middle_of_the_square_as_nearly_as_pixels_are_whole(region):
    picture, margin = smooth_picture(161, 121), SIZE // 8
    square, upright = Windows([region], SIZE), Windows([region], SIZE, margin)

    (whole,), (middle,) = square.cut(picture), upright.cut(picture)

    assert middle.shape == (SIZE, SIZE - 2 * margin, 3)
    apart = np.abs(whole[:, margin:-margin].astype(int) - middle)
    assert apart.mean() < 4
    corners = np.array([[[margin - 0.5, -0.5], [SIZE - margin - 0.5, SIZE - 0.5]]], np.float32)
    assert upright.to_image(corners) == pytest.approx(square.to_image(corners), abs=0.51)


def test_points_of_an_upright_window_lead_to_where_they_were_seen():
    across, down = np.meshgrid(np.arange(200), np.arange(150))
    frame = np.stack([across, down, across], axis=-1).astype(np.uint8)
    windows = Windows([crop.Region(100.3, 75.2, 57.0)], SIZE, SIZE // 8)

    (shown,) = windows.cut(frame)
    ((x, y),) = windows.to_image(np.array([[[10.0, 20.0]]], np.float32))[0]
    (x0, y0, x1, y1), (left, top) = (
        windows.borders(200, 150)[0],
        windows.to_image(windows.borders(200, 150)[:, None, :2])[0, 0],
    )

    assert shown[20, 10 - SIZE // 8, :2] == pytest.approx((x, y), abs=1)
    assert (left, top) == pytest.approx((-0.5, -0.5), abs=1e-3)
    assert x1 - x0 > y1 - y0
