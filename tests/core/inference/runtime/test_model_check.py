"""A model's file may come from anybody: what would harm is refused before it is loaded."""

import contextlib
import random

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime import model_check, model_file, protobuf_fields
from mobilepose_core.inference.runtime.session import OnnxSession


def network(*nodes, weights=(), side=4):
    """A model with an input x and an output y."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", side])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    nodes = nodes or (helper.make_node("Relu", ["x"], ["y"]),)
    graph = helper.make_graph(list(nodes), "network", [x], [y], list(weights))
    domains = {node.domain for node in nodes} | {""}
    opsets = [helper.make_opsetid(domain, 17 if not domain else 1) for domain in sorted(domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def branches(node):
    """A node with a graph inside that holds another node."""
    inner = helper.make_graph([node], "inner", [], [helper.make_empty_tensor_value_info("z")])
    true = numpy_helper.from_array(np.array(True), "true")
    condition = helper.make_node("Constant", [], ["if"], value=true)
    return condition, helper.make_node("If", ["if"], ["y"], then_branch=inner, else_branch=inner)


def elsewhere(name="w"):
    """A tensor whose numbers are in another file."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


CUSTOM = helper.make_node("Erase", ["x"], ["y"], domain="com.example")
ADD = helper.make_node("Add", ["x", "w"], ["y"])


def load(path):
    """Loads a model as users do."""
    return OnnxSession(path, "cpu")


@pytest.fixture
def write(tmp_path):
    """Writes a model as it is, or bytes; returns the path."""

    def to(model):
        path = tmp_path / "model.onnx"
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        return path

    return to


@pytest.mark.parametrize("name", model_file.released_models())
def test_released_models_are_accepted(name):
    path = model_file.WEIGHTS / f"{name}.onnx"

    model_check.check(path.read_bytes(), path)


def test_a_network_of_ones_own_is_accepted(write):
    weights = [numpy_helper.from_array(np.ones(4, np.float32), "w")]

    assert load(write(network(ADD, weights=weights))).inputs[0].name == "x"


@pytest.mark.parametrize("nodes", [(CUSTOM,), branches(CUSTOM)], ids=["outside", "in a branch"])
def test_operators_that_need_a_plug_in_are_refused_by_name(write, nodes):
    with pytest.raises(ModelError, match=r"'Erase' of 'com.example'"):
        load(write(network(*nodes)))


@pytest.mark.parametrize(
    "model",
    [
        network(ADD, weights=[elsewhere()]),
        network(helper.make_node("Constant", [], ["y"], value=elsewhere(""))),
        network(*branches(helper.make_node("Constant", [], ["z"], value=elsewhere("")))),
    ],
    ids=["weights", "constant", "constant in a branch"],
)
def test_weights_in_other_files_are_refused(write, model):
    with pytest.raises(ModelError, match="weights are in another file"):
        load(write(model))


def test_a_tensor_that_fills_the_memory_is_refused(write):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**20, 2**20])

    with pytest.raises(ModelError, match="claims a tensor of 1099511627776 numbers"):
        load(write(network(ADD, weights=[tensor])))


def stored(name, values, kind=np.int64):
    return numpy_helper.from_array(np.array(values, kind), name)


HUGE = [2**16, 2**15]
SHAPED = {
    "ConstantOfShape": helper.make_node("ConstantOfShape", ["s"], ["y"]),
    "Expand": helper.make_node("Expand", ["x", "s"], ["y"]),
    "Tile": helper.make_node("Tile", ["x", "s"], ["y"]),
    "Resize": helper.make_node("Resize", ["x", "", "", "s"], ["y"]),
}


@pytest.mark.parametrize("operator", SHAPED)
def test_an_operator_that_makes_gigabytes_of_a_constant_shape_is_refused(write, operator):
    with pytest.raises(ModelError, match=f"its operator {operator} makes 2147483648 numbers"):
        load(write(network(SHAPED[operator], weights=[stored("s", HUGE)])))


@pytest.mark.parametrize(
    "shape",
    [
        helper.make_node("Constant", [], ["s"], value=stored("", HUGE)),
        helper.make_node("Constant", [], ["s"], value_ints=HUGE),
        helper.make_node("Constant", [], ["s"], value=helper.make_tensor("", 7, [2], HUGE)),
    ],
    ids=["raw", "attribute", "int64_data"],
)
def test_a_shape_in_a_node_counts_too_and_in_branches(write, shape):
    node = helper.make_node("ConstantOfShape", ["s"], ["z"])

    for nodes in ((shape, SHAPED["ConstantOfShape"]), (shape, *branches(node))):
        with pytest.raises(ModelError, match="ConstantOfShape makes 2147483648 numbers"):
            load(write(network(*nodes)))


@pytest.mark.parametrize("raw", [True, False])
def test_scales_that_make_gigabytes_are_refused(write, raw):
    scales = stored("s", [1, 2**15, 2**15], np.float32)
    if not raw:
        scales = helper.make_tensor("s", TensorProto.FLOAT, [3], [1.0, 2**15, 2**15])
    node = helper.make_node("Resize", ["x", "", "s"], ["y"])

    with pytest.raises(ModelError, match="Resize makes 1073741824 numbers"):
        load(write(network(node, weights=[scales])))


def test_random_numbers_of_an_absurd_size_are_refused(write):
    with pytest.raises(ModelError, match="RandomNormal makes"):
        load(write(network(helper.make_node("RandomNormal", [], ["y"], shape=HUGE))))


def test_a_small_constant_shape_is_accepted(write):
    node = helper.make_node("Expand", ["x", "s"], ["y"])

    assert load(write(network(node, weights=[stored("s", [3, 1, 4])]))).inputs[0].name == "x"


def sparse(size, values=None):
    values = values or helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0])
    places = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    return helper.make_sparse_tensor(values, places, [size])


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [(sparse(2**40), "claims a tensor of"), (sparse(4, elsewhere("v")), "in another file")],
)
def test_sparse_tensors_in_attributes_are_checked(write, tensor, reason):
    node = helper.make_node("Constant", [], ["y"], sparse_value=tensor)

    with pytest.raises(ModelError, match=reason):
        load(write(network(node)))


def with_function(*nodes):
    model = network()
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("local", "Own", ["x"], ["y"], list(nodes), opsets))
    return model


def test_functions_may_call_one_another_but_no_operators_of_plug_ins(write):
    own = with_function(helper.make_node("Own", ["x"], ["y"], domain="local"))
    model_check.check(own.SerializeToString(), model_file.WEIGHTS / "model.onnx")

    with pytest.raises(ModelError, match=r"'Erase' of 'com.example'"):
        load(write(with_function(CUSTOM)))


def test_an_input_of_an_absurd_size_is_refused(write):
    with pytest.raises(ModelError, match="input 'x' has a side of 1000000"):
        load(write(network(side=1_000_000)))


def test_graphs_nested_without_end_are_refused(write):
    node = helper.make_node("Relu", ["x"], ["z"])
    for _ in range(model_check._DEEPEST + 1):
        node = branches(node)[1]

    with pytest.raises(ModelError, match="nested more than"):
        load(write(network(node)))


def test_a_file_that_is_too_large_is_not_read(write, monkeypatch):
    monkeypatch.setattr(model_check, "LARGEST_FILE", 10)

    with pytest.raises(ModelError, match="bytes; at most 10 are allowed"):
        load(write(network()))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe0 a photograph", b"{}" * 20, b"\x3a\x7f"]
)
def test_what_is_no_onnx_file_is_refused_with_what_to_do(write, content):
    with pytest.raises(
        ModelError, match=r"cannot be loaded as an ONNX model.*download or export it again"
    ):
        load(write(content))


MODEL = network(ADD, *branches(CUSTOM), weights=[elsewhere()]).SerializeToString()


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_files_give_an_answer_and_no_other_error(data):
    content = bytearray(MODEL)
    seed = data.draw(st.integers(0, 2**32 - 1))
    noise = random.Random(seed)
    for _ in range(noise.randint(1, 8)):
        content[noise.randrange(len(content))] = noise.randrange(256)
    content = bytes(content[: noise.randint(0, len(content))])
    with contextlib.suppress(ModelError):
        model_check.check(content, model_file.WEIGHTS / "model.onnx")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_noise_gives_an_answer_and_no_other_error(content):
    with contextlib.suppress(ModelError):
        model_check.check(content, model_file.WEIGHTS / "model.onnx")


def test_the_check_reads_models_as_onnx_does():
    for name in model_file.released_models():
        path = model_file.WEIGHTS / f"{name}.onnx"
        graph = onnx.load(path).graph
        found = []
        for part in protobuf_fields.messages(memoryview(path.read_bytes()), 7):
            found += [protobuf_fields.text(node, 4) for node in protobuf_fields.messages(part, 1)]
        assert found == [node.op_type for node in graph.node]
