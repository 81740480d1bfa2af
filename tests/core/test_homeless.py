"""A user without a home, as services in containers are: nothing ends in a traceback."""

import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import frames
from mobilepose_core.cli import main
from mobilepose_core.inference import model_file
from mobilepose_core.user_cache import user_cache


@pytest.fixture(autouse=True)
def homeless(monkeypatch):
    """HOME is not set, and the system does not know the user."""
    import pwd

    def unknown(number):
        raise KeyError(number)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


def test_what_can_be_made_anew_is_kept_among_temporary_files():
    assert user_cache() == Path(tempfile.gettempdir(), f"mobilepose-{os.getuid()}")


def test_a_cache_that_is_named_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert user_cache() == tmp_path / "mobilepose"


def test_a_path_from_home_is_one_that_is_not_there():
    with pytest.raises(ValueError, match="~/photo"):
        frames.open_source("~/photo.png")
    with pytest.raises(ValueError, match="~/model"):
        model_file.find("~/model.onnx")


def test_a_prediction_needs_no_home(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((64, 64, 3), np.uint8))

    assert main(["predict", str(tmp_path / "photo.png"), "--json"]) == 0
    assert main(["predict", "~/photo.png", "--json"]) == 1
    assert "~/photo.png" in capsys.readouterr().err
