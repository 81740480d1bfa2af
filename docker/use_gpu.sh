#!/bin/sh
# Puts ONNX Runtime for NVIDIA's GPUs, with CUDA and cuDNN, in .venv in the place of that for CPUs.
set -eu
python="$(dirname "$0")/../.venv/bin/python"
constraints="$(dirname "$0")/../.venv/constraints.txt"
"$python" -m pip uninstall --yes onnxruntime
"$python" -m pip install --no-cache-dir --constraint "$constraints" "onnxruntime-gpu[cuda,cudnn]"
