"""Messages are those that ROS writes, from the definitions that ROS builds."""

from pathlib import Path

import numpy as np
import pytest

from mobilepose_core.messages import images
from mobilepose_core.recordings import message_types
from mobilepose_core.recordings.message_types import constructor, deserialized, serialized

SOURCE = Path(__file__).resolve().parents[3] / "ros2_ws" / "src" / "mobilepose_msgs" / "msg"
COPIES = sorted((Path(message_types.__file__).parent / "msg").glob("*.msg"))


@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.stem)
def test_the_packaged_definitions_are_those_of_mobilepose_msgs(copy):
    original = SOURCE / copy.name

    assert copy.read_bytes() == original.read_bytes(), f"cp {original} {copy}"


def test_definitions_of_all_results_are_packaged():
    assert {path.stem for path in COPIES} >= {"Joint2D", "Joint3D", "Pose2DArray", "Pose3DArray"}
    assert message_types.message_types().Skeleton().joints == []


def test_fields_that_are_not_given_are_empty_and_not_shared():
    one, other = constructor(message_types.MARKERS)(), constructor(message_types.MARKERS)()
    marker = message_types.message_types().Marker(ns="joints")

    one.markers.append(marker)

    assert other.markers == []
    assert (marker.pose.orientation.w, marker.scale.x, marker.lifetime.sec) == (1.0, 0.0, 0)


@pytest.mark.parametrize("name", ["CAMERA_INFO", "IMAGE", "MARKERS", "POSES_3D", "SKELETON"])
def test_an_empty_message_survives_a_round_trip(name):
    kind = getattr(message_types, name)
    data = serialized(constructor(kind)())

    assert serialized(deserialized(data, kind)) == data


def test_numbers_in_lists_become_arrays():
    message = message_types.message_types().Skeleton(edges=[0, 1, 1, 2])

    assert message.edges.dtype == np.uint32


@pytest.mark.parametrize("encoding", images.ENCODINGS)
def test_every_encoding_of_the_node_is_decoded_from_a_recording(encoding):
    kind = images.ENCODINGS[encoding]
    rows = np.random.default_rng(1).integers(0, 255, (int(8 * kind.rows), 12 * kind.pixel_bytes))
    image = constructor(message_types.IMAGE)(
        height=8,
        width=12,
        encoding=encoding,
        step=12 * kind.pixel_bytes,
        data=rows.astype(np.uint8).reshape(-1),
    )

    recorded = deserialized(serialized(image), message_types.IMAGE)

    picture = images.bgr_from_image(recorded)
    assert picture.shape == (8, 12, 3)
    assert np.array_equal(picture, images.bgr_from_image(image))
    assert picture.std() > 0
