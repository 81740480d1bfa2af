import json

import cv2
import numpy as np
import pytest
from benchmarks.peers import roster
from benchmarks.peers.packages import UnavailableError
from benchmarks.picture import astronaut

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.datasets import Sample

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from benchmarks import peer_accuracy


@pytest.fixture(params=["blazepose_lite", "movenet_lightning"])
def peer(request):
    try:
        return peer_accuracy.PEERS[request.param](1)
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def samples(tmp_path):
    """Somebody whose joints are as we find them, and somebody whose photograph is lost."""
    frame = astronaut(640, 480)
    cv2.imwrite(str(tmp_path / "seen.png"), frame)
    (pose,) = PoseEstimator("final", "cpu")(frame)
    return [
        Sample(image=tmp_path / name, joints=skeleton.among_all(pose.joints), group="film")
        for name in ("seen.png", "lost.png")
    ]


def test_a_peer_finds_the_person_whose_place_it_is_given(peer, samples):
    figures = peer_accuracy.accuracy_of(peer, samples)

    assert {figures[part] for part in ("nose", "eyes")} == {50.0}  # a suit hides shoulders
    assert figures["mean"] <= 50
    assert np.isnan(figures["exchanged_backs"])


def test_figures_are_written_as_the_benchmark_of_inference_reads_them(peer, samples):
    figures = peer_accuracy.accuracy_of(peer, samples)
    row = json.loads(json.dumps(peer_accuracy._row(peer.name, "2 people of films", figures)))

    assert row["name"] == peer.name in roster.PEERS
    assert row["people"] == "2 people of films"
    assert row["pck"]["nose"] == 50
    assert row["mean_without_hips"] <= 50
