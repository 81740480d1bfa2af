import base64
import functools
import hashlib
import http.server
import importlib
import io
import json
import multiprocessing
import sys
import tarfile
import threading
import time

import numpy as np
import onnxruntime
import pytest
from benchmarks.measure import operations
from benchmarks.peers import comparators, nanodet, roster, tfjs
from benchmarks.peers.nanodet import NanoDet
from benchmarks.peers.packages import REGISTRY, Package, UnavailableError, registry
from benchmarks.picture import astronaut

CONTENT = b"weights"


def _tarball(content=CONTENT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/models/net.tflite")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _package(tarball, files=("models/net.tflite",)):
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    return Package("@someone/net", "1.2.3", integrity, files)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of a user who has no npm, no configuration and no registry."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    return folder / "mobilepose" / "peers"


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Serves a tarball as a registry does."""
    site = tmp_path / "site"
    path = site / "@someone" / "net" / "-" / "net-1.2.3.tgz"
    path.parent.mkdir(parents=True)
    served, delays = [], []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            served.append(self.path)
            time.sleep(delays[-1])
            super().do_GET()

        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def publish(tarball, delay=0.0):
            """Returns the list of what is asked for."""
            monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
            path.write_bytes(tarball)
            delays.append(delay)
            return served

        yield publish
        server.shutdown()
        thread.join()


def test_a_package_is_fetched_once_and_its_wanted_files_are_kept(cache, serve, monkeypatch):
    serve(_tarball())
    package = _package(_tarball())

    folder = package.folder()
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")

    assert folder == cache / "net-1.2.3"
    assert (folder / "models/net.tflite").read_bytes() == CONTENT
    assert package.folder() == folder
    assert list(cache.iterdir()) == [folder]


def _fetch_at_once(everybody, package):
    everybody.wait(60)
    package.folder()


def test_processes_that_need_a_package_at_the_same_time_fetch_it_once(cache, serve):
    served = serve(_tarball(), delay=0.5)
    spawn = multiprocessing.get_context("spawn")
    arguments = spawn.Barrier(2), _package(_tarball())
    processes = [spawn.Process(target=_fetch_at_once, args=arguments) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    assert len(served) == 1
    assert list(cache.iterdir()) == [cache / "net-1.2.3"]


def test_a_tampered_tarball_is_refused_and_leaves_nothing(cache, serve):
    serve(_tarball(b"poison!"))

    with pytest.raises(UnavailableError, match="damaged or was replaced: its integrity is sha512"):
        _package(_tarball()).folder()

    assert list(cache.iterdir()) == []


def test_a_package_without_the_wanted_file_is_refused(cache, serve):
    serve(_tarball())

    with pytest.raises(UnavailableError, match=r"has no other\.tflite"):
        _package(_tarball(), ("other.tflite",)).folder()

    assert list(cache.iterdir()) == []


def test_without_a_network_there_is_a_reason(cache):
    with pytest.raises(UnavailableError, match=r"@mediapipe/pose cannot be downloaded: .*refused"):
        roster.PEERS["blazepose_lite"]()


def test_an_npm_that_fails_is_quoted(cache, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)

    with pytest.raises(UnavailableError, match="npm pack @someone/net failed: npm error code E404"):
        _package(_tarball()).folder()


def test_the_registry_is_the_users(cache, tmp_path, monkeypatch):
    assert registry("@someone/net") == "http://127.0.0.1:9/"

    (tmp_path / ".npmrc").write_text(
        "registry=https://npm.example/all\n@someone:registry = 'https://npm.example/ours/'\n"
    )
    assert registry("@someone/net") == "https://npm.example/ours/"

    monkeypatch.delenv("npm_config_registry")
    assert registry("@else/net") == "https://npm.example/all/"

    (tmp_path / ".npmrc").unlink()
    assert registry("@else/net") == REGISTRY


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


def _attributes(**values):
    return {name: {kind: value} for name, (kind, value) in values.items()}


def _graph(folder, nodes, weights, out_shape=(1, 4, 4, 2)):
    """A graph model from a picture 4x4x2 to `out`, written as TensorFlow.js keeps it."""
    entries = [
        {"name": name, "shape": list(value.shape), "dtype": str(value.dtype)}
        for name, value in weights.items()
    ]
    (folder / "net.bin").write_bytes(b"".join(value.tobytes() for value in weights.values()))
    picture, out = (
        {
            "name": name,
            "dtype": "DT_FLOAT",
            "tensorShape": {"dim": [{"size": str(side)} for side in shape]},
        }
        for name, shape in (("picture:0", (1, 4, 4, 2)), ("out:0", out_shape))
    )
    model = {
        "modelTopology": {"node": [{"op": "Placeholder", "name": "picture"}, *nodes]},
        "weightsManifest": [{"paths": ["net.bin"], "weights": entries}],
        "signature": {"inputs": {"picture:0": picture}, "outputs": {"out:0": out}},
    }
    path = folder / "net.json"
    path.write_text(json.dumps(model))
    return path


def _text(value):
    return base64.b64encode(value.encode()).decode()


def test_a_graph_of_tensorflow_js_computes_the_same_in_onnx(tmp_path):
    convolution = _attributes(
        padding=("s", _text("SAME")),
        strides=("list", {"i": ["1", "2", "2", "1"]}),
        dilations=("list", {"i": ["1", "1", "1", "1"]}),
        fused_ops=("list", {"s": [_text("BiasAdd"), _text("Relu6")]}),
    )
    nodes = [
        {
            "op": "FusedDepthwiseConv2dNative",
            "name": "conv",
            "input": ["picture", "kernel", "bias"],
            "attr": convolution,
        },
        {
            "op": "ResizeBilinear",
            "name": "out",
            "input": ["conv", "size"],
            "attr": _attributes(half_pixel_centers=("b", False), align_corners=("b", False)),
        },
    ]
    kernel = np.zeros((3, 3, 2, 1), np.float32)
    kernel[0, 0] = 1  # at stride 2 on an even side, SAME pads after, not before: top left stays
    weights = {
        "kernel": kernel,
        "bias": np.array([0, 5], np.float32),
        "size": np.array([4, 4], np.int32),
    }

    tfjs.convert(_graph(tmp_path, nodes, weights), tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    picture = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2) / 8
    (out,) = session.run(None, {"picture": picture})

    small = np.minimum(picture[0, ::2, ::2] + [0, 5], 6)
    # Cell i of 4 lies at i / 2 of 2, and beyond the last one is the last one.
    across = np.stack([small[:, 0], small.mean(axis=1), small[:, 1], small[:, 1]], axis=1)
    expected = np.stack([across[0], across.mean(axis=0), across[1], across[1]])
    assert out[0] == pytest.approx(expected)


def test_padding_pooling_and_splitting_are_those_of_tensorflow(tmp_path):
    one_apart = _attributes(
        strides=("list", {"i": ["1"] * 4}), dilations=("list", {"i": ["1"] * 4})
    )
    pool = _attributes(ksize=("list", {"i": ["1", "2", "2", "1"]}), padding=("s", _text("VALID")))
    nodes = [
        {"op": "Transpose", "name": "first", "input": ["picture", "order"]},
        {"op": "Transpose", "name": "back", "input": ["first", "back/order"]},
        {"op": "Pad", "name": "pad", "input": ["back", "around"]},
        {
            "op": "Conv2D",
            "name": "conv",
            "input": ["pad", "kernel"],
            "attr": {**one_apart, **_attributes(padding=("s", _text("VALID")))},
        },
        {
            "op": "LeakyRelu",
            "name": "relu",
            "input": ["conv"],
            "attr": _attributes(alpha=("f", 0.5)),
        },
        {"op": "PadV2", "name": "low", "input": ["relu", "around", "nought"]},
        {
            "op": "MaxPool",
            "name": "pool",
            "input": ["low"],
            "attr": {**pool, "strides": one_apart["strides"]},
        },
        {"op": "SplitV", "name": "parts", "input": ["pool", "lengths", "axis"]},
        {
            "op": "SparseToDense",
            "name": "dense",
            "input": ["places", "count", "filled", "none"],
        },
        {"op": "AddV2", "name": "shape", "input": ["dense", "more"]},
        {"op": "Reshape", "name": "flat", "input": ["parts:1", "shape"]},
        {"op": "Add", "name": "out", "input": ["flat", "flat"]},
    ]
    weights = {
        "order": np.array([0, 3, 1, 2], np.int32),
        "back/order": np.array([0, 2, 3, 1], np.int32),
        "around": np.array([[0, 0], [1, 0], [0, 0], [0, 0]], np.int32),  # one row above
        "kernel": np.array([[[[-1.0, 2.0], [0.0, 0.0]]]], np.float32),  # both of the first channel
        "nought": np.array(-100, np.float32),
        "lengths": np.array([1, 1], np.int32),
        "axis": np.array(3, np.int32),
        "places": np.array([[1], [2]], np.int32),
        "count": np.array([4], np.int32),
        "filled": np.array([4, 2], np.int32),
        "none": np.array(0, np.int32),
        "more": np.array([1, 1, 1, 1], np.int32),  # with the dense one: 1, 5, 3, 1
    }
    path = _graph(tmp_path, nodes, weights, (1, 5, 3, 1))
    picture = np.arange(-16, 16, dtype=np.float32).reshape(1, 4, 4, 2)

    tfjs.convert(path, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    (out,) = session.run(None, {"picture": picture})

    assert out.shape == (1, 5, 3, 1)
    rows = np.pad(picture[0, ..., 0], ((1, 0), (0, 0))) * 2
    rows = np.where(rows < 0, rows / 2, rows)
    above = np.vstack([np.full((1, 4), -100), rows])
    pooled = np.maximum(above[:-1], above[1:])
    pooled = np.maximum(pooled[:, :-1], pooled[:, 1:])
    assert out[0, ..., 0] == pytest.approx(2 * pooled)


def test_an_unknown_operator_is_named(tmp_path):
    path = _graph(tmp_path, [{"op": "Einsum", "name": "out", "input": ["picture"]}], {})

    with pytest.raises(ValueError, match=r"operator Einsum of out unknown; known: .*'AddV2'"):
        tfjs.convert(path, tmp_path / "net.onnx")


def test_nanodet_finds_the_astronaut_and_no_person_on_grey():
    try:
        detector = NanoDet(roster.nanodet())
    except UnavailableError as error:
        pytest.skip(str(error))

    (person,) = detector.people(astronaut(640, 480), 0.5)

    x0, y0, x1, y1, _ = person
    assert x0 < 280 < x1  # her nose
    assert y0 < 100
    assert y1 > 440
    assert not len(detector.people(np.full((480, 640, 3), 128, np.uint8), 0.25))


def test_nanodets_boxes_are_the_means_of_how_likely_distances_are():
    classes = np.zeros((4, 80), np.float32)
    classes[2, 0], classes[3, 1] = 0.8, 0.9  # a person in the lower left cell, a bicycle beside
    distances = np.full((4, 4, 3), -50.0, np.float32)
    distances[2, [0, 1, 2, 3], [1, 2, 0, 0]] = 50
    distances[2, 3, 1] = 50

    boxes, scores = nanodet.decoded([classes, distances.reshape(4, 12)], 0.5)

    # Cells of 208 pixels; the person's middle is at half a cell and one and a half.
    expected = np.array([0.5 - 1, 1.5 - 2, 0.5, 1.5 + 0.5]) * 208
    assert boxes == pytest.approx(expected[None])
    assert scores.tolist() == pytest.approx([0.8])


def test_movenet_finds_the_astronauts_nose():
    try:
        path = roster.movenet("lightning")
    except UnavailableError as error:
        pytest.skip(str(error))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rgb = astronaut(192, 192)[..., ::-1].astype(np.int32)[None]

    (keypoints,) = session.run(None, {"input": rgb})

    # In parts of the picture; in 640x480 it is at 280, 100, of which the middle 480 are here.
    y, x, score = keypoints[0, 0, 0]
    assert (x, y) == pytest.approx(((280 - 80) / 480, 100 / 480), abs=0.04)
    assert score > 0.5
