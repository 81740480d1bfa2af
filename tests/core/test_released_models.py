"""The networks in `weights/`: what robots run is what was trained."""

import numpy as np
import onnx
import pytest
import torch

from mobilepose_core import crop, datasets, skeleton
from mobilepose_core.datasets import held_out
from mobilepose_core.evaluation import pck
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io import photo
from mobilepose_core.model import GREY
from mobilepose_core.release.quantisation import KEPT_CONVOLUTIONS
from mobilepose_core.training import checkpoint
from mobilepose_core.training.pose_task import joints_of

STRIDE = 4
CONVOLUTIONS = 31
"""The stem, both halves of 13 blocks, two depthwise skips, the heading's attention, and one for the
heads of all streams."""

OF_HEADING = {"Reshape", "Softmax", "MatMul", "Gemm", "Relu", "Unsqueeze"}
"""Operators of the heading alone, beside those of the joints."""

OF_WEIGHTS = "Mul"
"""Operator of weights of 8 bits, which is computed once."""

SURE = 0.8
"""Score from which a joint has one peak. Of two, weights of fewer bits may choose the other one."""

WHOLE = [name for name in model_file.released_pose_models() if not name.endswith("-int8")]
INT8 = [name for name in model_file.released_pose_models() if name.endswith("-int8")]

INT8_LOSS = 0.5
"""Of PCK@0.2, in per cent, that an INT8 network may cost: the released ones cost 0.1 and less."""


def crops_for(session):
    """A person in four square crops, in the middle and beside it."""
    image = pytest.importorskip("skimage.data").astronaut()[..., ::-1]
    regions = [
        crop.Region(230 + x, 230 + y, side) for x, y, side in [(0, 0, 430), (40, 0, 500)]
    ] + [crop.Region(200, 260, 560), crop.Region(230, 200, 400)]
    return np.stack(
        [crop.cut(np.ascontiguousarray(image), region, session.size) for region in regions]
    )


def operators(name):
    return [node.op_type for node in onnx.load(model_file.find(name).path).graph.node]


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_is_left_in_a_released_graph_that_can_be_folded(name):
    found = operators(name)

    of_joints = {"Transpose", "Cast", "Sub", "Conv", "Clip", "Add", "Resize", "ReduceMean"}
    assert set(found) == of_joints | OF_HEADING | {OF_WEIGHTS}
    assert found.count("Conv") == CONVOLUTIONS
    assert found.count("Resize") == 2


@pytest.mark.parametrize("name", INT8)
def test_all_convolutions_of_an_int8_graph_but_the_first_two_are_of_8_bits(name):
    graph = onnx.load(model_file.find(name).path).graph
    makers = {output: node.op_type for node in graph.node for output in node.output}

    convolutions = [node for node in graph.node if node.op_type == "Conv"]

    assert len(convolutions) == CONVOLUTIONS
    is_quantised = [
        [makers.get(name) for name in node.input[:2]] == ["DequantizeLinear"] * 2
        for node in convolutions
    ]
    assert is_quantised == [False] * KEPT_CONVOLUTIONS + [True] * (CONVOLUTIONS - KEPT_CONVOLUTIONS)


def test_the_int8_detector_is_made_of_the_released_one():
    whole, quantised = map(model_file.find, ("finder", "finder-int8"))

    assert quantised.card["quantised"]["sha256"] == whole.checksum


@pytest.mark.parametrize("name", WHOLE)
def test_a_released_graph_finds_the_joints_of_its_checkpoint(name):
    session = PoseModel(name, "cpu")
    crops = crops_for(session)
    seen = session.seen(crops)
    network, config = checkpoint.load_weights(checkpoint.of_released(name))
    images = torch.from_numpy(seen[..., ::-1].copy()).permute(0, 3, 1, 2).float()

    joints, scores = session.infer(crops)[:2]

    with torch.inference_mode():
        output = network((images - GREY) / GREY)
    assert np.abs(session.run(seen)[0] - output.numpy()).max() < 0.025
    beside = np.array([session.framing.margin(session.size), 0])
    apart = np.abs(joints - beside - joints_of(output, config.input_size)).max(axis=-1)
    assert (scores > SURE).sum() >= 12
    assert apart[scores > SURE].max() < 0.5 * STRIDE


@pytest.mark.parametrize("name", INT8)
def test_an_int8_network_finds_the_joints_of_the_whole_one(name):
    whole = PoseModel(name.removesuffix("-int8"), "cpu")
    crops = crops_for(whole)
    expected, scores = whole.infer(crops)[:2]

    joints = PoseModel(name, "cpu").infer(crops).joints

    apart = np.linalg.norm(joints - expected, axis=-1) / STRIDE
    assert (scores > 0.9).sum() >= 12
    assert apart[scores > 0.9].max() < 1.0


@pytest.mark.parametrize("name", INT8)
def test_an_int8_network_costs_no_more_accuracy_than_is_said(name, shared_data):
    people = held_out.people(datasets.load("flic", shared_data / "flic"), "held-out").samples[::3]
    truth = np.stack([sample.upper_body for sample in people])

    assert mean_pck(name, people, truth) > (
        mean_pck(name.removesuffix("-int8"), people, truth) - INT8_LOSS
    )


def mean_pck(name, people, truth):
    session = PoseModel(name, "cpu")
    columns = [session.skeleton.index[joint] for joint in skeleton.JOINTS]
    found = []
    for sample in people:
        region = session.framing.region(sample.joints)
        (joints,) = session.infer(
            crop.cut(photo.read(sample.image), region, session.size)[None]
        ).joints
        back = crop.invert(crop.crop_from_image(region, session.size))
        found.append(crop.transform(back, joints[columns]))
    return pck.summary(pck.normalised_distances(np.stack(found), truth))["mean"]
