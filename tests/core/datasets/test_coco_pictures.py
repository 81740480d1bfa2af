"""Which picture a person of a COCO data set is put on, and that it is the annotated one."""

import unicodedata

import cv2
import numpy as np
import pytest

from mobilepose_core import datasets, skeleton

RIGHT = [(1, 1), (2, 2), (3, 3)]
"""Every person on a picture of their own."""


def faults_of(dataset):
    return "\n".join(dataset.fault_lines())


@pytest.mark.parametrize("slash", ["/", "\\"])
def test_equal_names_in_folders_of_two_cameras_are_two_pictures(coco_folder, people_of, slash):
    data = coco_folder()
    for number, name in enumerate(("cam1/0001.png", "cam2/0001.png", "cam2/0002.png"), start=1):
        data.images[number - 1]["file_name"] = name.replace("/", slash)
        data.place(f"images/{name}", number)

    dataset = data.load()

    assert people_of(dataset) == RIGHT
    assert not dataset.faults
    assert [sample.group for sample in dataset] == [
        "cam1/0001.png",
        "cam2/0001.png",
        "cam2/0002.png",
    ]


def test_the_picture_of_another_camera_does_not_replace_a_missing_one(coco_folder):
    data = coco_folder(count=1)
    data.images[0]["file_name"] = "cam1/0001.png"
    data.place("images/cam2/0001.png", 2)

    dataset = data.load()

    assert len(dataset) == 0
    assert "'cam1/0001.png', there is images/cam2/0001.png" in faults_of(dataset)


@pytest.mark.parametrize("folders", [("train", "val"), ("train2017", "val2017")])
def test_equal_names_in_train_and_val_are_distinguished_by_the_annotation_file(
    coco_folder, people_of, folders
):
    data = coco_folder(count=2)
    for number, (split, folder) in enumerate(zip(("train", "val"), folders, strict=True), start=1):
        data.images[number - 1]["file_name"] = "0001.png"
        data.place(f"images/{folder}/0001.png", number)
        data.annotate(f"person_keypoints_{split}.json", data.part({number}))

    dataset = datasets.load("coco", data.root)

    assert people_of(dataset) == [(1, 1), (2, 2)]
    assert [sample.split for sample in dataset] == ["train", "val"]


def test_a_picture_of_another_split_is_not_taken(coco_folder):
    data = coco_folder(count=1)
    data.place("images/val/1.png", 1)

    dataset = data.load()

    assert len(dataset) == 0
    assert "only another split than train has" in faults_of(dataset)


def test_a_name_that_says_its_split_itself_is_taken(coco_folder, people_of):
    data = coco_folder(count=1)
    data.images[0]["file_name"] = "val/1.png"
    data.place("images/val/1.png", 1)

    assert people_of(data.load()) == [(1, 1)]


def test_a_name_of_two_pictures_is_a_fault_that_names_both(coco_folder):
    data = coco_folder(count=1)
    data.place("a/1.png", 1)
    data.place("b/1.png", 2)

    dataset = data.load()

    assert len(dataset) == 0
    assert "'1.png' may be a/1.png and b/1.png" in faults_of(dataset)


def test_a_name_without_folders_is_the_picture_right_in_images(coco_folder, people_of):
    data = coco_folder(count=2)
    data.images[1]["file_name"] = "cam2/1.png"
    data.place("images/1.png", 1)
    data.place("images/cam2/1.png", 2)

    assert people_of(data.load()) == [(1, 1), (2, 2)]


def test_a_copy_or_a_link_of_a_picture_makes_its_name_no_less_clear(coco_folder, people_of):
    data = coco_folder(count=1)
    data.place("a/1.png", 1)
    data.place("b/1.png", 1)
    (data.root / "c").symlink_to("a")

    assert people_of(data.load()) == [(1, 1)]


def test_an_image_id_of_two_images_is_a_fault_of_all_their_people(coco_folder, people_of):
    data = coco_folder()
    data.place_all()
    data.images[2]["id"] = 1

    dataset = data.load()

    assert people_of(dataset) == [(2, 2)]
    assert "image 1 is '1.png' and '3.png'" in faults_of(dataset)


def test_folders_behind_links_are_looked_into_and_loops_end(coco_folder, people_of, tmp_path):
    data = coco_folder()
    data.place_all()
    (data.root / "images").rename(tmp_path / "elsewhere")
    (data.root / "images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(data.root)

    assert people_of(data.load()) == RIGHT


@pytest.mark.parametrize("suffix", [".jpeg", ".JPG", ".webp", ".bmp", ".tif", ".tiff", ".png"])
def test_every_kind_of_picture_that_predict_reads_is_found(coco_folder, suffix):
    data = coco_folder(count=1)
    data.images[0]["file_name"] = f"1{suffix}"
    data.place_all()

    assert len(data.load()) == 1


@pytest.mark.parametrize(
    ("written", "on_disk"),
    [
        ("1%20a.png", "1 a.png"),
        ("1.PNG", "1.png"),
        (unicodedata.normalize("NFD", "jürgen.png"), unicodedata.normalize("NFC", "jürgen.png")),
        ("./1.png", "1.png"),
        ("../images/1.png", "1.png"),
    ],
)
def test_names_that_tools_write_differently_are_found(coco_folder, people_of, written, on_disk):
    data = coco_folder(count=1)
    data.images[0]["file_name"] = written
    data.place(f"images/{on_disk}", 1)

    assert people_of(data.load()) == [(1, 1)]


@pytest.mark.parametrize("place", ["C:\\data\\", "/home/somebody/data/", "s3://bucket/"])
def test_paths_of_another_computer_are_found_by_their_common_part_and_reported(
    coco_folder, people_of, place
):
    data = coco_folder(count=2)
    for number, name in enumerate(("cam1/1.png", "cam2/1.png"), start=1):
        data.images[number - 1]["file_name"] = place + name
        data.place(f"images/{name}", number)

    dataset = data.load()

    assert people_of(dataset) == [(1, 1), (2, 2)]
    assert "folder of another computer" in faults_of(dataset)


def test_hidden_files_are_no_pictures(coco_folder, people_of):
    data = coco_folder(count=1)
    data.place_all()
    data.place("__MACOSX/1.png", 2)
    data.place(".thumbnails/1.png", 2)

    assert people_of(data.load()) == [(1, 1)]


def test_a_picture_that_was_resized_after_annotation_is_a_fault_with_both_sizes(
    coco_folder, people_of
):
    data = coco_folder()
    data.place_all()
    data.images[1] |= {"width": 4 * data.width, "height": 4 * data.height}

    dataset = data.load()

    assert people_of(dataset) == [(1, 1), (3, 3)]
    assert "'2.png' is 320x240 in the annotation and 80x60 in the file" in faults_of(dataset)


@pytest.mark.parametrize("size", [{}, {"width": 0, "height": 0}, {"width": None, "height": "x"}])
def test_an_image_without_its_size_cannot_be_verified(coco_folder, size):
    data = coco_folder(count=1)
    data.place_all()
    data.images[0] = {"id": 1, "file_name": "1.png"} | size

    dataset = data.load()

    assert len(dataset) == 0
    assert "without its size" in faults_of(dataset)


def _place_turned(data, number, orientation):
    """A JPEG that EXIF turns; its pixels lie as annotated, red where the nose is."""
    pixels = np.zeros((data.height, data.width, 3), np.uint8)
    x, y = data.people[number - 1]["keypoints"][:2]
    pixels[y - 2 : y + 3, max(x - 2, 0) : x + 3, 2] = 255
    _, encoded = cv2.imencode(".jpg", pixels)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation])
    segment = exif + b"\0\0\0\0\0\0"
    content = encoded.tobytes()
    head = b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment
    path = data.root / "images" / f"{number}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content[:2] + head + content[2:])
    data.images[number - 1]["file_name"] = path.name


def _is_nose_red(sample):
    x, y = sample.joints[skeleton.INDEX["nose"]].round().astype(int)
    picture = cv2.imread(str(sample.image))
    return picture[y, x, 2] > 200


@pytest.mark.parametrize("orientation", [6, 8])
def test_joints_that_were_annotated_before_exif_turned_the_picture_are_turned_too(
    coco_folder, orientation
):
    data = coco_folder(count=1)
    data.people[0]["keypoints"][:2] = [30, 12]
    _place_turned(data, 1, orientation)

    dataset = data.load()

    (sample,) = dataset
    assert _is_nose_red(sample)
    assert "which its EXIF turns" in faults_of(dataset)


def test_people_annotated_on_the_upright_picture_stay(coco_folder):
    data = coco_folder(count=1)
    _place_turned(data, 1, 6)
    data.images[0] |= {"width": data.height, "height": data.width}

    dataset = data.load()

    assert dataset.samples[0].joints[skeleton.INDEX["nose"]].tolist() == [1, 20]
    assert not dataset.faults


def test_a_picture_upside_down_follows_what_the_others_show_of_the_tool(coco_folder):
    data = coco_folder(count=2)
    for number, orientation in ((1, 6), (2, 3)):
        data.people[number - 1]["keypoints"][:2] = [30, 12]
        _place_turned(data, number, orientation)

    alone = coco_folder("alone", count=1)
    _place_turned(alone, 1, 3)

    assert all(_is_nose_red(sample) for sample in data.load())
    assert "does not tell whether it was annotated turned" in faults_of(alone.load())


def test_a_mirrored_picture_is_a_fault(coco_folder):
    data = coco_folder(count=1)
    _place_turned(data, 1, 5)

    assert "EXIF mirrors" in faults_of(data.load())


def test_a_picture_that_cannot_be_read_is_named(coco_folder):
    data = coco_folder(count=1)
    (data.root / "images").mkdir(parents=True)
    (data.root / "images" / "1.png").write_bytes(b"half a pict")

    assert "1.png" in faults_of(data.load())


def test_a_picture_with_people_under_another_id_is_not_empty(coco_folder):
    data = coco_folder(count=2)
    data.images[1]["file_name"] = "1.png"
    del data.people[1]
    data.place("images/1.png", 1)

    assert not data.load().empty


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("person_keypoints_latest", "train"),
        ("person_keypoints_interval", "train"),
        ("person_keypoints_default", "train"),
        ("person_keypoints_val2017", "val"),
        ("person_keypoints_validation", "val"),
        ("person_keypoints_Test", "test"),
        ("person_keypoints_my-test-set", "test"),
        ("person_keypoints_trainval", "train"),
    ],
)
def test_the_split_is_a_whole_word_of_the_annotation_files_name(coco_folder, name, split):
    data = coco_folder(count=1)
    data.place_all()
    data.annotate(f"{name}.json")

    (sample,) = datasets.load("coco", data.root)

    assert sample.split == split
