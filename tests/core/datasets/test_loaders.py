"""What the loaders have in common."""

import pytest

from mobilepose_core import datasets


def test_an_unknown_format_or_folder_is_refused_with_what_is_known(tmp_path):
    with pytest.raises(ValueError, match="flic, lsp, coco"):
        datasets.load("mpii", tmp_path)
    with pytest.raises(ValueError, match="not a folder"):
        datasets.load("flic", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no data set recognised"):
        datasets.recognise(tmp_path)
