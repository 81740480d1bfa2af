"""The released networks on the photograph of the astronaut, and on pictures composed of it."""

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.pose import PersonBoxes

needs_final = pytest.mark.skipif(
    "final" not in model_file.released_models(), reason="no released model 'final' yet"
)


@pytest.fixture(scope="module")
def final():
    return PoseEstimator("final")


@pytest.fixture(scope="module")
def astronaut():
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)


@needs_final
def test_the_astronauts_face_and_shoulders_are_found(final, astronaut):
    final.forget()
    (pose,) = final(astronaut)

    # Read off the photograph by eye, which is good to about ten pixels.
    expected = {
        "right_eye": (204, 113),
        "left_eye": (242, 107),
        "nose": (225, 132),
        "right_shoulder": (125, 205),  # under the suit, beside its ring
        "left_shoulder": (320, 258),
    }
    for name, (x, y) in expected.items():
        found_x, found_y, score = pose[name]
        tolerance = 16 if name in ("right_eye", "left_eye", "nose") else 55
        assert np.hypot(found_x - x, found_y - y) < tolerance, (name, found_x, found_y)
        assert score > 0.4


@needs_final
def test_the_astronaut_faces_the_camera_in_each_frame_and_turns_with_the_picture(astronaut):
    estimator = PoseEstimator("final")

    frames = [estimator(astronaut, number / 25) for number in range(3)]
    mirrored = estimator.photograph(np.ascontiguousarray(astronaut[:, ::-1]))

    for (pose,) in frames:
        assert pose.heading[0] > 0.5
    ((plain,), (other,)) = frames[-1], mirrored
    assert np.abs(plain.heading - other.heading * (1, -1)).max() < 0.15


@needs_final
def test_someone_who_stands_still_comes_to_rest(astronaut):
    estimator = PoseEstimator("final")

    found = [estimator(astronaut, number / 25)[0].joints for number in range(12)]

    assert np.array_equal(found[-1], found[-2])
    assert np.array_equal(found[-1], found[-3])


@needs_final
def test_a_mirrored_photograph_exchanges_left_and_right(final, astronaut):
    final.forget()
    (plain,) = final(astronaut)
    final.forget()
    (mirrored,) = final(np.ascontiguousarray(astronaut[:, ::-1]))

    back = mirrored.joints[list(skeleton.MIRROR)] * (-1, 1) + (511, 0)
    seen = plain.scores > 0.7
    assert seen.sum() >= 5
    assert np.median(np.linalg.norm(back - plain.joints, axis=1)[seen]) < 12


@needs_final
def test_a_person_who_is_followed_keeps_their_id_until_they_are_forgotten(final, astronaut):
    final.forget()
    ids = [pose.track_id for _ in range(3) for pose in final(astronaut)]
    assert len(set(ids)) == 1

    final.forget()
    (pose,) = final(astronaut)
    assert pose.track_id not in ids


@needs_final
def test_a_new_video_numbers_its_people_from_one(final, astronaut):
    for _ in range(2):
        final.begin_video()
        assert [pose.track_id for _ in range(3) for pose in final(astronaut)] == [1, 1, 1]


@needs_final
def test_the_people_of_a_single_picture_are_found_whoever_is_followed(final, astronaut):
    final.begin_video()
    (before,) = final(astronaut, 0.0)

    people = final.detect(np.hstack([astronaut, astronaut[:, ::-1]]))

    (after,) = final(astronaut, 0.1)
    left, right = sorted(people.boxes.tolist())
    x0, y0, x1, y1 = before.box.tolist()
    assert left == pytest.approx([x0, y0, x1, y1], abs=60)
    assert right == pytest.approx([1023 - x1, y0, 1023 - x0, y1], abs=40)
    assert before.track_id == after.track_id


@needs_final
def test_pictures_without_people_hold_nobody(final):
    for photo in ("coffee", "chelsea"):
        final.forget()
        picture = cv2.cvtColor(getattr(skimage.data, photo)(), cv2.COLOR_RGB2BGR)
        assert final(picture) == []


@needs_final
class TestOnAstronauts:
    """Pictures composed of the astronaut, once or twice."""

    @pytest.fixture
    def looks(self, final, monkeypatch):
        """How many crops the pose network sees, a number for each of its calls."""
        final.forget()
        final.tracking = Tracking()
        seen, run = [], PoseModel.run

        def counted(session, crops):
            seen.append(len(crops))
            return run(session, crops)

        monkeypatch.setattr(PoseModel, "run", counted)
        return seen

    @pytest.fixture
    def pair(self, astronaut):
        """Two of them side by side, the right one mirrored."""
        return np.hstack([astronaut, astronaut[:, ::-1]])

    def test_two_people_are_two_and_keep_their_ids_while_the_picture_moves(self, final, pair):
        final.forget()
        boxes = self._boxes([(60, 100, 320, 470), (704, 100, 964, 470)])
        final.tracking = Tracking()
        first = final(pair, 0.0, boxes)
        nobody = self._boxes([])

        for number in range(1, 10):
            moved = np.roll(pair, 4 * number, axis=1)
            people = final(moved, number / 30, nobody)
            assert [pose.track_id for pose in people] == [pose.track_id for pose in first]

        assert len(first) == 2
        for before, after in zip(first, people, strict=True):
            assert np.median(after.joints[:, 0] - before.joints[:, 0]) == pytest.approx(36, abs=12)

    def test_one_steady_person_costs_one_crop_a_frame(self, final, astronaut, looks):
        boxes = self._boxes([(60, 100, 320, 470)])
        final(astronaut, 0.0, boxes)
        looks.clear()

        for number in range(1, 20):
            (pose,) = final(astronaut, number / 30, boxes)

        assert looks == [1] * 19
        assert pose.track_id >= 0

    def test_the_crops_of_a_frame_are_one_batch(self, final, pair, looks):
        boxes = self._boxes([(60, 100, 320, 470), (704, 100, 964, 470)])
        final(pair, 0.0, boxes)
        looks.clear()

        assert len(final(pair, 0.1, boxes)) == 2
        assert looks == [2]

    def test_boxes_of_bodies_lead_to_the_same_person(self, final, astronaut):
        final.forget()
        body = self._boxes([(20, 20, 420, 511)], of_bodies=True)

        (pose,) = final(astronaut, 0.0, body)

        x, y, score = pose["nose"]
        assert np.hypot(x - 225, y - 132) < 16
        assert score > 0.4

    def test_of_whom_the_finder_is_not_sure_the_pose_decides(self, final, astronaut):
        """The same score of the finder: with a person's pose somebody, with another nobody."""
        corners = np.array([(60, 100, 320, 470)], np.float32)
        boxes = PersonBoxes(corners, np.array([0.3], np.float32), sure_from=0.44)
        final.begin_video()

        assert final(np.roll(astronaut, 250, axis=1), 0.0, boxes) == []
        assert len(final(astronaut, 0.1, boxes)) == 1

    def test_a_box_around_nobody_finds_nobody(self, final):
        final.forget()
        cup = cv2.cvtColor(skimage.data.coffee(), cv2.COLOR_RGB2BGR)

        assert final(cup, 0.0, self._boxes([(100, 50, 400, 350)])) == []

    @staticmethod
    def _boxes(boxes, of_bodies=False):
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        return PersonBoxes(corners, np.ones(len(corners), np.float32), of_bodies)


def test_the_astronaut_stays_the_same_when_the_resolution_changes(astronaut):
    estimator = PoseEstimator("small", device="cpu")
    ids, noses = [], []
    sizes = [(256, 256), (128, 128), (512, 512), (96, 96), (320, 240)]

    for number, (width, height) in enumerate(size for size in sizes for _ in range(3)):
        frame = cv2.resize(astronaut, (width, height), interpolation=cv2.INTER_AREA)
        for pose in estimator(frame, number / 15):
            ids.append(pose.track_id)
            noses.append(np.divide(pose["nose"][:2], (width, height)))

    assert ids == [1] * 15
    assert np.ptp(noses, axis=0).max() < 0.05
