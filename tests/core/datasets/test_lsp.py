"""LSP's loader, on small files in the real format."""

import cv2
import numpy as np
import pytest
import scipy.io

from mobilepose_core import datasets, skeleton
from mobilepose_core.errors import DataError

PIXELS = np.full((60, 80, 3), 90, np.uint8)


def _lsp_people():
    people = np.zeros((2, 14, 3))
    people[:, :, 0] = np.arange(14) + 10
    people[:, :, 1] = 2 * np.arange(14) + 5
    return people


def _write_lsp(root, table):
    (root / "images").mkdir()
    scipy.io.savemat(root / "joints.mat", {"joints": table})
    for name in ("im0001.jpg", "im0002.jpg"):
        cv2.imwrite(str(root / "images" / name), PIXELS)


def test_lsp_with_hidden_joints_marked_keeps_them_all(tmp_path):
    people = _lsp_people()
    people[0, 11, 2] = 1
    _write_lsp(tmp_path, people.transpose(2, 1, 0))

    dataset = datasets.load("lsp", tmp_path)

    assert len(dataset) == 2
    assert dataset.samples[0].joints[skeleton.INDEX["left_wrist"]].tolist() == [21, 27]
    assert np.isnan(dataset.samples[0].joints[skeleton.INDEX["nose"]]).all()


def test_lsp_extended_with_visible_joints_marked_drops_the_others(tmp_path):
    people = _lsp_people()
    people[:, :, 2] = 1
    people[0, 11, 2] = 0
    _write_lsp(tmp_path, people.transpose(1, 2, 0))

    dataset = datasets.load("lsp", tmp_path)

    assert np.isnan(dataset.samples[0].joints[skeleton.INDEX["left_wrist"]]).all()
    assert dataset.samples[1].joints[skeleton.INDEX["left_wrist"]].tolist() == [21, 27]


def test_lsp_counts_photographs_that_are_missing_or_unreadable(tmp_path):
    _write_lsp(tmp_path, _lsp_people().transpose(2, 1, 0))
    (tmp_path / "images" / "im0001.jpg").unlink()
    (tmp_path / "images" / "im0002.jpg").write_bytes(b"half a photogr")

    dataset = datasets.load("lsp", tmp_path)

    assert len(dataset) == 0
    assert sum(dataset.faults.values()) == 2


@pytest.mark.parametrize("suffix", [".webp", ".BMP", ".tif"])
def test_lsps_photographs_may_be_of_any_kind_that_predict_reads(tmp_path, suffix):
    _write_lsp(tmp_path, _lsp_people().transpose(2, 1, 0))
    for number in (1, 2):
        (tmp_path / "images" / f"im000{number}.jpg").unlink()
        cv2.imwrite(str(tmp_path / "images" / f"im000{number}{suffix}"), PIXELS)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    (tmp_path / "images").symlink_to("elsewhere")

    assert len(datasets.load("lsp", tmp_path)) == 2


def test_a_number_of_two_photographs_is_a_fault_that_names_both(tmp_path):
    _write_lsp(tmp_path, _lsp_people().transpose(2, 1, 0))
    cv2.imwrite(str(tmp_path / "images" / "im1.png"), PIXELS)
    (tmp_path / "images" / "._im0002.jpg").write_bytes(b"of another computer")

    dataset = datasets.load("lsp", tmp_path)

    assert [sample.image.name for sample in dataset] == ["im0002.jpg"]
    assert "person 1: im0001.jpg and im1.png" in dataset.fault_lines()[0]


def test_lsp_with_shrunk_photographs_is_distinguished_from_joints_at_the_edge(tmp_path):
    people = _lsp_people()
    people[1, :, :2] *= 10
    _write_lsp(tmp_path, people.transpose(2, 1, 0))

    dataset = datasets.load("lsp", tmp_path)

    assert len(dataset) == 1
    assert "most joints far outside the picture" in dataset.fault_lines()[0]


def test_a_photograph_that_exif_turns_is_no_photograph_of_lsp(tmp_path, turn):
    _write_lsp(tmp_path, _lsp_people().transpose(2, 1, 0))
    turn(tmp_path / "images" / "im0001.jpg")

    dataset = datasets.load("lsp", tmp_path)

    assert len(dataset) == 1
    assert "that its EXIF turns" in dataset.fault_lines()[0]


def test_an_array_that_is_not_lsps_is_refused_with_its_shape(tmp_path):
    _write_lsp(tmp_path, np.zeros((5, 6, 7)))

    with pytest.raises(ValueError, match=r"\(5, 6, 7\)"):
        datasets.load("lsp", tmp_path)


def test_an_lsp_table_that_holds_no_numbers_is_named(tmp_path):
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": np.array(["left", "right"])})

    with pytest.raises(DataError, match=r"joints\.mat holds no array of numbers"):
        datasets.load("lsp", tmp_path)


def test_the_real_lsp_extended_is_read(shared_data):
    assert len(datasets.load("lsp", shared_data / "lspet")) > 5000
