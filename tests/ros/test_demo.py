import json
import signal
import time

import cv2
import numpy as np
import pytest

from mobilepose_core import skeleton


def run(program, tmp_path, picture, *arguments):
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    source = ["--source", str(tmp_path / "photo.png"), "--finder", "full_frame"]
    return program("demo", "--out", str(tmp_path / "out"), *source, *arguments)


def test_the_demo_finds_the_joints_and_writes_its_results(program, tmp_path, network, picture):
    process = run(program, tmp_path, picture, "--model", network, "--frames", "5")

    assert process.wait(90) == 0, process.text()

    results = json.loads((tmp_path / "out" / "demo.json").read_text())
    (person,) = results["poses"]
    assert [joint["name"] for joint in person["joints"]] == list(skeleton.JOINTS)
    assert all(set(joint) == {"name", "x", "y", "score"} for joint in person["joints"])
    assert (results["image_width"], results["image_height"]) == (320, 240)
    assert results["header"]["frame_id"] == "camera_optical_frame"
    assert results["skeleton"] == skeleton.NAME
    assert results["frames"] >= 5
    assert 0 < results["latency_ms"] <= results["latency_p95_ms"]
    assert "left_wrist" in process.text()
    assert "latency from stamp to arrival" in process.text()


def test_the_skeleton_is_drawn_on_the_frame_that_it_belongs_to(program, tmp_path, network, picture):
    process = run(program, tmp_path, picture, "--model", network, "--frames", "10")
    assert process.wait(90) == 0, process.text()

    drawn = cv2.imread(str(tmp_path / "out" / "demo.png"))

    # The disc of the left shoulder is blue around the joint that was drawn in its middle.
    results = json.loads((tmp_path / "out" / "demo.json").read_text())
    shoulder = results["poses"][0]["joints"][0]
    x, y = round(shoulder["x"]), round(shoulder["y"])
    beside_the_limbs = ((-3, -5), (0, -6), (6, -1))
    ring = [drawn[y + dy, x + dx] for dx, dy in beside_the_limbs]
    assert np.abs(np.array(ring, int) - (255, 0, 0)).max() < 60


def test_the_demo_ends_where_progress_bars_are_switched_off(
    program, tmp_path, network, picture, monkeypatch
):
    monkeypatch.setenv("TQDM_DISABLE", "1")

    process = run(program, tmp_path, picture, "--model", network, "--frames", "2")

    assert process.wait(90) == 0, process.text()


def test_a_photograph_without_a_person_is_exit_status_1(program, tmp_path, network):
    empty = np.full((240, 320, 3), 40, np.uint8)

    process = run(program, tmp_path, empty, "--model", network, "--frames", "2")

    assert process.wait(90) == 1
    assert "no person was found in them" in process.text()
    assert not (tmp_path / "out").exists()


def test_a_node_that_fails_is_exit_status_1_though_a_person_was_found(
    program, tmp_path, network, picture
):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(10, 60):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    (folder / "99.png").write_bytes((folder / "10.png").read_bytes()[:100])
    arguments = ["--source", folder, "--finder", "full_frame", "--model", network]

    process = program("demo", "--out", tmp_path / "out", *arguments, "--frames", "100000")

    assert process.wait(90) == 1, process.text()
    assert "99.png" in process.text()
    assert "demo: a node failed; its error is above" in process.text()
    assert not (tmp_path / "out").exists()


def test_an_unknown_model_is_exit_status_1_with_the_reason(program, tmp_path, picture):
    process = run(program, tmp_path, picture, "--model", "nobody")

    assert process.wait(60) == 1
    assert "model 'nobody' not found" in process.text()
    assert "Traceback" not in process.text()


def test_a_missing_source_is_exit_status_1_with_the_reason(program, network):
    process = program("demo", "--model", network, "--source", "nowhere.mp4")

    assert process.wait(60) == 1
    assert "nowhere.mp4: no such file; expected a photograph" in process.text()
    assert "Traceback" not in process.text()


def test_an_interrupted_demo_ends_quietly(program, tmp_path, network, picture):
    process = run(program, tmp_path, picture, "--model", network, "--frames", "100000")
    deadline = time.monotonic() + 60
    while "publishes" not in process.text():
        assert time.monotonic() < deadline, process.text()
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)

    assert process.wait(10) == 130
    assert "Traceback" not in process.text()


def test_a_folder_that_cannot_be_written_fails_before_the_work(program):
    process = program("demo", "--out", "/proc/nope")

    assert process.wait(60) == 1
    assert "the results cannot be written to /proc/nope" in process.text()
    assert process.text().count("\n") == 1


@pytest.mark.parametrize("words", [("--nonsense",), ("-r", "nonsense")])
def test_ros_arguments_that_are_not_understood_are_a_mistake_in_use(program, words):
    process = program("demo", "--ros-args", *words)

    assert process.wait(60) == 2
    assert "demo: error: ROS cannot start: " in process.text()
    assert "Traceback" not in process.text()
