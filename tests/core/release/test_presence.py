from dataclasses import replace

import numpy as np
import pytest

from mobilepose_core import PoseEstimator, crop
from mobilepose_core.cli import main
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.inference.detection import verification
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.io import photo
from mobilepose_core.pose import PersonBoxes
from mobilepose_core.release.presence import PresenceExamples, area_under_curve, examples, fit


def drawn(seed, count=600):
    """Detections: the second feature is informative, the detector's score a little."""
    random = np.random.default_rng(seed)
    there = random.random(count) < 0.6
    features = random.normal(size=(count, 4)).astype(np.float32)
    features[:, 1] = 3 + 0.1 * (features[:, 1] + 3 * there)
    found = 1 / (1 + np.exp(-(there - 0.5 + random.normal(size=count))))
    return PresenceExamples(features, found.astype(np.float32), there)


def test_informative_features_are_found_and_improve_the_detectors_score():
    other = drawn(seed=2)

    presence = fit(drawn(seed=0), drawn(seed=1))

    assert np.abs(presence.weights).argmax() == 1
    alone = area_under_curve(other.found, other.there)
    together = verification.fuse_scores(other.found, presence(other.features))
    both = area_under_curve(together, other.there)
    assert alone < 0.8
    assert both > 0.97
    chances = presence(other.features)
    assert chances[other.there].mean() > 0.8
    assert chances[~other.there].mean() < 0.3


def test_examples_of_one_class_are_refused():
    some = drawn(seed=0)
    only_people = PresenceExamples(some.features, some.found, np.ones_like(some.there))

    with pytest.raises(ValueError, match="600 of 600 detections are people"):
        fit(only_people, some)
    with pytest.raises(ValueError, match="600 of 600 detections are people"):
        fit(some, only_people)


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

    found = examples(estimator, [scene], "a photograph")

    assert found.there.tolist() == [True, False] * 2
    image = photo.read(person.image)
    poses = estimator.model(image, crop.regions_around(np.stack([here, elsewhere])))
    assert np.allclose(found.features[:2], [pose.features for pose in poses])
    assert found.found.tolist() == [0.5] * 4


def test_a_network_without_pooled_features_has_no_presence(red_model, lights, tmp_path, capsys):
    data = f"coco={lights(4, joint=5).root}"

    assert main(["presence", str(red_model), "--data", data, "--empty", str(tmp_path)]) == 1

    assert "has no output 'summary' with pooled features" in capsys.readouterr().err
