"""The pose node among bad cameras, fast cameras, cameras that die, and clocks that jump."""

import array
import gc
import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from rosgraph_msgs.msg import Clock

from mobilepose_ros.counters import Drop

EACH = 72
"""Messages of each kind of malformed image; of all fourteen kinds together a thousand."""

MALFORMED = {
    "unknown encoding": {"encoding": "jpeg"},
    "no encoding": {"encoding": ""},
    "encoding that is no ASCII": {"encoding": "bgr8\N{SNOWMAN}"},
    "no data": {"data": array.array("B")},
    "data cut off": {"data": array.array("B", bytes(100))},
    "no pixels": {"width": 0, "height": 0},
    "no rows": {"height": 0},
    "no columns": {"width": 0},
    "step too small": {"step": 12},
    "step of nothing": {"step": 0},
    "huge width": {"width": 2**32 - 1, "step": 2**32 - 1},
    "huge height": {"height": 2**32 - 1},
    "huge all": {"width": 2**32 - 1, "height": 2**32 - 1, "step": 2**32 - 1},
    "negative stamp": {"stamp": Time(sec=-1)},
}
GOOD = 1000
"""Seconds in the stamp of the first good image."""


def spoilt(image, changes):
    for field, value in changes.items():
        setattr(image.header if field == "stamp" else image, field, value)
    return image


def resident():
    """Memory of this process, MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def stamped(image, clock):
    image.header.stamp = clock.now().to_msg()
    return image


def test_a_thousand_malformed_images_of_every_kind_are_counted_and_survived(
    ros, network, picture, message, answers
):
    told = ros.heard(DiagnosticArray, "/diagnostics")
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    dropped = node.counters.dropped
    small = cv2.resize(picture, (64, 48))
    assert EACH * len(MALFORMED) >= 1000

    for number, changes in enumerate(MALFORMED.values(), GOOD):
        bad = spoilt(message(small), changes)
        before = dropped[Drop.BAD]
        for wanted in range(before + 1, before + EACH + 1):
            send_until(camera, bad, lambda w=wanted: dropped[Drop.BAD] >= w)
        ros.publish_until(
            camera,
            message(picture, number),
            lambda n=number: answers and answers[-1].header.stamp.sec == n,
        )

    assert dropped[Drop.FAILED] == 0
    assert all(answer.poses for answer in answers)
    count = str(dropped[Drop.BAD])
    ros.wait(
        lambda: (
            told
            and {e.key: e.value for e in told[-1].status[0].values}.get("dropped: bad image")
            == count
        ),
        what=f"diagnostics of {count} bad images",
    )
    received = node.counters.received
    assert received == node.counters.answered + sum(dropped.values())


def send_until(camera, image, condition):
    """A best-effort subscription may lose an image, so it is sent again after a while."""
    for _ in range(100):
        camera.publish(image)
        for _ in range(500):
            if condition():
                return
            time.sleep(0.0005)
    raise AssertionError("an image was not counted")


@pytest.mark.alone
def test_under_overload_the_newest_image_is_answered_and_delay_does_not_grow(
    ros, slow_network, picture, message, answers
):
    node, camera = ros.pose_node(slow_network), ros.publisher(depth=1)
    clock = ros.probe.get_clock()
    ros.connect(node, camera)
    for _ in range(3):
        count = len(answers)
        image = stamped(message(picture), clock)
        ros.publish_until(camera, image, lambda n=count: len(answers) > n)
    time.sleep(0.3)
    alone = np.median([times.inference for times in node.performance.answers.items()])
    node.performance.restart()
    memory_before = resident()

    end, period, sent = time.monotonic() + 3, alone / 5, 0
    while time.monotonic() < end:
        camera.publish(stamped(message(picture), clock))
        sent += 1
        time.sleep(period)

    frames = node.performance.answers.items()
    inference = np.array([times.inference for times in frames])
    latency = np.array([times.latency for times in frames])
    first, second = np.array_split(latency, 2)
    assert node.counters.dropped[Drop.REPLACED] > len(frames)
    # A fresh image waits for the one before it at most; how long both take is known here.
    bound = inference[1:] + inference[:-1]
    assert np.median(latency[1:] / bound) < 1.0
    assert np.mean(latency[1:] < bound + 0.1) > 0.9
    assert np.median(second) < 2 * np.median(first) + 0.05
    assert resident() - memory_before < 30
    assert sent > 2 * len(frames)


def test_a_camera_that_dies_and_comes_back_is_answered_again(
    program, ros, network, picture, tmp_path, answers, logged
):
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    arguments = ["--ros-args", "-p", f"source:={tmp_path / 'photo.png'}"]
    ros.pose_node(network, silence_timeout=1.0)

    first = program("camera_node", *arguments)
    ros.wait(lambda: answers, what="an answer")
    first.send_signal(signal.SIGKILL)
    first.wait()
    ros.wait(lambda: logged("WARN"), what="a warning of the silence")
    count = len(answers)
    program("camera_node", *arguments)

    ros.wait(lambda: len(answers) > count, what="an answer")
    ros.wait(lambda: any("images on /image again after" in text for text in logged("INFO")))


@pytest.mark.parametrize("steps", [[100, 101, 50, 51], [100, 100, 100, 100]])
def test_simulated_time_that_jumps_back_or_stops_does_not_stop_the_node(
    ros, network, picture, message, answers, logged, steps
):
    node, camera = ros.pose_node(network, use_sim_time=True), ros.publisher()
    clock = ros.probe.create_publisher(Clock, "/clock", 1)
    ros.connect(node, camera)
    ros.wait(lambda: clock.get_subscription_count() > 0, what="the clock")

    for second in steps:
        clock.publish(Clock(clock=Time(sec=second)))
        ros.wait(lambda s=second: node.get_clock().now().nanoseconds == s * 10**9)
        count = len(answers)
        image = message(picture, second)
        ros.publish_until(camera, image, lambda n=count: len(answers) > n)
        assert answers[-1].header.stamp.sec == second

    latencies = [times.latency for times in node.performance.answers.items()]
    assert len(latencies) >= len(steps)
    assert all(0 < latency < 30 for latency in latencies)
    assert node.performance.arrivals.rate() > 0
    assert logged("ERROR") == []


def test_before_simulated_time_begins_images_are_answered_too(
    ros, network, picture, message, answers
):
    node, camera = ros.pose_node(network, use_sim_time=True), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(picture, 3), lambda: answers)

    ros.wait(lambda: node.performance.answers.items())
    assert all(np.isnan(times.latency) for times in node.performance.answers.items())


def test_images_without_a_stamp_are_answered(ros, network, picture, message, answers):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    ros.publish_until(camera, message(picture, 0), lambda: answers)

    assert answers[0].poses
    assert answers[0].header.stamp == Time()
