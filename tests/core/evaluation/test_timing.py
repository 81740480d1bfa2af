from mobilepose_core.evaluation.timing import interleaved


def test_every_round_calls_each_contestant_once_and_warm_up_does_not_count():
    calls = []

    times = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3, 2)

    assert calls == ["a", "b"] * 5
    assert [len(taken) for taken in times.values()] == [3, 3]
    assert all(taken >= 0 for each in times.values() for taken in each)
