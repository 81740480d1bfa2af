"""ONNX Runtime: sessions, devices and their providers, CUDA graphs, model files."""
