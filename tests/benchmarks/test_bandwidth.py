"""The benchmark of bandwidth measures what a pose node publishes."""

import numpy as np
import pytest
from benchmarks import bandwidth

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def messages():
    """Serialised messages of a node that sees two people."""
    return bandwidth.captured(2, "small")


def test_every_topic_of_the_node_is_measured_and_the_images_beside_it(messages):
    assert list(messages) == list(bandwidth.TYPES)


def test_sizes_are_those_of_serialised_messages(messages):
    header = 4 + 8 + 4 + len("camera_optical_frame") + 1  # CDR's own, stamp, length, text, end
    pixels = bandwidth.WIDTH * bandwidth.HEIGHT * 3

    assert pixels + header < len(messages["image"]) < pixels + header + 64
    assert len(messages["joints"]) > 2 * 11 * 12  # x, y and score of each joint
    assert len(messages["image/compressed"]) < pixels / 4


def test_kilobytes_are_those_on_the_network_where_they_are_known():
    serialised = bandwidth.row("joints", 1, 1000, None)
    sent = bandwidth.row("joints", 1, 1000, {"wire": 1100, "packets": 1.0})
    slow = bandwidth.row("diagnostics", 1, 1000, None)

    rates = np.array([row["kilobytes_per_s"] for row in (serialised, sent, slow)])
    np.testing.assert_allclose(rates, [30.0, 33.0, 1.0])
