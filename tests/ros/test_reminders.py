from types import SimpleNamespace

import pytest

from mobilepose_ros.reminders import CHANGE_INTERVAL, INTERVAL, Reminders


@pytest.fixture
def reminders():
    """Reminders with a clock that a test turns, and what they logged."""
    state = SimpleNamespace(now=0.0, logged=[])
    made = Reminders(SimpleNamespace(warning=state.logged.append), lambda: state.now)

    def warn(after, kind, reason):
        state.now += after
        made.warn(kind, reason)
        return len(state.logged)

    return warn


def test_a_reason_that_lasts_is_logged_at_once_and_now_and_then(reminders):
    assert reminders(0, "images", "no image for 5 s") == 1
    assert reminders(INTERVAL - 1, "images", "no image for 34 s") == 1
    assert reminders(1, "images", "no image for 35 s") == 2


def test_another_reason_is_logged_sooner_but_not_at_every_look(reminders):
    assert reminders(0, "images", "it has no publisher") == 1
    assert reminders(0.5, "images", "of another user") == 1
    assert reminders(CHANGE_INTERVAL, "images", "of another user") == 2
    assert reminders(CHANGE_INTERVAL, "images", "of another user") == 2


def test_kinds_do_not_wait_for_each_other(reminders):
    assert reminders(0, "images", "no image") == 1
    assert reminders(0, "boxes", "no boxes") == 2


def test_nothing_is_logged_without_a_reason(reminders):
    assert reminders(0, "images", "") == 0
