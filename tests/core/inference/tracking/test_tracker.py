"""The tracker alone, with people made of points."""

import numpy as np
import pytest

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.inference.tracking import tracker as tracker_module
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.tracker import PATIENCE, SPARE, Tracker
from mobilepose_core.pose import PersonBoxes, Pose

RATE = 30.0
WIDTH, HEIGHT = 640, 480

# Shoulders, elbows, wrists, hips, eyes and nose of a person 100 pixels high, from between the hips.
BODY = np.array(
    [
        *[(20, -60), (28, -30), (25, 0), (-20, -60), (-28, -30), (-25, 0)],
        *[(12, 0), (-12, 0), (5, -100), (-5, -100), (0, -92)],
    ],
    np.float32,
)


def person(x, y=300, size=1.0, score=0.9):
    return Pose(BODY * size + (x, y), np.full(11, score, np.float32), frame_height=HEIGHT)


class Video:
    """Feeds a tracker with the people of one frame after another."""

    def __init__(self, **tracking):
        self.tracker, self.tracking, self.time = Tracker(), Tracking(**tracking), 0.0

    def __call__(self, *poses, passed=1 / RATE, colours=None, confirmed=None, size=(WIDTH, HEIGHT)):
        """The people by their IDs.

        Args:
            poses: of people, in the frame.
            passed: since the last frame, s.
            colours: grey levels of the torsos, one for each pose; all the same by default.
            confirmed: indices of tracked people with a sure detection, if it ran.
            size: width and height of the frame, pixels.
        """
        self.time += passed
        self.prediction = self.tracker.predict(self.time, self.tracking, size)
        frame = painted(poses, colours or [128] * len(poses), size)
        if confirmed is not None:
            confirmed = np.array(confirmed, np.intp)
        return {p.track_id: p for p in self.tracker.update(list(poses), frame, confirmed)}

    def id_of(self, pose, **passed):
        (track,) = self(pose, **passed)
        return track


def painted(poses, colours, size=(WIDTH, HEIGHT)):
    """A frame in which each torso has its grey level."""
    frame = np.full((size[1], size[0], 3), 128, np.uint8)
    for pose, colour in zip(poses, colours, strict=True):
        torso = pose.joints[[0, 3, 6, 7]].round().astype(int)
        (x0, y0), (x1, y1) = torso.min(axis=0).clip(0), torso.max(axis=0).clip(0)
        frame[y0 : y1 + 1, x0 : x1 + 1] = colour
    return frame


@pytest.fixture
def video():
    return Video()


def test_people_who_cross_keep_their_ids(video):
    """One walks behind the other, and is not seen for a third of a second."""
    left, right = person(150), person(450, size=1.2)
    first, second = video(left, right)
    for step in range(1, 61):
        x_left, x_right = 150 + 5 * step, 450 - 5 * step
        hidden = abs(x_left - x_right) < 50
        in_view = [person(x_right, size=1.2)] + ([] if hidden else [person(x_left)])
        found = video(*in_view)

    assert found[first].joints[:, 0].mean() == pytest.approx(450, abs=5)
    assert found[second].joints[:, 0].mean() == pytest.approx(150, abs=5)


@pytest.mark.parametrize(("light", "dark"), [(200, 20), (20, 200)])
def test_people_who_meet_and_turn_back_are_known_by_their_colours(video, light, dark):
    """Where they went, each should be the other."""
    first, second = video(person(150), person(450), colours=[light, dark])
    for step in range(1, 26):
        apart = [person(150 + 5 * step), person(450 - 5 * step)]
        video(*apart, colours=[light, dark])
    for _ in range(15):
        video(person(300), colours=[dark])
    for step in range(1, 26):
        apart = [person(275 - 5 * step), person(325 + 5 * step)]
        found = video(*apart, colours=[light, dark])

    assert found[first].joints[:, 0].mean() == pytest.approx(150, abs=5)
    assert found[second].joints[:, 0].mean() == pytest.approx(450, abs=5)


def test_another_person_at_the_place_of_a_lost_one_gets_a_new_id(video):
    (known,) = video(person(200), colours=[200])
    for _ in range(10):
        video()

    (stranger,) = video(person(260), colours=[20])
    found = video(person(262), person(205), colours=[20, 200])

    assert stranger != known
    assert found[known].joints[:, 0].mean() == pytest.approx(205, abs=5)


def test_a_single_person_keeps_the_id_when_the_light_changes(video):
    (track,) = video(person(200), colours=[200])

    for level in (120, 60, 20):
        assert list(video(person(202), colours=[level])) == [track]


def test_appearance_is_not_computed_for_a_single_person(monkeypatch, video):
    computed, appearance_of = [], tracker_module.appearance_of
    monkeypatch.setattr(
        tracker_module,
        "appearance_of",
        lambda frame, poses: computed.append(len(poses)) or appearance_of(frame, poses),
    )

    for step in range(8):
        video(person(200 + step))

    assert computed == [1]


def test_a_person_hidden_for_less_than_the_timeout_keeps_the_id(video):
    track = video.id_of(person(200))

    for _ in range(round(1.5 * RATE)):
        assert video() == {}

    assert video.id_of(person(210)) == track


def test_a_person_hidden_for_longer_than_the_timeout_is_new():
    video = Video(timeout=1.0)
    track = video.id_of(person(200))

    for _ in range(round(1.2 * RATE)):
        video()

    assert video.id_of(person(200)) > track


def test_a_person_far_from_the_lost_one_is_new(video):
    track = video.id_of(person(100))
    video()

    assert video.id_of(person(500)) != track


@pytest.mark.parametrize(("colour", "is_known"), [(200, True), (120, False), (None, False)])
def test_a_similar_appearance_is_recovered_from_further_away(video, colour, is_known):
    (track,) = video(person(200), colours=[200])
    video()

    colours = None if colour is None else [colour]
    (found,) = video(person(310), colours=colours)

    assert (found == track) == is_known


def test_a_track_that_left_the_picture_ends_at_once(video):
    track = video.id_of(person(560))
    for x in range(570, 640, 10):
        video(person(x))
    for _ in range(3):
        video()

    assert video.id_of(person(620)) != track


def test_ids_are_never_used_twice(video):
    ids = []
    for x in (100, 300, 500):
        ids.append(video.id_of(person(x)))
        video.tracker.reset()

    assert len(set(ids)) == 3


def test_two_crops_that_end_on_one_person_are_one_person_whose_id_is_the_older_one(video):
    older = video.id_of(person(200))

    found = video(person(201), person(203, score=0.8))

    assert list(found) == [older]


def test_two_people_who_stand_side_by_side_are_two(video):
    assert len(video(person(200), person(270))) == 2


def test_no_more_than_max_people_are_tracked_and_tracked_people_stay():
    video = Video(max_people=2)
    followed = set(video(person(100), person(250)))

    again = video(person(100), person(250), person(400, score=1.0))

    assert set(again) == followed


def test_the_best_stay_when_fewer_are_asked_for(video):
    tracks = video(person(100, score=0.6), person(300, score=0.9), person(500, score=0.7))
    best = next(track for track, pose in tracks.items() if pose.score > 0.85)
    video.tracking = Tracking(max_people=1)

    assert list(video(person(300))) == [best]


def test_a_track_survives_a_short_small_drop_of_its_score():
    video = Video(person_threshold=0.5)
    track = video.id_of(person(200, score=0.6))

    for _ in range(PATIENCE):
        assert video.id_of(person(200, score=0.45)) == track
    assert video.id_of(person(200, score=0.6)) == track


def test_something_that_stays_below_the_threshold_ends():
    video = Video(person_threshold=0.5)
    video(person(200, score=0.6))

    for _ in range(PATIENCE + 1):
        found = video(person(200, score=0.45))

    assert found == {}


def test_a_pose_below_the_threshold_starts_no_track():
    video = Video(person_threshold=0.5)

    assert video(person(200, score=0.45)) == {}


def test_somebody_close_up_is_followed_at_half_the_score():
    """Most of their joints are below the frame."""
    video = Video(person_threshold=0.5)
    track = video.id_of(person(200, y=HEIGHT, score=0.3))

    for step in range(2 * PATIENCE):
        assert video.id_of(person(200 + step, y=HEIGHT, score=0.3)) == track


@pytest.mark.parametrize("passed", [-100.0, -0.1, 0.0])
def test_a_clock_that_stops_or_jumps_back_changes_nothing(video, passed):
    track = video.id_of(person(200))

    assert video.id_of(person(202), passed=passed) == track
    assert video.id_of(person(204)) == track


def test_after_a_jump_of_the_clock_far_ahead_everybody_is_new(video):
    track = video.id_of(person(200))

    assert video.id_of(person(200), passed=100.0) != track


@pytest.mark.parametrize("scale", [(2, 2), (0.3, 0.3), (2, 1.5), (0.5, 0.375)])
def test_in_frames_of_another_size_everybody_is_looked_for_where_they_are(scale):
    """1.5 pixels a frame to the right; also of another aspect, the whole picture stretched."""
    video = Video()
    for step in range(10):
        first, second = video(person(150 + 1.5 * step), person(450))

    def stretched(pose):
        return Pose((pose.joints + 0.5) * np.float32(scale) - np.float32(0.5), pose.scores)

    tracker, seen = video.tracker, [stretched(person(165)), stretched(person(450))]
    size = round(WIDTH * scale[0]), round(HEIGHT * scale[1])
    predicted = tracker.predict(video.time + 1 / RATE, video.tracking, size)

    assert predicted.needs_detection
    frame = painted(seen, [128, 128], size)
    assert [pose.track_id for pose in tracker.update(seen, frame)] == [first, second]
    for pose, region in zip(seen, predicted.regions, strict=True):
        apart = np.abs(pose.center - (region.x, region.y)).max()
        assert apart < 0.1 * region.side
        assert 1.2 < region.side / np.ptp(pose.joints, axis=0).max() < 1.8


def test_a_person_hidden_while_the_frame_size_changes_keeps_the_id(video):
    track = video.id_of(person(500))
    video()

    video(size=(320, 240))

    assert video.id_of(person(250, y=150, size=0.5), size=(320, 240)) == track


def test_the_detector_runs_now_and_then_while_one_person_stands():
    video = Video(find_interval=10)
    tracker, standing, runs = video.tracker, [person(200)], 0
    for number in range(100):
        is_due = tracker.predict(number / RATE, video.tracking).needs_detection
        runs += is_due
        tracker.update(standing, painted(standing, [128]), np.zeros(0, np.intp) if is_due else None)

    assert 9 <= runs <= 11


def test_the_detector_runs_while_no_person_is_tracked(video):
    video()
    assert video.prediction.needs_detection
    video()
    assert video.prediction.needs_detection


def test_the_detector_runs_in_the_frame_after_a_pose_became_unsure():
    video = Video(person_threshold=0.5, find_interval=1000)
    video(person(200, score=0.9), confirmed=[])
    video(person(200, score=0.45))

    video(person(200, score=0.9))

    assert video.prediction.needs_detection


def test_a_few_more_detections_are_looked_at_than_there_is_room_for():
    video = Video(max_people=3)
    video(person(200))
    video(person(200))

    assert video.prediction.capacity == 2 + SPARE


def test_no_detection_is_looked_at_while_there_is_no_room():
    video = Video(max_people=1)
    video(person(200))
    video(person(200))

    assert video.prediction.capacity == 0


@pytest.mark.parametrize(("confirmed", "is_tracked"), [([0], True), ([], False)])
def test_only_a_sure_detection_keeps_a_track_with_an_unsure_pose(confirmed, is_tracked):
    video = Video(person_threshold=0.5, find_interval=1000)
    video(person(200))

    for _ in range(2 * PATIENCE):
        people = video(person(200, score=0.45), confirmed=confirmed)

    assert bool(people) == is_tracked


def test_a_prediction_says_where_tracked_people_should_be(video):
    for step in range(30):
        video(person(200 + 6 * step))

    predicted = video.tracker.predict(video.time + 1 / RATE, video.tracking)

    (x0, _, x1, _) = predicted.boxes[0]
    expected = person(200 + 6 * 30).box
    assert (x0, x1) == pytest.approx((expected[0], expected[2]), abs=3)
    assert predicted.regions[0].x == pytest.approx(
        (x0 + x1) / 2, abs=0.06 * predicted.regions[0].side
    )


def test_of_a_standing_body_the_upper_part_is_looked_at():
    body = PersonBoxes(np.array([[0, 0, 60, 200]], np.float32), np.ones(1, np.float32), True, 0.7)

    of_joints = body.of_joints()

    assert of_joints.boxes.tolist() == [pytest.approx([0, 0, 60, 120])]
    assert (of_joints.of_bodies, of_joints.sure_from) == (False, 0.7)


def test_a_region_shrinks_slowly_while_joints_drift_together(video):
    video(person(200))
    (before,) = video.tracker.predict(video.time, video.tracking).regions

    video(person(200, size=0.5))

    (after,) = video.tracker.predict(video.time, video.tracking).regions
    assert after.side == pytest.approx(before.side / 1.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"person_threshold": 1.5}, "person_threshold is a number from 0 to 1, got 1.5"),
        ({"person_threshold": "high"}, "person_threshold is a number from 0 to 1, got 'high'"),
        ({"max_people": 0}, "max_people is a whole number of 1 or more, got 0"),
        ({"max_people": 2.5}, "max_people is a whole number of 1 or more, got 2.5"),
        ({"max_people": True}, "max_people is a whole number of 1 or more, got True"),
        ({"timeout": float("nan")}, "timeout is a number of 0 or more, got nan"),
        ({"find_interval": 0}, "find_interval is a whole number of 1 or more, got 0"),
    ],
)
def test_impossible_settings_are_refused_with_the_value(wrong, message):
    with pytest.raises(MobilePoseError, match=message):
        Tracking(**wrong)


def test_numpys_numbers_are_numbers():
    assert Tracking(np.float32(0.5), np.int64(3)).max_people == 3
