"""ONNX Runtime's execution providers that are known here, each with its options and its needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from mobilepose_core import file_names
from mobilepose_core.user_cache import user_cache

CPU = "CPUExecutionProvider"

GRAPH_VARIABLE = "MOBILEPOSE_CUDA_GRAPH"
"""Environment variable that keeps a GPU from recording graphs, where it is 0."""

LARGEST_BATCH = 16
"""People up to whom TensorRT's engine is built at the start; a larger batch builds another."""

SIDES = (32, 224, 640)
"""Smallest, usual and largest side of a frame that it is built for, pixels."""

Options = dict[str, str]
Choice = str | tuple[str, Options]
"""A provider's name, or that with options."""

WARNING, ERROR, FATAL = 2, 3, 4
"""Severities of ONNX Runtime's log; the first is its default."""


@dataclass(frozen=True)
class Provider:
    """One of ONNX Runtime's execution providers.

    Attributes:
        name: ONNX Runtime's.
        library: what it runs on.
        package: the build of ONNX Runtime that has it.
        advice: what to look at where it cannot be used.
        options: of the provider, for a file and a number of threads; the best first, of which not
            all files may allow.
        needs: those whose libraries are loaded before, and which take what it cannot do.
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
    "session.force_spinning_stop": "1",  # for an ONNX Runtime that does not know the one before
}
"""How threads wait for each other: awake for as long as it takes between two operators of a call,
asleep from then on. Asleep at once they take 6 % longer for `final` and 20 % for `small`; awake for
longer brings no more, and takes from others what it does not use."""


def wants_graphs() -> bool:
    """Whether a GPU is to record graphs, unless the user says otherwise."""
    return os.environ.get(GRAPH_VARIABLE) != "0"


def with_graphs(session: onnxruntime.InferenceSession) -> bool:
    """Whether a session was opened for recording graphs."""
    options = session.get_provider_options().get(CUDA.name, {})
    return options.get(_CUDA_GRAPH) in ("1", "True")


_CUDA_GRAPH = "enable_cuda_graph"
"""Option of CUDA's provider that has graphs recorded."""


def run_options() -> onnxruntime.RunOptions:
    """Options of runs whose errors are raised, and not written to the console besides."""
    options = onnxruntime.RunOptions()
    options.log_severity_level = FATAL
    return options


def open_with(
    path: Path, providers: Sequence[Choice], threads: int, severity: int = ERROR
) -> onnxruntime.InferenceSession:
    """A session of an .onnx file with the first of some providers that can be used.

    Args:
        path: of the file.
        providers: the best first.
        threads: of the CPU; 0 takes one for each core.
        severity: from which what ONNX Runtime says of the session is written to the console.

    Raises:
        ValueError: it cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    for key, value in _WAITING.items():
        options.add_session_config_entry(key, value)
    options.enable_mem_pattern = False  # 30 to 50 MB less where the number of people changes
    options.log_severity_level = severity
    try:
        with file_names.native(path) as name:
            return onnxruntime.InferenceSession(
                name, options, providers=list(providers), enable_fallback=0
            )
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        raise ValueError(f"{path} cannot be loaded as an ONNX model: {error}") from error


def _cuda_options(path: Path, threads: int) -> list[Options]:
    """Without a search of every convolution's algorithms, which a new batch size would wait for."""
    options = {"cudnn_conv_algo_search": "HEURISTIC"}
    # Graphs want all of a network on the GPU.
    return [{**options, _CUDA_GRAPH: "1"}, options] if wants_graphs() else [options]


def _tensorrt_options(path: Path, threads: int) -> list[Options]:
    """FP16, one engine for all batches, kept in the user's cache; no graphs: it has but one."""
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
    """Smallest, usual and largest shape of an input, whose free extents are no numbers."""
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

GPU = (CUDA.name, TENSORRT.name)
"""Providers whose memory is the GPU's."""
