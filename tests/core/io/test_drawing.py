import numpy as np
import pytest

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.inference import Pose
from mobilepose_core.io import Annotation
from mobilepose_core.io.drawing import LEFT_COLOUR, draw, label, track_colour


def person(x, y, size, track_id=1, score=1.0):
    """A person whose joints lie on the diagonal of a square at x, y, the eyes on top."""
    steps = np.linspace(1, 0, 11)[:, None] * size
    joints = (np.array([x, y]) + steps).astype(np.float32)
    return Pose(joints, np.full(11, score, np.float32), track_id)


def drawn(*poses, **options):
    return draw(np.zeros((400, 600, 3), np.uint8), poses, **options)


def rows_of(picture, colour):
    return np.flatnonzero((picture == colour).all(axis=2).any(axis=1))


def test_a_label_names_track_and_score():
    assert label(person(0, 0, 10, 3, 0.875)) == "person 3: 0.88"
    assert label(person(0, 0, 10, -1, 0.5)) == "person: 0.50"


def test_labels_are_drawn_only_when_asked_for():
    pose = person(200, 150, 200)

    assert (drawn(pose) != drawn(pose, labels=True)).any()
    assert np.array_equal(drawn(pose), drawn(pose, labels=False))


def test_a_label_lies_over_its_person_in_their_colour():
    pose = person(200, 150, 200, track_id=4)

    added = drawn(pose, labels=True)
    added[(added == drawn(pose)).all(axis=2)] = 0

    rows = rows_of(added, track_colour(4))
    assert 50 < rows.min() < rows.max() < 150


@pytest.mark.parametrize("track_id", [12, -1])
def test_the_label_of_a_small_person_is_no_wider_than_they_are(track_id):
    def width_of_label(size):
        picture = drawn(person(200, 150, size, track_id=track_id), labels=True)
        patch = (picture == track_colour(track_id)).all(axis=2).sum(axis=1)
        return patch.max()

    assert 20 < width_of_label(70) < 70
    assert width_of_label(200) > 100


@pytest.mark.parametrize("place", [(0, -5), (595, 2), (-300, 380), (2000, 2000)])
def test_a_label_stays_inside_the_picture(place):
    picture = drawn(person(*place, 200, track_id=2), labels=True)

    patch = (picture == track_colour(2)).all(axis=2)
    rows, columns = np.flatnonzero(patch.any(axis=1)), np.flatnonzero(patch.any(axis=0))
    assert np.ptp(rows) > 10
    assert np.ptp(columns) > 80


def test_a_pose_alone_is_refused():
    with pytest.raises(MobilePoseError, match=r"poses are several, such as \[pose\], got one"):
        draw(np.zeros((40, 60, 3), np.uint8), person(10, 10, 20))


def test_a_person_without_drawn_joints_has_no_label():
    assert not drawn(person(200, 150, 200, score=0.1), labels=True).any()


def test_lines_are_as_thick_as_the_person_is_large():
    def thickness(size):
        lying = person(50, 0, size)
        lying.joints[:, 1] = 100
        between_joints = round(float(lying.joints[6:8, 0].mean()))
        return np.count_nonzero(drawn(lying)[:, between_joints].any(axis=1))

    assert thickness(150) < thickness(300) < thickness(450)


def test_a_label_fits_where_the_picture_is_smaller():
    assert draw(np.zeros((5, 5, 3), np.uint8), [person(0, 0, 4)], labels=True).shape == (5, 5, 3)


def seen_from_the_front(track_id=1):
    """Somebody of the upper body's eleven joints, 200 pixels high."""
    joints = [
        [340, 190], [360, 250], [365, 300], [260, 190], [240, 250], [235, 300],
        [325, 320], [275, 320], [315, 130], [285, 130], [300, 145],
    ]  # fmt: skip
    return Pose(np.array(joints, np.float32), np.ones(11, np.float32), track_id)


def added_by(annotation, **options):
    """Which pixels (400, 600) an annotation changes."""
    pose = seen_from_the_front()
    plain = drawn(pose, **options)
    return (drawn(pose, annotations=[annotation], **options) != plain).any(axis=2)


@pytest.mark.parametrize(
    ("degrees", "up", "side"),
    [
        (90, (0, -1), (1, 0)),
        (-90, (0, -1), (-1, 0)),
        (0, (0, -1), (0, 1)),
        (180, (0, -1), (0, -1)),
        (90, (1, 0), (0, 1)),
        (0, (1, 0), (-1, 0)),
    ],
)
def test_the_arrow_of_a_heading_leads_from_the_torso_to_where_it_faces(degrees, up, side):
    rows, columns = np.nonzero(added_by(Annotation(heading=np.radians(degrees), up=up)))

    ends = np.stack([columns, rows], axis=1) - (300, 255)  # the middle of the torso
    along = ends @ np.array(side)
    assert along.max() > 20
    assert along.max() > 2.5 * -along.min()


def test_an_arm_that_points_has_an_arrow_from_its_wrist_in_the_colour_of_its_side():
    annotation = Annotation(pointing="left", direction=(1.0, 0.0))
    picture = drawn(seen_from_the_front(), annotations=[annotation])

    rows, columns = np.nonzero(added_by(annotation))
    assert 350 < columns.min() < columns.max() < 480
    assert abs(rows.mean() - 300) < 2
    assert (picture[300, 400] == LEFT_COLOUR).all()


def test_a_caption_lies_above_the_label_and_both_stay_inside_the_picture():
    high = person(200, 2, 200)
    label_alone = drawn(high, labels=True)
    both = drawn(high, labels=True, annotations=[Annotation("sitting, waving")])

    plain = drawn(high)
    rows = [np.flatnonzero((p != plain).any(axis=(1, 2))) for p in (label_alone, both)]
    assert np.ptp(rows[1]) > 1.6 * np.ptp(rows[0]) > 10


def test_a_long_caption_becomes_smaller_to_fit_the_picture():
    small = np.zeros((120, 160, 3), np.uint8)
    words = "sitting, left hand raised, right arm pointing"
    picture = draw(small, [person(40, 60, 60)], annotations=[Annotation(words)])

    columns = np.flatnonzero((picture != draw(small, [person(40, 60, 60)])).any(axis=(0, 2)))
    assert 140 < np.ptp(columns) < 160


def test_without_annotations_a_picture_is_as_it_was():
    pose = seen_from_the_front()

    assert np.array_equal(drawn(pose), drawn(pose, annotations=[None]))
    assert np.array_equal(drawn(pose), drawn(pose, annotations=[Annotation()]))


def test_arrows_far_outside_the_picture_are_no_error():
    pose = person(-1e9, 1e9, 1e8)

    drawn(pose, annotations=[Annotation(heading=1.0, pointing="left", direction=(0.0, 1.0))])


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_a_joint_without_a_place_is_not_drawn(unknown):
    whole, scores = person(200, 150, 200), np.ones(11, np.float32)
    scores[[3, 7]] = 0
    without = Pose(whole.joints, scores)
    joints = whole.joints.copy()
    joints[3, 0], joints[7] = unknown, unknown

    pose = Pose(joints, np.ones(11, np.float32), detection=without.box)

    assert np.array_equal(drawn(pose), drawn(without))


@pytest.mark.parametrize("labels", [False, True])
def test_a_person_without_any_place_is_not_drawn(labels):
    pose = Pose(np.full((11, 2), np.nan, np.float32), np.ones(11, np.float32))

    assert not drawn(pose, labels=labels).any()


def test_a_person_whose_box_is_unknown_is_drawn():
    joints, scores = np.full((11, 2), np.nan, np.float32), np.ones(11, np.float32)
    joints[0], scores[0] = 50, 0.05  # too low for the box

    pose = Pose(joints, scores)

    assert np.isnan(pose.box).all()
    assert drawn(pose, min_score=0, labels=True).any()


def test_another_number_of_annotations_than_of_poses_is_refused():
    with pytest.raises(MobilePoseError, match="1 poses have as many annotations, got 2"):
        drawn(person(200, 150, 200), annotations=[None, None])
