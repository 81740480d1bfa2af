import struct

import cv2
import numpy as np
import pytest

from mobilepose_core import exif, photo

WIDTH, HEIGHT = 30, 20

UPRIGHT = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
UPRIGHT[:10, :15] = (250, 20, 20)
UPRIGHT[10:, 15:] = (20, 250, 20)
"""Blue at the top left and green at the bottom right: no turn or flip leaves it as it is."""

AS_STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.transpose(1, 0, 2),
    6: np.rot90(UPRIGHT),
    7: UPRIGHT.transpose(1, 0, 2)[::-1, ::-1],
    8: np.rot90(UPRIGHT, -1),
}
"""By EXIF's orientation, which names the place of the stored first row and first column."""


def webp(orientation, order=">", prefix=b"", picture=None):
    """A WebP whose EXIF says how it was held."""
    stored = AS_STORED[orientation] if picture is None else picture
    quality = [cv2.IMWRITE_WEBP_QUALITY, 101]  # lossless
    content = cv2.imencode(".webp", np.ascontiguousarray(stored), quality)[1].tobytes()
    height, width = stored.shape[:2]
    mark = b"MM\0*" if order == ">" else b"II*\0"
    data = prefix + mark + struct.pack(order + "IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)
    features = struct.pack("<I", 8)[:4] + struct.pack("<I", width - 1)[:3]
    features += struct.pack("<I", height - 1)[:3]
    chunks = [(b"VP8X", features), (content[12:16], content[20:]), (b"EXIF", data)]
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(chunk)) + chunk + b"\0" * (len(chunk) % 2)
        for name, chunk in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("order", "<>")
def test_a_webp_is_turned_upright_from_every_orientation(orientation, order):
    content = np.frombuffer(webp(orientation, order), np.uint8)

    assert np.array_equal(photo.decode(content), UPRIGHT)
    assert np.array_equal(photo.decode(content, upright=False), AS_STORED[orientation])


def test_exif_in_a_webp_may_begin_as_in_a_jpeg():
    content = np.frombuffer(webp(6, prefix=b"Exif\0\0"), np.uint8)

    assert np.array_equal(photo.decode(content), UPRIGHT)


@pytest.mark.parametrize("end", [14, 40, -4, -12, -20])
def test_a_webp_whose_exif_is_cut_off_is_taken_as_it_lies(end):
    content = webp(6)[:end]

    assert exif.orientation_of_webp(content) in (1, 6)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_there_is_not_turns_nothing(orientation):
    assert exif.turned_upright(UPRIGHT, orientation) is UPRIGHT
