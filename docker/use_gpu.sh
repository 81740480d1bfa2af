#!/bin/sh
# Replaces ONNX Runtime for CPUs in .venv by the build for NVIDIA GPUs, with CUDA and cuDNN.
#   use_gpu.sh [REQUIREMENT]    pip's requirement, such as the path or address of a wheel
set -eu
requirement=${1:-onnxruntime-gpu[cuda,cudnn]}
case "$(uname -m) $requirement" in
"aarch64 onnxruntime-gpu[cuda,cudnn]")
    echo "use_gpu.sh: PyPI has no onnxruntime-gpu for aarch64: give the address of NVIDIA's wheel" \
        "for this Jetson as build argument ONNXRUNTIME_GPU, or build the target cpu" >&2
    exit 1
    ;;
esac
python="$(dirname "$0")/../.venv/bin/python"
constraints="$(dirname "$0")/../.venv/constraints.txt"
"$python" -m pip uninstall --yes onnxruntime
"$python" -m pip install --no-cache-dir --constraint "$constraints" "$requirement"
