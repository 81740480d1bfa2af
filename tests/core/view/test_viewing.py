"""A source that is played, and who looks at it."""

import threading
import time

import cv2
import numpy as np
import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.io.sources import photographs_in
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.view.playback import (
    PHOTOGRAPH_TIME,
    SHORTEST_PASS,
    Playback,
    PlayedImage,
    images_of_folder,
)
from mobilepose_core.view.viewing import Subject, Viewing


def images(count, rate=0.0, fault=""):
    """Pictures whose brightness counts them."""
    for number in range(count):
        picture = np.full((8, 8, 3), number, np.uint8)
        at = number / rate if rate else 0.0
        yield PlayedImage(picture, at, number, number == 0)
    if fault:
        raise DataError(fault)


def numbers(played):
    return [int(image.image[0, 0, 0]) for image in played]


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def play():
    """Plays a source; no thread is left behind."""
    before, made = set(threading.enumerate()), []

    def start(source, **settings):
        made.append(Playback(source, **settings))
        return made[-1]

    yield start
    for playback in made:
        playback.close()
    assert set(threading.enumerate()) <= before


def taken(playback):
    playback.begin()
    found = []
    while not playback.is_over:
        if (image := playback.take(1)) is not None:
            found.append(image)
    return found


def test_every_image_is_taken_in_order_if_all_are_wanted(play):
    assert numbers(taken(play(lambda: images(50), takes_all=True))) == list(range(50))


def test_the_newest_image_replaces_those_that_were_not_taken(play):
    playback = play(lambda: images(50), is_paced=False)
    playback.begin()
    until(lambda: playback._has_ended)

    assert numbers(taken(playback)) == [49]
    assert playback.received.rate() > 0


def test_images_are_played_at_their_times(play):
    begin = time.monotonic()

    taken(play(lambda: images(4, rate=20)))

    assert 0.15 <= time.monotonic() - begin < 1


def test_nothing_is_read_before_it_begins(play):
    opened = []
    playback = play(lambda: opened.append(1) or images(1))

    assert playback.take(0.01) is None
    assert opened == []


def test_a_source_can_begin_anew_at_its_end(play):
    opened = []
    playback = play(lambda: opened.append(1) or images(2), takes_all=True, loops=True)
    playback.begin()

    assert numbers([playback.take(1) for _ in range(5)]) == [0, 1, 0, 1, 0]
    assert not playback.is_over


def test_a_source_that_gave_no_image_does_not_begin_anew(play):
    opened = []
    playback = play(lambda: opened.append(1) or [], loops=True)

    assert taken(playback) == []
    assert opened == [1]
    assert playback.fault == "the source ended without an image; is it empty, or damaged?"


def test_a_source_that_gives_no_image_any_more_does_not_begin_anew(play):
    passes = [2, 0]
    playback = play(lambda: images(passes.pop(0)), takes_all=True, loops=True)

    assert numbers(taken(playback)) == [0, 1]
    assert passes == []
    assert "ended without an image" in playback.fault


def test_a_photograph_is_not_read_without_a_pause(play):
    opened = []
    playback = play(lambda: opened.append(time.monotonic()) or images(1), loops=True)
    begin = time.monotonic()
    playback.begin()
    until(lambda: len(opened) > 2)

    assert opened[2] - begin >= 1.9 * SHORTEST_PASS


def test_photographs_of_a_folder_follow_one_another_each_as_a_video_of_its_own(tmp_path):
    names = ["a.png", "b.png", "c.png"]
    for number, name in enumerate(names):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8, 3), number, np.uint8))
    (tmp_path / "b.png").write_bytes(b"damaged")

    played = list(images_of_folder(photographs_in(tmp_path)))

    assert numbers(played) == [0, 2]
    assert [image.time for image in played] == [0, PHOTOGRAPH_TIME]
    assert played[1].stamp - played[0].stamp == PHOTOGRAPH_TIME * 10**9
    assert all(image.is_first for image in played)


def test_a_source_that_loops_lasts_as_long_as_asked(play):
    opened = []
    playback = play(
        lambda: opened.append(time.monotonic()) or images(2), loops=True, shortest_pass=0.2
    )
    begin = time.monotonic()
    playback.begin()
    until(lambda: len(opened) > 2)

    assert opened[2] - begin >= 1.9 * 0.2


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(5, "Input/output error"), "OSError: [Errno 5] Input/output error"),
        (cv2.error("OpenCV: \n too large\n"), "error: OpenCV: too large"),
        (KeyError("bgr8"), "KeyError: 'bgr8'"),
    ],
)
def test_every_error_of_a_source_is_its_fault(play, error, text):
    def broken():
        yield from images(1)
        raise error

    playback = play(broken, takes_all=True)

    assert numbers(taken(playback)) == [0]
    assert playback.fault == text


def test_a_fault_ends_it_and_is_kept(play):
    playback = play(lambda: images(2, fault="film.mp4: cut off"), takes_all=True)

    assert numbers(taken(playback)) == [0, 1]
    assert playback.fault == "film.mp4: cut off"


def test_a_paced_source_ends_at_once(play):
    playback = play(lambda: images(2, rate=0.001))
    playback.begin()
    playback.take(1)

    begin = time.monotonic()
    playback.close()

    assert time.monotonic() - begin < 0.5


@pytest.fixture
def subject():
    """Counts the images in which people were looked for."""
    looked = []
    return Subject("film", lambda image: looked.append(image) or [], UPPER_BODY_11), looked


def test_people_are_looked_for_once_somebody_looks(play, serve, visit, subject):
    what, looked = subject
    page, playback = serve(), play(lambda: images(1))
    viewing = Viewing(what, playback, page)
    thread = threading.Thread(target=viewing.run)
    thread.start()
    time.sleep(0.15)
    assert looked == []

    head, picture = visit(page).next()

    assert picture is not None
    assert head["people"] == []
    assert numbers(looked) == [0]
    viewing.end()
    thread.join(5)


def test_a_recorded_source_is_processed_whole_and_ends(play, serve, subject):
    what, looked = subject

    Viewing(what, play(lambda: images(20), takes_all=True), serve(), is_recorded=True).run()

    assert numbers(looked) == list(range(20))


def test_the_page_says_how_a_source_ended(play, serve, visit, subject):
    page = serve()
    playback = play(lambda: images(1, fault="cut off"), takes_all=True)

    Viewing(subject[0], playback, page, is_recorded=True).run()

    head, _ = visit(page).next()
    assert (head["about"]["level"], head["about"]["message"]) == ("error", "cut off")


def test_the_page_says_how_fast_people_are_found(play, serve, visit):
    page = serve()
    subject = Subject("film", lambda image: time.sleep(0.01) or [], UPPER_BODY_11)

    Viewing(subject, play(lambda: images(20), takes_all=True), page, is_recorded=True).run()

    about = visit(page).next()[0]["about"]
    assert about["latency"] >= 10
    assert 0 < about["processed"] <= 100
    assert about["received"] > 0


def test_the_page_knows_no_latency_without_images(play, serve, visit, subject):
    page = serve()

    Viewing(subject[0], play(lambda: images(0), takes_all=True), page, is_recorded=True).run()

    about = visit(page).next()[0]["about"]
    assert (about["received"], about["processed"], about["latency"]) == (0, 0, None)
