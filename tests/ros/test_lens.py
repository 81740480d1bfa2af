import cv2
import numpy as np
import pytest

from mobilepose_core.messages import lens

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

    plane = lens.distortion_of(model, distortion).lens.to_plane(points, MATRIX, distortion)

    assert np.abs(plane - rays[:, :2]).max() * MATRIX[0, 0] < 0.01
    # It is not for nothing: without the model the corners would be off by tens of pixels.
    straight = lens.PINHOLE.to_plane(points, MATRIX, distortion)
    assert np.abs(straight - rays[:, :2]).max() * MATRIX[0, 0] > 10


@pytest.mark.parametrize("model", ["plumb_bob", "equidistant"])
def test_a_point_that_the_lens_cannot_show_has_no_place(model):
    distortion = np.array(COEFFICIENTS[model])
    points = np.array([[320.0, 240.0], [5000.0, 240.0]])

    near, far = lens.distortion_of(model, distortion).lens.to_plane(points, MATRIX, distortion)

    assert np.isfinite(near).all()
    assert np.isnan(far).all()


@pytest.mark.parametrize("model", ["", *lens.LENSES, "scaramuzza", "unheard of"])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 8, 12, 14, 20])
def test_without_coefficients_or_with_zeros_it_is_a_pinhole_whatever_its_name(model, count):
    found = lens.distortion_of(model, np.zeros(count))

    assert found.lens is lens.PINHOLE
    assert found.doubt == ""


@pytest.mark.parametrize("model", ["plumb_bob", "rational_polynomial"])
@pytest.mark.parametrize("count", [4, 5, 8, 12, 14])
def test_the_polynomial_follows_from_the_number_of_coefficients(model, count):
    distortion = np.array([-0.2, 0.05, 1e-3, -7e-4, 0.01, 0.02, 0.01, 1e-3] + [1e-4] * 6)[:count]
    rays = np.array([[0.3, -0.2, 1.0], [-0.4, 0.1, 1.0]])
    points = shown_by("plumb_bob", rays, distortion)

    found = lens.distortion_of(model, distortion)

    plane = found.lens.to_plane(points, MATRIX, found.coefficients)
    assert plane == pytest.approx(rays[:, :2], abs=1e-4)
    assert found.doubt == ""


@pytest.mark.parametrize(
    ("model", "given", "used"), [("plumb_bob", 6, 5), ("plumb_bob", 20, 5), ("equidistant", 5, 4)]
)
def test_zeros_that_fill_up_the_coefficients_do_no_harm(model, given, used):
    coefficients = np.array(COEFFICIENTS[model])

    found = lens.distortion_of(model, np.pad(coefficients, (0, given - len(coefficients))))

    assert found.coefficients.tolist() == coefficients[:used].tolist()


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("Plumb Bob", "plumb_bob"),
        ("Brown-Conrady", "plumb_bob"),
        ("radtan", "plumb_bob"),
        ("kannala_brandt4", "equidistant"),
        ("EQUIDISTANT", "equidistant"),
    ],
)
def test_other_names_of_a_lens_are_known(model, known):
    found = lens.distortion_of(model, np.array(COEFFICIENTS[known]))

    assert found.lens is lens.LENSES[known]
    assert found.doubt == ""


@pytest.mark.parametrize("model", ["", "unheard of"])
def test_coefficients_of_an_unknown_model_are_a_polynomials_and_it_is_said(model):
    distortion = np.array(COEFFICIENTS["plumb_bob"])

    found = lens.distortion_of(model, distortion)

    assert found.lens is lens.LENSES["plumb_bob"]
    assert found.coefficients.tolist() == distortion.tolist()
    assert f"model {model!r} is unknown; its 5 coefficients are read as" in found.doubt


@pytest.mark.parametrize(
    ("model", "count", "complaint"),
    [
        ("plumb_bob", 3, "D has 3 coefficients; plumb_bob has 4 or 5 or 8 or 12 or 14"),
        ("rational_polynomial", 6, "D has 6 coefficients; rational_polynomial has 4 or 5 or 8"),
        ("equidistant", 5, "D has 5 coefficients; equidistant has 4"),
        ("", 3, "D has 3 coefficients; a polynomial has 4 or 5"),
        ("scaramuzza", 5, "'scaramuzza' is not supported; supported: plumb_bob, .*Rectify"),
        ("Double Sphere", 5, "'Double Sphere' is not supported; "),
    ],
)
def test_what_is_no_lens_is_refused_with_those_that_are(model, count, complaint):
    with pytest.raises(ValueError, match=complaint):
        lens.distortion_of(model, np.full(count, 0.1))
