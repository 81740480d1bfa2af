import shutil

import numpy as np
import onnxruntime
import pytest

from mobilepose_core import crop
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import providers


def test_the_provider_is_what_onnx_runtime_really_uses(red_model):
    session = PoseModel(red_model, device="cpu")

    assert session.provider == "CPUExecutionProvider"
    assert session.fallback == ""


@pytest.mark.parametrize(
    ("device", "package"),
    [
        ("cuda", "onnxruntime-gpu"),
        ("tensorrt", "onnxruntime-gpu"),
        ("openvino", "onnxruntime-openvino"),
    ],
)
def test_a_device_that_the_build_does_not_have_is_replaced_by_the_cpu_with_the_reason(
    red_model, monkeypatch, device, package
):
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])

    session = PoseModel(red_model, device)

    assert session.provider == "CPUExecutionProvider"
    assert f"install {package} instead" in session.fallback


def test_no_gpu_in_the_build_is_no_fault_where_none_was_asked_for(red_model, monkeypatch):
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])

    assert PoseModel(red_model, "auto").fallback == ""


CUDA = providers.CUDA.name
HAS_GPU = CUDA in onnxruntime.get_available_providers() and shutil.which("nvidia-smi") is not None
MISSING = "libcudnn.so.9: cannot open shared object file: No such file or directory"


@pytest.fixture
def gpu_build(monkeypatch):
    """ONNX Runtime as it is where it is built for CUDA and nothing of CUDA is there."""
    if HAS_GPU:
        pytest.skip("this ONNX Runtime can use the GPU")
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
    session = PoseModel(red_model, device)

    assert session.provider == "CPUExecutionProvider"
    assert MISSING in session.fallback
    assert "onnxruntime-gpu[cuda,cudnn]" in session.fallback
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider'")
def test_an_onnx_runtime_that_cannot_preload_libraries_is_good_enough(
    red_model, gpu_build, monkeypatch
):
    monkeypatch.delattr("onnxruntime.preload_dlls")

    session = PoseModel(red_model, "cuda")

    assert session.provider == "CPUExecutionProvider"
    assert "driver" in session.fallback


def test_a_gpu_that_cannot_be_begun_with_is_replaced_by_the_cpu_with_the_reason(
    red_model, gpu_build, monkeypatch, capfd
):
    monkeypatch.setattr("onnxruntime.preload_dlls", lambda: None)
    made = onnxruntime.InferenceSession

    def without_gpu(*args, providers, **options):
        if providers != ["CPUExecutionProvider"]:
            raise RuntimeError("CUDA failure 100: no CUDA-capable device is detected\nat line 1")
        return made(*args, providers=providers, **options)

    monkeypatch.setattr("onnxruntime.InferenceSession", without_gpu)

    session = PoseModel(red_model, "auto")

    assert session.provider == "CPUExecutionProvider"
    assert "(CUDA failure 100: no CUDA-capable device is detected)" in session.fallback
    assert capfd.readouterr() == ("", "")


def test_tensorrt_that_cannot_be_used_is_replaced_by_cuda_with_the_reason(
    red_model, monkeypatch, tmp_path
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: names)
    monkeypatch.setattr("onnxruntime.preload_dlls", lambda: None, raising=False)
    made, asked = onnxruntime.InferenceSession, []

    class OnCuda:
        """A session that says it runs on CUDA, where no TensorRT could be loaded."""

        def __init__(self, *args, providers, **options):
            asked.append(providers)
            self.session = made(*args, providers=["CPUExecutionProvider"], **options)

        def __getattr__(self, name):
            return getattr(self.session, name)

        def get_providers(self):
            return names[1:]

    monkeypatch.setattr("onnxruntime.InferenceSession", OnCuda)

    session = PoseModel(red_model, "tensorrt")

    assert session.provider == "CUDAExecutionProvider"
    assert "could not load its TensorRT provider" in session.fallback
    wanted = [chosen for chosen in asked if chosen != ["CPUExecutionProvider"]]
    assert [chosen[0][0] for chosen in wanted] == names[:2]
    engine = wanted[0][0][1]
    assert engine["trt_engine_cache_path"] == str(tmp_path / "mobilepose" / "tensorrt")
    assert engine["trt_profile_min_shapes"] == "crops:1x64x64x3"
    assert engine["trt_profile_max_shapes"] == f"crops:{providers.LARGEST_BATCH}x64x64x3"


@pytest.fixture
def options_on_cuda(monkeypatch):
    """With what options ONNX Runtime is asked for CUDA, where graphs of this network cannot be."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CUDA])
    monkeypatch.setattr("onnxruntime.preload_dlls", lambda: None, raising=False)
    made, asked = onnxruntime.InferenceSession, []

    class WithoutGraphs:
        """A session that says it runs on CUDA, and cannot be opened with graphs."""

        def __init__(self, *args, providers, **options):
            asked.append(providers[0][1])
            if "enable_cuda_graph" in asked[-1]:
                raise RuntimeError("This session cannot use the graph capture feature")
            self.session = made(*args, providers=["CPUExecutionProvider"], **options)

        def __getattr__(self, name):
            return getattr(self.session, name)

        def get_providers(self):
            return [CUDA]

    monkeypatch.setattr("onnxruntime.InferenceSession", WithoutGraphs)
    return asked


@pytest.mark.parametrize(("graphs", "tries"), [("1", [True, False]), ("0", [False])])
def test_a_network_that_no_graph_can_be_recorded_of_runs_without(
    red_model, options_on_cuda, monkeypatch, graphs, tries
):
    monkeypatch.setenv(providers.GRAPH_VARIABLE, graphs)

    session = PoseModel(red_model, "cuda")

    assert (session.provider, session.fallback) == (CUDA, "")
    assert ["enable_cuda_graph" in options for options in options_on_cuda] == tries


@pytest.mark.parametrize("graphs", ["0", "1"], ids=["plain", "with graphs"])
@pytest.mark.parametrize("model", ["final", "small"])
def test_a_gpu_finds_the_same_joints_as_the_cpu(model, graphs, monkeypatch):
    if not HAS_GPU:
        pytest.skip("no GPU (nvidia-smi), or this ONNX Runtime is not onnxruntime-gpu")
    data = pytest.importorskip("skimage.data", reason="scikit-image has the photograph")
    monkeypatch.setenv(providers.GRAPH_VARIABLE, graphs)
    on_gpu, on_cpu = PoseModel(model, "cuda"), PoseModel(model, "cpu")
    person = crop.Region(230, 230, 480)
    views = [person, person.scaled(1.2), person.scaled(0.9)]
    crops = np.stack([crop.cut(data.astronaut()[..., ::-1], v, on_gpu.size) for v in views])

    assert (on_gpu.provider, on_gpu.fallback) == (CUDA, "")
    for batch in (crops[:1], crops, crops[1:2], crops):
        (joints, scores), (expected, expected_scores) = on_gpu(batch), on_cpu(batch)
        clear = expected_scores > 0.5
        # Multiplied in TF32, of 10 bits: 0.53 pixels apart at most on an H200.
        assert joints[clear] == pytest.approx(expected[clear], abs=1)
        assert scores == pytest.approx(expected_scores, abs=0.03)


@pytest.mark.parametrize("model", ["final", "final-int8"])
def test_openvino_finds_the_same_joints_as_onnx_runtime_itself(model):
    if "OpenVINOExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has no OpenVINO; it comes with onnxruntime-openvino")
    crops = np.random.default_rng(0).integers(0, 255, (2, 224, 224, 3), np.uint8)

    session = PoseModel(model, "openvino", threads=2)

    assert (session.provider, session.fallback) == ("OpenVINOExecutionProvider", "")
    peaks = PoseModel(model, "cpu").infer(crops).peaks
    assert session.infer(crops).peaks == pytest.approx(peaks, abs=0.05)
