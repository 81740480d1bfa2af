"""A frame's way through the package stays short enough to be read from top to bottom."""

import numpy as np
import pytest
from benchmarks import frame_path
from benchmarks.frame_path import FramePath, trace

from mobilepose_core import PersonBoxes, PoseEstimator, crop, heatmap, skeleton
from mobilepose_core.inference.runtime import model_file

HALF_BEFORE = {"first": 113 // 2, "followed": 34 // 2, "detected": 113 // 2}
"""Changes of file: half of those before the frame's way was made readable."""

FILES = {"first": 12, "followed": 8, "detected": 12}

ADVICE = "a frame's way became longer; see 'The path of a frame' in docs/architecture.md"


@pytest.fixture(scope="module")
def paths():
    if not {"final", "finder"} <= set(model_file.released_models()):
        pytest.skip("no released models 'final' and 'finder'")
    return frame_path.measure()


@pytest.mark.parametrize("kind", FILES)
def test_a_frame_passes_few_files(paths, kind):
    assert len(paths[kind].files) <= FILES[kind], f"{ADVICE}: {paths[kind].files}"


@pytest.mark.parametrize("kind", HALF_BEFORE)
def test_a_frame_changes_files_half_as_often_as_before(paths, kind):
    assert paths[kind].changes <= HALF_BEFORE[kind], ADVICE


def test_a_whole_body_is_followed_on_as_short_a_way(write_network, paint, tmp_path):
    path = write_network(tmp_path / "body.onnx", joints=skeleton.COCO_17.joints, framing="body")
    estimator = PoseEstimator(path, "cpu", 1, "boxes")
    across, down = np.divmod(np.arange(17), 6)
    frame = paint(np.stack([120 + 40 * across, 40 + 55 * down], axis=1), 420, 18)
    boxes = PersonBoxes(np.float32([[110, 30, 210, 200]]), np.ones(1, np.float32))
    estimator(frame, 0.0, boxes)

    poses = []
    path = trace(lambda: poses.extend(estimator(frame, 1 / 30)))

    assert len(poses) == 1
    assert len(path.files) <= FILES["followed"], f"{ADVICE}: {path.files}"
    assert path.changes <= HALF_BEFORE["followed"], ADVICE


def test_a_way_has_each_file_once_and_counts_every_change():
    def process():
        for _ in range(2):
            crop.middles(np.zeros((1, 4)))
            crop.middles(np.zeros((1, 4)))
            heatmap.crop_from_cells(np.zeros((1, 2), np.float32))

    assert trace(process) == FramePath(["crop.py", "heatmap.py"], 3)
