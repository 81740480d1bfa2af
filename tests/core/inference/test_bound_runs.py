import numpy as np
import onnxruntime
import pytest

from mobilepose_core.inference import bound_runs, providers
from mobilepose_core.inference.bound_runs import BoundRuns


@pytest.fixture(params=["", "1"], ids=["plain", "with graphs"])
def session(red_model, request, monkeypatch):
    """A session on the CPU, whose memory is bound as a GPU's would be; it records no graphs."""
    monkeypatch.setenv(providers.GRAPH_VARIABLE, request.param)
    return providers.open_with(red_model, [providers.CPU], threads=1)


@pytest.fixture
def options():
    return onnxruntime.RunOptions()


def crops(count, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (count, 64, 64, 3), np.uint8)


def test_bound_runs_give_what_the_session_gives(session, options):
    runs = BoundRuns(session, "cpu")

    for seed, count in enumerate([1, 3, 1, 1, 3]):
        seen = crops(count, seed)
        (found,) = runs(seen, options)
        (expected,) = session.run(None, {"crops": seen})
        assert (found == expected).all()


def test_what_a_run_gave_stays_when_another_one_comes(session, options):
    runs = BoundRuns(session, "cpu")
    runs(crops(1), options)
    (found,) = runs(crops(1, seed=1), options)
    kept = found.copy()

    runs(crops(1, seed=2), options)

    assert (found == kept).all()


def test_only_the_newest_shapes_keep_their_places(session, options, monkeypatch):
    monkeypatch.setattr(bound_runs, "KEPT", 2)
    runs = BoundRuns(session, "cpu")

    for count in (1, 2, 3, 1):
        (found,) = runs(crops(count), options)
        (expected,) = session.run(None, {"crops": crops(count)})
        assert (found == expected).all()

    assert [shape[0] for shape in runs._places] == [3, 1]


def test_a_run_that_was_interrupted_raises(session, options):
    runs = BoundRuns(session, "cpu")
    runs(crops(1), options)
    options.terminate = True

    for count in (1, 2):
        with pytest.raises(Exception, match="terminate"):
            runs(crops(count), options)
