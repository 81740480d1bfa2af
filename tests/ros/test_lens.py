import cv2
import numpy as np
import pytest

from mobilepose_ros import lens

MATRIX = np.array([[520.0, 0, 318.5], [0, 515.0, 242.0], [0, 0, 1]])

COEFFICIENTS = {
    "plumb_bob": [-0.28, 0.09, 0.001, -0.0007, -0.015],
    "rational_polynomial": [0.9, 0.3, 0.0005, -0.0003, 0.02, 1.2, 0.5, 0.06],
    "equidistant": [-0.013, 0.008, -0.006, 0.001],
    "fisheye": [-0.013, 0.008, -0.006, 0.001],
}


def shown_by(model, rays, distortion):
    """Points of rays (K, 3), by OpenCV's projection."""
    project = cv2.fisheye.projectPoints if model in ("equidistant", "fisheye") else None
    if project:
        points, _ = project(rays.reshape(-1, 1, 3), np.zeros(3), np.zeros(3), MATRIX, distortion)
    else:
        points, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), MATRIX, distortion)
    return points.reshape(-1, 2)


@pytest.mark.parametrize("model", lens.LENSES)
def test_distortion_is_removed_to_a_hundredth_of_a_pixel(model):
    distortion = np.array(COEFFICIENTS[model])
    x, y = np.meshgrid(np.linspace(-0.7, 0.7, 9), np.linspace(-0.5, 0.5, 7))
    rays = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    points = shown_by(model, rays, distortion)

    plane = lens.lens_of(model, distortion).to_plane(points, MATRIX, distortion)

    assert np.abs(plane - rays[:, :2]).max() * MATRIX[0, 0] < 0.01
    # It is not for nothing: without the model the corners would be off by tens of pixels.
    straight = lens.PINHOLE.to_plane(points, MATRIX, distortion)
    assert np.abs(straight - rays[:, :2]).max() * MATRIX[0, 0] > 10


@pytest.mark.parametrize("model", ["plumb_bob", "equidistant"])
def test_a_point_that_the_lens_cannot_show_has_no_place(model):
    distortion = np.array(COEFFICIENTS[model])
    points = np.array([[320.0, 240.0], [5000.0, 240.0]])

    near, far = lens.lens_of(model, distortion).to_plane(points, MATRIX, distortion)

    assert np.isfinite(near).all()
    assert np.isnan(far).all()


@pytest.mark.parametrize(
    ("model", "distortion"),
    [("", []), ("", [0.0] * 5), ("plumb_bob", []), ("plumb_bob", [0.0] * 5)],
)
def test_a_polynomial_without_coefficients_is_a_pinhole(model, distortion):
    assert lens.lens_of(model, np.array(distortion)) is lens.PINHOLE


def test_a_fisheye_bends_with_zeros_for_coefficients_too():
    # Equidistant: the angle from the axis is what counts, here 45 degrees.
    points = MATRIX[:2, 2] + np.array([[MATRIX[0, 0] * np.pi / 4, 0]])

    (place,) = lens.lens_of("equidistant", np.zeros(4)).to_plane(points, MATRIX, np.zeros(4))

    assert place == pytest.approx([1, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("model", "count", "complaint"),
    [
        ("plumb_bob", 3, "D has 3 coefficients; plumb_bob has 0 or 4 or 5"),
        ("rational_polynomial", 5, "D has 5 coefficients; rational_polynomial has 0 or 8 or 12"),
        ("equidistant", 0, "D has 0 coefficients; equidistant has 4"),
        ("scaramuzza", 5, "model 'scaramuzza' is unknown; known: plumb_bob, "),
        ("", 5, "model '' is unknown; known: plumb_bob, "),
    ],
)
def test_what_is_no_lens_is_refused_with_those_that_are(model, count, complaint):
    with pytest.raises(ValueError, match=complaint):
        lens.lens_of(model, np.full(count, 0.1))
