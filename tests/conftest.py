"""Which tests are quick, and a network whose answers are known.

`make check` runs the tests that need neither DDS nor training.
"""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.framing import FRAMINGS, UPPER_BODY

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""Tests run beside each other, and torch's threads wait for one another without sleeping."""

TESTS = Path(__file__).parent

SLOW_FOLDERS = (
    "benchmarks",
    "docker",
    "tools",
    "core/predict",
    "core/training",
    "core/model",
    "core/release",
)
SLOW_FILES = (
    "core/evaluation/test_tracks.py",
    "core/inference/detection/test_finder_detector.py",
    "core/cli/test_bag.py",
    "core/cli/test_view.py",
    "core/view/test_page_in_browser.py",
    "core/recordings/test_engines.py",
    "core/recordings/test_resume.py",
    "core/test_benchmark.py",
    "core/test_cli.py",
    "core/test_released_models.py",
    "ros/test_demo.py",
    "ros/test_programs.py",
    "ros/test_two_hosts.py",
)
if missing := [name for name in (*SLOW_FOLDERS, *SLOW_FILES) if not (TESTS / name).exists()]:
    raise FileNotFoundError(f"tests/conftest.py lists as slow what is not there: {missing}")

DDS_FIXTURES = {"ros", "camera", "node", "probe"}
"""Fixtures that start nodes."""


def pytest_configure(config):
    """Declares the markers."""
    config.addinivalue_line("markers", "slow: needs DDS, training or much time; not in make check")
    config.addinivalue_line("markers", "alone: measures time, and runs with no test beside it")


def pytest_collection_modifyitems(items):
    """Marks the tests that `make check` leaves out."""
    for item in items:
        path = item.path.relative_to(TESTS).as_posix()
        is_slow = path.startswith(SLOW_FOLDERS) or path in SLOW_FILES
        if is_slow or DDS_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


FOLDER = "MOVENET_FOLDER"


@pytest.fixture
def own_opencv_threads():
    """Takes back how many threads OpenCV has in this process."""
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


@pytest.fixture
def movenet_folder():
    """Where MoveNet's npm packages are installed."""
    if FOLDER not in os.environ:
        pytest.skip(f"{FOLDER} does not name a folder with MoveNet's npm packages")
    return Path(os.environ[FOLDER])


SIZE = 224

COLOURS = [
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255),
    (255, 128, 0), (128, 0, 255), (0, 255, 128), (255, 255, 255), (128, 128, 255),
    (255, 128, 128), (128, 255, 128), (0, 128, 255), (255, 0, 128), (128, 255, 0), (128, 255, 255),
]  # fmt: skip
"""BGR of the disc that shows the marker network where a joint is; some more than joints."""


@pytest.fixture(scope="session")
def write_network():
    """Writes a network whose heatmap of joint k peaks at the middle of the disc of COLOURS[k]."""

    def write(path, multiplications=0, joints=skeleton.JOINTS, framing=UPPER_BODY):
        """`multiplications` of 512 x 512 matrices make it slow, and change nothing else.

        Another skeleton and another framing are named in the file's metadata.
        """
        from mobilepose_core.inference.runtime import pose_interface

        onnx = pytest.importorskip("onnx", reason="rosdep has no key for onnx")
        helper, numpy_helper = onnx.helper, onnx.numpy_helper
        count, width = len(joints), FRAMINGS[framing].width(SIZE)
        constants = {
            "colours": np.array(COLOURS[:count], np.float32).reshape(1, count, 3, 1, 1),
            "steepness": np.float32(1 / 60),
            "one": np.float32(1),
            "gain": np.float32(1.6),  # a disc is smaller than what its map is averaged over
            "nothing": np.float32(0),
            "channels": np.array([2]),
            "people": np.array([1]),
            "square": np.ones((512, 512), np.float32) / 512,
        }
        nodes = [
            helper.make_node("Cast", ["crops"], ["floats"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
            helper.make_node(
                "AveragePool", ["planes"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]
            ),
            helper.make_node("Unsqueeze", ["cells", "people"], ["spread"]),
            helper.make_node("Sub", ["spread", "colours"], ["difference"]),
            helper.make_node("Abs", ["difference"], ["distances"]),
            helper.make_node("ReduceSum", ["distances", "channels"], ["distance"], keepdims=0),
            helper.make_node("Mul", ["distance", "steepness"], ["scaled"]),
            helper.make_node("Sub", ["one", "scaled"], ["likeness"]),
            helper.make_node("Relu", ["likeness"], ["discs"]),
            helper.make_node(
                "AveragePool",
                ["discs"],
                ["maps"],
                kernel_shape=[5, 5],
                pads=[2, 2, 2, 2],
                count_include_pad=1,
            ),
            helper.make_node("ReduceMean", ["floats"], ["product0"], keepdims=0),
        ]
        nodes.append(helper.make_node("Mul", ["product0", "square"], ["product1"]))
        for step in range(1, multiplications + 1):
            inputs = [f"product{step}", "square"]
            nodes.append(helper.make_node("MatMul", inputs, [f"product{step + 1}"]))
        nodes += [
            helper.make_node("ReduceMean", [f"product{multiplications + 1}"], ["mean"], keepdims=0),
            helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
            helper.make_node("Mul", ["maps", "gain"], ["scores"]),
            helper.make_node("Add", ["scores", "zero"], ["heatmaps"]),
        ]
        graph = helper.make_graph(
            nodes,
            "markers",
            [helper.make_tensor_value_info("crops", onnx.TensorProto.UINT8, ["n", SIZE, width, 3])],
            [
                helper.make_tensor_value_info(
                    "heatmaps", onnx.TensorProto.FLOAT, ["n", count, SIZE // 4, width // 4]
                )
            ],
            [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        names = {
            pose_interface.SKELETON_KEY: skeleton.metadata_name(joints),
            pose_interface.JOINTS_KEY: ",".join(joints),
            pose_interface.FRAMING_KEY: framing,
        }
        helper.set_model_props(model, names)
        onnx.save(model, str(path))
        return str(path)

    return write


@pytest.fixture(scope="session")
def paint():
    """Paints a person that the marker network finds: joints (K, 2) to (240, 320, 3) BGR."""

    def paint(points, height=240, radius=9):
        picture = np.full((height, 320, 3), 40, np.uint8)
        for (x, y), colour in zip(np.rint(points).astype(int), COLOURS, strict=False):
            cv2.circle(picture, (int(x), int(y)), radius, colour, cv2.FILLED)
        return picture

    return paint
