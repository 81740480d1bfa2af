import threading

from mobilepose_ros.frame_slot import FrameSlot


def test_take_fetches_what_was_put():
    slot = FrameSlot()

    assert not slot.put("frame")

    assert slot.take() == "frame"


def test_the_newest_frame_wins_and_the_others_are_reported():
    slot = FrameSlot()

    dropped = [slot.put(number) for number in range(5)]

    assert slot.take() == 4
    assert dropped == [False, True, True, True, True]


def test_a_frame_is_fetched_once():
    slot = FrameSlot()
    slot.put("first")
    slot.take()
    taken = []
    thread = threading.Thread(target=lambda: taken.append(slot.take()))
    thread.start()

    is_dropped = slot.put("second")
    thread.join(10)

    assert taken == ["second"]
    assert not is_dropped


def test_close_ends_a_take_that_waits():
    slot = FrameSlot()
    taken = []
    thread = threading.Thread(target=lambda: taken.append(slot.take()))
    thread.start()

    slot.close()
    thread.join(10)

    assert taken == [None]


def test_a_closed_slot_gives_nothing_and_takes_nothing():
    slot = FrameSlot()
    slot.put("before")
    slot.close()

    is_dropped = slot.put("after")

    assert slot.take() is None
    assert not is_dropped
    assert slot.closed


def test_closing_says_whether_a_frame_was_lost():
    empty, full = FrameSlot(), FrameSlot()
    full.put("frame")

    assert not empty.close()
    assert full.close()
