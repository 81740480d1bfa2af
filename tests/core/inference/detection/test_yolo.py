"""Detectors of the YOLO family: small networks of each layout that see red people and green things.

A cell's score is its redness, its box a square of known side around the cell: what is painted
exactly over one cell has to come out as exactly that box, in pixels of the picture.
"""

import math

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mobilepose_core.inference.detection.yolo import YoloDetector

STRIDES = (8, 16, 32)
LAYOUTS = ("YOLOv8", "YOLOv5", "YOLOX", "YOLOX, decoded", "YOLOv10")
SIDE = 320
BOX = 100.0
"""Side of every box, input pixels."""

OBJECTNESS = 0.9
RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def cells_of(height, width):
    """Column, row and side of every cell, (N, 3)."""
    parts = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        parts.append(
            np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], 1).astype(float)
        )
    return np.concatenate(parts)


def scores_of_colours(layout, answering):
    """Nodes and constants that make `scores` (1, N, 2), redness and greenness of the cells."""
    red, scale = (2, 255) if layout.startswith("YOLOX") else (0, 1)
    nodes, constants = [], {"flat": np.array([1, 2, -1]), "cells": np.array([1])}
    for stride in STRIDES:
        weights = np.full((2, 3, stride, stride), -1 / stride**2 / scale, np.float32)
        weights[0, red] *= -1
        weights[1, 1] *= -1
        constants[f"colours{stride}"] = weights if stride in answering else 0 * weights
        nodes += [
            helper.make_node(
                "Conv",
                ["floats", f"colours{stride}"],
                [f"map{stride}"],
                strides=[stride, stride],
                kernel_shape=[stride, stride],
            ),
            helper.make_node("Reshape", [f"map{stride}", "flat"], [f"row{stride}"]),
        ]
    nodes += [
        helper.make_node("Concat", [f"row{s}" for s in STRIDES], ["signed"], axis=2),
        helper.make_node("Relu", ["signed"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["scores"], perm=[0, 2, 1]),
    ]
    return nodes, constants


def output_of(layout, cells, extra, box):
    """Nodes and constants that make `output0` of `scores`."""
    centres = (cells[:, :2] + 0.5) * cells[:, 2:]
    sides = np.full_like(centres, box)
    boxes = np.concatenate([centres, sides], 1)
    if layout == "YOLOX":
        boxes = np.concatenate([np.full_like(centres, 0.5), np.log(sides / cells[:, 2:])], 1)
    if layout == "YOLOv10":
        boxes = np.concatenate([centres - sides / 2, centres + sides / 2], 1)
    objectness = np.full((1, len(cells), 1), OBJECTNESS)
    more = np.full((1, len(cells), extra), 300.0)
    constants = {"boxes": boxes[None], "objectness": objectness, "more": more}
    if layout == "YOLOv8":
        nodes = [
            helper.make_node("Concat", ["boxes", "scores", "more"], ["rows"], axis=2),
            helper.make_node("Transpose", ["rows"], ["output0"], perm=[0, 2, 1]),
        ]
    elif layout == "YOLOv5":  # of each cell's three boxes, two with nothing in them
        constants["elsewhere"], constants["nothing"] = boxes[None] + 150, 0 * objectness
        nodes = [
            helper.make_node("Concat", ["boxes", "objectness", "scores"], ["full"], axis=2),
            helper.make_node("Concat", ["elsewhere", "nothing", "scores"], ["empty"], axis=2),
            helper.make_node("Concat", ["empty", "full", "empty"], ["output0"], axis=1),
        ]
    elif layout == "YOLOv10":
        constants |= {"k": np.array([300]), "line": np.array([1, -1]), "two": np.array(2)}
        constants |= {"last": np.array([2]), "candidates": boxes}
        nodes = [
            helper.make_node("Reshape", ["scores", "line"], ["all"]),
            helper.make_node("TopK", ["all", "k"], ["best", "places"]),
            helper.make_node("Div", ["places", "two"], ["cell"]),
            helper.make_node("Mod", ["places", "two"], ["class"]),
            helper.make_node("Gather", ["candidates", "cell"], ["corners"]),
            helper.make_node("Cast", ["class"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["best", "last"], ["score"]),
            helper.make_node("Unsqueeze", ["number", "last"], ["kind"]),
            helper.make_node("Concat", ["corners", "score", "kind"], ["output0"], axis=2),
        ]
    else:
        nodes = [helper.make_node("Concat", ["boxes", "objectness", "scores"], ["output0"], axis=2)]
    return nodes, constants


@pytest.fixture
def make_detector(tmp_path):
    """Writes a network that sees red people and green things, and returns its path."""

    def make(
        layout="YOLOv8",
        answering=STRIDES,
        size=(SIDE, SIDE),
        shape=None,
        half=False,
        extra=0,
        box=BOX,
        **metadata,
    ):
        floats = helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT)
        nodes, constants = scores_of_colours(layout, answering)
        more_nodes, more_constants = output_of(layout, cells_of(*size), extra, box)
        kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        graph = helper.make_graph(
            [floats, *nodes, *more_nodes],
            "detector",
            [helper.make_tensor_value_info("images", kind, shape or [1, 3, *size])],
            [helper.make_tensor_value_info("output0", TensorProto.FLOAT, None)],
            [
                numpy_helper.from_array(v.astype(np.float32) if v.dtype == float else v, name)
                for name, v in {**constants, **more_constants}.items()
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        helper.set_model_props(model, {name: str(value) for name, value in metadata.items()})
        path = tmp_path / "detector.onnx"
        onnx.save_model(model, str(path))
        return path

    return make


def picture_with(*squares, colour=RED, width=640, height=320):
    """A white picture with squares, (x, y, side) in its pixels."""
    picture = np.full((height, width, 3), WHITE, np.uint8)
    for x, y, side in squares:
        picture[y : y + side, x : x + side] = colour
    return picture


def box_around(x, y, side, box):
    """A square's box of side `box`, in pixels of the picture whose first has its centre at 0, 0."""
    centre = np.array([x, y] * 2) + side / 2 - 0.5
    return centre + np.array([-box, -box, box, box]) / 2


def score_of(layout):
    return OBJECTNESS if layout in ("YOLOv5", "YOLOX", "YOLOX, decoded") else 1.0


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognised_and_a_person_found_where_they_are(
    make_detector, layout, stride
):
    detector = YoloDetector(make_detector(layout, answering=(stride,)), "cpu", 1)
    assert detector.layout == layout

    # The picture is halved, so a cell is twice as large in it. Grey above it, if it is in the
    # middle, is 80 high: whole cells but of 32.
    top = 32 if stride == 32 and not layout.startswith("YOLOX") else 0
    for column, row in [(2, 1), (7, 3)]:
        square = (column * 2 * stride, row * 2 * stride + top, 2 * stride)
        found = detector(picture_with(square))

        assert found.boxes == pytest.approx(box_around(*square, 2 * BOX)[None], abs=0.01)
        assert found.scores == pytest.approx([score_of(layout)], abs=0.01)
        assert found.of_bodies
        assert (found.boxes.dtype, found.scores.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_colours_reach_the_network_in_the_order_of_its_kind(make_detector, layout):
    detector = YoloDetector(make_detector(layout), "cpu", 1)

    assert len(detector(picture_with((64, 64, 64), colour=RED))) > 0
    assert len(detector(picture_with((64, 64, 64), colour=BLUE))) == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_things_of_other_classes_are_left_out(make_detector, layout):
    green = picture_with((128, 128, 64), colour=GREEN)
    red = picture_with((128, 128, 64))

    first = YoloDetector(make_detector(layout, answering=(16,)), "cpu", 1)
    assert (len(first(red)) > 0, len(first(green)) > 0) == (True, False)

    named = make_detector(layout, answering=(16,), names={0: "fire engine", 1: "Person"})
    second = YoloDetector(named, "cpu", 1)
    assert (len(second(red)) > 0, len(second(green)) > 0) == (False, True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_of_boxes_that_show_the_same_person_one_is_left(make_detector, layout):
    detector = YoloDetector(make_detector(layout, answering=(8,)), "cpu", 1)

    # Two cells side by side: boxes of 100 that are 8 apart have 85 % of their union in common.
    assert len(detector(picture_with((160, 160, 16), (176, 160, 16)))) == 1
    # 56 apart they have 28 %.
    assert len(detector(picture_with((160, 160, 16), (272, 160, 16)))) == 2


def test_a_detection_with_a_low_score_is_dropped(make_detector):
    detector = YoloDetector(make_detector(answering=(8,)), "cpu", 1)

    assert len(detector(picture_with((160, 160, 16), colour=(0, 0, 60)))) == 0
    assert len(detector(picture_with((160, 160, 16), colour=(0, 0, 70)))) == 1


@pytest.mark.parametrize(
    ("width", "height"), [(320, 320), (320, 640), (960, 480), (160, 80), (333, 577)]
)
def test_pictures_of_every_shape_fit(make_detector, width, height):
    detector = YoloDetector(make_detector(answering=(8,)), "cpu", 1)
    # Twice the side of a cell in the picture, so that one is covered wherever it begins.
    side = round(16 * max(width, height) / SIDE)
    x, y = (width - side) // 2, (height - side) // 2

    found = detector(picture_with((x, y, side), width=width, height=height))

    assert len(found) == 1
    centre = (found.boxes[0, :2] + found.boxes[0, 2:]) / 2
    assert np.abs(centre - [(width - 1) / 2, (height - 1) / 2]).max() <= side / 2


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 700), (700, 1), (3000, 2)])
def test_tiny_pictures_have_no_detections(make_detector, width, height):
    detector = YoloDetector(make_detector(), "cpu", 1)

    assert len(detector(picture_with(width=width, height=height))) == 0


def test_the_input_may_be_oblong(make_detector):
    detector = YoloDetector(make_detector("YOLOX", (16,), size=(192, 320)), "cpu", 1)

    found = detector(picture_with((32, 64, 32), width=640, height=384))

    assert found.boxes == pytest.approx(box_around(32, 64, 32, 2 * BOX)[None], abs=0.01)


@pytest.mark.parametrize("size", [{"imgsz": [320, 320]}, {}], ids=["named", "not named"])
def test_a_network_that_takes_any_size_is_given_the_one_it_was_exported_for_or_640(
    make_detector, size
):
    side = 320 if size else 640
    path = make_detector(answering=(16,), size=(side, side), shape=["n", 3, "h", "w"], **size)

    found = YoloDetector(path, "cpu", 1)(picture_with((64, 64, 64), width=2 * side, height=side))

    assert len(found) >= 1


def test_a_network_of_half_precision_works_as_any(make_detector):
    detector = YoloDetector(make_detector(answering=(16,), half=True), "cpu", 1)

    found = detector(picture_with((64, 64, 32)))

    assert found.boxes == pytest.approx(box_around(64, 64, 32, 2 * BOX)[None], abs=0.01)


def test_columns_beyond_the_classes_that_are_named_are_not_read_as_classes(make_detector):
    """Joints, as of YOLOv8-pose, or masks."""
    path = make_detector(answering=(16,), extra=51, names={0: "person", 1: "dog"})

    found = YoloDetector(path, "cpu", 1)(picture_with((64, 64, 32)))

    assert found.scores == pytest.approx([1], abs=0.01)


@pytest.mark.parametrize("box", [math.inf, math.nan])
@pytest.mark.parametrize("layout", ["YOLOv8", "YOLOX"])
def test_a_box_that_is_not_finite_is_dropped(make_detector, layout, box):
    detector = YoloDetector(make_detector(layout, box=box), "cpu", 1)

    assert len(detector(picture_with((64, 64, 64)))) == 0


def test_an_interrupted_detector_works_again_once_it_is_resumed(make_detector):
    detector = YoloDetector(make_detector(), "cpu", 1)

    detector.interrupt()
    with pytest.raises(Exception, match="terminate flag"):
        detector(picture_with())

    detector.resume()
    assert len(detector(picture_with())) == 0


def test_the_file_and_the_provider_are_described(make_detector):
    detector = YoloDetector(make_detector(), "cpu", 1)

    assert detector.file.name == "detector"
    assert len(detector.file.checksum) == 64
    assert (detector.provider, detector.fallback) == ("CPUExecutionProvider", "")


def write_foreign(path, input_shape, output_shape, kind=TensorProto.FLOAT):
    """A network that gives zeros of a shape."""
    zeros = numpy_helper.from_array(np.zeros(output_shape, np.float32), "zeros")
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMin", ["floats"], ["least"], keepdims=0),
            helper.make_node("Mul", ["least", "zeros"], ["answer"]),
        ],
        "foreign",
        [helper.make_tensor_value_info("pixels", kind, input_shape)],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, output_shape)],
        [zeros],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save_model(model, str(path))
    return path


@pytest.mark.parametrize(
    ("input_shape", "output_shape", "kind", "shown"),
    [
        ([1, 3, 224, 224], [1, 1000], TensorProto.FLOAT, "[1, 3, 224, 224]"),
        ([1, 3, 320, 320], [1, 84, 2000], TensorProto.FLOAT, "(1, 84, 2000)"),
        ([1, 3, 320, 320], [1, 4, 2100], TensorProto.FLOAT, "(1, 4, 2100)"),
        ([1, 3, 320, 320], [1, 2100, 5], TensorProto.FLOAT, "(1, 2100, 5)"),
        ([1, 3, 320, 320], [1, 300, 7], TensorProto.FLOAT, "(1, 300, 7)"),
        ([2, 3, 320, 320], [1, 84, 2100], TensorProto.FLOAT, "[2, 3, 320, 320]"),
        ([1, 320, 320, 3], [1, 84, 2100], TensorProto.FLOAT, "[1, 320, 320, 3]"),
        ([1, 3, 320, 320], [1, 84, 2100], TensorProto.UINT8, "tensor(uint8)"),
    ],
)
def test_another_network_is_refused_with_what_it_has_and_what_was_expected(
    tmp_path, input_shape, output_shape, kind, shown
):
    path = write_foreign(tmp_path / "foreign.onnx", input_shape, output_shape, kind)

    with pytest.raises(ValueError, match=r"foreign\.onnx is not a supported detector") as raised:
        YoloDetector(path, "cpu", 1)

    assert shown in str(raised.value)
    assert "expected one input (1, 3, H, W)" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_detector_without_a_class_of_people_is_refused_with_those_it_has(make_detector):
    path = make_detector(names={0: "cat", 1: "dog"})

    with pytest.raises(ValueError, match="does not detect people: its classes are cat, dog"):
        YoloDetector(path, "cpu", 1)


@pytest.mark.parametrize("names", ["{0: 'nothing", "17", ["person", "dog"]])
def test_names_that_cannot_be_read_are_those_of_coco(make_detector, names):
    detector = YoloDetector(make_detector(answering=(16,), names=names), "cpu", 1)

    assert len(detector(picture_with((64, 64, 32)))) == 1


def test_a_network_of_no_fixed_size_that_fails_on_a_picture_is_named(make_detector):
    path = make_detector(shape=[1, 3, "h", "w"], imgsz=[352, 352])

    with pytest.raises(ValueError, match=r"detector\.onnx fails on a picture of 352x352"):
        YoloDetector(path, "cpu", 1)


def test_a_file_that_is_no_network_and_one_that_is_missing_are_named(tmp_path):
    (tmp_path / "photo.onnx").write_bytes(b"a photograph")

    with pytest.raises(ValueError, match=r"photo\.onnx cannot be loaded"):
        YoloDetector(tmp_path / "photo.onnx")
    with pytest.raises(ValueError, match=r"missing\.onnx' not found"):
        YoloDetector(tmp_path / "missing.onnx")
