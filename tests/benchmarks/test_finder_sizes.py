from benchmarks import finder_sizes


def test_each_size_is_timed_beside_the_pose_network_on_the_canvas_that_it_has():
    rows = finder_sizes.measure("finder", "small", (96, 224), threads=1, rounds=4)

    assert {name: row["canvas"] for name, row in rows.items()} == {
        "small": "160x160",
        "find_size 96": "96x96",
        "find_size 224": "256x192",
    }
    assert all(0 < row["least_ms"] <= row["low_ms"] <= row["ms"] for row in rows.values())
    assert rows["find_size 96"]["least_ms"] < rows["find_size 224"]["least_ms"]
