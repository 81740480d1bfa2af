import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import CameraInfo, RegionOfInterest

from mobilepose_core.messages.camera_model import CameraModel

WIDTH, HEIGHT = 640, 480
MATRIX = np.array([[520.0, 0, 318.5], [0, 515.0, 242.0], [0, 0, 1]])
DISTORTION = np.array([-0.28, 0.09, 0.001, -0.0007, -0.015])
POINTS = np.array([[320.0, 240.0], [20.0, 30.0], [600.5, 451.25], [100.0, 470.0]])


def camera_info(**changes):
    values = {
        "width": WIDTH,
        "height": HEIGHT,
        "distortion_model": "plumb_bob",
        "d": DISTORTION.tolist(),
        "k": MATRIX.ravel(),
        "r": np.eye(3).ravel(),
        "p": np.hstack([MATRIX, np.zeros((3, 1))]).ravel(),
        **changes,
    }
    return CameraInfo(**values)


def second_of_a_pair():
    """The right camera of a stereo pair: turned by R, 12 cm beside, P unlike K."""
    rotation, _ = cv2.Rodrigues(np.array([0.01, -0.03, 0.005]))
    projection = np.array([[480.0, 0, 300, -480 * 0.12], [0, 480, 250, 0], [0, 0, 1, 0]])
    return camera_info(r=rotation.ravel(), p=projection.ravel())


def test_without_a_calibration_the_middle_of_the_image_lies_straight_ahead():
    camera = CameraModel.of_image(641, 481)

    (point,) = camera.back_project(np.array([[320.0, 240.0]]), 2.0)

    assert point == pytest.approx([0, 0, 2])


def test_right_and_down_in_the_image_are_x_and_y_of_the_optical_frame():
    camera = CameraModel.of_image(641, 481)

    # One focal length (641 pixels) beside the axis is 45 degrees: as far beside as ahead.
    (point,) = camera.back_project(np.array([[320.0 + 641, 240.0 + 641 / 2]]), 2.0)

    assert point == pytest.approx([2, 1, 2])


def test_points_in_space_come_back_from_where_the_camera_shows_them():
    places = np.array([[0.1, -0.2, 1.0], [-1.1, 0.6, 2.5], [2.2, 1.4, 4.0], [0.0, 0.0, 0.3]])
    points, _ = cv2.projectPoints(places, np.zeros(3), np.zeros(3), MATRIX, DISTORTION)

    camera = CameraModel.from_info(camera_info(), WIDTH, HEIGHT)
    back = camera.back_project(points.reshape(-1, 2), places[:, 2])

    assert np.abs(back - places).max() < 1e-4


@pytest.mark.parametrize("info", [camera_info(), second_of_a_pair()], ids=["mono", "stereo"])
def test_the_camera_display_draws_a_place_on_the_pixel_of_the_rectified_picture(info):
    """RViz projects with P alone; image_proc rectifies with K, D, R and P."""
    rotation, projection = info.r.reshape(3, 3), info.p.reshape(3, 4)
    rectified = cv2.undistortPointsIter(
        POINTS.reshape(-1, 1, 2), MATRIX, DISTORTION, rotation, projection, (3, 100, 1e-9)
    ).reshape(-1, 2)

    for points, is_rectified in ((POINTS, False), (rectified, True)):
        camera = CameraModel.from_info(info, WIDTH, HEIGHT, is_rectified)
        places = camera.back_project(points, 2.0)
        u, v, w = projection @ np.vstack([places.T, np.ones(len(places))])

        assert places[:, 2] == pytest.approx(2.0)
        assert np.abs(np.stack([u / w, v / w], axis=1) - rectified).max() < 0.01


def test_what_lies_behind_the_rectified_picture_has_no_ray():
    camera = CameraModel.from_info(camera_info(), WIDTH, HEIGHT)

    turned = replace(camera, rotation=np.diag([-1.0, 1.0, -1.0]))

    assert np.isnan(turned.rays(POINTS)).all()


def test_a_raw_picture_taken_for_rectified_is_overlaid_pixel_by_pixel():
    camera = CameraModel.from_info(camera_info(), WIDTH, HEIGHT, rectified=True)

    x, y, z = camera.back_project(POINTS, 2.0).T

    assert MATRIX[0, 0] * x / z + MATRIX[0, 2] == pytest.approx(POINTS[:, 0])
    assert MATRIX[1, 1] * y / z + MATRIX[1, 2] == pytest.approx(POINTS[:, 1])


def test_a_region_of_interest_and_binning_show_the_same_world():
    # From pixel (100, 40) on, 2 x 2 of the sensor's pixels are one of the image's.
    roi = RegionOfInterest(x_offset=100, y_offset=40, width=400, height=300)
    part = camera_info(roi=roi, binning_x=2, binning_y=2)
    whole = CameraModel.from_info(camera_info(), WIDTH, HEIGHT)

    camera = CameraModel.from_info(part, 200, 150)

    # The middle of the image's pixel (10, 20) is between the sensor's 120 and 121, 80 and 81.
    expected = whole.rays(np.array([[120.5, 80.5]]))
    assert camera.rays(np.array([[10.0, 20.0]])) == pytest.approx(expected)


def test_an_image_that_was_scaled_shows_the_same_world():
    whole = CameraModel.from_info(camera_info(), WIDTH, HEIGHT)

    camera = CameraModel.from_info(camera_info(), 2 * WIDTH, 2 * HEIGHT)

    # The middle of pixel 100 is the seam of the pixels 200 and 201.
    expected = whole.rays(np.array([[100.0, 50.0]]))
    assert camera.rays(np.array([[200.5, 100.5]])) == pytest.approx(expected)


def test_sizes_that_were_rounded_to_whole_pixels_have_the_same_aspect():
    info = camera_info(width=1280, height=720)

    assert CameraModel.from_info(info, 427, 240).matrix[0, 0] == pytest.approx(520 * 427 / 1280)


@pytest.mark.parametrize("unset", ["p", "r", "d", "distortion_model"])
def test_what_many_drivers_leave_unset_is_not_needed(unset):
    zeros = {"p": np.zeros(12), "r": np.zeros(9), "d": [], "distortion_model": ""}
    changes = {"d": [0.0] * 5, unset: zeros[unset]}

    (ray,) = CameraModel.from_info(camera_info(**changes), WIDTH, HEIGHT).rays(POINTS[1:2])

    assert ray == pytest.approx([(20 - 318.5) / 520, (30 - 242) / 515, 1])


def _k(index, value):
    matrix = MATRIX.ravel().copy()
    matrix[index] = value
    return matrix


def _p(index, value):
    projection = np.hstack([MATRIX, np.zeros((3, 1))]).ravel()
    projection[index] = value
    return projection


def _d(count, index, value):
    coefficients = np.full(count, 1e-3)
    coefficients[index] = value
    return coefficients.tolist()


WRONG = [
    ({"k": np.zeros(9)}, "K is all zeros: the camera is not calibrated"),
    ({"k": _k(0, math.nan)}, "K is .*nan.*; expected finite numbers"),
    ({"k": _k(2, math.inf)}, "K is .*inf.*; expected finite numbers"),
    ({"k": _k(4, -515.0)}, "K is .*; expected rows fx 0 cx, 0 fy cy, 0 0 1"),
    ({"k": _k(8, 0.0)}, "K is .*; expected rows fx 0 cx"),
    ({"k": _k(3, 7.0)}, "K is .*; expected rows fx 0 cx"),
    ({"p": np.arange(12.0)}, "P is .*; expected rows fx 0 cx"),
    ({"p": np.full(12, math.nan)}, "P is .*; expected finite numbers"),
    ({"d": [0.1, math.nan, 0, 0, 0]}, "D is .*; expected finite numbers"),
    ({"d": [0.1, 0.2]}, "D has 2 coefficients; plumb_bob has 4 or 5 or 8"),
    ({"distortion_model": "omni"}, "model 'omni' is not supported"),
    ({"r": np.full(9, 1.0)}, "R is .*; expected a rotation"),
    ({"r": -np.eye(3).ravel()}, "R is .*; expected a rotation"),
    (
        {"r": np.diag([-1.0, 1.0, -1.0]).ravel()},
        "R is .*: it turns the rays of the image backwards",
    ),
    ({"k": _k(0, 1e-30)}, "K has a focal length of 1e-30 pixels .*640x480; expected 6.4 to 640000"),
    ({"k": _k(4, 1e30)}, "K has a focal length of 1e.30 pixels .*640x480; expected 6.4 to 640000"),
    ({"k": _k(2, 1e30)}, r"K has its principal point at \(1e\+30, 242\) pixels .*; expected"),
    ({"k": _k(5, -5000.0)}, r"K has its principal point at \(318.5, -5000\) pixels .*; expected"),
    ({"p": _p(0, 1e-30)}, "P has a focal length of 1e-30 pixels"),
    ({"p": _p(6, -1e9)}, r"P has its principal point at \(318.5, -1e\+09\) pixels"),
    ({"p": _p(3, 1e30)}, "P places the camera .* m beside its pair; expected at most 100 m"),
    *(
        (
            {"d": _d(count, index, 1e30), "distortion_model": model},
            rf"D is .*; .*\({name}\) is 1e.30",
        )
        for model, count, index, name in (
            ("plumb_bob", 5, 0, "k1"),
            ("plumb_bob", 5, 2, "p1"),
            ("plumb_bob", 4, 3, "p2"),
            ("plumb_bob", 5, 4, "k3"),
            ("rational_polynomial", 8, 5, "k4"),
            ("rational_polynomial", 8, 7, "k6"),
            ("rational_polynomial", 12, 11, "s4"),
            ("equidistant", 4, 0, "k1"),
            ("equidistant", 4, 3, "k4"),
            ("unheard of", 5, 1, "k2"),
        )
    ),
    ({"d": _d(14, 13, 1e30)}, r"D tilts the sensor by 1e\+30 rad"),
    ({"d": _d(14, 12, -1.6)}, r"D tilts the sensor by 1.6 rad"),
    ({"d": [0.0, -1e4, 0.0, 0.0, 0.0]}, r"D is .*; .*\(k2\) is -10000"),
    ({"width": 0, "height": 0}, "is for 0x0 pixels, but the image has 640x480"),
    ({"width": 640, "height": 400}, "expected the same size, or another of the same aspect"),
    ({"binning_x": 1000, "binning_y": 1000}, "is for 0x0 pixels"),
    (
        {"roi": RegionOfInterest(x_offset=600, width=100, height=100)},
        r"roi of 100x100 pixels at \(600, 0\) exceeds the sensor's 640x480",
    ),
]


@pytest.mark.parametrize(("changes", "complaint"), WRONG)
def test_what_is_not_usable_is_named(changes, complaint):
    with pytest.raises(ValueError, match=f"CameraInfo.*{complaint}"):
        CameraModel.from_info(camera_info(**changes), WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("model", "distortion", "focal_length"),
    [
        ("plumb_bob", [-0.4, 0.2, 0.0, 0.0, -0.05], 300.0),  # 94 degrees wide
        ("plumb_bob", [-60.0, 9000.0, 0.0, 0.0, 0.0], 20000.0),  # a telephoto lens
        ("rational_polynomial", [30.0, 12.0, 1e-4, 1e-4, 1.0, 30.0, 20.0, 4.0], 600.0),
        ("equidistant", [-0.013, 0.008, -0.006, 0.001], 125.0),  # 220 degrees in the height
    ],
)
def test_an_unusual_lens_is_usable(model, distortion, focal_length):
    matrix = np.array([[focal_length, 0, 318.5], [0, focal_length, 242.0], [0, 0, 1]])
    info = camera_info(k=matrix.ravel(), d=distortion, distortion_model=model, p=np.zeros(12))

    camera = CameraModel.from_info(info, WIDTH, HEIGHT)

    (ray,) = camera.rays(matrix[None, :2, 2] + 20)
    assert ray[:2] * focal_length == pytest.approx([20, 20], abs=3)


def test_a_corner_of_the_sensor_that_the_lens_does_not_reach_is_no_mistake():
    fisheye = camera_info(
        k=np.array([125.0, 0, 319.5, 0, 125.0, 239.5, 0, 0, 1]),
        d=[-0.013, 0.008, -0.006, 0.001],
        distortion_model="equidistant",
        p=np.zeros(12),
        roi=RegionOfInterest(width=64, height=48),
    )

    assert np.isnan(CameraModel.from_info(fisheye, 64, 48).rays(np.array([[5.0, 5.0]]))).all()


def test_a_rectified_image_needs_p():
    with pytest.raises(ValueError, match="P is all zeros: the camera is not calibrated"):
        CameraModel.from_info(camera_info(p=np.zeros(12)), WIDTH, HEIGHT, rectified=True)


numbers = st.floats() | st.sampled_from([0.0, 1.0, 500.0])
sizes = st.sampled_from([0, 1, 2, 320, 480, 640, 2**32 - 1])


@settings(max_examples=300, deadline=None)
@given(
    k=st.lists(numbers, min_size=9, max_size=9) | st.just(MATRIX.ravel().tolist()),
    p=st.lists(numbers, min_size=12, max_size=12) | st.just([0.0] * 12),
    r=st.lists(numbers, min_size=9, max_size=9) | st.just(np.eye(3).ravel().tolist()),
    d=st.lists(numbers, max_size=15),
    model=st.sampled_from(["", "plumb_bob", "rational_polynomial", "equidistant", "x"]),
    size=st.tuples(sizes, sizes, sizes, sizes, sizes, sizes),
    rectified=st.booleans(),
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_any_camera_info_is_used_or_refused(k, p, r, d, model, size, rectified):
    info = camera_info(k=k, p=p, r=r, d=d, distortion_model=model, width=size[0], height=size[1])
    info.binning_x, info.binning_y, info.roi.width, info.roi.height = size[2:]

    try:
        camera = CameraModel.from_info(info, WIDTH, HEIGHT, rectified)
    except ValueError:
        return
    assert camera.back_project(POINTS, 2.0).shape == (4, 3)
