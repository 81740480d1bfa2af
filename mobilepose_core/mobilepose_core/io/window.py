"""A window in which frames are shown as they come."""

from __future__ import annotations

import os
import sys

import cv2

from mobilepose_core.io.result import Result

TITLE = "mobilepose"

_LOOK = cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL

_ENDING_KEYS = {ord("q"), ord("Q"), 27}
"""27 is Escape."""

_KEY_WAIT = 50
"""How often it is looked whether a window is closed, ms."""


class WindowClosed(Exception):  # noqa: N818 - no error
    """The user closed the window, or pressed a key to quit."""


class PreviewWindow:
    """Shows results until `q`, Escape or its own close button."""

    def __init__(self) -> None:
        """Opens it.

        Raises:
            ValueError: there is no display, or OpenCV was built without windows.
        """
        displays = ("DISPLAY", "WAYLAND_DISPLAY")
        if sys.platform == "linux" and not any(map(os.environ.get, displays)):
            raise ValueError(
                "a window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; "
                "run it on a desktop, or save the pictures"
            )
        try:
            cv2.namedWindow(TITLE, _LOOK)
        except cv2.error:
            raise ValueError(
                "a window needs an OpenCV that has windows, and this one has none: pip uninstall "
                "opencv-python-headless, then pip install 'opencv-python<5' in place of it"
            ) from None
        self._is_sized = False

    def write(self, result: Result) -> None:
        """Shows a frame; a photograph until a key is pressed.

        Raises:
            WindowClosed: no more shall be shown.
        """
        if not self._is_sized:
            height, width = result.picture.shape[:2]
            cv2.resizeWindow(TITLE, width, height)
            self._is_sized = True
        cv2.imshow(TITLE, result.picture)
        key = cv2.waitKey(1)
        while result.frame.time is None and key < 0 and self._is_open():
            key = cv2.waitKey(_KEY_WAIT)
        if key & 0xFF in _ENDING_KEYS or not self._is_open():
            raise WindowClosed

    def close(self) -> None:
        """Closes it."""
        cv2.destroyAllWindows()

    def _is_open(self) -> bool:
        return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) > 0
