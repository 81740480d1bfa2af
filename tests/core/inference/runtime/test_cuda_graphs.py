import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mobilepose_core.inference.runtime import cuda_graphs, providers
from mobilepose_core.inference.runtime.cuda_graphs import GraphRunner


def opened(path):
    return providers.open_with(path, [providers.CPU], threads=1)


@pytest.fixture
def session(red_model):
    """A session on the CPU, whose memory is bound as a GPU's would be; it records no graphs."""
    return opened(red_model)


@pytest.fixture(params=[False, True], ids=["plain", "with graphs"])
def runs(session, request):
    return GraphRunner(session, "cpu", request.param)


@pytest.fixture
def options():
    return providers.run_options()


def crops(count, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (count, 64, 64, 3), np.uint8)


def test_bound_runs_give_what_the_session_gives(session, runs, options):
    for seed, count in enumerate([1, 3, 1, 1, 3]):
        seen = crops(count, seed)
        (found,) = runs(seen, options)
        (expected,) = session.run(None, {"crops": seen})
        assert (found == expected).all()


def test_what_a_run_gave_stays_when_another_one_comes(runs, options):
    runs(crops(1), options)
    (found,) = runs(crops(1, seed=1), options)
    kept = found.copy()

    runs(crops(1, seed=2), options)

    assert (found == kept).all()


def sizes(runs):
    return [shape[0] for shape, _ in runs._places]


def test_graphs_stay_and_of_other_shapes_the_newest_keep_their_places(
    session, options, monkeypatch
):
    monkeypatch.setattr(cuda_graphs, "KEPT", 2)
    runs = GraphRunner(session, "cpu", with_graphs=True)

    for count in (1, 2, 4, 8, 16, 1):
        (found,) = runs(crops(count), options)
        (expected,) = session.run(None, {"crops": crops(count)})
        assert (found == expected).all()

    graphs = {shape[0]: places.graph for (shape, _), places in runs._places.items()}
    none = cuda_graphs.NO_GRAPH
    assert graphs == {1: 1, 2: 2, 8: none, 16: none}


@pytest.mark.parametrize(("with_graphs", "met"), [(False, [1, 4, 8]), (True, [1, 4, 8, 2])])
def test_a_gpu_meets_few_sizes_of_batches(session, options, with_graphs, met):
    runs = GraphRunner(session, "cpu", with_graphs)

    for count in (1, 3, 7, 5, 2, 1, 4, 8, 6):
        (found,) = runs(crops(count), options)
        assert len(found) == count

    assert sizes(runs) == met


def test_graphs_are_recorded_and_replayed_on_one_thread(session, options):
    threads = set()

    class Watched:
        """A session that notes which threads run it."""

        def __getattr__(self, name):
            threads.add(threading.current_thread())
            return getattr(session, name)

    with_graphs = GraphRunner(Watched(), "cpu", with_graphs=True)

    with ThreadPoolExecutor(1) as other:
        (found,) = other.submit(with_graphs, crops(2), options).result()
    (again,) = with_graphs(crops(2), options)

    assert (found == again).all()
    assert len(threads - {threading.current_thread()}) == 1


def test_a_run_that_was_interrupted_raises(runs, options):
    runs(crops(1), options)
    options.terminate = True

    for count in (1, 2):
        with pytest.raises(Exception, match="terminate"):
            runs(crops(count), options)


def write_network(path, node, shape, kind):
    """A network of one operator, whose output's shape only a run tells."""
    graph = helper.make_graph(
        [node],
        "network",
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("found", kind, None)],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return path


def test_outputs_whose_shape_the_values_decide_are_given_too(tmp_path, options, capfd):
    places_of = helper.make_node("NonZero", ["values"], ["found"])
    network = write_network(tmp_path / "places.onnx", places_of, [1, 8], TensorProto.INT64)
    runs = GraphRunner(opened(network), "cpu")

    for count in (3, 3, 5, 2, 5):
        values = (np.arange(8) < count).astype(np.float32)[None]
        (found,) = runs(values, options)
        assert found.tolist() == [[0] * count, list(range(count))]

    assert capfd.readouterr() == ("", "")


def test_a_graph_with_other_results_is_logged_and_not_used(tmp_path, options):
    noise = helper.make_node("RandomUniformLike", ["values"], ["found"])
    network = write_network(tmp_path / "noise.onnx", noise, ["people", 8], TensorProto.FLOAT)
    runs = GraphRunner(opened(network), "cpu", with_graphs=True)

    with pytest.warns(RuntimeWarning, match=r"values of \(2, 8\) differs from the network"):
        runs(np.ones((2, 8), np.float32), options)

    (found,) = runs(np.ones((1, 8), np.float32), options)
    assert found.shape == (1, 8)
    assert [places.graph for places in runs._places.values()] == [cuda_graphs.NO_GRAPH]
    assert sizes(runs) == [2]  # as if none were recorded: of another size it would be met anew


def test_a_network_of_one_size_of_batch_gets_that(tmp_path, options):
    same = helper.make_node("Identity", ["values"], ["found"])
    network = write_network(tmp_path / "same.onnx", same, [3, 8], TensorProto.FLOAT)
    runs = GraphRunner(opened(network), "cpu", with_graphs=True)

    assert runs(np.ones((3, 8), np.float32), options)[0].shape == (3, 8)


def test_values_of_another_type_are_refused_however_often_the_shape_was_seen(runs, options):
    for _ in range(2):
        runs(crops(1), options)

    with pytest.raises(Exception, match="expected"):
        runs(crops(1).astype(np.float32), options)


def test_the_thread_of_graphs_ends_with_them(session, options):
    before = set(threading.enumerate())
    runs = GraphRunner(session, "cpu", with_graphs=True)
    runs(crops(1), options)
    (own,) = set(threading.enumerate()) - before

    del runs
    own.join(timeout=10)

    assert not own.is_alive()


def test_a_batch_that_was_too_large_does_not_make_later_ones_as_large(session, options):
    class Small:
        """A session of a GPU without the memory for more than eight."""

        def __getattr__(self, name):
            return getattr(session, name)

        def run(self, names, inputs, options):
            if len(inputs["crops"]) > 8:
                raise RuntimeError("out of memory")
            return session.run(names, inputs, options)

    runs = GraphRunner(Small(), "cpu")

    with pytest.raises(RuntimeError, match="out of memory"):
        runs(crops(9), options)

    assert len(runs(crops(1), options)[0]) == 1
