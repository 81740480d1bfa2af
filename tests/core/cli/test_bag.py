"""`mobilepose bag`, from the command line to results that other programs read."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rosbags", reason="rosdep has no key for rosbags")

from rosbags.rosbag2 import StoragePlugin, Writer
from tqdm import tqdm

from mobilepose_core.cli import choices, main
from mobilepose_core.recordings import annotated, annotator
from mobilepose_core.recordings.message_types import IMAGE, constructor, serialized, typestore

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from marker_network import joints, network  # isort: skip

__all__ = ["joints", "network"]


@pytest.fixture
def recordings(paint, joints, tmp_path):
    """A folder with two recordings, `a` in MCAP and `deep/b` in SQLite, of three frames each."""
    header, time = constructor("std_msgs/msg/Header"), constructor("builtin_interfaces/msg/Time")
    plugins = {"a": StoragePlugin.MCAP, "deep/b": StoragePlugin.SQLITE3}
    for name, plugin in plugins.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        with Writer(tmp_path / "in" / name, version=9, storage_plugin=plugin) as bag:
            topic = bag.add_connection("/image_raw", IMAGE, typestore=typestore())
            for number in range(3):
                image = constructor(IMAGE)(
                    header=header(stamp=time(sec=number + 1), frame_id="camera"),
                    height=240,
                    width=320,
                    encoding="bgr8",
                    step=960,
                    data=paint(np.add(joints, (number, 0))).reshape(-1),
                )
                bag.write(topic, (number + 1) * 10**9 + 7, serialized(image))
    return tmp_path / "in"


@pytest.fixture
def run(network, recordings, tmp_path):
    """Runs the command; returns its status."""
    how = ["--model", network, "--device", "cpu", "--finder", "full_frame", "--jobs", "1"]

    def command(*options, source=recordings, out=tmp_path / "out"):
        return main(["bag", str(source), "--out", str(out), *how, *map(str, options)])

    return command


def test_recordings_in_a_folder_are_annotated_and_later_skipped(run, tmp_path, capsys):
    status = run("--json", "--quiet")
    first = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    again = run("--quiet")

    assert (status, again) == (0, 0)
    assert [(line["frames"], line["people"], line["resumed"]) for line in first] == [(3, 3, 0)] * 2
    assert [Path(line["target"]) for line in first] == [tmp_path / "out" / n for n in ("a", "b")]
    for name, line in zip(("a", "deep/b"), capsys.readouterr().out.splitlines(), strict=True):
        target = tmp_path / "out" / Path(name).name
        assert line == f"{tmp_path / 'in' / name}: 3 frames, 3 poses: {target}"


def test_the_progress_bar_is_at_its_end_whatever_failed(run, recordings, monkeypatch):
    (recordings / "empty.mcap").write_bytes(b"")
    bars, close = [], tqdm.close
    monkeypatch.setattr(tqdm, "close", lambda bar: bars.append((bar.n, bar.total)) or close(bar))

    assert run() == 1

    assert bars[0] == (6, 6)


def test_another_reader_of_mcap_finds_definitions_indexes_and_times(run, recordings, tmp_path):
    reader = pytest.importorskip("mcap.reader", reason="mcap is not installed")

    assert run("--quiet", "--originals", source=recordings / "a") == 0

    with (tmp_path / "out" / "a" / "a.mcap").open("rb") as file:
        bag = reader.make_reader(file, validate_crcs=True)
        summary = bag.get_summary()
        messages = [(c.topic, m.log_time) for _, c, m in bag.iter_messages()]
        schemas = {s.name: (s.encoding, s.data.decode()) for s in summary.schemas.values()}
        profile = bag.get_header().profile
    assert profile == "ros2"
    assert summary.statistics.message_count == len(messages) == 3 * 4 + 1
    assert {time for _, time in messages} == {n * 10**9 + 7 for n in (1, 2, 3)}
    encoding, text = schemas["mobilepose_msgs/msg/Pose2DArray"]
    assert encoding == "ros2msg"
    for part in ("MSG: mobilepose_msgs/Joint2D", "MSG: std_msgs/Header", "string skeleton"):
        assert part in text


def test_damage_is_reported_and_the_rest_is_written(run, recordings, tmp_path, capsys):
    file = recordings / "a" / "a.mcap"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 3 // 5])

    status = run("--quiet")

    captured = capsys.readouterr()
    assert status == 1
    assert "a.mcap: it is cut off or damaged from byte" in captured.err
    assert "1 of 2 recordings could not be read whole" in captured.err
    assert f"{recordings / 'a'}: 1 frames" in captured.out
    assert (tmp_path / "out" / "a" / "metadata.yaml").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--engine", "cloud"], "invalid choice: 'cloud'"),
        (["--storage", "ros1"], "invalid choice: 'ros1'"),
        (["--address", "auto"], "add --engine ray"),
        (["--finder", "eyes"], "--finder is"),
    ],
)
def test_wrong_options_end_with_status_2_and_one_line(run, capsys, options, complaint):
    with pytest.raises(SystemExit) as end:
        run(*options)

    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


def test_ray_that_does_not_start_is_one_line_and_status_1(run, monkeypatch, capsys):
    ray = pytest.importorskip("ray", reason="ray is not installed")

    def init(**_):
        raise Exception("The current node timed out\nduring startup.")

    monkeypatch.setattr(ray, "init", init)

    assert run("--engine", "ray") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "Ray cannot be started on this machine (The current node timed out during" in line


def test_what_is_no_recording_is_one_line_and_status_1(run, tmp_path, capsys):
    (tmp_path / "nothing").mkdir()

    assert run(source=tmp_path / "nothing") == 1
    assert "no recordings; expected folders with metadata.yaml" in capsys.readouterr().err
    assert run(source=tmp_path / "nowhere") == 1
    assert "no such recording" in capsys.readouterr().err


def test_a_result_never_replaces_its_recording(run, recordings, capsys):
    assert run(source=recordings / "a", out=recordings) == 1
    assert "is where the recording is" in capsys.readouterr().err


def test_choices_are_those_of_the_package():
    assert set(choices.STORAGES) == set(annotated.STORAGES)
    assert choices.OVERLAYS == annotator.OVERLAYS


def test_the_overlay_shows_the_frame(run, recordings, tmp_path, paint, joints):
    from rosbags.rosbag2 import Reader

    from mobilepose_core.recordings.message_types import deserialized

    run("--quiet", "--overlay", "raw", source=recordings / "a")

    with Reader(tmp_path / "out" / "a") as bag:
        (topic,) = [c for c in bag.connections if c.topic == "/mobilepose/overlay"]
        _, time, data = next(bag.messages([topic]))
    image = deserialized(data, IMAGE)
    drawn = image.data.reshape(240, 320, 3)
    assert (time, image.header.stamp.sec) == (10**9 + 7, 1)
    assert 0 < (drawn != paint(joints)).any(axis=2).mean() < 0.2
    assert cv2.absdiff(drawn, paint(joints)).max() > 100
