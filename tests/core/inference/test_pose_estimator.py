import functools
import pickle
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import skimage.data

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.inference.detection import full_frame
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file, providers, session
from mobilepose_core.inference.runtime.cuda_graphs import GraphRunner
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.pose import PersonBoxes

needs_final = pytest.mark.skipif(
    "final" not in model_file.released_models(), reason="no released model 'final' yet"
)


def test_a_light_is_found_in_source_pixels_wherever_it_is(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")

    for x, y in [(40, 50), (160, 120), (270, 190)]:
        estimator.forget()
        (pose,) = estimator.model(red_light(x, y), full_frame.regions_to_search(320, 240)[:1])
        # A crop pixel is 5 source pixels here, and a cell four of those.
        assert np.allclose(pose.joints, [[x, y]] * 11, atol=2)


def test_a_pose_whose_joints_all_lie_in_one_place_is_followed_without_an_error(
    red_model, red_light
):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frame = red_light(160, 120)

    ids = [pose.track_id for _ in range(5) for pose in estimator(frame)]

    assert len(ids) >= 1


def test_an_empty_picture_holds_nobody(red_model):
    assert PoseEstimator(red_model, finder="full_frame")(np.zeros((240, 320, 3), np.uint8)) == []


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((240, 320), np.uint8),
        np.zeros((240, 320, 4), np.uint8),
        np.zeros((240, 320, 3), np.float32),
        [[1, 2, 3]],
        None,
    ],
)
def test_a_frame_that_is_none_is_refused_with_what_it_was(red_model, frame):
    with pytest.raises(ValueError, match="frame is"):
        PoseEstimator(red_model, finder="full_frame")(frame)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (3, 5), (2000, 3000), (2, 40_000)])
def test_a_frame_of_any_size_is_looked_at(red_model, shape):
    assert isinstance(
        PoseEstimator(red_model, finder="full_frame")(np.full((*shape, 3), 200, np.uint8)), list
    )


def test_squares_along_the_longer_side_reach_both_ends_of_the_frame():
    regions = full_frame.regions_to_search(640, 480)

    assert regions[0].side == 640
    squares = regions[2:]
    assert all(square.side == 480 for square in squares)
    assert min(square.x - square.side / 2 for square in squares) == -0.5
    assert max(square.x + square.side / 2 for square in squares) == 639.5


def test_the_person_threshold_holds_from_the_next_frame_on(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frame = (0.7 * red_light(160, 120)).astype(np.uint8)
    (pose,) = estimator(frame)

    estimator.tracking = Tracking(person_threshold=pose.score * 1.4)
    assert estimator(frame) == []

    estimator.tracking = Tracking(person_threshold=pose.score * 0.9)
    assert len(estimator(frame)) == 1


def test_smoothing_averages_the_joints_of_someone_who_is_followed(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frames = [red_light(160, 120), red_light(166, 120)]
    plain = [estimator(frame, number / 30)[0].joints for number, frame in enumerate(frames)]

    estimator.forget()
    estimator.smoothing = Smoothing(time=0.5, speed=1e4)
    steady = [estimator(frame, number / 30)[0].joints for number, frame in enumerate(frames)]

    assert np.array_equal(steady[0], plain[0])
    moved, followed = plain[1] - plain[0], steady[1] - steady[0]
    assert (moved[:, 0] > 1).all()
    assert (followed[:, 0] > 0).all()
    assert (followed[:, 0] < 0.5 * moved[:, 0]).all()


def test_an_interrupted_estimator_works_again_once_it_is_resumed(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")

    estimator.interrupt()
    with pytest.raises(Exception, match="terminate flag"):
        estimator(red_light(160, 120))

    estimator.resume()
    assert estimator(red_light(160, 120))


def test_a_gpu_meets_what_it_may_be_given_before_the_first_frame(red_model, monkeypatch):
    monkeypatch.setattr(providers, "GPU", (providers.CPU,))
    monkeypatch.setattr(providers, "with_graphs", lambda session: True)
    monkeypatch.setattr(session, "GraphRunner", functools.partial(GraphRunner, device="cpu"))
    estimator = PoseEstimator(red_model)
    met = [one._bound._places for one in (estimator.model, estimator.detector)]

    estimator.warm_up(10)
    batches, frames = map(list, met)
    for width, height in ((320, 240), (1920, 1080)):
        estimator(np.zeros((height, width, 3), np.uint8))

    assert [shape[0] for shape, _ in batches] == [1, 2, 4, 8, 16]
    assert len(frames) == 2
    assert [list(places) for places in met] == [batches, frames]


def test_the_cpu_needs_no_preparation(red_model, monkeypatch):
    estimator = PoseEstimator(red_model, "cpu")
    monkeypatch.setattr(estimator.model, "run", pytest.fail)
    monkeypatch.setattr(estimator.detector, "run", pytest.fail)

    estimator.warm_up(10)


@pytest.mark.parametrize("time", [float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(red_model, red_light, time):
    estimator = PoseEstimator(red_model, finder="full_frame")

    with pytest.raises(ValueError, match="finite number of seconds"):
        estimator(red_light(160, 120), time)


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
    assert left == pytest.approx([x0, y0, x1, y1], abs=40)
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


def test_without_a_finder_nobody_is_found_but_in_boxes_that_are_given(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="boxes")
    boxes = PersonBoxes(np.array([[150, 110, 170, 130]], np.float32), np.ones(1, np.float32))

    assert estimator.detector is None
    assert estimator(red_light(160, 120), 0.0) == []
    assert len(estimator(red_light(160, 120), 0.1, boxes)) == 1
    assert len(estimator(red_light(160, 120), 0.2)) == 1


def test_an_estimator_for_given_boxes_refuses_to_detect(red_model, red_light):
    with pytest.raises(ValueError, match="'boxes' has no network"):
        PoseEstimator(red_model, finder="boxes").detect(red_light(160, 120))


def test_an_unknown_finder_is_refused_with_those_that_are_known(red_model):
    with pytest.raises(ValueError, match="'radar' unknown; known: detector, full_frame, boxes"):
        PoseEstimator(red_model, finder="radar")


def _by_the_clock(estimator, frames, stamps):
    """IDs of who is in each frame; one comes in every 0.1 s."""
    return [
        [pose.track_id for pose in estimator(frame, stamp, arrival=0.1 * number)]
        for number, (frame, stamp) in enumerate(zip(frames, stamps, strict=True))
    ]


@pytest.mark.parametrize("kind", ["frozen", "none", "each twice", "whole seconds", "good"])
@pytest.mark.parametrize(("absence", "is_known"), [(1.5, True), (4.0, False)])
def test_a_person_is_forgotten_after_the_timeout_whatever_the_stamps(
    red_model, red_light, kind, absence, is_known
):
    estimator = PoseEstimator(red_model, finder="full_frame")
    frames = [red_light(160, 120)] * 5
    frames += [np.zeros_like(frames[0])] * round(10 * absence) + frames
    stamps = {
        "good": lambda n: 100 + n / 10,
        "frozen": lambda n: 100.0,
        "none": lambda n: None,
        "each twice": lambda n: 100 + n // 2 * 0.2,
        "whole seconds": lambda n: 100.0 + n // 10,
    }[kind]

    ids = _by_the_clock(estimator, frames, [stamps(n) for n in range(len(frames))])

    assert (ids[-1] == ids[0]) == is_known


@pytest.mark.parametrize("stamp_of", [lambda n: 100.0, lambda n: 100 + n // 2 * 0.2])
def test_joints_are_steadied_and_follow_a_person_whose_stamps_repeat(
    red_model, red_light, stamp_of
):
    estimator = PoseEstimator(
        red_model, finder="full_frame", smoothing=Smoothing(time=0.2, speed=1e4)
    )
    xs = [160] * 10 + [166] * 20

    found = [
        estimator(red_light(x, 120), stamp_of(number), arrival=0.1 * number)[0].joints[0, 0]
        for number, x in enumerate(xs)
    ]

    assert 160.5 < found[10] < 165
    assert found[-1] == pytest.approx(166, abs=2)


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


def test_a_photograph_is_looked_at_whatever_is_followed(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame")
    expected = PoseEstimator(red_model, finder="full_frame")(red_light(160, 120))
    followed = [estimator(red_light(60, 60), 0.0)]

    (found,) = estimator.photograph(red_light(160, 120))
    followed.append(estimator(red_light(60, 60), 0.1))

    assert np.array_equal(found.joints, expected[0].joints)
    assert found.track_id == -1
    assert [people[0].track_id for people in followed] == [1, 1]
    assert estimator.photograph(np.zeros((240, 320, 3), np.uint8)) == []


def test_photographs_of_several_threads_do_not_mix(red_model, red_light):
    estimator = PoseEstimator(red_model, finder="full_frame", threads=1)
    pictures = [red_light(40 + 30 * index, 60 + 15 * index) for index in range(8)]
    alone = [estimator.photograph(picture) for picture in pictures]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(estimator.photograph, pictures * 6))

    for people, expected in zip(found, alone * 6, strict=True):
        assert len(people) == len(expected) > 0
        for pose, alike in zip(people, expected, strict=True):
            assert np.array_equal(pose.joints, alike.joints)


def test_a_video_in_each_thread_has_an_estimator_of_its_own(red_model, red_light):
    def tracks(x):
        estimator = PoseEstimator(red_model, finder="full_frame", threads=1)
        frames = [estimator(red_light(x + 2 * step, 120), step / 30) for step in range(8)]
        return [(pose.track_id, round(float(pose["nose"][0]) - x)) for (pose,) in frames]

    expected = [tracks(x) for x in (60, 200)]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(tracks, (60, 200))) == expected


def test_a_pickled_estimator_finds_the_same_and_follows_nobody(red_model, red_light):
    tracking, smoothing = Tracking(person_threshold=0.05), Smoothing(time=0.2)
    estimator = PoseEstimator(red_model, "cpu", 1, "full_frame", tracking, smoothing)
    for x in (60, 160):  # two people, one after another
        (pose,) = estimator(red_light(x, 120), x)

    copied = pickle.loads(pickle.dumps(estimator))

    (found,) = copied(red_light(160, 120), 0.0)
    assert np.array_equal(found.joints, pose.joints)
    assert found.track_id == 1
    assert (copied.tracking, copied.smoothing) == (tracking, smoothing)


def test_the_size_of_the_detectors_canvas_is_chosen_and_kept_when_pickled():
    estimator = PoseEstimator("small", "cpu", 1, find_size=224)

    copied = pickle.loads(pickle.dumps(estimator))

    assert estimator.detector.size == copied.detector.size == 224


@pytest.mark.parametrize("finder", ["full_frame", "boxes"])
def test_a_finder_without_a_canvas_refuses_a_size(red_model, finder):
    with pytest.raises(ValueError, match=f"{finder}.* has none, leave find_size at 0"):
        PoseEstimator(red_model, "cpu", 1, finder, find_size=320)


def test_a_pose_is_pickled_whole(red_model, red_light):
    (pose,) = PoseEstimator(red_model, finder="full_frame")(red_light(160, 120))
    assert pose.score > 0  # kept once it is asked for

    copied = pickle.loads(pickle.dumps(pose))

    assert copied.to_dict() == pose.to_dict()
