import threading

from mobilepose_ros.frame_slot import FrameSlot


def test_take_fetches_what_was_put():
    slot = FrameSlot()
    slot.put("frame")

    assert slot.take() == "frame"
    assert slot.dropped == 0


def test_the_newest_frame_wins_and_the_others_are_counted():
    slot = FrameSlot()

    for number in range(5):
        slot.put(number)

    assert slot.take() == 4
    assert slot.dropped == 4


def test_a_frame_is_fetched_once():
    slot = FrameSlot()
    slot.put("first")
    slot.take()
    taken = []
    thread = threading.Thread(target=lambda: taken.append(slot.take()))
    thread.start()

    slot.put("second")
    thread.join(10)

    assert taken == ["second"]
    assert slot.dropped == 0


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

    slot.put("after")

    assert slot.take() is None
    assert slot.dropped == 0
