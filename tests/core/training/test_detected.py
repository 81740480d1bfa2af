"""Crops of what the detector takes for people teach features to tell people from others."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import crop
from mobilepose_core.datasets import scenes
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.errors import DataError
from mobilepose_core.framing import FRAMINGS, UPPER_BODY
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.training import detected
from mobilepose_core.training.augment import pixels_of, plain
from mobilepose_core.training.recipe import RECIPES
from mobilepose_core.training.sources import DataSource, prepare, prepare_frames


@pytest.fixture
def empty(tmp_path):
    """A folder with an astronaut, whom the detector finds, and a picture as grey as padding."""
    folder = tmp_path / "empty"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), skimage.data.astronaut()[..., ::-1])
    cv2.imwrite(str(folder / "b.png"), np.full((240, 320, 3), 128, np.uint8))
    return folder


def test_what_the_detector_takes_for_a_person_is_cut_and_a_place_where_it_sees_nobody(empty):
    picture = cv2.imread(str(empty / "a.png"))
    boxes = FinderDetector(device="cpu", threads=1)(picture).of_joints().boxes

    crops = detected.cut(scenes.empty_scenes(empty), 64, FRAMINGS[UPPER_BODY], seed=0)

    assert np.isnan(crops.joints).all()
    assert not crops.is_there.any()
    first, *_, last = plain(crops, np.arange(len(crops)), 64).images
    expected = crop.cut(picture, crop.regions_around(boxes)[0], 64)
    assert np.abs(pixels_of(first[None])[0].astype(int) - expected).mean() < 4
    assert last.std() == 0


def test_detections_among_known_people_are_of_people_or_of_nobody(empty):
    picture = cv2.imread(str(empty / "a.png"))
    boxes = FinderDetector(device="cpu", threads=1)(picture).of_joints().boxes
    person = Scene(empty / "a.png", boxes[:1], np.zeros((0, 4), np.float32))
    elsewhere = Scene(empty / "a.png", boxes[:1] + 1000, person.doubtful)
    unsure = Scene(empty / "a.png", elsewhere.boxes, np.array([[0, 0, 512, 512]], np.float32))

    as_person, as_nobody, as_unsure = (
        detected.cut([scene], 64, FRAMINGS[UPPER_BODY], 0) for scene in (person, elsewhere, unsure)
    )

    assert as_person.is_there[0]
    assert len(as_nobody)
    assert not as_nobody.is_there.any()
    assert not len(as_unsure)


def test_a_part_of_a_person_is_neither_them_nor_nobody():
    photograph = Scene(Path("a.png"), np.array([[0, 0, 100, 100]], np.float32), np.zeros((0, 4)))
    boxes = np.array([[5, 0, 100, 90], [60, 60, 100, 100], [95, 95, 150, 150]], np.float32)

    is_person, is_nobody = detected.labels(boxes, photograph)

    assert is_person.tolist() == [True, False, False]
    assert is_nobody.tolist() == [False, False, True]


def test_the_same_seed_cuts_the_same_places(empty):
    photographs = scenes.empty_scenes(empty)

    first, again, other = (
        detected.cut(photographs, 64, FRAMINGS[UPPER_BODY], seed).frames for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_unreadable_photograph_is_counted(empty):
    (empty / "c.png").write_bytes(b"rubbish")

    assert detected.cut(scenes.empty_scenes(empty), 64, FRAMINGS[UPPER_BODY], 0).unreadable == 1


def test_an_epoch_shows_negatives_by_their_share(empty, one_flic):
    sources = [DataSource("flic", one_flic)]

    people, held_out, _ = prepare(sources, 64, RECIPES["short"], empty=empty)

    is_negative = people.crops.sources == detected.NOBODY
    shown = people.samples_per_epoch[is_negative].sum() / people.samples_per_epoch.sum()
    assert shown == pytest.approx(detected.SHARE)
    assert detected.NOBODY not in held_out.sources


def test_detections_count_where_all_people_are_known(empty, flic, tmp_path):
    for path in (flic / "images").iterdir():
        size = cv2.imread(str(path)).shape[1::-1]
        cv2.imwrite(str(path), cv2.resize(skimage.data.astronaut()[..., ::-1], size))
    others = tmp_path / "others.json"
    others.write_text('{"people": {}}')

    known, _, _ = prepare(
        [DataSource("flic", flic, others=others)], 64, RECIPES["short"], empty=empty
    )
    unknown, _, _ = prepare([DataSource("flic", flic)], 64, RECIPES["short"], empty=empty)

    is_detected = known.crops.sources == detected.DETECTED
    shown = known.samples_per_epoch[is_detected].sum() / known.samples_per_epoch.sum()
    assert shown == pytest.approx(detected.SHARE)
    assert detected.DETECTED not in unknown.crops.sources


def test_photographs_that_cannot_be_read_are_reported_and_some_must_remain(empty, one_flic):
    sources = [DataSource("flic", one_flic)]
    (empty / "a.png").write_bytes(b"rubbish")

    *_, faults = prepare(sources, 64, RECIPES["short"], empty=empty)

    assert f"{empty}: 1 x photograph unreadable (left out)" in faults
    (empty / "b.png").write_bytes(b"rubbish")
    with pytest.raises(DataError, match="no readable photographs"):
        prepare(sources, 64, RECIPES["short"], empty=empty)


def test_a_detectors_photographs_that_cannot_be_read_are_reported(empty, one_flic):
    (empty / "a.png").write_bytes(b"rubbish")

    *_, faults = prepare_frames([DataSource("flic", one_flic)], empty)

    assert f"{empty}: 1 x photograph unreadable (left out)" in faults
