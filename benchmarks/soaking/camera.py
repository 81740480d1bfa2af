"""The camera of a long run: a process that is told by lines what to publish, and may be killed.

    python -m benchmarks.soaking.camera COUNTS --rate 5

It reads commands from standard input and answers each with `ok`. The number of images, before and
after each publication, is in the file COUNTS, so that it survives the process. A series starts and
ends with an image that is small enough to arrive: the middleware does not report losses before the
first or after the last image.
"""

from __future__ import annotations

import argparse
import queue
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from rclpy.clock import Clock
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.time import Time
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from benchmarks.soaking.scene import DrawnScene
from mobilepose_ros import images, running

SMALL = (160, 120)
"""Width and height of an image that arrives with all settings."""

GAP = 0.1
"""Time from the last image to the small one, s: the node's queue keeps one."""

SETTLING = 1.5
"""Time from the discovery of a subscription to the first image, s."""

STAMPS = ("true", "zero", "repeated")


class SoakCamera(Node):
    """Publishes a scene, as told."""

    def __init__(self, options: argparse.Namespace, counts: np.ndarray) -> None:
        super().__init__("soak_camera")
        reliability = ReliabilityPolicy[options.reliability.upper()]
        profile = QoSProfile(depth=10, reliability=reliability)
        self._images = self.create_publisher(Image, "image", profile)
        self._scene = DrawnScene(options.width, options.height)
        self._counts = counts
        self._rate = options.rate
        self._began = time.monotonic()
        self._shows_people = True
        self._offset = 0.0
        self._stamps = "true"
        self._last_stamp = Time()
        self._bad = 0

    def series(self, stopped: threading.Event) -> None:
        """Publishes until stopped."""
        due = time.monotonic()
        while not stopped.wait(max(0.0, due - time.monotonic())):
            due = max(due + 1 / self._rate, time.monotonic())
            self._publish()
        time.sleep(GAP)
        self.publish_small()

    def publish_small(self) -> None:
        """Publishes an image that arrives with all settings."""
        self._publish(small=True)

    def find(self, stop: running.Stop) -> None:
        """Waits for a subscription, and until both sides know each other."""
        while not stop.is_set() and not self._images.get_subscription_count():
            stop.wait(0.02)
        stop.wait(SETTLING)

    def do(self, name: str, value: str) -> None:
        """Applies a command that changes what is published."""
        if name == "rate":
            self._rate = float(value)
        elif name == "people":
            self._shows_people = value == "true"
        elif name == "offset":
            self._offset = float(value)
        elif name == "stamps":
            if value not in STAMPS:
                raise ValueError(f"stamps are {STAMPS}, got {value}")
            self._stamps = value
        elif name == "size":
            width, height = map(int, value.split("x"))
            self._scene = DrawnScene(width, height)
        elif name == "bad":
            self._bad = int(value)
        else:
            raise ValueError(f"no command {name}")

    def _publish(self, small: bool = False) -> None:
        seconds = time.monotonic() - self._began if self._shows_people else -1.0
        picture = self._scene.picture(seconds)
        if small:
            picture = np.asarray(cv2.resize(picture, SMALL), np.uint8)
        message = images.image_from_bgr(picture, Header(stamp=self._stamp(), frame_id="camera"))
        if self._bad and not small:
            self._bad -= 1
            _spoil(message, self._bad)
        self._counts[0] += 1
        self._images.publish(message)
        self._counts[1] += 1

    def _stamp(self) -> object:
        if self._stamps == "zero":
            return Time().to_msg()
        if self._stamps == "true":
            nanoseconds = Clock().now().nanoseconds + int(self._offset * 1e9)
            self._last_stamp = Time(nanoseconds=max(1, nanoseconds))
        return self._last_stamp.to_msg()


def _spoil(image: Image, kind: int) -> None:
    """Makes an image invalid, in one of several ways."""
    if kind % 4 == 0:
        image.data = image.data[: len(image.data) // 2]
    elif kind % 4 == 1:
        image.encoding = "no_such_encoding"
    elif kind % 4 == 2:
        image.step = 1
    else:
        image.width, image.height = 0, 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("counts", type=Path, help="file of two 64-bit numbers")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--reliability", choices=("reliable", "best_effort"), default="reliable")
    options = parser.parse_args()
    counts = np.memmap(options.counts, np.int64, "r+", shape=(2,))
    with running.ros([]) as stop:
        camera = SoakCamera(options, counts)
        commands: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_read, args=(commands,), daemon=True).start()
        with running.spinning(stop, camera):
            _obey(camera, commands, stop)
    return 0


def _read(commands: queue.Queue[str]) -> None:
    for line in sys.stdin:
        commands.put(line.strip())
    commands.put("end")


def _obey(camera: SoakCamera, commands: queue.Queue[str], stop: running.Stop) -> None:
    stopped = threading.Event()
    series: threading.Thread | None = None
    while not stop.is_set():
        try:
            name, _, value = commands.get(timeout=0.2).partition(" ")
        except queue.Empty:
            continue
        if name in {"pause", "end"}:
            if series is not None:
                stopped.set()
                series.join()
                series = None
        elif name == "find":
            camera.find(stop)
        elif name == "first":
            camera.publish_small()
        elif name == "run" and series is None:
            stopped.clear()
            series = threading.Thread(target=camera.series, args=(stopped,))
            series.start()
        elif name != "run":
            camera.do(name, value)
        print("ok", flush=True)
        if name == "end":
            return
    stopped.set()
    if series is not None:
        series.join()


if __name__ == "__main__":
    sys.exit(main())
