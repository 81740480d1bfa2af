"""The tracker alone, with people made of points."""

import numpy as np
import pytest

from mobilepose_core.inference import appearance
from mobilepose_core.inference.boxes import PersonBoxes
from mobilepose_core.inference.pose import Pose
from mobilepose_core.inference.tracker import PATIENCE, Tracker, Tracking

RATE = 30.0
WIDTH, HEIGHT = 640, 480

# Shoulders, elbows, wrists, hips, eyes and nose of somebody 100 pixels high, from between the hips.
BODY = np.array(
    [
        *[(20, -60), (28, -30), (25, 0), (-20, -60), (-28, -30), (-25, 0)],
        *[(12, 0), (-12, 0), (5, -100), (-5, -100), (0, -92)],
    ],
    np.float32,
)


def person(x, y=300, size=1.0, score=0.9):
    return Pose(BODY * size + (x, y), np.full(11, score, np.float32))


class Video:
    """Feeds a tracker with the people of one frame after another."""

    def __init__(self, **tracking):
        self.tracker, self.tracking, self.time = Tracker(), Tracking(**tracking), 0.0

    def __call__(self, *poses, passed=1 / RATE, colours=None, size=(WIDTH, HEIGHT)):
        """The people by their ids; colours are grey levels, one for each pose."""
        self.time += passed
        self.tracker.begin_frame(self.time, self.tracking, size)
        self.is_due = self.tracker.needs_finder
        looks_of = None if colours is None else _looks_by(dict(zip(poses, colours, strict=True)))
        return {p.track_id: p for p in self.tracker.update(list(poses), *size, looks_of)}

    def id_of(self, pose, **passed):
        (track,) = self(pose, **passed)
        return track


def _looks_by(colours):
    shape = len(appearance.DOWN), 3
    return lambda poses: np.array([np.full(shape, colours[pose], float) for pose in poses])


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


def test_somebody_else_who_comes_where_someone_was_lost_gets_an_id_of_their_own(video):
    (known,) = video(person(200), colours=[200])
    for _ in range(10):
        video()

    (stranger,) = video(person(260), colours=[20])
    found = video(person(262), person(205), colours=[20, 200])

    assert stranger != known
    assert found[known].joints[:, 0].mean() == pytest.approx(205, abs=5)


def test_somebody_alone_keeps_their_id_when_the_light_changes(video):
    (track,) = video(person(200), colours=[200])

    for level in (120, 60, 20):
        assert list(video(person(202), colours=[level])) == [track]


def test_nobodys_colours_are_asked_for_while_somebody_is_alone():
    tracker, asked = Tracker(), []

    def looks_of(poses):
        asked.append(len(poses))
        return np.zeros((len(poses), len(appearance.DOWN), 3))

    for step in range(8):
        tracker.begin_frame(step / RATE, Tracking())
        tracker.update([person(200 + step)], WIDTH, HEIGHT, looks_of)

    assert asked == [1]


def test_somebody_hidden_for_less_than_the_timeout_gets_their_id_back(video):
    track = video.id_of(person(200))

    for _ in range(round(1.5 * RATE)):
        assert video() == {}

    assert video.id_of(person(210)) == track


def test_somebody_hidden_for_longer_than_the_timeout_is_new():
    video = Video(timeout=1.0)
    track = video.id_of(person(200))

    for _ in range(round(1.2 * RATE)):
        video()

    assert video.id_of(person(200)) > track


def test_somebody_far_from_who_was_lost_is_new(video):
    track = video.id_of(person(100))
    video()

    assert video.id_of(person(500)) != track


@pytest.mark.parametrize(("colour", "is_known"), [(200, True), (120, False), (None, False)])
def test_somebody_familiar_comes_back_from_further_away(video, colour, is_known):
    (track,) = video(person(200), colours=[200])
    video()

    colours = None if colour is None else [colour]
    (found,) = video(person(310), colours=colours)

    assert (found == track) == is_known


def test_somebody_who_walked_out_of_the_picture_is_forgotten_at_once(video):
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
        video.tracker.forget()

    assert len(set(ids)) == 3


def test_two_crops_that_end_on_one_person_are_one_person_whose_id_is_the_older_one(video):
    older = video.id_of(person(200))

    found = video(person(201), person(203, score=0.8))

    assert list(found) == [older]


def test_two_people_who_stand_side_by_side_are_two(video):
    assert len(video(person(200), person(270))) == 2


def test_no_more_people_are_followed_than_asked_for_and_those_who_are_stay():
    video = Video(max_people=2)
    followed = set(video(person(100), person(250)))

    again = video(person(100), person(250), person(400, score=1.0))

    assert set(again) == followed


def test_the_best_stay_when_fewer_are_asked_for(video):
    tracks = video(person(100, score=0.6), person(300, score=0.9), person(500, score=0.7))
    best = next(track for track, pose in tracks.items() if pose.score > 0.85)
    video.tracking = Tracking(max_people=1)

    assert list(video(person(300))) == [best]


def test_somebody_whose_score_falls_a_little_for_a_while_does_not_flicker():
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


def test_something_below_the_threshold_is_nobody_new():
    video = Video(person_threshold=0.5)

    assert video(person(200, score=0.45)) == {}


@pytest.mark.parametrize("passed", [-100.0, -0.1, 0.0])
def test_a_clock_that_stands_or_jumps_back_changes_nothing(video, passed):
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
    tracker.begin_frame(video.time + 1 / RATE, video.tracking, size)
    regions = tracker.regions()

    assert tracker.needs_finder
    assert [pose.track_id for pose in tracker.update(seen, *size)] == [first, second]
    for pose, region in zip(seen, regions, strict=True):
        apart = np.abs(pose.middle - (region.x, region.y)).max()
        assert apart < 0.1 * region.side
        assert 1.2 < region.side / np.ptp(pose.joints, axis=0).max() < 1.8


def test_somebody_hidden_while_the_size_of_the_frames_changes_gets_their_id_back(video):
    track = video.id_of(person(500))
    video()

    video(size=(320, 240))

    assert video.id_of(person(250, y=150, size=0.5), size=(320, 240)) == track


def test_the_finder_runs_now_and_then_while_one_person_stands():
    video = Video(find_interval=10)
    nobody = PersonBoxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
    runs = 0
    for _ in range(100):
        video(person(200))
        if video.is_due:
            runs += 1
            video.tracker.newcomers(nobody)

    assert 9 <= runs <= 11


def test_the_finder_runs_while_nobody_is_followed(video):
    video()
    assert video.is_due
    video()
    assert video.is_due


def test_the_finder_runs_in_the_frame_after_somebody_became_unsure():
    video = Video(person_threshold=0.5, find_interval=1000)
    video(person(200, score=0.9))
    video.tracker.newcomers(PersonBoxes(person(200).box[None], np.ones(1, np.float32)))
    video(person(200, score=0.45))

    video(person(200, score=0.9))

    assert video.is_due


def test_a_box_around_somebody_who_is_followed_is_no_newcomer(video):
    video(person(200))
    boxes = np.stack([person(203).box, person(400).box])

    newcomers = video.tracker.newcomers(PersonBoxes(boxes, np.ones(2, np.float32)))

    assert newcomers.boxes.tolist() == [person(400).box.tolist()]


def test_a_few_more_newcomers_are_looked_at_than_there_is_room_for_the_surest_first():
    video = Video(max_people=2)
    video(person(200))
    boxes = np.stack([person(x).box for x in (400, 500, 600, 700)])
    scores = np.array([0.2, 0.9, 0.5, 0.3], np.float32)

    newcomers = video.tracker.newcomers(PersonBoxes(boxes, scores, sure_from=0.4))

    assert newcomers.scores.tolist() == pytest.approx([0.9, 0.5, 0.3])
    assert newcomers.are_sure.tolist() == [True, True, False]


def test_where_everybody_is_followed_whom_there_is_room_for_no_newcomer_is_looked_at():
    video = Video(max_people=1)
    video(person(200))

    found = PersonBoxes(person(400).box[None], np.ones(1, np.float32))

    assert len(video.tracker.newcomers(found)) == 0


@pytest.mark.parametrize(("score", "is_followed"), [(0.9, True), (0.3, False)])
def test_only_a_finder_that_is_sure_keeps_somebody_whose_pose_is_not(score, is_followed):
    video = Video(person_threshold=0.5, find_interval=1000)
    video(person(200))
    box = PersonBoxes(person(200).box[None], np.array([score], np.float32), sure_from=0.44)

    for _ in range(2 * PATIENCE):
        people = video(person(200, score=0.45))
        video.tracker.newcomers(box)

    assert bool(people) == is_followed


def test_of_a_standing_body_the_upper_part_is_looked_at():
    body = PersonBoxes(np.array([[0, 0, 60, 200]], np.float32), np.ones(1, np.float32), True, 0.7)

    of_joints = body.of_joints()

    assert of_joints.boxes.tolist() == [pytest.approx([0, 0, 60, 120])]
    assert (of_joints.of_bodies, of_joints.sure_from) == (False, 0.7)


def test_a_region_shrinks_slowly_while_joints_drift_together(video):
    video(person(200))
    (before,) = video.tracker.regions()

    video(person(200, size=0.5))

    (after,) = video.tracker.regions()
    assert after.side == pytest.approx(before.side / 1.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"person_threshold": 1.5}, r"in \[0, 1\], got 1.5"),
        ({"max_people": 0}, "at least 1 person"),
        ({"timeout": float("nan")}, "0 s or more, got nan"),
        ({"find_interval": 0}, "1 frame or more"),
    ],
)
def test_impossible_settings_are_refused_with_the_value(wrong, message):
    with pytest.raises(ValueError, match=message):
        Tracking(**wrong)
