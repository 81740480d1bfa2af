"""The page of examples shows each of them, with a picture that the program draws."""

import re

import cv2
from tools import example_pictures

ROOT = example_pictures.DOCS.parent


def test_each_example_is_on_the_page_with_a_picture_of_what_happens(tmp_path):
    example_pictures.main(tmp_path)

    drawn = {path.name: cv2.imread(str(path)) for path in tmp_path.iterdir()}
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    examples = {path.stem for path in (ROOT / "examples").iterdir() if path.stem != "__pycache__"}
    assert all(name in page for name in examples)
    assert set(drawn) == {f"example-{name.replace('_', '-')}.png" for name in examples}
    assert set(re.findall(r"\((example-.*png)\)", page)) == set(drawn)
    for name, picture in drawn.items():
        assert picture.shape == cv2.imread(str(ROOT / "docs" / name)).shape
