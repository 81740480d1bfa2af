"""The supported execution providers of ONNX Runtime, each with its options and dependencies."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from mobilepose_core.errors import DeviceError
from mobilepose_core.inference.runtime.user_cache import user_cache
from mobilepose_core.io import file_names

CPU = "CPUExecutionProvider"

GRAPH_VARIABLE = "MOBILEPOSE_CUDA_GRAPH"
"""Environment variable that turns CUDA graphs off if it is 0."""

LARGEST_BATCH = 16
"""Largest batch of the first TensorRT engine; a larger batch builds another engine."""

SIDES = (32, 224, 640)
"""Smallest, usual and largest side of a frame that the engine is built for, pixels."""

Options = dict[str, str]
Choice = str | tuple[str, Options]
"""A provider's name, alone or with options."""

WARNING, ERROR, FATAL = 2, 3, 4
"""Severities of ONNX Runtime's log; the first is its default."""


@dataclass(frozen=True)
class Provider:
    """One of ONNX Runtime's execution providers.

    Attributes:
        name: ONNX Runtime's.
        library: the library it runs on.
        package: the build of ONNX Runtime that includes it.
        advice: what to check if it cannot be used.
        options: sets of options for a file and a number of threads, best first; a file may not
            support all of them.
        needs: providers that are loaded first, and run the operators it does not support.
    """

    name: str
    library: str
    package: str
    advice: str
    options: Callable[[Path, int], list[Options]]
    needs: tuple[str, ...] = ()


_WAITING = {
    "session.intra_op.allow_spinning": "1",
    "session.intra_op.spin_duration_us": "20",
    "session.force_spinning_stop": "1",  # for an ONNX Runtime without `spin_duration_us`
}
"""How threads wait for each other: they spin for 20 us, enough between two operators of a call, and
then sleep. Without spinning, `final` takes 6 % longer and `small` 20 %; longer spinning gains
nothing, and takes CPU time from other processes."""


_EXACT_INT8 = {"session.x64quantprecision": "1"}
"""Exact products for networks with weights of 8 bits on x86 CPUs without VNNI, where ONNX Runtime's
faster ones overflow: heatmaps were off by up to 0.12 instead of 0.03. `mobilepose quantise` makes
weights of 7 bits, which are as fast as before; other CPUs take no notice."""


def wants_graphs() -> bool:
    """Whether CUDA graphs are on: by default, unless the user turned them off."""
    return os.environ.get(GRAPH_VARIABLE) != "0"


def with_graphs(session: onnxruntime.InferenceSession) -> bool:
    """Whether a session was opened for recording graphs."""
    options = session.get_provider_options().get(CUDA.name, {})
    return options.get(_CUDA_GRAPH) in ("1", "True")


_CUDA_GRAPH = "enable_cuda_graph"
"""Option of the CUDA provider that turns graphs on."""


def run_options() -> onnxruntime.RunOptions:
    """Run options under which errors are raised, and not also logged to the console."""
    options = onnxruntime.RunOptions()
    options.log_severity_level = FATAL
    return options


def open_with(
    path: Path, providers: Sequence[Choice], threads: int, severity: int = ERROR
) -> onnxruntime.InferenceSession:
    """A session of an .onnx file with the first usable provider.

    Args:
        path: of the file.
        providers: in order of preference.
        threads: CPU threads; 0 takes one per core.
        severity: from which ONNX Runtime's messages are logged to the console.

    Raises:
        DeviceError: it cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    for key, value in (_WAITING | _EXACT_INT8).items():
        options.add_session_config_entry(key, value)
    options.enable_mem_pattern = False  # saves 30 to 50 MB when the batch size varies
    options.log_severity_level = severity
    try:
        with file_names.native(path) as name:
            return onnxruntime.InferenceSession(
                name, options, providers=list(providers), enable_fallback=0
            )
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        raise DeviceError(f"{path} cannot be loaded as an ONNX model: {error}") from error


def _cuda_options(path: Path, threads: int) -> list[Options]:
    """Without the exhaustive search for convolution algorithms, which delays new batch sizes."""
    options = {"cudnn_conv_algo_search": "HEURISTIC"}
    # Graphs need the whole network on the GPU; the second set is for other files.
    return [{**options, _CUDA_GRAPH: "1"}, options] if wants_graphs() else [options]


def _tensorrt_options(path: Path, threads: int) -> list[Options]:
    """FP16, one engine for all batches, cached for the user; no graphs: TensorRT keeps only one."""
    cache = user_cache() / "tensorrt"
    cache.mkdir(parents=True, exist_ok=True)
    entry = open_with(path, [CPU], threads=1).get_inputs()[0]
    least, usual, most = (
        "x".join(str(extent) for extent in shape) for shape in _engine_shapes(entry.shape)
    )
    return [
        {
            "trt_fp16_enable": "1",
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": str(cache),
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": str(cache),
            "trt_profile_min_shapes": f"{entry.name}:{least}",
            "trt_profile_opt_shapes": f"{entry.name}:{usual}",
            "trt_profile_max_shapes": f"{entry.name}:{most}",
        }
    ]


def _engine_shapes(shape: Sequence[int | str | None]) -> list[list[int]]:
    """Smallest, usual and largest shape of an input; free dimensions are not integers."""
    batches = (1, 1, LARGEST_BATCH)
    return [
        [
            extent if isinstance(extent, int) else (side if axis else batch)
            for axis, extent in enumerate(shape)
        ]
        for batch, side in zip(batches, SIDES, strict=True)
    ]


def _openvino_options(path: Path, threads: int) -> list[Options]:
    """On the CPU."""
    return [{"device_type": "CPU", **({"num_of_threads": str(threads)} if threads else {})}]


CUDA = Provider(
    "CUDAExecutionProvider",
    "CUDA",
    "onnxruntime-gpu",
    "is NVIDIA's driver installed, and are CUDA and cuDNN "
    '(pip install "onnxruntime-gpu[cuda,cudnn]")?',
    _cuda_options,
)
TENSORRT = Provider(
    "TensorrtExecutionProvider",
    "TensorRT",
    "onnxruntime-gpu",
    "is TensorRT installed, of the version that this ONNX Runtime is built for (pip install "
    "tensorrt)?",
    _tensorrt_options,
    needs=(CUDA.name,),
)
OPENVINO = Provider(
    "OpenVINOExecutionProvider",
    "OpenVINO",
    "onnxruntime-openvino",
    "does it work by itself (python -c 'import openvino')?",
    _openvino_options,
)

GPU_PROVIDERS = (CUDA.name, TENSORRT.name)
"""Providers whose memory is the GPU's."""
