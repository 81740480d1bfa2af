"""Which depth image belongs to an image of a recording."""

import pytest

from mobilepose_core.recordings.cameras import CameraTopics
from mobilepose_core.recordings.frames import frames_of
from mobilepose_core.recordings.message_types import IMAGE, constructor, serialized
from mobilepose_core.recordings.recording import Message

CAMERA = CameraTopics("/image", "/mobilepose", depth="/depth")
STEP = 33_333_333
"""Time between two images, ns."""

HEADER, TIME = constructor("std_msgs/msg/Header"), constructor("builtin_interfaces/msg/Time")


def message(topic, number, time, stamp):
    """An image whose width tells its number."""
    sec, nanosec = divmod(stamp, 10**9)
    header = HEADER(stamp=TIME(sec=sec, nanosec=nanosec))
    return Message(topic, time, serialized(constructor(IMAGE)(header=header, width=number)))


def depths_of_images(messages):
    return [frame.depth and frame.depth.width for frame in frames_of(messages, [CAMERA])]


@pytest.mark.parametrize("later", [1_000_000, -1_000_000], ids=["after", "before"])
@pytest.mark.parametrize("stamp", [0, 5 * 10**9], ids=["without stamps", "in one second"])
def test_of_depth_images_with_equal_stamps_the_one_recorded_closest_is_taken(stamp, later):
    recorded = []
    for number in range(1, 11):
        recorded.append(message("/depth", number, number * STEP, stamp))
        if number > 1:  # the first has a depth image in any case
            recorded.append(message("/image", number, number * STEP + later, stamp))
    recorded.sort(key=lambda message: message.time)

    # an image waits for no depth image as soon as one with its stamp is known
    known = 1 if later < 0 else 0
    assert depths_of_images(recorded) == [number - known for number in range(2, 11)]


def test_the_depth_image_with_the_nearest_stamp_is_taken_however_late_it_is_recorded():
    recorded = []
    for number in range(1, 5):
        recorded.append(message("/image", number, number * STEP, number * STEP))
        recorded.append(message("/depth", number, number * STEP + 8 * STEP, number * STEP))
    recorded.sort(key=lambda message: message.time)

    assert depths_of_images(recorded) == [1, 2, 3, 4]


def test_a_depth_image_with_a_distant_stamp_is_not_taken():
    recorded = [message("/depth", 1, 0, 10**9), message("/image", 1, 1, 10**9 + 50_000_001)]

    assert depths_of_images(recorded) == [None]
    recorded[1] = message("/image", 1, 1, 10**9 + 50_000_000)
    assert depths_of_images(recorded) == [1]
