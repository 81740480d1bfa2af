"""`mobilepose view`, from the command line to what browsers and Foxglove get."""

import http.client
import json
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from mobilepose_core.cli import main
from mobilepose_core.view import PageServer
from mobilepose_core.view.playback import PHOTOGRAPH_TIME

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from marker_network import joints, network, picture  # isort: skip

__all__ = ["joints", "network", "picture"]

RATE = 10


@pytest.fixture
def photo(picture, tmp_path):
    path = tmp_path / "somebody.png"
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def film(paint, joints, tmp_path):
    """Five frames in a lossless video."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"FFV1"), RATE, (320, 240))
    for number in range(5):
        writer.write(paint(np.add(joints, (number, 0))))
    writer.release()
    return path


@pytest.fixture
def how(network):
    return ["--port", "0", "--model", network, "--device", "cpu", "--finder", "full_frame"]


def next_frame(url):
    """What the page is sent about the first frame."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection.request("GET", "/next")
        body = connection.getresponse().read()
        (length,) = struct.unpack(">I", body[:4])
        head = json.loads(body[4 : 4 + length])
        if "people" in head:
            connection.close()
            return head
    raise AssertionError("no frame")


def test_a_photograph_is_shown_until_ctrl_c(photo, how, joints):
    command = [sys.executable, "-m", "mobilepose_core.cli", "view", str(photo), *how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        url, *rest = process.stdout.readline().split()
        head = next_frame(url)
        process.send_signal(signal.SIGINT)
        complaints = process.stderr.read()

    assert rest == ["shows", str(photo)]
    assert url.startswith("http://127.0.0.1:")
    (person,) = head["people"]
    assert np.array(person["joints"])[:, :2] == pytest.approx(joints, abs=3)
    assert head["about"]["title"] == str(photo)
    assert dict(head["about"]["parameters"])["finder"] == "full_frame"
    assert complaints == ""
    assert process.returncode == 0


def test_a_film_is_recorded_whole_for_foxglove(film, how, tmp_path):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")
    reader = pytest.importorskip("mcap.reader", reason="mcap is not installed")

    assert main(["view", str(film), *how, "--record", str(tmp_path / "out.mcap")]) == 0

    with (tmp_path / "out.mcap").open("rb") as file:
        bag = reader.make_reader(file, validate_crcs=True)
        times = {}
        for _, channel, message in bag.iter_messages():
            times.setdefault(channel.topic, []).append(message.log_time)
    assert len(times["/mobilepose/annotations"]) == 5
    steps = np.diff(times["/mobilepose/image"])
    assert steps == pytest.approx([10**9 / RATE] * 4)
    first, last = times["/mobilepose/image"][0], times["/mobilepose/image"][-1]
    assert all(first <= time_ <= last for time_ in times["/mobilepose/status"])
    assert "/mobilepose/scene" not in times  # no depth


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--record", "out.mcap", "--loop"], "--record ends with the input and --loop never does"),
        (["--image", "/front/image_raw"], "--image is a topic of a recording"),
        (["--finder", "nobody"], "--finder is detector, full_frame or the path"),
        (["--finder", "full_frame", "--find-size", "320"], "--find-size is of --finder detector"),
        (["--port", "70000"], "--port: expected a port up to 65535, got 70000"),
    ],
)
def test_wrong_options_are_said(photo, capsys, options, reason):
    with pytest.raises(SystemExit):
        main(["view", str(photo), *options])

    assert reason in capsys.readouterr().err


def test_photographs_of_a_folder_are_shown_and_what_cannot_be_is_said(photo, how, tmp_path, capsys):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")
    reader = pytest.importorskip("mcap.reader", reason="mcap is not installed")
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("a.png", "c.png"):
        (folder / name).write_bytes(photo.read_bytes())
    (folder / "b.png").write_bytes(photo.read_bytes()[:500])
    (folder / "notes.txt").write_text("who they are")

    assert main(["view", str(folder), *how, "--record", str(tmp_path / "out.mcap")]) == 0

    with (tmp_path / "out.mcap").open("rb") as file:
        messages = reader.make_reader(file).iter_messages(topics="/mobilepose/image")
        first, second = [message.log_time for _, _, message in messages]
    assert second - first == PHOTOGRAPH_TIME * 10**9
    complaints = capsys.readouterr().err
    assert f"{folder / 'b.png'}: " in complaints
    assert "skipped, not photographs by their names: notes.txt" in complaints


def test_a_folder_whose_photographs_are_all_damaged_is_a_failure(photo, how, tmp_path, capsys):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(photo.read_bytes()[:500])

    assert main(["view", str(folder), *how, "--record", str(tmp_path / "out.mcap")]) == 1

    assert "the source ended without an image" in capsys.readouterr().err


def test_one_recording_is_viewed_at_a_time(tmp_path, capsys):
    for name in ("walk.mcap", "run.mcap"):
        (tmp_path / name).touch()

    with pytest.raises(SystemExit):
        main(["view", str(tmp_path)])

    shown = capsys.readouterr().err
    assert "has 2 recordings; name one of them: run.mcap, walk.mcap" in shown


def test_a_port_that_is_taken_is_said(photo, capsys):
    server = PageServer(port=0)
    port = server.url.rstrip("/").rpartition(":")[2]

    assert main(["view", str(photo), "--port", port]) == 1

    server.close()
    assert f"port {port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_an_mcap_does_not_replace_what_is_looked_at(film, how, capsys):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")

    with pytest.raises(SystemExit) as ending:
        main(["view", str(film), *how, "--record", str(film)])

    assert ending.value.code == 2
    assert "would be written over itself" in capsys.readouterr().err


def test_listening_elsewhere_is_warned_of(film, how, tmp_path, capsys):
    pytest.importorskip("foxglove", reason="rosdep has no key for foxglove-sdk")

    record = ["--record", str(tmp_path / "out.mcap"), "--host", "0.0.0.0"]
    assert main(["view", str(film), *how, *record]) == 0

    assert "listens on 0.0.0.0, without a password" in capsys.readouterr().err
