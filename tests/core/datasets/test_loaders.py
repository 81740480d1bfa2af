"""Every loader, on small files in the real formats."""

import json

import cv2
import numpy as np
import pytest
import scipy.io

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import coco, joint_columns
from mobilepose_core.errors import DataError

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


def _turned(path):
    """Adds EXIF to a JPEG that says to turn it by a quarter."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    content = path.read_bytes()
    path.write_bytes(content[:2] + segment + content[2:])
    assert cv2.imread(str(path)).shape == (80, 60, 3)


def test_a_photograph_that_exif_turns_is_no_photograph_of_lsp_or_flic(tmp_path):
    (tmp_path / "lsp").mkdir()
    _write_lsp(tmp_path / "lsp", _lsp_people().transpose(2, 1, 0))
    _turned(tmp_path / "lsp" / "images" / "im0001.jpg")
    _write_flic(tmp_path / "flic", [_flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "flic" / "images" / "a.jpg"), PIXELS)
    _turned(tmp_path / "flic" / "images" / "a.jpg")

    for name, count in (("lsp", 1), ("flic", 0)):
        dataset = datasets.load(name, tmp_path / name)
        assert len(dataset) == count
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


def test_an_array_that_is_not_lsps_is_refused_with_its_shape(tmp_path):
    _write_lsp(tmp_path, np.zeros((5, 6, 7)))

    with pytest.raises(ValueError, match=r"\(5, 6, 7\)"):
        datasets.load("lsp", tmp_path)


def _write_coco(root, annotations, name="person_keypoints_val2017.json"):
    (root / "annotations").mkdir()
    (root / "val2017").mkdir()
    content = {
        "images": [{"id": 7, "file_name": "000007.jpg", "width": 80, "height": 60}],
        "annotations": annotations,
    }
    (root / "annotations" / name).write_text(json.dumps(content))
    cv2.imwrite(str(root / "val2017" / "000007.jpg"), PIXELS)


def _coco_person(**changes):
    keypoints = []
    for index in range(17):
        keypoints += [index + 3, index + 20, 2]
    return {"image_id": 7, "iscrowd": 0, "num_keypoints": 17, "keypoints": keypoints} | changes


def test_coco_maps_joints_by_name_and_leaves_unlabelled_ones_unknown(tmp_path):
    person = _coco_person()
    person["keypoints"][0:3] = [0, 0, 0]
    _write_coco(tmp_path, [person])

    (sample,) = datasets.load(datasets.recognise(tmp_path), tmp_path)

    assert sample.split == "val"
    assert np.isnan(sample.joints[skeleton.INDEX["nose"]]).all()
    assert sample.joints[skeleton.INDEX["right_wrist"]].tolist() == [13, 30]


def test_coco_leaves_out_crowds_and_counts_damaged_annotations(tmp_path):
    annotations = [
        _coco_person(iscrowd=1),
        _coco_person(num_keypoints=0),
        _coco_person(keypoints=[1, 2, 3]),
        _coco_person(image_id=99),
        _coco_person(),
    ]
    _write_coco(tmp_path, annotations)

    dataset = datasets.load("coco", tmp_path)

    assert len(dataset) == 1
    assert sum(dataset.faults.values()) == 3
    assert sum(dataset.left_out.values()) == 1


def test_a_truncated_coco_file_is_named(tmp_path):
    _write_coco(tmp_path, [_coco_person()])
    path = tmp_path / "annotations" / "person_keypoints_val2017.json"
    path.write_text(path.read_text()[:-20])

    with pytest.raises(ValueError, match="person_keypoints_val2017"):
        datasets.load("coco", tmp_path)


def test_an_unknown_format_or_folder_is_refused_with_what_is_known(tmp_path):
    with pytest.raises(ValueError, match="flic, lsp, coco"):
        datasets.load("mpii", tmp_path)
    with pytest.raises(ValueError, match="not a folder"):
        datasets.load("flic", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no data set recognised"):
        datasets.recognise(tmp_path)


def test_the_real_flic_is_complete(shared_data):
    dataset = datasets.load("flic", shared_data / "flic")

    assert (len(dataset.split("train")), len(dataset.split("test"))) == (3987, 1016)
    assert not dataset.faults


def test_the_real_lsp_extended_and_studio_are_read(shared_data):
    assert len(datasets.load("lsp", shared_data / "lspet")) > 5000
    assert len(datasets.load("coco", shared_data / "studio")) == 1000


def test_people_saved_as_coco_come_back_as_they_were(tmp_path):
    photo = tmp_path / "one.jpg"
    cv2.imwrite(str(photo), PIXELS)
    joints = np.stack([np.arange(19) * 3.0, np.arange(19) * 2.0 + 5], axis=1).astype(np.float32)
    joints[17:] = np.nan  # FLIC's hips have no place in COCO's format
    partly = joints + 1
    partly[skeleton.INDEX["nose"]] = np.nan
    people = [datasets.Sample(photo, joints, "g"), datasets.Sample(photo, partly, "g")]

    coco.save(people, tmp_path / "saved")

    loaded = datasets.load("coco", tmp_path / "saved")
    assert not loaded.faults
    assert np.array_equal(loaded.samples[0].joints, joints, equal_nan=True)
    assert np.array_equal(loaded.samples[1].joints, partly, equal_nan=True)
    assert cv2.imread(str(loaded.samples[0].image)).shape == PIXELS.shape
    loaded.check_photographs()
    assert len(loaded) == 2


def test_photographs_of_equal_names_are_saved_apart(tmp_path):
    people = []
    for number, folder in enumerate(("one", "two"), start=1):
        (tmp_path / folder).mkdir()
        photo = tmp_path / folder / "0001.png"
        cv2.imwrite(str(photo), np.full((60, 80, 3), 50 * number, np.uint8))
        joints = np.stack([np.arange(11) * 3.0 + number, np.arange(11) + 5.0], axis=1)
        people.append(datasets.Sample(photo, skeleton.among_all(joints.astype(np.float32)), "g"))

    coco.save(people, tmp_path / "saved")

    loaded = datasets.load("coco", tmp_path / "saved")
    assert [cv2.imread(str(s.image)).max() for s in loaded] == [50, 100]
    assert [s.joints[0, 0] for s in loaded] == [1, 2]


def test_saving_replaces_no_photograph(tmp_path):
    joints = np.stack([np.arange(19) * 3.0, np.arange(19) + 5.0], axis=1).astype(np.float32)
    (tmp_path / "images").mkdir()
    own, other = tmp_path / "images" / "one.png", tmp_path / "one.png"
    for path in (own, other):
        cv2.imwrite(str(path), PIXELS)

    with pytest.raises(ValueError, match="a file of its own"):
        coco.save([datasets.Sample(other, joints, "g")], tmp_path)

    assert not own.is_symlink()


def test_a_bug_of_ours_is_not_counted_as_a_fault_of_flic(tmp_path, monkeypatch):
    _write_flic(tmp_path, [_flic_person("a.jpg")])
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), PIXELS)

    def broken(points, columns):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(joint_columns, "pick", broken)

    with pytest.raises(ValueError, match="broadcast"):
        datasets.load("flic", tmp_path)


def test_an_lsp_table_that_holds_no_numbers_is_named(tmp_path):
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": np.array(["left", "right"])})

    with pytest.raises(DataError, match=r"joints\.mat holds no array of numbers"):
        datasets.load("lsp", tmp_path)
