import cv2
import numpy as np
import onnx
import pytest
import skimage.data
import torch

from mobilepose_core import skeleton
from mobilepose_core.cli import main
from mobilepose_core.inference import PoseEstimator
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import atomic
from mobilepose_core.model import GREY, ModelConfig, build
from mobilepose_core.release.export import export
from mobilepose_core.training import checkpoint
from mobilepose_core.training.pose_task import joints_of

NETWORKS = {
    "final": ModelConfig(width=0.25, input_size=64),
    "upsample_first": ModelConfig(width=0.25, input_size=64, decoder="upsample_first"),
    "split": ModelConfig("split", width=0.25, input_size=64),
    "baseline": ModelConfig("baseline", width=0.25, input_size=64, trunk="densenet-6-12-12-8"),
}


@pytest.fixture(scope="module", params=NETWORKS)
def exported(request, tmp_path_factory):
    """A network with lively batch normalisation, and its ONNX file."""
    torch.manual_seed(1)
    config = NETWORKS[request.param]
    network = build(config)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.7)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    network.eval()
    path = tmp_path_factory.mktemp("export") / "tiny.onnx"
    export(network, config, path)
    return network, path


def test_the_exported_graph_finds_the_same_joints_as_the_network(exported):
    network, path = exported
    crops = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    images = torch.from_numpy(crops[..., ::-1].copy()).permute(0, 3, 1, 2)

    joints = PoseModel(path).infer(crops).joints

    with torch.inference_mode():
        output = network((images.float() - GREY) / GREY)
    # 0.05 heatmap cells of four pixels.
    assert np.allclose(joints, joints_of(output, 64), atol=0.2)


@pytest.mark.parametrize("exported", ["final", "upsample_first"], indirect=True)
def test_the_graph_sums_up_what_block_12_says_of_all_cells(exported):
    network, path = exported
    kept = []
    hook = network.block_12.register_forward_hook(lambda block, given, gives: kept.append(gives))
    crops = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    images = torch.from_numpy(crops[..., ::-1].copy()).permute(0, 3, 1, 2)

    summaries = PoseModel(path).infer(crops).features

    with torch.inference_mode():
        network((images.float() - GREY) / GREY)
    hook.remove()
    assert summaries.shape == (3, network.filters)
    assert np.allclose(summaries, kept[-1].mean((2, 3)), rtol=5e-3, atol=1e-3)


def test_weights_take_two_bytes_each_and_are_computed_with_four(exported):
    _, path = exported
    graph = onnx.load(path).graph

    sizes = {tensor.name: tensor.data_type for tensor in graph.initializer if len(tensor.dims) > 1}

    assert set(sizes.values()) == {onnx.TensorProto.FLOAT16}
    casts = {node.input[0]: node for node in graph.node if node.op_type == "Cast"}
    assert all(casts[name].attribute[0].i == onnx.TensorProto.FLOAT for name in sizes)


def test_weights_of_large_convolutions_may_take_a_byte_each(tmp_path):
    path = tmp_path / "bytes.onnx"
    crops = np.stack([cv2.resize(skimage.data.astronaut()[..., ::-1], (160, 160))])

    assert main(["export", "small", "--weight-bits", "8", "--out", str(path)]) == 0

    graph = onnx.load(path).graph
    sizes = {
        tensor.data_type: np.prod(tensor.dims)
        for tensor in sorted(graph.initializer, key=lambda tensor: np.prod(tensor.dims))
        if len(tensor.dims) > 1
    }
    assert sizes[onnx.TensorProto.INT8] > sizes[onnx.TensorProto.FLOAT16]
    assert path.stat().st_size < 2.6e6
    main(["export", "small", "--weight-bits", "16", "--out", str(tmp_path / "whole.onnx")])
    whole, small = PoseModel(tmp_path / "whole.onnx", "cpu"), PoseModel(path, "cpu")
    assert small.run(crops)[0] == pytest.approx(whole.run(crops)[0], abs=0.02)
    assert np.allclose(small.infer(crops).joints, whole.infer(crops).joints, atol=2)


@pytest.mark.parametrize("named", ["small", checkpoint.of_released("small")])
def test_a_released_model_is_exported_as_it_was_released(tmp_path, named):
    path = tmp_path / "again.onnx"
    crops = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), np.uint8)

    assert main(["export", str(named), "--out", str(path)]) == 0

    released, again = PoseModel("small", "cpu"), PoseModel(path, "cpu")
    assert np.array_equal(again.run(crops)[0], released.run(crops)[0])
    assert again.calibration == released.calibration


def test_a_filter_of_zeros_stays_one(tmp_path):
    config = ModelConfig(width=1.0, input_size=64)
    network = build(config).eval()
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.weight[0].zero_()

    export(network, config, tmp_path / "zeros.onnx", weight_bits=8)  # compared with the network


def test_numbers_of_16_bits_have_weights_of_16_bits(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(f"export small --half --weight-bits 8 --out {tmp_path}/half.onnx".split())

    assert "--half computes with 16 bits" in capsys.readouterr().err


def test_normalisation_is_folded_and_streams_are_one_convolution(exported):
    _, path = exported

    operators = [node.op_type for node in onnx.load(path).graph.node]

    assert "Pad" not in operators
    if "Concat" not in operators:  # a DenseNet normalises what it concatenates
        assert "BatchNormalization" not in operators
    if "Resize" in operators:
        assert operators.count("Conv") == 32


def test_the_file_says_nothing_of_the_machine_that_wrote_it(exported):
    _, path = exported

    content = path.read_bytes()

    assert b".py" not in content
    assert str(path.parent).encode() not in content


def test_a_released_model_of_16_bits_finds_its_joints_with_its_scores(tmp_path):
    path = tmp_path / "half.onnx"

    assert main(["export", "small", "--half", "--out", str(path)]) == 0

    whole, half = PoseModel("small"), PoseModel(path)
    crops = np.random.default_rng(0).integers(0, 256, (3, whole.size, whole.size, 3), np.uint8)
    assert half.infer(crops).joints.dtype == np.float32
    assert half.run(crops)[0] == pytest.approx(whole.run(crops)[0], abs=0.02)
    assert half.calibration == whole.calibration
    casts = [node.op_type for node in onnx.load(path).graph.node].count("Cast")
    assert casts == len(["input", "heatmaps", "summary", "heading"])  # not of weights


def test_on_a_full_disk_no_part_of_a_model_takes_its_name(tmp_path, disk_full_after):
    config = ModelConfig(width=0.25, input_size=64)
    path = tmp_path / "tiny.onnx"
    path.write_bytes(b"the model before")

    with disk_full_after(100_000), pytest.raises(atomic.WriteError, match=r"tiny\.onnx cannot be"):
        export(build(config).eval(), config, path)

    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"the model before"]


def test_a_model_is_not_exported_over_a_checkpoint(tmp_path, capsys):
    path = tmp_path / "best.safetensors"
    path.write_bytes(b"weights")

    with pytest.raises(SystemExit):
        main(["export", str(path), "--out", str(path)])

    assert "--out is the .onnx file" in capsys.readouterr().err
    assert path.read_bytes() == b"weights"


def test_the_presence_head_is_for_training_alone(tmp_path):
    config = ModelConfig("final", width=0.25, input_size=64, heading=True, presence=True)
    checkpoint.save_weights(tmp_path / "a.safetensors", build(config).eval(), config)

    assert main(f"export {tmp_path}/a.safetensors --out {tmp_path}/a.onnx".split()) == 0

    outputs = [entry.name for entry in PoseModel(tmp_path / "a.onnx", "cpu").outputs]
    assert outputs == ["heatmaps", "summary", "heading"]


@pytest.mark.parametrize("bits", [16, 8])
def test_joints_exported_alone_are_found_bit_by_bit_as_by_the_whole_network(tmp_path, bits):
    config = ModelConfig(
        "final", input_size=64, joints=skeleton.ALL_19.joints, heading=True, kernel=7
    )
    torch.manual_seed(2)
    network = build(config).eval()
    for head in network.heads.heads:
        torch.nn.init.normal_(head.weight)
    checkpoint.save_weights(tmp_path / "whole.safetensors", network, config)
    command = f"export {tmp_path}/whole.safetensors --weight-bits {bits} --out {tmp_path}"
    assert main(f"{command}/whole.onnx".split()) == 0
    assert main(f"{command}/wrists.onnx --joints left_wrist right_wrist".split()) == 0
    crops = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)

    whole, wrists = (PoseModel(tmp_path / f"{name}.onnx", "cpu") for name in ("whole", "wrists"))

    assert whole.skeleton is skeleton.ALL_19
    assert wrists.skeleton.joints == ("left_wrist", "right_wrist")
    everything, alone = whole.run(crops)[0], wrists.run(crops)[0]
    places = [skeleton.ALL_19.index[name] for name in wrists.skeleton.joints]
    assert np.array_equal(alone, everything[:, places])


def test_a_file_that_names_more_joints_than_it_finds_is_refused(tmp_path, exported):
    _, path = exported
    proto = onnx.load(str(path))
    for entry in proto.metadata_props:
        if entry.key == "mobilepose.joints":
            entry.value += ",left_ear"
    onnx.save_model(proto, str(tmp_path / "more.onnx"))

    with pytest.raises(ValueError, match="names 12"):
        PoseModel(tmp_path / "more.onnx", "cpu")


@pytest.fixture(scope="module")
def whole_body(tmp_path_factory):
    """A network of whole bodies, and its ONNX file."""
    config = ModelConfig(
        "final", width=0.25, input_size=128, joints=skeleton.COCO_17.joints, framing="body"
    )
    torch.manual_seed(2)
    network, path = build(config).eval(), tmp_path_factory.mktemp("body") / "body.onnx"
    for head in network.heads.heads:
        torch.nn.init.normal_(head.weight)
    export(network, config, path)
    return network, path


def test_a_network_of_whole_bodies_sees_the_middle_of_square_crops(whole_body):
    network, path = whole_body
    crops = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), np.uint8)
    beside = crops.copy()
    beside[:, :, :16], beside[:, :, -16:] = 0, 255

    session = PoseModel(path, "cpu")
    joints = session.infer(crops).joints

    assert (session.size, session.skeleton) == (128, skeleton.COCO_17)
    assert np.array_equal(session.infer(beside).joints, joints)
    middle = torch.from_numpy(crops[:, :, 16:-16, ::-1].copy()).permute(0, 3, 1, 2)
    with torch.inference_mode():
        seen = joints_of(network((middle.float() - GREY) / GREY), 128)
    assert np.allclose(joints, np.add(seen, (16, 0)), atol=0.2)


def test_two_joints_of_a_released_model_are_found_in_photographs(tmp_path):
    path = tmp_path / "wrists.onnx"
    assert main(f"export small --joints left_wrist right_wrist --out {path}".split()) == 0
    photograph = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)

    (pose,) = PoseEstimator(path, "cpu").photograph(photograph)
    whole = PoseEstimator("small", "cpu").photograph(photograph)[0]

    assert pose.skeleton.joints == ("left_wrist", "right_wrist")
    assert pose["left_wrist"][:2] == pytest.approx(whole["left_wrist"][:2], abs=25)
    presence, known = PoseModel(path, "cpu").presence, PoseModel("small", "cpu").presence
    assert np.array_equal(presence.weights, known.weights)
