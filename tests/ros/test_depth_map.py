import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import Image

from mobilepose_core.messages.depth_map import ENCODINGS, DepthMap


def test_another_encoding_is_refused_with_those_that_are_known():
    image = Image(width=4, height=4, step=12, encoding="bgr8")

    with pytest.raises(
        ValueError, match="'bgr8' is not supported; supported: 16UC1, mono16, 32FC1"
    ):
        DepthMap.from_image(image)


@settings(max_examples=200, deadline=None)
@given(
    encoding=st.sampled_from([*ENCODINGS, "", "32FC2"]),
    size=st.tuples(*[st.integers(0, 8) | st.sampled_from([2**16, 2**31, 2**32 - 1])] * 3),
    is_bigendian=st.integers(0, 255),
    data=st.binary(max_size=200),
)
def test_any_message_is_a_depth_map_or_refused(raw_image, encoding, size, is_bigendian, data):
    image = raw_image(encoding, size, is_bigendian, data)

    try:
        view = DepthMap.from_image(image)
    except ValueError:
        return
    assert view.values.shape == (image.height, image.width)
    view.metres(np.arange(3), np.arange(3))
