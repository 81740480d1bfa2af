import numpy as np
import onnx
import pytest
from benchmarks.measure import memory, operations
from benchmarks.peers import roster
from benchmarks.peers.packages import UnavailableError
from onnx import TensorProto, helper, numpy_helper

from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file

SHAPE = (1, 3, 8, 8)


def _write(path, nodes, constants, shape=("people", 3, 8, 8)):
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), path)
    return path


def _zeros(*shape):
    return np.zeros(shape, np.float32)


def test_weights_of_8_bits_are_counted_as_others(tmp_path):
    nodes = [
        helper.make_node("Cast", ["byte"], ["unscaled"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["unscaled", "scale"], ["w"]),
        helper.make_node("Conv", ["x", "w"], ["y"]),
    ]
    constants = {"byte": np.zeros((6, 3, 1, 1), np.int8), "scale": _zeros(6, 1, 1, 1)}

    work = operations.count(_write(tmp_path / "net.onnx", nodes, constants), SHAPE)

    assert work == operations.Operations(6 * 8 * 8 * 3, 6 * 3, "FP32")


def test_a_convolution_multiplies_at_each_output_with_its_groups_kernel(tmp_path):
    node = helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], group=3, strides=[2, 2], pads=[1, 1, 1, 1]
    )
    path = _write(tmp_path / "net.onnx", [node], {"w": _zeros(6, 1, 3, 3), "b": _zeros(6)})

    work = operations.count(path, SHAPE)

    assert work == operations.Operations(6 * 4 * 4 * 9, 6 * 9 + 6, "FP32")


def test_a_transposed_convolution_multiplies_each_input_with_a_kernel(tmp_path):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])
    path = _write(tmp_path / "net.onnx", [node], {"w": _zeros(3, 5, 2, 2)})

    assert operations.count(path, SHAPE).macs == 3 * 8 * 8 * 5 * 4


def test_matrix_products_are_counted_whichever_way_their_weights_lie(tmp_path):
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["hidden"], transB=1),
        helper.make_node("MatMul", ["hidden", "v"], ["y"]),
    ]
    constants = {"w": _zeros(10, 192), "b": _zeros(10), "v": _zeros(10, 4)}
    path = _write(tmp_path / "net.onnx", nodes, constants)

    work = operations.count(path, SHAPE)

    assert (work.macs, work.parameters) == (1920 + 40, 1920 + 10 + 40)


def test_quantised_weights_are_counted_behind_what_makes_numbers_of_them(tmp_path):
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
        helper.make_node("DequantizeLinear", ["w8", "scale", "zero"], ["w"]),
        helper.make_node("Conv", ["d", "w"], ["y"]),
    ]
    constants = {
        "scale": np.array(0.1, np.float32),
        "zero": np.array(0, np.int8),
        "w8": np.zeros((4, 3, 1, 1), np.int8),
    }
    path = _write(tmp_path / "net.onnx", nodes, constants)

    assert operations.count(path, SHAPE) == operations.Operations(4 * 64 * 3, 12, "INT8")


def test_equal_values_that_a_file_keeps_once_count_for_each_use(tmp_path):
    nodes = [
        helper.make_node("Identity", ["b"], ["again"]),
        helper.make_node("Conv", ["x", "w", "b"], ["h"]),
        helper.make_node("Conv", ["h", "w", "again"], ["y"]),
    ]
    constants = {"w": _zeros(3, 3, 1, 1), "b": _zeros(3)}
    path = _write(tmp_path / "net.onnx", nodes, constants)

    assert operations.count(path, SHAPE).parameters == 9 + 3 + 3


@pytest.mark.parametrize("name", ["final", "small"])
def test_int8_does_not_change_how_much_a_released_model_computes(name):
    sessions = [PoseModel(f"{name}{kind}", "cpu") for kind in ("", "-int8")]

    whole, quantised = (
        operations.count(session.file.path, (1, session.size, session.size, 3))
        for session in sessions
    )

    assert (whole.macs, whole.parameters) == (quantised.macs, quantised.parameters)
    assert (whole.precision, quantised.precision) == ("FP32", "INT8")


def test_the_counted_parameters_of_blazepose_fill_its_file():
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    try:
        path = roster.blazepose("heavy")
    except UnavailableError as error:
        pytest.skip(str(error))

    work = operations.count(path, (1, 256, 256, 3))

    half_floats = 2 * work.parameters
    assert half_floats == pytest.approx(path.stat().st_size, rel=0.05)
    assert half_floats < path.stat().st_size


def test_a_child_tells_how_much_memory_a_network_takes():
    path = model_file.find("finder").path

    small = memory.peak_bytes(path, (1, 192, 256, 3), threads=1)
    large = memory.peak_bytes(path, (1, 1536, 2048, 3), threads=1)

    # Its input alone is 9 MB larger.
    assert 20e6 < small < large - 9e6


def test_a_child_that_fails_tells_nothing(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no network")

    assert memory.peak_bytes(tmp_path / "broken.onnx", (1,), threads=1) is None
