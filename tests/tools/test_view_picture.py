"""The picture of docs/view.md is what the program shows."""

import cv2
import numpy as np
import pytest
from tools import browser, view_picture

if browser.program() is None:
    pytest.skip(f"no browser ({', '.join(browser.NAMES)})", allow_module_level=True)
pytest.importorskip("skimage", reason="scikit-image has the photograph")

LIMBS = {"left": (255, 160, 40), "right": (40, 110, 255), "middle": (90, 220, 90)}
"""BGR."""


def share(picture, colour):
    """Of the pixels that have a colour."""
    return np.mean(np.abs(picture.astype(int) - colour).max(axis=2) < 12)


def test_the_picture_shows_the_astronauts_skeleton(tmp_path):
    view_picture.main(tmp_path / "view.png", seconds=0)

    made = cv2.imread(str(tmp_path / "view.png"))
    in_docs = cv2.imread(str(view_picture.PICTURE))
    assert made.shape == in_docs.shape == (*view_picture.SIZE[::-1], 3)
    for side, colour in LIMBS.items():
        assert share(made, colour) > 3e-4, side
    photograph, page = made[60:560, 120:700], made[:, 1105:]
    assert photograph.std() > 40
    assert page.std() < 3  # the light ground beside it


def test_the_page_of_the_view_has_the_picture():
    page = view_picture.PICTURE.with_name("view.md").read_text(encoding="utf-8")

    assert f"]({view_picture.PICTURE.name})" in page
