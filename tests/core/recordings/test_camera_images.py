"""Pictures of a recorded camera: what is too large is refused before it is decoded."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mobilepose_core.errors import FrameError
from mobilepose_core.recordings.camera_images import CameraImages
from mobilepose_core.recordings.message_types import COMPRESSED


def test_an_image_that_is_too_large_is_refused_without_a_parameter_that_is_not_there():
    png = bytearray(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    png[16:24] = (30_000).to_bytes(4, "big") * 2
    message = SimpleNamespace(format="bgr8; png compressed bgr8", data=bytes(png))

    with pytest.raises(FrameError) as error:
        CameraImages(COMPRESSED, print).picture(message)

    assert str(error.value).endswith("30000x30000 pixels; at most 67108864 are allowed")
