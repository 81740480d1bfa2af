"""What the core's tests share: the real data, where it is, and a small real ONNX network."""

import resource
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io

from mobilepose_core import skeleton
from mobilepose_core.datasets import Sample, coco, joint_columns

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def interrupts_arrive():
    """Programs that a test starts take SIGINT, from a job in a shell's background too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data sets; a test that asks for it is skipped where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real data beside the repository ({SHARED_DATA.name} not found)")
    return SHARED_DATA


@pytest.fixture
def disk_full_after():
    """While it is entered, no file can grow beyond so many bytes, as if the disk was full then."""

    @contextmanager
    def full(count):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return full


SIZE = 64


def write_model(
    path,
    *,
    size=SIZE,
    output="heatmaps",
    input_name="crops",
    kept=skeleton.NAME,
    with_summary=False,
):
    """An ONNX network whose heatmaps are the crop's redness, averaged to cells.

    Its summary, if it has one, is the mean of blue, green and red, in shares of the brightest.
    """
    onnx = pytest.importorskip("onnx", reason="rosdep has no key for onnx")
    helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto  # noqa: N806
    stride = 4
    take_red = np.zeros((skeleton.JOINT_COUNT, 3, stride, stride), np.float32)
    take_red[:, 2] = 1 / (255 * stride * stride)
    take_red[:, 1] = -take_red[:, 2]
    nodes = [
        helper.make_node("Transpose", [input_name], ["channels"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["channels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["values", "take_red"], [output], strides=[stride, stride]),
    ]
    outputs = [
        helper.make_tensor_value_info(
            output, TensorProto.FLOAT, ["people", 11, size // stride, size // stride]
        )
    ]
    constants = [numpy_helper.from_array(take_red, "take_red")]
    if with_summary:
        constants += [
            numpy_helper.from_array(np.array([2, 3]), "sides"),
            numpy_helper.from_array(np.float32(255), "brightest"),
        ]
        nodes += [
            helper.make_node("ReduceMean", ["values", "sides"], ["means"], keepdims=0),
            helper.make_node("Div", ["means", "brightest"], ["summary"]),
        ]
        outputs.append(helper.make_tensor_value_info("summary", TensorProto.FLOAT, ["people", 3]))
    graph = helper.make_graph(
        nodes,
        "red",
        [helper.make_tensor_value_info(input_name, TensorProto.UINT8, ["people", size, size, 3])],
        outputs,
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if kept:
        entry = model.metadata_props.add()
        entry.key, entry.value = "mobilepose.skeleton", kept
    onnx.checker.check_model(model)
    onnx.save_model(model, str(path))
    return path


@pytest.fixture
def make_model(tmp_path):
    """Writes such a network, whole or wrong in one respect, and returns its path."""

    def make(name="red.onnx", **wrong):
        return write_model(tmp_path / name, **wrong)

    return make


@pytest.fixture
def red_model(make_model):
    """The path of a sound one."""
    return make_model()


@pytest.fixture
def red_light():
    """Draws a picture that is dark but for a red light at x, y."""

    def picture(x, y, width=320, height=240, radius=12.0):
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        frame = np.zeros((height, width, 3), np.uint8)
        frame[..., 2] = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
        return frame

    return picture


@dataclass(frozen=True)
class Lights:
    """A COCO data set of people with one joint lit red."""

    root: Path
    samples: list[Sample]


@pytest.fixture
def lights(tmp_path, red_light):
    """Makes such a data set of some people; the lit joint is the one of index `joint`."""

    def make(count, joint):
        random = np.random.default_rng(0)
        samples = []
        for index in range(count):
            # Joints are a third of the torso apart.
            steps = np.arange(11)[:, None] * np.array([12, 14])
            joints = (random.uniform([30, 20], [100, 60]) + steps).astype(np.float32)
            photo = tmp_path / f"light-{index}.png"
            cv2.imwrite(str(photo), red_light(*joints[joint]))
            samples.append(Sample(photo, skeleton.among_all(joints), photo.name))
        coco.save(samples, tmp_path / "lights")
        return Lights(tmp_path / "lights", samples)

    return make


@pytest.fixture(scope="session")
def one_flic(tmp_path_factory):
    """A FLIC of two films with a few people each, one of the films held out; not to be changed."""
    root = tmp_path_factory.mktemp("data") / "flic"
    (root / "images").mkdir(parents=True)
    random = np.random.default_rng(0)
    fields = ["filepath", "imgdims", "coords", "istrain", "istest", "moviename"]
    examples = np.zeros((1, 12), dtype=[(name, object) for name in fields])
    for index in range(12):
        name = f"{index}.png"
        cv2.imwrite(str(root / "images" / name), random.integers(0, 255, (90, 120, 3), np.uint8))
        coords = np.full((2, 29), np.nan)
        columns = list(joint_columns.FLIC_COLUMNS.values())
        coords[:, columns] = random.uniform(10, 80, (2, len(columns)))
        test = int(index % 4 == 0)
        film = "hitch" if index % 2 else "another"
        examples[0, index] = (name, np.array([90, 120, 3]), coords, 1 - test, test, film)
    scipy.io.savemat(root / "examples.mat", {"examples": examples})
    return root


@pytest.fixture
def flic(one_flic, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(one_flic, tmp_path / "flic"))


TINY_RUN = ["--width", "0.25", "--input-size", "64", "--steps", "2", "--batch", "2"]
"""How the smallest run is trained."""


@pytest.fixture(scope="session")
def one_run(one_flic, tmp_path_factory):
    """The folder of a finished training run on that FLIC; not to be changed."""
    from mobilepose_core.cli import main

    out = tmp_path_factory.mktemp("run") / "run"
    arguments = ["train", "--data", f"flic={one_flic}", "--out", str(out), "--from-scratch"]
    assert main([*arguments, *TINY_RUN]) == 0
    return out


@pytest.fixture
def trained_run(one_run, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(one_run, tmp_path / "run"))
