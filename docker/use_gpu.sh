#!/bin/sh
# Replaces ONNX Runtime for CPUs in .venv by the build for NVIDIA GPUs, with CUDA and cuDNN.
set -eu
python="$(dirname "$0")/../.venv/bin/python"
constraints="$(dirname "$0")/../.venv/constraints.txt"
"$python" -m pip uninstall --yes onnxruntime
"$python" -m pip install --no-cache-dir --constraint "$constraints" "onnxruntime-gpu[cuda,cudnn]"
