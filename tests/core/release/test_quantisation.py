import cv2
import numpy as np
import onnx
import pytest
import skimage.data
from onnx import TensorProto

from mobilepose_core import person_map
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.release.quantisation import KEPT_OF_DETECTOR, quantise


def test_the_int8_network_finds_nearly_the_same_joints(red_model, red_light, tmp_path):
    places = [(20, 20), (24, 40), (40, 24), (44, 44)]
    crops = [red_light(x, y, width=64, height=64, radius=8.0)[None] for x, y in places]

    quantise(red_model, iter(crops), tmp_path / "int8.onnx")

    whole, quantised = PoseModel(red_model), PoseModel(tmp_path / "int8.onnx")
    for crop in crops:
        # Half a cell: a heatmap of 8 bits is flat around its peak.
        assert np.allclose(quantised.infer(crop).joints, whole.infer(crop).joints, atol=2.0)
    operators = {node.op_type for node in onnx.load(tmp_path / "int8.onnx").graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= operators


@pytest.fixture(scope="module")
def detectors(tmp_path_factory):
    """The released detector of people and its INT8 network."""
    whole = model_file.find("finder").path
    quantised = tmp_path_factory.mktemp("detectors") / "int8.onnx"
    photograph = skimage.data.astronaut()[..., ::-1]
    canvases = (person_map.canvas_of(512, 512, size) for size in (128, 160, 192))
    quantise(whole, (canvas.show(photograph)[None] for canvas in canvases), quantised)
    return whole, quantised


def test_the_weights_have_7_bits_so_that_sums_of_products_cannot_overflow(detectors):
    _, quantised = detectors
    constants = onnx.load(quantised).graph.initializer
    weights = [onnx.numpy_helper.to_array(c) for c in constants if c.data_type == TensorProto.INT8]

    assert 60 < max(np.abs(filters.astype(int)).max() for filters in weights) <= 64


def test_the_first_convolutions_of_a_detector_and_its_last_one_stay_fp32(detectors):
    _, quantised = detectors
    graph = onnx.load(quantised).graph
    makers = {output: node.op_type for node in graph.node for output in node.output}
    weights = [makers.get(node.input[1]) for node in graph.node if node.op_type == "Conv"]

    is_quantised = [maker == "DequantizeLinear" for maker in weights]

    inside = len(is_quantised) - KEPT_OF_DETECTOR - 1
    assert inside > 20
    assert is_quantised == [False] * KEPT_OF_DETECTOR + [True] * inside + [False]


@pytest.mark.parametrize("size", [96, 224, 320])
def test_the_int8_detector_finds_nearly_the_same_on_a_canvas_of_any_size(detectors, size):
    whole, quantised = (FinderDetector(path, "cpu", 1, size) for path in detectors)
    canvas = person_map.canvas_of(640, 480, size)
    frame = canvas.show(cv2.resize(skimage.data.astronaut()[..., ::-1], (640, 480)))[None]

    (expected,), (found,) = (detector.run(frame) for detector in (whole, quantised))

    scores = found[0, person_map.SCORE]
    assert np.abs(scores - expected[0, person_map.SCORE]).mean() < 0.02
    assert len(np.unique(scores)) > 20
    assert np.median(np.abs(np.log(found[0, 1:] / expected[0, 1:]))) < 0.1
