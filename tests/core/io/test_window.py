import sys

import cv2
import pytest

from mobilepose_core.io.window import PreviewWindow

HAS_NO_WINDOWS = any(
    line.split() == ["GUI:", "NONE"] for line in cv2.getBuildInformation().splitlines()
)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its display")
def test_without_a_display_that_is_said_at_once(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    with pytest.raises(ValueError, match="neither DISPLAY nor WAYLAND_DISPLAY is set"):
        PreviewWindow()


@pytest.mark.skipif(not HAS_NO_WINDOWS, reason="this OpenCV has windows")
def test_an_opencv_without_windows_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")

    with pytest.raises(ValueError, match="pip uninstall opencv-python-headless, then pip install"):
        PreviewWindow()
