from dataclasses import replace

import cv2
import numpy as np
import pytest

from mobilepose_core import PoseEstimator, crop
from mobilepose_core.cli import main
from mobilepose_core.datasets import Sample
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.release.presence import area_under_curve, fit
from mobilepose_core.release.presence_examples import (
    LEAST_HEIGHT,
    PresenceExamples,
    can_be_close,
    close_up,
    examples,
    whole,
)
from mobilepose_core.skeleton import ALL_19


def drawn(seed, count=600):
    """Detections: the second feature is informative, the detector's score a little."""
    random = np.random.default_rng(seed)
    there = random.random(count) < 0.6
    features = random.normal(size=(count, 4)).astype(np.float32)
    features[:, 1] = 3 + 0.1 * (features[:, 1] + 3 * there)
    found = 1 / (1 + np.exp(-(there - 0.5 + random.normal(size=count))))
    posed = np.float32(random.uniform(0.4, 0.6, count))
    nobody = np.zeros_like(there)
    return PresenceExamples(features, found.astype(np.float32), posed, there, nobody)


def test_informative_features_are_found_and_improve_the_detectors_score():
    other = drawn(seed=2)

    presence = fit(drawn(seed=0), None, drawn(seed=1))

    assert np.abs(presence.weights).argmax() == 1
    alone = area_under_curve(other.found, other.there)
    together = presence.fused(other.found, other.posed, other.features, other.cut)
    both = area_under_curve(together, other.there)
    assert alone < 0.8
    assert both > 0.97
    chances = presence(other.features)
    assert chances[other.there].mean() > 0.8
    assert chances[~other.there].mean() < 0.3


def _posed(seed, count=2000):
    """Detections: the detector's score says nothing, that of the pose tells people from others."""
    some = drawn(seed, count)
    random = np.random.default_rng(seed + 100)
    chance = np.float32(random.uniform(0.05, 0.95, count))
    logit = 2 * (some.there - 0.5) + random.normal(size=count)
    return replace(some, found=chance, posed=np.float32(1 / (1 + np.exp(-logit))))


def test_detector_and_pose_count_as_much_as_they_tell():
    presence = fit(_posed(seed=0), None, _posed(seed=1))

    fusion, other = presence.fusion, _posed(seed=2)
    assert fusion.detector < 0.2 < 0.8 < fusion.pose
    fused = presence.fused(other.found, other.posed, other.features, other.cut)
    product = verification.fuse_scores(other.found, presence(other.features))
    assert area_under_curve(fused, other.there) > area_under_curve(product, other.there) + 0.01


def test_people_whom_the_border_cuts_off_are_not_judged_by_their_pose():
    presence = fit(_posed(seed=0), _posed(seed=3), _posed(seed=1))

    assert presence.fusion.pose > 0.8
    assert presence.of_cut.fusion == verification.Fusion()


def test_examples_of_one_class_are_refused():
    some = drawn(seed=0)
    only_people = replace(some, there=np.ones_like(some.there))

    with pytest.raises(ValueError, match="600 of 600 detections are people"):
        fit(only_people, None, some)
    with pytest.raises(ValueError, match="600 of 600 detections are people"):
        fit(some, None, only_people)


def test_close_ups_make_people_of_those_alone_whom_the_border_cuts_off():
    some, other = drawn(seed=0), drawn(seed=1)
    of_faces = np.float32([0, 3, 0, 5])  # the last feature is 5 times as large as ever else
    halves = np.full(200, 0.5, np.float32)
    faces = PresenceExamples(np.tile(of_faces, (200, 1)), halves, halves, *np.ones((2, 200), bool))

    presence = fit(some, faces, other)

    alone = fit(some, None, other)
    is_cut = np.array([False, True])
    chances = presence(np.tile(of_faces, (2, 1)), is_cut)
    assert chances[0] == alone(of_faces[None])[0] < 0.5 < 0.9 < chances[1]


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order():
    scores, there = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])

    assert area_under_curve(scores, there) == 0.75


class WithinRegions(PoseModel):
    """Finds joints all over the regions that it looks at."""

    def __call__(self, frame, regions, boxes=None):
        poses = super().__call__(frame, regions, boxes)
        reach = np.linspace(-0.5, 0.5, 11)[:, None] / crop.MARGIN
        return [
            replace(pose, joints=np.float32([region.x, region.y] + region.side * reach))
            for pose, region in zip(poses, regions, strict=True)
        ]


class Given:
    """Finds the same boxes in every frame."""

    def __init__(self, *boxes):
        self.boxes = PersonBoxes(
            np.array(boxes, np.float32), np.full(len(boxes), 0.5, np.float32), sure_from=0.9
        )

    def __call__(self, frame):
        return self.boxes


def test_both_crops_of_a_detection_are_examples_unless_it_is_ambiguous(make_model, lights):
    person = lights(1, joint=5).samples[0]
    here = np.array(person.box)
    elsewhere, doubtful = (here + np.array([x, y, x, y]) for x, y in ((170, 60), (60, 100)))
    estimator = PoseEstimator(WithinRegions(make_model(with_summary=True)), finder="boxes")
    estimator.detector = Given(here, elsewhere, doubtful)
    scene = Scene(person.image, here[None], doubtful[None].astype(np.float32))

    found = examples(estimator, [None, whole(scene)], 2, "a photograph")

    assert found.there.tolist() == [True, False] * 2
    assert not found.cut.any()
    image = photo.read(person.image)
    poses = estimator.model(image, crop.regions_around(np.stack([here, elsewhere])))
    assert np.allclose(found.features[:2], [pose.features for pose in poses])
    assert found.found.tolist() == [0.5] * 4


def standing(tmp_path, height=240.0, **changed):
    """Somebody whose eyes are green and hips red, in a grey photograph of 400x300 pixels."""
    places = {
        **{"left_eye": (210, 40), "right_eye": (190, 40)},
        **{"left_shoulder": (230, 40 + 0.3 * height), "right_shoulder": (170, 40 + 0.3 * height)},
        **{"left_hip": (220, 40 + height), "right_hip": (180, 40 + height)},
    } | changed
    image = np.full((300, 400, 3), 90, np.uint8)
    joints = np.full((len(ALL_19.joints), 2), np.nan, np.float32)
    for name, place in places.items():
        joints[ALL_19.index[name]] = place
        colour = (0, 255, 0) if "eye" in name else (0, 0, 255)
        cv2.circle(image, tuple(map(round, place)), 6, colour, cv2.FILLED)
    path = tmp_path / "standing.png"
    cv2.imwrite(str(path), image)
    return Sample(path, joints, path.name)


def test_a_close_up_shows_the_face_and_is_cut_off_above_the_hips(tmp_path):
    view = close_up(standing(tmp_path))

    green = np.argwhere((view.image[..., 1] > 200) & (view.image[..., 0] < 60))
    hips = (view.image[..., 2] > 200) & (view.image[..., 1] < 60)
    assert view.image.shape[0] >= 480
    assert not hips[: -view.image.shape[0] // 3].any()
    y, x = green.mean(axis=0)
    height, width = view.image.shape[:2]
    around, beside = [x - 60, y - 30, x + 60, height], [0, 0, x - 70, height]
    is_there, counts = view.labels(np.float32([around, beside, [0, 0, width, y - 60]]))
    assert is_there.tolist() == counts.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("changed", "can"),
    [
        ({}, True),
        ({"height": LEAST_HEIGHT - 5}, False),
        ({"left_hip": (220, 20), "right_hip": (180, 20)}, False),
    ],
    ids=["upright", "small", "upside down"],
)
def test_who_is_upright_and_large_can_be_shown_close_up(tmp_path, changed, can):
    assert can_be_close(standing(tmp_path, **changed)) == can


def test_nobody_whose_eyes_are_unknown_is_shown_close_up(tmp_path):
    person = standing(tmp_path)
    person.joints[ALL_19.index["left_eye"]] = np.nan

    assert not can_be_close(person)


def test_a_network_without_pooled_features_has_no_presence(red_model, lights, tmp_path, capsys):
    data = f"coco={lights(4, joint=5).root}"

    assert main(["presence", str(red_model), "--data", data, "--empty", str(tmp_path)]) == 1

    assert "has no output 'summary' with pooled features" in capsys.readouterr().err
