import json
import os
import subprocess
import sys

import onnxruntime
import pytest
from benchmarks.compared import goals, measured_network, networks
from benchmarks.inference import chosen
from benchmarks.measure.rounds import Spread, measured, step_of
from benchmarks.peers import roster
from benchmarks.peers.packages import UnavailableError


def _benchmark(*arguments, **environment):
    command = [sys.executable, "-m", "benchmarks.inference", *arguments]
    result = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.alone
def test_ours_and_a_peer_are_measured_side_by_side(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    try:
        roster.blazepose("lite")
    except UnavailableError as error:
        pytest.skip(str(error))
    out = tmp_path / "folder" / "inference.json"

    lines = _benchmark(
        "--only", "small", "blazepose_lite", "--rounds", "3", "--json", f"--out={out}"
    )

    result = json.loads(lines[-1])
    assert json.loads(out.read_text()) == result
    assert result["threads"] == 2
    assert result["machine"]["gmacs"] > 0
    assert result["machine"]["cores"] == len(os.sched_getaffinity(0))
    small, blazepose = result["models"]
    assert (small["name"], small["runtime"]) == ("small", "ONNX Runtime")
    assert (blazepose["name"], blazepose["runtime"]) == ("blazepose_lite", "LiteRT")
    for row in (small, blazepose):
        assert (row["device"], row["precision"], row["runs"]) == ("cpu", "FP32", 3)
        assert 0 < row["low"] <= row["ms"] <= row["high"]
        assert row["ms_1_thread"] > 0
        assert row["file_bytes"] > row["parameters"] > 1e5
        assert 20 < row["peak_mb"] < 1000
        share = row["gmac"] / (row["ms"] / 1e3) / result["machine"]["gmacs"]
        assert row["share_of_peak"] == pytest.approx(share, rel=0.01, abs=0.001)
    assert set(small["pck"]) == {"mean", "elbows", "wrists"}
    assert [row["name"] for row in result["pipe"]] == ["small, whole pipeline"]
    assert result["missing"] == []
    goal = next(row for row in result["goals"] if row["goal"] == "small <= blazepose_lite")
    assert goal["ratio"] == pytest.approx(small["ms"] / blazepose["ms"], abs=0.002)
    assert sum(row["ratio"] is None for row in result["goals"]) == 3


def test_what_cannot_be_had_is_missing_with_the_reason(tmp_path):
    lines = _benchmark(
        *("--only", "finder", "blazepose_lite", "--rounds", "2", "--threads", "1", "--json"),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        HOME=str(tmp_path),
        PATH=str(tmp_path),
        npm_config_registry="http://127.0.0.1:9/",
    )

    result = json.loads(lines[-1])
    assert [row["name"] for row in result["models"]] == ["finder"]
    assert [row["name"] for row in result["pipe"]] == [
        "finder, look 1 of 2",
        "finder, look 2 of 2",
    ]
    (row,) = result["missing"]
    assert row["name"] == "blazepose_lite"
    assert "cannot be downloaded" in row["reason"]
    assert any(row["reason"] in line for line in lines[:-1])


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
    reason="this ONNX Runtime can use CUDA",
)
def test_devices_that_are_not_there_are_missing_and_a_batch_tells_crops_a_second():
    lines = _benchmark(
        *("--only", "small", "--rounds", "2", "--threads", "1", "--json"),
        *("--device", "cpu", "cuda"),
    )

    result = json.loads(lines[-1])
    alone, batch = result["models"]
    assert (alone["name"], batch["name"]) == ("small", "small on cpu, 16 crops")
    assert batch["images_per_second"] == pytest.approx(16e3 / batch["ms"], abs=0.1)
    (row,) = result["missing"]
    assert row["name"] == "small on cuda"
    assert "built without CUDA" in row["reason"]


def test_unknown_names_are_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"finall unknown; known: .*final, .*blazepose_lite"):
        chosen(["finall"], [])


def test_a_network_of_the_users_is_named_after_its_file(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    try:
        source = roster.blazepose("lite")
    except UnavailableError as error:
        pytest.skip(str(error))
    path = tmp_path / "movenet_of_mine.tflite"
    path.write_bytes(source.read_bytes())

    ((network,), missing) = chosen([], [path])

    assert (network.name, network.shape, missing) == ("movenet_of_mine", (1, 256, 256, 3), [])
    assert network.open(1)()[0].shape[0] == 1


def test_every_name_of_the_comparison_is_known():
    expected = {"final", "final-int8", "small", "small-int8", "finder", "mobilenet", "densenet121"}
    expected |= {f"blazepose_{size}" for size in ("lite", "full", "heavy")}
    expected |= {"movenet_lightning", "movenet_thunder", "squeezenet", "inception_v3"}
    expected |= {"inception_v4", "openpose_mobilenet", "simplepose_mobilenet", "stacked_hourglass"}
    expected |= {"rtmpose_t", "rtmpose_s", "yolo11n_pose"}

    assert set(networks.names()) >= expected


def test_goals_are_ratios_of_times():
    times = {"final": 9.0, "blazepose_full": 10.0, "small-int8": 3.0, "blazepose_lite": 5.0}

    rows = {row["goal"]: row for row in goals.results(times)}

    assert rows["final <= blazepose_full"] == {
        "goal": "final <= blazepose_full",
        "ratio": 0.9,
        "met": True,
    }
    assert rows["small-int8 <= 0.5 x blazepose_lite"]["ratio"] == 0.6
    assert rows["small-int8 <= 0.5 x blazepose_lite"]["met"] is False
    assert rows["small <= blazepose_lite"]["ratio"] is None
    assert rows["finder <= 0.67 x blazepose_full"]["met"] is None


def test_a_goal_is_met_at_its_very_ratio():
    rows = goals.results({"finder": 2.0, "blazepose_full": 3.0})

    assert next(row for row in rows if row["goal"].startswith("finder"))["met"] is True


def test_a_slow_contestant_skips_rounds_but_runs_often_enough():
    assert step_of(10, rounds=80) == 1
    assert step_of(100, rounds=80) == 5
    assert step_of(10_000, rounds=80) == 10
    assert step_of(10_000, rounds=3) == 1


def test_every_contestant_runs_in_every_round():
    calls = []

    times = measured({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=4)

    assert calls.count("a") == calls.count("b") >= 4
    assert (times["a"].runs, times["b"].runs) == (4, 4)


def test_the_spread_is_of_quartiles():
    assert Spread.of([5.0, 1.0, 2.0, 3.0, 4.0]) == Spread(ms=3.0, low=2.0, high=4.0, runs=5)


def test_accuracies_are_of_our_results_and_of_peers(tmp_path):
    parts = {"mean": 90.0, "elbows": 80.0, "wrists": 70.0, "nose": 99.0}
    for file, name in (("results.json", "final"), ("peers.json", "blazepose_lite")):
        (tmp_path / file).write_text(json.dumps([{"name": name, "pck": parts}]))

    known = measured_network.accuracies(tmp_path)

    assert set(known) == {"final", "blazepose_lite"}
    assert known["final"] == {"mean": 90.0, "elbows": 80.0, "wrists": 70.0}
