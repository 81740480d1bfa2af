import pytest

from mobilepose_core.behaviour.hysteresis import Choice, Switch, Thresholds

LIMITS = Thresholds(enter=0.6, leave=0.4, enter_time=0.2, leave_time=0.3, unknown_time=0.5)


def states(scores, switch=None, period=0.1):
    switch = switch or Switch(LIMITS)
    return [switch.update(index * period, score) for index, score in enumerate(scores)]


def test_a_gesture_begins_after_its_time_and_not_at_a_flash():
    assert states([0.9, 0.9, 0.9]) == ["unknown", "unknown", "yes"]
    assert states([0.0, 0.9, 0.0, 0.9, 0.0]) == ["no"] * 5


def test_a_score_between_the_thresholds_changes_nothing():
    assert states([0.5] * 5) == ["no"] * 5
    assert states([0.9] * 3 + [0.5] * 5)[-1] == "yes"


def test_a_gesture_ends_after_its_time():
    assert states([0.9] * 3 + [0.1] * 4) == ["unknown", "unknown", *["yes"] * 4, "no"]


def test_joints_that_are_not_seen_make_it_unknown_after_a_while():
    assert states([0.9] * 3 + [None] * 5)[-2:] == ["yes", "unknown"]
    assert states([None, None]) == ["unknown", "unknown"]


def test_it_says_since_when():
    switch = Switch(LIMITS)

    states([0.0, 0.9, 0.9, 0.9, 0.9], switch)

    assert switch.state == "yes"
    assert switch.since == pytest.approx(0.3)


@pytest.mark.parametrize("wrong", [{"leave": 0.7}, {"enter": 1.2}, {"leave_time": -0.1}])
def test_thresholds_that_contradict_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|more"):
        Thresholds(**wrong)


def test_a_choice_keeps_its_state_until_another_is_better_for_a_while():
    choice = Choice(hold=0.2)
    standing, sitting = {"standing": 0.9, "sitting": 0.0}, {"standing": 0.1, "sitting": 0.8}

    seen = [
        choice.update(index / 10, scores)
        for index, scores in enumerate([standing] * 3 + [sitting, standing] + [sitting] * 3)
    ]

    assert seen == ["unknown"] * 2 + ["standing"] * 5 + ["sitting"]
    assert choice.score == 0.8


def test_a_choice_without_scores_becomes_unknown():
    choice = Choice(hold=0.0, unknown_time=0.2)

    seen = [choice.update(t / 10, s) for t, s in enumerate([{"lying": 1.0}, None, None, None])]

    assert seen == ["lying", "lying", "lying", "unknown"]
