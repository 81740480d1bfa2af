import json
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.datasets import Dataset, Sample
from mobilepose_core.evaluation import pck
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.model import ModelConfig
from mobilepose_core.release.report import write_report
from mobilepose_core.skeleton import COCO_17

CARD = {
    "model": ModelConfig(width=0.25, input_size=64).to_dict(),
    "parameters": 1_230_000,
    "data": ["flic=FLIC"],
    "recipe": {"batch": 16},
    "trained": {"train_loss": 1.5e-4, "validation_loss": 7.9e-4, "step": 42, "minutes": 3.2},
    "history": [
        {"step": 0, "train_loss": None, "validation_loss": 2e-3},
        {"step": 42, "train_loss": 1.5e-4, "validation_loss": 7.9e-4},
    ],
}
"""As far as the page shows it."""


@pytest.fixture
def carded_model(red_model):
    """The red-light network with a card such as `mobilepose release` writes."""
    return _carded(red_model)


def _carded(path, **changes):
    files = {path.name: {"sha256": model_file.sha256(path)}}
    card = CARD | {"name": path.stem, "files": files} | changes
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


@pytest.fixture
def dataset(tmp_path, red_light):
    """A person whose right wrist is a red light, which the network takes for every joint."""
    joints = np.array([[100 + 12 * i, 60 + 9 * i] for i in range(11)], np.float32)
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), red_light(*joints[5]))
    return Dataset("flic", [Sample(photo, skeleton.among_all(joints), "film", "test")])


def test_the_page_holds_what_was_measured_and_the_curves_beside_it(tmp_path, carded_model, dataset):
    page = tmp_path / "docs" / "results.md"

    write_report([carded_model], dataset, "test", page, threads=1)

    text = page.read_text()
    # The torso is 3 joints long, so the neighbours of the light are a third of it away.
    row = re.search(r"\| red \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", text)
    assert float(row[1]) == pytest.approx(100 / 11, abs=0.05)
    assert (float(row[2]), float(row[3])) == (0, 50)
    assert "| 1.23 M | - |" in text
    assert "| 1.50e-04 | 7.90e-04 |" in text
    assert "| red | flic=FLIC | 42 | 672 | 3 |" in text
    for picture in ("pck.png", "loss.png"):
        assert cv2.imread(str(page.parent / picture)).std() > 5


BODY = np.array(
    [
        *((160, 40), (178, 28), (142, 28), (196, 40), (124, 40)),  # the face
        *((200, 85), (120, 85), (220, 125), (100, 125), (230, 165), (90, 165)),
        *((185, 165), (135, 165), (185, 215), (135, 215), (185, 265), (135, 265)),
    ],
    np.float32,
)
"""(17, 2) joints of COCO_17 of somebody in a picture of 320x300."""


def test_a_network_of_whole_bodies_is_judged_by_the_joints_of_the_upper_body(
    tmp_path, write_network, paint
):
    page, photo = tmp_path / "docs" / "results.md", tmp_path / "photo.png"
    cv2.imwrite(str(photo), paint(BODY, height=300, radius=6))
    joints = skeleton.among_all(BODY, COCO_17.joints)
    people = Dataset("flic", [Sample(photo, joints, "film", "test")])
    model = write_network(tmp_path / "body.onnx", joints=COCO_17.joints, framing="body")

    write_report([_carded(Path(model))], people, "test", page, threads=1)

    assert "| body | 100.0 | 100.0 | 100.0 |" in page.read_text()


def test_people_are_counted_that_all_processes_of_a_run_saw(tmp_path, red_model, dataset):
    page = tmp_path / "docs" / "results.md"

    write_report([_carded(red_model, processes=2)], dataset, "test", page, threads=1)

    assert "| red | flic=FLIC | 42 | 1344 | 3 |" in page.read_text()


def test_a_model_that_is_not_at_hand_keeps_the_row_of_the_last_report(
    tmp_path, carded_model, dataset
):
    page = tmp_path / "docs" / "results.md"
    large = _carded(
        Path(shutil.copy(carded_model, tmp_path / "large.onnx")),
        model=ModelConfig("baseline", width=0.25, input_size=64).to_dict(),
    )
    write_report([carded_model, large], dataset, "test", page, threads=1)
    first = page.read_text()

    write_report([carded_model], dataset, "test", page, threads=1)

    second = page.read_text()
    accuracy = r"\| large( \\\*|) \| ([\d.]+ \| [\d.]+ \| [\d.]+ \| [\d.]+) \| ([\d.]+) ms"
    before, after = re.search(accuracy, first), re.search(accuracy, second)
    assert before[2] == after[2]
    assert (before[1], after[1]) == ("", " \\*")
    assert float(after[3]) > 0
    assert second.index("large") < second.index("| red")
    assert "not released: accuracy as measured" in second
    assert "not released: accuracy as measured" not in first


def test_the_page_says_which_models_are_a_mean_with_other_weights(tmp_path, red_model, dataset):
    page = tmp_path / "results.md"
    mean = {"with": {"start.safetensors": "0123"}, "share": 0.35}

    write_report([_carded(red_model, mean=mean)], dataset, "test", page, threads=1)

    text = page.read_text()
    assert (
        "a weighted mean of this run's weights (0.35) and others of the same network (0.65" in text
    )
    assert "SHA-256 0123" in text


def test_rows_of_other_people_are_not_mixed_in(tmp_path, carded_model, dataset):
    page = tmp_path / "docs" / "results.md"
    other = _carded(Path(shutil.copy(carded_model, tmp_path / "other.onnx")))
    write_report([other], dataset, "test", page, threads=1)
    twice = Dataset("flic", dataset.samples * 2)

    write_report([carded_model], twice, "test", page, threads=1)

    assert "| other" not in page.read_text()


def test_a_damaged_record_of_the_last_report_is_refused(tmp_path, carded_model, dataset):
    page = tmp_path / "results.md"
    page.with_suffix(".json").write_text("[{}]")

    with pytest.raises(ValueError, match=r"results.json is not what a report wrote.*delete it"):
        write_report([carded_model], dataset, "test", page, threads=1)


def test_a_model_without_a_card_is_refused(tmp_path, red_model, dataset):
    with pytest.raises(ValueError, match="has no card"):
        write_report([red_model], dataset, "test", tmp_path / "results.md", threads=1)


def test_without_people_there_is_nothing_to_report(tmp_path, carded_model, dataset):
    with pytest.raises(ValueError, match="0 people"):
        write_report([carded_model], dataset, "val", tmp_path / "results.md", threads=1)


def test_parts_cover_every_joint_once():
    assert sorted(name for names in pck.PARTS.values() for name in names) == sorted(
        pck.skeleton.JOINTS
    )
