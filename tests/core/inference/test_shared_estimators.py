"""Estimators for single photographs, in several threads, and pickled."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import skimage.data

from mobilepose_core import PoseEstimator
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoothing


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


def test_a_photograph_has_all_its_people_however_many_are_tracked():
    estimator = PoseEstimator("small", "cpu", tracking=Tracking(max_people=1))
    astronaut = skimage.data.astronaut()[..., ::-1]
    five = np.hstack([astronaut] * 5)

    assert len(estimator.photograph(five)) == 5
    assert len(estimator.detect(five)) == 5
    assert len(estimator(five)) == 1


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


def test_a_pose_is_pickled_whole(red_model, red_light):
    (pose,) = PoseEstimator(red_model, finder="full_frame")(red_light(160, 120))
    assert pose.score > 0  # kept once it is asked for

    copied = pickle.loads(pickle.dumps(pose))

    assert copied.to_dict() == pose.to_dict()
