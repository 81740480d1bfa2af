import cv2
import numpy as np
import pytest

from mobilepose_core import crop, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.training.crops import LOOSENESS, SHARPEST, cut_loosely

CROP = 64


@pytest.fixture
def photograph(tmp_path):
    """Makes a sample of a person in a photograph of soft noise: what is resampled twice differs."""

    def of(width, height, box, name="photo.png"):
        random = np.random.default_rng(4)
        noise = random.integers(0, 256, (height, width, 3), np.uint8)
        cv2.imwrite(str(tmp_path / name), cv2.GaussianBlur(noise, (0, 0), 1))
        joints = random.uniform(box[:2], box[2:], (11, 2)).astype(np.float32)
        joints[:2] = box[:2], box[2:]
        return Sample(tmp_path / name, skeleton.among_all(joints), "somebody")

    return of


def _fitting(crops, angle=0.0, zoom=1.0):
    matrices = crop.crop_from_image(crop.Region(0, 0, 1 / zoom, angle), CROP)[None]
    return crops.cut(np.zeros(1, np.intp), matrices, CROP)[0].numpy(), matrices[0]


@pytest.mark.parametrize("box", [(100, 90, 160, 150), (2, 5, 70, 90), (230, 170, 319, 239)])
@pytest.mark.parametrize(("angle", "zoom"), [(0.0, 1.0), (0.5, 1.2), (-0.3, 1.4)])
def test_a_crop_of_what_is_kept_is_the_crop_of_the_photograph(photograph, box, angle, zoom):
    sample = photograph(320, 240, box)
    crops = cut_loosely([sample], CROP, "people")

    cut, _ = _fitting(crops, angle, zoom)

    fitting = crop.region_of_box(sample.box)
    region = crop.Region(fitting.x, fitting.y, fitting.side / zoom, angle)
    expected = crop.cut(cv2.imread(str(sample.image)), region, CROP)
    differences = np.abs(cut.astype(int) - expected)
    # OpenCV rounds places to a 32nd of a pixel, here from two origins.
    assert differences.mean() < 2
    assert np.quantile(differences, 0.99) < 16


def test_joints_go_where_the_crop_shows_them(photograph):
    sample = photograph(320, 240, (100, 90, 160, 150))
    crops = cut_loosely([sample], CROP, "people")

    _, matrix = _fitting(crops)

    expected = crop.crop_from_image(crop.region_of_box(sample.box), CROP)
    found = crop.transform(matrix, crops.joints[0])
    assert np.allclose(found, crop.transform(expected, sample.joints), atol=1e-3, equal_nan=True)


def test_no_more_is_kept_of_a_photograph_than_augmentation_reaches(photograph):
    sample = photograph(640, 480, (300, 200, 340, 260))

    crops = cut_loosely([sample], CROP, "people")

    longest = crop.region_of_box(sample.box).side * LOOSENESS
    assert max(crops.parts[0].opened().shape[:2]) <= longest + 5


def test_a_person_larger_than_a_crop_is_stored_smaller_and_looks_the_same(photograph):
    sample = photograph(1200, 900, (300, 200, 500, 500))
    crops = cut_loosely([sample], CROP, "people")

    cut, _ = _fitting(crops)

    fitting = crop.region_of_box(sample.box)
    assert fitting.side > SHARPEST * CROP
    assert max(crops.parts[0].opened().shape[:2]) < fitting.side * LOOSENESS / 1.9
    expected = crop.cut(cv2.imread(str(sample.image)), fitting, CROP)
    differences = np.abs(cut.astype(int) - expected)
    assert differences.mean() < 2


def test_a_crop_outside_the_photograph_is_grey(photograph):
    sample = photograph(100, 80, (200, 200, 260, 260))

    cut, _ = _fitting(cut_loosely([sample], CROP, "people"))

    assert (cut == crop.BORDER).mean() > 0.99


def test_people_of_unreadable_photographs_are_counted_and_left_out(photograph, tmp_path):
    seen = photograph(100, 80, (20, 20, 60, 60))
    missing = Sample(tmp_path / "missing.png", seen.joints, "nobody")

    crops = cut_loosely([missing, seen], CROP, "people")

    assert len(crops) == 1
    assert crops.unreadable == 1
    assert crops.joints.shape == (1, 19, 2)
