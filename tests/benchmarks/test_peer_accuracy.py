import cv2
import pytest
from benchmarks.peers import roster
from benchmarks.peers.packages import UnavailableError
from benchmarks.picture import astronaut

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.datasets import Sample

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")


def test_a_peer_is_evaluated_in_the_crop_of_the_torso(tmp_path):
    from benchmarks.peer_accuracy import accuracy_of
    from benchmarks.peers.blazepose import BlazePose

    try:
        model = BlazePose(roster.blazepose("lite"))
    except UnavailableError as error:
        pytest.skip(str(error))
    frame = astronaut(640, 480)
    cv2.imwrite(str(tmp_path / "seen.png"), frame)
    (pose,) = PoseEstimator("final", "cpu")(frame)
    seen, unseen = (
        Sample(image=tmp_path / name, joints=skeleton.among_all(pose.joints), group="film")
        for name in ("seen.png", "lost.png")
    )

    row = accuracy_of(model, [seen, unseen])

    assert row["name"] == "blazepose_lite"
    assert row["people"] == "2 people of FLIC's test set"
    assert {row["pck"][part] for part in ("nose", "eyes")} == {50.0}  # a suit hides shoulders
    assert row["mean_without_hips"] <= 50
