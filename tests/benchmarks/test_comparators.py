"""Comparators are the networks that are published, with random weights."""

import importlib
import sys

import numpy as np
import onnxruntime
import pytest
from benchmarks.measure import operations
from benchmarks.peers import comparators
from benchmarks.peers.packages import UnavailableError


def test_a_comparator_without_its_package_has_a_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorchcv", None)

    with pytest.raises(UnavailableError, match=r"pytorchcv.*make setup"):
        comparators.file_of("mobilenet")


def test_a_comparator_is_exported_once_and_runs(cache):
    pytest.importorskip("pytorchcv", reason="pytorchcv is not installed")

    path = comparators.file_of("squeezenet")
    first = path.stat().st_mtime_ns

    assert comparators.file_of("squeezenet").stat().st_mtime_ns == first
    assert list(cache.iterdir()) == [path]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (scores,) = session.run(
        None, {session.get_inputs()[0].name: np.zeros((1, 3, 224, 224), np.float32)}
    )
    assert scores.shape == (1, 1000)


def test_the_hourglass_is_that_of_the_paper():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from benchmarks.peers.hourglass import StackedHourglass

    with torch.device("meta"):
        network = StackedHourglass().eval()
        heatmaps = network(torch.zeros(1, 3, 256, 256))

    assert heatmaps.shape == (1, 16, 64, 64)
    # Newell et al. publish a model of 25.6 million.
    assert sum(value.numel() for value in network.parameters()) == pytest.approx(25.6e6, rel=0.01)


@pytest.mark.parametrize(
    ("name", "shapes", "parameters"),
    [
        ("rtmpose_t", [(1, 17, 384), (1, 17, 512)], 3.34e6),
        ("rtmpose_s", [(1, 17, 384), (1, 17, 512)], 5.47e6),
        ("yolo11n_pose", [(1, 8400, 56)], 2.9e6),
    ],
)
def test_newer_peers_have_the_shapes_and_the_size_that_are_published(name, shapes, parameters):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    peer = comparators.COMPARATORS[name]
    make = getattr(importlib.import_module(peer.module), peer.maker)

    with torch.device("meta"):
        network = make(**dict(peer.arguments)).eval()
        found = network(torch.zeros(1, 3, peer.height, peer.width))

    outputs = found if isinstance(found, tuple) else (found,)
    assert [tuple(output.shape) for output in outputs] == shapes
    count = sum(value.numel() for value in network.parameters())
    assert count == pytest.approx(parameters, rel=0.01)


def test_the_work_of_yolos_attention_is_counted(tmp_path):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from benchmarks.peers.yolo_pose import Attention

    features = torch.zeros(1, 64, 8, 8)
    path = tmp_path / "attention.onnx"
    torch.onnx.export(Attention(64).eval(), (features,), str(path), dynamo=False)

    work = operations.count(path, tuple(features.shape))

    convolutions = 64 * 64 + 32 * 64 + 9 * 32 + 32 * 32 + 2 * 32 * 64 + 64 * 64
    attention = 2 * (8 + 16) * 64  # of two heads, for each cell
    assert work.macs == 64 * (convolutions + attention)
