import random

from mobilepose_core.evaluation.timing import interleaved


def test_every_round_calls_each_contestant_twice_and_counts_the_second_call():
    calls = []

    times = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3, 2)

    assert calls == ["a", "b"] * 2 + ["a", "a", "b", "b"] * 3
    assert [len(taken) for taken in times.values()] == [3, 3]
    assert all(taken >= 0 for each in times.values() for taken in each)


def test_a_contestant_with_a_step_is_called_in_so_many_rounds_only():
    calls = []
    contestants = {"slow": lambda: calls.append("slow"), "fast": lambda: calls.append("fast")}

    times = interleaved(contestants, rounds=4, warm_up=1, steps={"slow": 3})

    assert "".join(call[0] for call in calls) == "sf" + "ssff" + "ff" + "ff" + "ssff"
    assert {name: len(found) for name, found in times.items()} == {"slow": 2, "fast": 4}


def test_a_shuffled_round_still_calls_each_contestant():
    calls = []
    contestants = {name: (lambda name=name: calls.append(name)) for name in "abcd"}

    interleaved(contestants, rounds=6, warm_up=0, order=random.Random(0))

    orders = ["".join(calls[start : start + 8 : 2]) for start in range(0, 48, 8)]
    assert all(sorted(order) == list("abcd") for order in orders)
    assert len(set(orders)) > 1
