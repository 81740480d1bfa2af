import hashlib
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file


def test_joints_come_out_in_crop_pixels(red_model):
    session = PoseModel(red_model)
    rows, columns = np.mgrid[:64, :64]
    crops = np.zeros((2, 64, 64, 3), np.uint8)
    for crop, (x, y) in zip(crops, [(20.5, 40.25), (33, 12)], strict=True):
        crop[..., 2] = 240 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 8.0**2))

    joints, scores = session.infer(crops)[:2]

    assert joints.shape == (2, 11, 2)
    # The light is 8-bit: its logarithm is a parabola to about a tenth of a pixel.
    assert np.allclose(joints[:, 0], [(20.5, 40.25), (33, 12)], atol=0.2)
    assert (scores > 0.8).all()


def test_the_side_of_the_crops_is_read_from_the_model(make_model):
    assert PoseModel(make_model(size=96)).size == 96


def test_nothing_about_the_user_is_stored_or_printed(red_model, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    # ONNX Runtime keeps its telemetry to itself where it finds itself tested.
    ours = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    code = f"from mobilepose_core import PoseEstimator; PoseEstimator({str(red_model)!r})"

    subprocess.run(
        [sys.executable, "-c", code], env={**environment, "HOME": str(home)}, check=True, timeout=60
    )

    of_the_gpus_driver = home / ".nv"
    assert [path for path in home.iterdir() if path != of_the_gpus_driver] == []


def test_a_missing_model_is_named_with_those_that_are_known():
    with pytest.raises(
        ValueError, match=r"'no-such-model' not found; known: .*\.onnx file"
    ) as refusal:
        PoseModel("no-such-model")

    assert "finder" not in str(refusal.value)
    with pytest.raises(ValueError, match=r"nowhere\.onnx' not found; is its path right\?$"):
        PoseModel("nowhere.onnx")


def test_a_file_that_is_no_onnx_is_named(tmp_path):
    path = tmp_path / "photo.onnx"
    path.write_bytes(b"\xff\xd8\xff\xe0 a photograph")

    with pytest.raises(ValueError, match=r"photo\.onnx cannot be loaded"):
        PoseModel(path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"output": "scores"}, "not a mobilepose network"),
        ({"input_name": "image"}, "not a mobilepose network"),
        ({"kept": "coco17"}, "coco17"),
        ({"kept": None}, "flic11"),
    ],
)
def test_a_foreign_network_is_refused_with_what_it_has(make_model, wrong, message):
    with pytest.raises(ValueError, match=message):
        PoseModel(make_model(**wrong))


@pytest.mark.parametrize("options", [{"device": "tpu"}, {"threads": -1}])
def test_a_wrong_option_is_refused_with_what_is_right(red_model, options):
    (name,) = options

    with pytest.raises(ValueError, match=name):
        PoseModel(red_model, **options)


def test_a_model_whose_bytes_are_not_its_cards_is_refused(red_model):
    digest = hashlib.sha256(red_model.read_bytes()).hexdigest()
    card = red_model.with_suffix(".json")
    card.write_text(json.dumps({"files": {"red.onnx": {"sha256": digest}}}))
    assert model_file.find(red_model).checksum == digest

    with red_model.open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ValueError, match="damaged or was replaced"):
        PoseModel(red_model)


def test_a_card_that_cannot_be_read_is_named(red_model):
    red_model.with_suffix(".json").write_text("{")

    with pytest.raises(ValueError, match=r"red\.json cannot be read"):
        PoseModel(red_model)


def test_threads_sleep_between_frames():
    session = PoseModel("small", "cpu", threads=2)
    crops = np.zeros((1, session.size, session.size, 3), np.uint8)
    for _ in range(5):
        session.infer(crops)

    before = time.process_time()
    time.sleep(0.3)

    assert time.process_time() - before < 0.05
