import numpy as np
import onnx

from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.release.quantisation import quantise


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
