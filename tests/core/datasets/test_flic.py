"""FLIC's loader, on small files in the real format."""

import cv2
import numpy as np
import pytest
import scipy.io

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import joint_columns

PIXELS = np.full((60, 80, 3), 90, np.uint8)


def _write_flic(root, people):
    """Writes people as FLIC does: an array of structs beside the images."""
    (root / "images").mkdir(parents=True)
    fields = ["filepath", "imgdims", "coords", "istrain", "istest", "moviename"]
    examples = np.zeros((1, len(people)), dtype=[(name, object) for name in fields])
    for index, person in enumerate(people):
        examples[0, index] = tuple(person[name] for name in fields)
    scipy.io.savemat(root / "examples.mat", {"examples": examples})


def _flic_person(name, x=0.0, istest=0):
    coords = np.full((2, 29), np.nan)
    for column in joint_columns.FLIC_COLUMNS.values():
        coords[:, column] = (x + column, 2 * column)
    return {
        "filepath": name,
        "imgdims": np.array([60, 80, 3]),
        "coords": coords,
        "istrain": 1 - istest,
        "istest": istest,
        "moviename": "a-film",
    }


def test_flic_gives_every_joint_in_our_order_and_its_own_split(tmp_path):
    _write_flic(tmp_path, [_flic_person("a.jpg"), _flic_person("b.jpg", x=10, istest=1)])
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(tmp_path / "images" / name), PIXELS)

    dataset = datasets.load("flic", tmp_path)

    assert [sample.split for sample in dataset] == ["train", "test"]
    assert dataset.samples[0].group == "a-film"
    hip = skeleton.ALL_19.index["flic_right_hip"]
    assert dataset.samples[1].joints[hip].tolist() == [19, 18]
    assert np.isnan(dataset.samples[1].joints[skeleton.INDEX["right_hip"]]).all()
    assert dataset.samples[1].upper_body[skeleton.INDEX["right_hip"]].tolist() == [19, 18]
    assert not dataset.faults


def test_flic_is_found_inside_its_outer_folder_and_with_a_single_person(tmp_path):
    _write_flic(tmp_path / "FLIC", [_flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "FLIC" / "images" / "a.jpg"), PIXELS)

    assert len(datasets.load(datasets.recognise(tmp_path), tmp_path)) == 1


def test_a_damaged_flic_is_read_as_far_as_it_is_sound(tmp_path):
    absurd = _flic_person("far.jpg")
    absurd["coords"][:, joint_columns.FLIC_COLUMNS["nose"]] = (1e6, 5)
    infinite = _flic_person("far.jpg")
    infinite["coords"][:, joint_columns.FLIC_COLUMNS["nose"]] = (np.inf, 5)
    unannotated = _flic_person("far.jpg")
    unannotated["coords"][:] = np.nan
    point = _flic_person("far.jpg")
    point["coords"][:, list(joint_columns.FLIC_COLUMNS.values())] = 7
    garbled = _flic_person("far.jpg") | {"imgdims": "none"}
    people = [absurd, infinite, unannotated, point, garbled, _flic_person("missing.jpg")]
    _write_flic(tmp_path, people)
    cv2.imwrite(str(tmp_path / "images" / "far.jpg"), PIXELS)

    dataset = datasets.load("flic", tmp_path)

    assert len(dataset) == 2
    for sample in dataset:
        assert np.isnan(sample.joints[skeleton.INDEX["nose"]]).all()
        assert np.isfinite(sample.joints[skeleton.INDEX["left_eye"]]).all()
    lines = "\n".join(dataset.fault_lines())
    assert "2 x joint far outside" in lines
    assert "1 x person with fewer than 3" in lines
    assert "1 x person of no extent" in lines
    assert "1 x example that lacks" in lines
    assert "1 x image missing" in lines


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign", "other variable"])
def test_annotations_that_cannot_be_read_give_one_clear_error(tmp_path, damage):
    _write_flic(tmp_path, [_flic_person(f"{i}.jpg") for i in range(20)])
    path = tmp_path / "examples.mat"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:1500])
    elif damage == "foreign":
        path.write_bytes(b"\x89PNG\r\n" * 100)
    else:
        scipy.io.savemat(path, {"joints": np.zeros(3)})

    with pytest.raises(ValueError, match=r"examples\.mat"):
        datasets.load("flic", tmp_path)


def test_observer_centric_labels_change_sides_only_for_people_seen_from_behind(tmp_path):
    front = _flic_person("a.jpg")
    front["coords"][0, joint_columns.FLIC_COLUMNS["left_shoulder"]] = 70
    back = _flic_person("a.jpg")
    _write_flic(tmp_path, [front, back])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)

    seen_front, seen_back = datasets.load("flic", tmp_path)

    both = np.stack([seen_front.upper_body, seen_back.upper_body])
    unchanged, exchanged = skeleton.observer_centric(both)
    assert np.array_equal(unchanged, seen_front.upper_body)
    left, right = skeleton.INDEX["left_wrist"], skeleton.INDEX["right_wrist"]
    assert np.array_equal(exchanged[left], seen_back.joints[right])
    assert np.array_equal(exchanged[skeleton.INDEX["nose"]], seen_back.upper_body[-1])


def test_a_photograph_that_exif_turns_is_no_photograph_of_flic(tmp_path, turn):
    _write_flic(tmp_path, [_flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)
    turn(tmp_path / "images" / "a.jpg")

    dataset = datasets.load("flic", tmp_path)

    assert len(dataset) == 0
    assert "that its EXIF turns" in dataset.fault_lines()[0]


def test_flics_pictures_are_compared_with_the_size_in_its_file(tmp_path):
    _write_flic(tmp_path, [_flic_person("a.jpg"), _flic_person("b.jpg"), _flic_person("b.jpg")])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)
    cv2.imwrite(str(tmp_path / "images" / "b.jpg"), PIXELS[::2, ::2])

    dataset = datasets.load("flic", tmp_path)

    assert [sample.image.name for sample in dataset] == ["a.jpg"]
    assert "2 x picture of another size" in dataset.fault_lines()[0]
    assert "80x60 annotated, 40x30 there" in dataset.fault_lines()[0]


def test_flics_coordinates_in_another_order_and_two_splits_at_once_are_faults(tmp_path):
    turned, both = _flic_person("a.jpg"), _flic_person("a.jpg")
    turned["coords"] = turned["coords"].T
    both["istest"] = 1
    _write_flic(tmp_path, [turned, both, _flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)

    dataset = datasets.load("flic", tmp_path)

    assert len(dataset) == 1
    assert dataset.fault_lines()[0].startswith("flic: 2 x example that lacks")
    assert "expected (2, 29)" in dataset.fault_lines()[0]


def test_a_bug_of_ours_is_not_counted_as_a_fault_of_flic(tmp_path, monkeypatch):
    _write_flic(tmp_path, [_flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)

    def broken(points, columns):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(joint_columns, "pick", broken)

    with pytest.raises(ValueError, match="broadcast"):
        datasets.load("flic", tmp_path)


def test_the_real_flic_is_complete(shared_data):
    dataset = datasets.load("flic", shared_data / "flic")

    assert (len(dataset.split("train")), len(dataset.split("test"))) == (3987, 1016)
    assert not dataset.faults
