"""Hints from the graph for a topic without publishers."""

import pytest

from mobilepose_ros import person_boxes, silence, topic_hints

IMAGE, COMPRESSED = {topic_hints.IMAGE_TYPE}, {topic_hints.COMPRESSED_TYPE}
REALSENSE = {
    "/camera/camera/color/image_raw": IMAGE,
    "/camera/camera/color/image_raw/compressed": COMPRESSED,
    "/camera/camera/depth/image_rect_raw": IMAGE,
    "/camera/camera/depth/image_rect_raw/compressedDepth": COMPRESSED,
    "/camera/camera/infra1/image_rect_raw": IMAGE,
}


@pytest.mark.parametrize(
    ("asked", "there", "suggested"),
    [
        (
            "/camera/image_raw",
            {"/camera/camera/image_raw": IMAGE},
            "image:=/camera/camera/image_raw",
        ),
        ("/image", {"/usb_cam/image_raw": IMAGE}, "image:=/usb_cam/image_raw"),
        ("/front/image_raw", {"/front/image_rect": IMAGE}, "image:=/front/image_rect"),
        (
            "/a/image_raw",
            {"/a/image_raw/compressed": COMPRESSED},
            "set image_transport:=compressed",
        ),
        ("/a/image_raw/compressed", {"/a/image_raw": IMAGE}, "set image_transport:=raw"),
        (
            "/a/image_raw",
            {"/b/image_raw/compressed": COMPRESSED},
            "image:=/b/image_raw with image_transport:=compressed",
        ),
        (
            "/a/image_raw/compressed",
            {"/b/image_raw": IMAGE},
            "image:=/b/image_raw with image_transport:=raw",
        ),
        ("/a/compressed/compressed", {"/a/compressed": COMPRESSED}, "image:=/a"),
        (
            "/a/image_raw",
            {"/b/jpeg": COMPRESSED},
            "image/compressed:=/b/jpeg with image_transport:=compressed",
        ),
    ],
)
def test_the_topic_or_transport_that_has_images_is_named(asked, there, suggested):
    text = topic_hints.image_hint(asked, there)

    assert text.endswith(suggested)


def test_the_name_that_is_most_like_the_one_asked_for_comes_first():
    text = topic_hints.image_hint("/camera/color/image_raw", REALSENSE)

    assert text.startswith(
        "there are images on other topics: image:=/camera/camera/color/image_raw, or image:=/camera"
    )


def test_images_that_come_both_ways_are_named_once_and_depth_is_no_image():
    for asked in ("/camera/color/image_raw", "/camera/color/image_raw/compressed"):
        text = topic_hints.image_hint(asked, REALSENSE)

        assert text.count("color/image_raw") == 1
        assert "depth" not in text


def test_no_more_than_three_of_many_topics_are_named():
    many = {f"/camera{number}/image_raw": IMAGE for number in range(9)}

    text = topic_hints.image_hint("/image", many)

    assert text.count("image:=") == 3
    assert text.endswith(" and 6 more")


def test_without_images_anywhere_nothing_is_suggested():
    assert topic_hints.image_hint("/image", {}) == ""
    assert topic_hints.depth_hint("/depth", {"/camera/image_raw": IMAGE}) == ""
    assert topic_hints.hint("/camera_info", "camera_info", "a/msg/B", {}) == ""


def test_depth_is_looked_for_among_what_is_named_depth():
    text = topic_hints.depth_hint("/depth", REALSENSE)

    found = "depth:=/camera/camera/depth/image_rect_raw"
    assert text == f"there are depth images on other topics: {found}"


def test_depth_that_comes_compressed_only_is_to_be_republished():
    text = topic_hints.depth_hint("/depth", {"/e/depth/compressedDepth": COMPRESSED})

    assert "in_transport:=compressedDepth" in text
    assert "-r in/compressedDepth:=/e/depth/compressedDepth" in text
    assert text.endswith("depth:=/e/depth/raw")


def test_another_topic_of_the_same_type_is_suggested():
    kind = silence.CALIBRATION_TYPE
    known = {"/camera/color/camera_info": {kind}, "/camera/other": {"a/msg/B"}}

    text = topic_hints.hint("/camera/camera_info", "camera_info", kind, known)

    assert text == "such messages are on other topics: camera_info:=/camera/color/camera_info"


def test_the_types_of_boxes_are_those_of_the_parameter():
    assert set(silence.BOX_TYPES.values()) == set(person_boxes.READERS)
    for name in ("PersonBoxArray", "RegionOfInterest"):
        assert silence.BOX_TYPES[person_boxes.reader(name).name] == name
