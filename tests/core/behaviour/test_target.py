import numpy as np
import pytest

from mobilepose_core.behaviour.candidate import Candidate, chosen
from mobilepose_core.behaviour.gallery import MOST_LOOKS, Gallery
from mobilepose_core.behaviour.target import LockSettings, TargetLock

RED, BLUE, PINK = 0.0, 1.0, 0.2


def distance(looks, others):
    return np.abs(np.asarray(looks)[:, None, 0] - np.asarray(others)[None, :, 0])


def someone(track_id, look=RED, **kinds):
    return Candidate(track_id, None if look is None else np.array([look]), **kinds)


class Film:
    """Shows a lock frames at 10 Hz."""

    def __init__(self, how="id", track_id=1, **settings):
        self.lock = TargetLock(distance, LockSettings(**settings))
        self.lock.select(how, track_id)
        self.time = 0.0

    def show(self, *people, seconds=1.0):
        for _ in range(round(seconds * 10)):
            self.time += 0.1
            target = self.lock.update(self.time, people)
        return target


def test_nobody_is_the_target_until_somebody_is_chosen():
    lock = TargetLock(distance)

    assert lock.update(0.0, [someone(1)]).state == "none"
    assert lock.target.track_id is None


def test_the_nearest_is_by_place_or_else_by_size():
    near, far = (someone(i, place=np.array([0, 0, z])) for i, z in ((1, 2.0), (2, 4.0)))

    assert chosen("nearest", [far, near]) == 1
    assert chosen("nearest", [someone(1, size=50), someone(2, size=90)]) == 2
    assert chosen("centre", [someone(1, aside=0.4), someone(2, aside=0.1)]) == 2
    assert chosen("nearest", []) is None


def test_a_raised_hand_is_waited_for():
    film = Film("raised_hand", None)

    assert film.show(someone(1), someone(2)).state == "none"
    target = film.show(someone(1), someone(2, BLUE, has_raised_hand=True), seconds=0.1)

    assert (target.state, target.track_id) == ("locked", 2)


@pytest.mark.parametrize(("how", "track_id"), [("id", None), ("tallest", None)])
def test_a_choice_that_makes_no_sense_is_refused(how, track_id):
    with pytest.raises(ValueError, match=r"track_id|known"):
        TargetLock(distance).select(how, track_id)


def test_an_occluded_target_is_lost_at_once_and_found_again_by_looks():
    film = Film()
    film.show(someone(1), someone(2, BLUE))

    assert film.show(someone(2, BLUE), seconds=0.1).state == "lost"
    assert film.show(someone(2, BLUE), seconds=2.0).state == "searching"
    target = film.show(someone(7), someone(2, BLUE), seconds=0.7)

    assert (target.state, target.track_id) == ("found_again", 7)
    assert film.show(someone(7), seconds=2.1).state == "locked"


def test_somebody_else_is_never_the_target_however_long_it_is_gone():
    film = Film()
    film.show(someone(1))

    target = film.show(someone(2, BLUE), seconds=300)

    assert (target.state, target.track_id) == ("searching", None)
    assert "looks like the target" in target.reason


def test_two_who_look_alike_are_not_guessed_between():
    film = Film()
    film.show(someone(1))
    film.show(seconds=10)

    target = film.show(someone(5, PINK), someone(6, PINK + 0.05), seconds=5)

    assert target.state == "searching"
    assert "several" in target.reason


def test_the_target_is_preferred_to_one_who_looks_a_little_like_it():
    film = Film()
    film.show(someone(1))
    film.show(seconds=10)

    assert film.show(someone(5, PINK), someone(6, RED + 0.01), seconds=1).track_id == 6


def test_a_track_that_went_over_to_another_person_is_given_up():
    film = Film()
    film.show(someone(1), someone(2, BLUE))

    target = film.show(someone(1, BLUE), someone(2, RED), seconds=0.6)  # exchanged ids

    assert target.state == "lost"
    assert "another person" in target.reason
    assert film.show(someone(1, BLUE), someone(2, RED), seconds=0.7).track_id == 2


def test_a_glance_of_other_colours_is_no_exchange():
    film = Film()
    film.show(someone(1))

    assert film.show(someone(1, BLUE), seconds=0.2).state == "locked"
    assert film.show(someone(1), seconds=0.2).state == "locked"


def test_who_was_seen_beside_the_target_is_not_taken_for_it():
    film = Film()
    film.show(someone(1), someone(2, PINK))  # alike, but another person

    target = film.show(someone(9, PINK), seconds=5)

    assert target.state == "searching"
    assert "beside" in target.reason


def test_of_two_in_the_same_clothes_neither_is_found_again_by_looks_alone():
    film = Film()
    film.show(someone(1), someone(2))
    film.show(someone(1, is_isolated=False), seconds=1)
    film.show(seconds=2)

    assert film.show(someone(5), seconds=5).state == "searching"


def test_places_tell_apart_who_wears_the_same_clothes():
    place = np.array([0.0, 0.0, 2.0])
    mine, other = ({"place": place + x} for x in (0.0, 8.0))
    film = Film()
    film.show(someone(1, **mine), someone(2, **other))

    target = film.show(someone(5, **mine), someone(2, **other), seconds=2)

    assert (target.state, target.track_id) == ("found_again", 5)


def test_nobody_can_have_run_so_far():
    place = np.array([0.0, 0.0, 2.0])
    film = Film()
    film.show(someone(1, place=place))

    assert film.show(someone(8, place=place + 6.0), seconds=1.0).track_id is None
    assert film.show(someone(9, place=place + 0.5), seconds=1.0).track_id == 9


def test_places_count_no_more_after_a_while():
    place = np.array([0.0, 0.0, 2.0])
    film = Film()
    film.show(someone(1, place=place))
    film.show(seconds=60)

    assert film.show(someone(8, place=place + 20.0), seconds=1.0).track_id == 8


def test_in_a_crowd_nothing_is_learned_of_the_targets_looks():
    film = Film()
    film.show(someone(1))
    for look in np.arange(0.0, 0.6, 0.05):
        film.show(someone(1, look, is_isolated=False), seconds=0.2)

    assert film.show(someone(5, 0.55), seconds=2.0).track_id is None


def test_what_is_seen_in_a_crowd_is_no_exchange_and_no_return():
    film = Film()
    film.show(someone(1))

    hidden = someone(1, BLUE, is_isolated=False)
    assert film.show(hidden, someone(2, BLUE, is_isolated=False)).state == "locked"
    film.show(seconds=2)
    assert film.show(someone(4, RED, is_isolated=False)).track_id is None


def test_slow_changes_of_light_are_learned():
    film = Film()
    for look in np.arange(0.0, 0.9, 0.02):
        film.show(someone(1, look), seconds=0.2)
    film.show(seconds=2)

    assert film.show(someone(4, 0.85), seconds=1).track_id == 4


def test_without_appearances_only_the_same_track_is_the_target_again():
    film = Film()
    film.show(someone(1, None))
    film.show(seconds=0.5)

    assert film.show(someone(2, None), seconds=1.0).track_id is None
    target = film.show(someone(1, None), someone(2, None), seconds=1.0)
    assert (target.state, target.track_id) == ("found_again", 1)


def test_a_released_target_is_none():
    film = Film()
    film.show(someone(1))

    film.lock.release()

    assert film.show(someone(1)).state == "none"


def test_a_gallery_keeps_the_first_look_and_the_latest():
    gallery = Gallery(distance)
    for look in range(30):
        gallery.add(np.array([look]))

    assert gallery.distance(np.array([0])) == 0
    assert gallery.distance(np.array([29])) == 0
    assert gallery.distance(np.array([5])) == 5
    assert sum(gallery.distance(np.array([look])) == 0 for look in range(30)) == MOST_LOOKS


def at(x, track_id, look=RED, **kinds):
    return someone(track_id, look, place=np.array([x, 0.0, 3.0]), **kinds)


def test_a_track_that_jumps_to_another_place_is_not_believed():
    film = Film()
    film.show(at(0.0, 1), at(1.5, 2), seconds=0.5)

    target = film.show(at(1.5, 1), at(0.0, 2), seconds=0.1)  # the tracker exchanged the IDs

    assert (target.state, target.reason) == ("lost", "the track jumped to another place")
    target = film.show(at(1.5, 1), at(0.0, 2), seconds=0.7)
    assert (target.state, target.track_id) == ("found_again", 2)


def test_who_wears_the_same_but_was_seen_beside_the_target_is_not_taken_for_it():
    film = Film()
    film.show(at(0.0, 1), at(0.6, 2), seconds=0.5)

    target = film.show(at(0.5, 2), seconds=3.0)

    assert target.state == "searching"
    assert film.show(at(0.4, 2), at(0.1, 1), seconds=0.5).track_id == 1


def test_who_was_seen_beside_somebody_taken_wrongly_may_be_the_target():
    film = Film()
    film.show(someone(1), seconds=0.5)
    film.show(someone(1, BLUE), someone(2, PINK), seconds=0.5)  # 1 is given up as another

    assert film.show(someone(2), seconds=0.7).track_id == 2


def test_of_two_who_look_alike_the_one_where_the_target_was_is_it():
    film = Film()
    film.show(at(0.0, 1), seconds=0.5)
    film.show(seconds=0.3)

    target = film.show(at(0.3, 5), at(1.2, 6), seconds=0.7)

    assert (target.state, target.track_id) == ("found_again", 5)
    film = Film()
    film.show(at(0.0, 1), seconds=0.5)
    film.show(seconds=0.3)
    assert film.show(at(0.3, 5), at(-0.4, 6), seconds=0.5).track_id is None


def test_after_a_restart_the_look_is_kept_and_track_ids_are_not_believed():
    film = Film()
    film.show(someone(1), someone(2, BLUE))

    lost = film.lock.restart(-50.0, "stamps jumped")
    film.time = -50.0
    film.show(someone(1, BLUE), someone(2, BLUE))
    found = film.show(someone(1, BLUE), someone(7, RED))

    assert (lost.state, lost.track_id, lost.reason) == ("lost", None, "stamps jumped")
    assert (found.state, found.track_id) == ("found_again", 7)


def test_after_a_restart_a_target_of_unknown_look_is_nobody():
    film = Film()
    film.show(someone(1, None))

    film.lock.restart(film.time, "stamps jumped")

    assert film.show(someone(1, None), seconds=3.0).state == "searching"
