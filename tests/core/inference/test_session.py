import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest

from mobilepose_core.inference import model_file
from mobilepose_core.inference.session import PoseSession


def test_joints_come_out_in_crop_pixels(red_model):
    session = PoseSession(red_model)
    rows, columns = np.mgrid[:64, :64]
    crops = np.zeros((2, 64, 64, 3), np.uint8)
    for crop, (x, y) in zip(crops, [(20.5, 40.25), (33, 12)], strict=True):
        crop[..., 2] = 240 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 8.0**2))

    joints, scores = session(crops)

    assert joints.shape == (2, 11, 2)
    # The light is 8-bit: its logarithm is a parabola to about a tenth of a pixel.
    assert np.allclose(joints[:, 0], [(20.5, 40.25), (33, 12)], atol=0.2)
    assert (scores > 0.8).all()


def test_the_side_of_the_crops_is_read_from_the_model(make_model):
    assert PoseSession(make_model(size=96)).size == 96


def test_the_provider_is_what_onnx_runtime_really_uses(red_model):
    session = PoseSession(red_model, device="cpu")

    assert session.provider == "CPUExecutionProvider"
    assert session.fallback == ""


def test_a_gpu_that_is_not_there_is_replaced_by_the_cpu_with_the_reason(red_model, monkeypatch):
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])

    session = PoseSession(red_model, device="cuda")

    assert session.provider == "CPUExecutionProvider"
    assert "onnxruntime-gpu" in session.fallback


MISSING = "libcudnn.so.9: cannot open shared object file: No such file or directory"


@pytest.fixture
def gpu_build(monkeypatch):
    """ONNX Runtime as it is where it is built for CUDA and nothing of CUDA is there."""
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: providers)
    monkeypatch.setattr(
        "onnxruntime.preload_dlls",
        lambda: print(f"Failed to load libcudnn.so.9: {MISSING}\nPlease follow the documentation."),
        raising=False,
    )


@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider'")
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_library_that_a_gpu_lacks_is_named_and_the_cpu_taken(red_model, gpu_build, capfd, device):
    session = PoseSession(red_model, device)

    assert session.provider == "CPUExecutionProvider"
    assert MISSING in session.fallback
    assert "onnxruntime-gpu[cuda,cudnn]" in session.fallback
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider'")
def test_an_onnx_runtime_that_cannot_preload_libraries_is_good_enough(
    red_model, gpu_build, monkeypatch
):
    monkeypatch.delattr("onnxruntime.preload_dlls")

    session = PoseSession(red_model, "cuda")

    assert session.provider == "CPUExecutionProvider"
    assert "driver" in session.fallback


def test_a_gpu_that_cannot_be_begun_with_is_replaced_by_the_cpu_with_the_reason(
    red_model, gpu_build, monkeypatch, capfd
):
    monkeypatch.setattr("onnxruntime.preload_dlls", lambda: None)
    made = onnxruntime.InferenceSession

    def without_gpu(*args, providers, **options):
        if "CUDAExecutionProvider" in providers:
            raise RuntimeError("CUDA failure 100: no CUDA-capable device is detected\nat line 1")
        return made(*args, providers=providers, **options)

    monkeypatch.setattr("onnxruntime.InferenceSession", without_gpu)

    session = PoseSession(red_model, "auto")

    assert session.provider == "CPUExecutionProvider"
    assert "(CUDA failure 100: no CUDA-capable device is detected)" in session.fallback
    assert capfd.readouterr() == ("", "")


def test_nothing_is_kept_or_told_about_who_runs_a_model(red_model, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    # ONNX Runtime keeps its telemetry to itself where it finds itself tested.
    ours = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    code = f"from mobilepose_core import PoseEstimator; PoseEstimator({str(red_model)!r})"

    subprocess.run(
        [sys.executable, "-c", code], env={**environment, "HOME": str(home)}, check=True, timeout=60
    )

    assert list(home.rglob("*")) == []


def test_a_missing_model_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"'no-such-model' not found; known: .*\.onnx file"):
        PoseSession("no-such-model")


def test_a_file_that_is_no_onnx_is_named(tmp_path):
    path = tmp_path / "photo.onnx"
    path.write_bytes(b"\xff\xd8\xff\xe0 a photograph")

    with pytest.raises(ValueError, match=r"photo\.onnx cannot be loaded"):
        PoseSession(path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"output": "scores"}, "no mobilepose network"),
        ({"input_name": "image"}, "no mobilepose network"),
        ({"kept": "coco17"}, "coco17"),
        ({"kept": None}, "flic11"),
    ],
)
def test_a_foreign_network_is_refused_with_what_it_has(make_model, wrong, message):
    with pytest.raises(ValueError, match=message):
        PoseSession(make_model(**wrong))


@pytest.mark.parametrize("options", [{"device": "tpu"}, {"threads": -1}])
def test_a_wrong_option_is_refused_with_what_is_right(red_model, options):
    (name,) = options

    with pytest.raises(ValueError, match=name):
        PoseSession(red_model, **options)


def test_a_model_whose_bytes_are_not_its_cards_is_refused(red_model):
    digest = hashlib.sha256(red_model.read_bytes()).hexdigest()
    card = red_model.with_suffix(".json")
    card.write_text(json.dumps({"files": {"red.onnx": {"sha256": digest}}}))
    assert model_file.find(red_model).checksum == digest

    with red_model.open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ValueError, match="damaged or was exchanged"):
        PoseSession(red_model)


def test_a_card_that_cannot_be_read_is_named(red_model):
    red_model.with_suffix(".json").write_text("{")

    with pytest.raises(ValueError, match=r"red\.json cannot be read"):
        PoseSession(red_model)
