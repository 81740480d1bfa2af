"""The subscription to depth images, and the one that belongs to an image, which may come after it.

Matched by stamp: a depth image of the same moment, or else the nearest within `depth_tolerance`.
Drivers align depth after they have published the colour image, so an image waits for its depth
until a depth image of the same stamp or a later one has come, for `depth_wait` seconds at most.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from builtin_interfaces.msg import Time
from rclpy.node import Node
from sensor_msgs.msg import Image

from mobilepose_ros.depth_report import DepthReport
from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.matched_subscription import subscribe_to_each
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.recent import SAME, RecentMessages
from mobilepose_ros.stamps import SECOND, nanoseconds

TOPIC = "depth"

FEWEST = 8
MEMORY = 64_000_000
"""How many depth images are kept at least, and up to how many bytes of them while images that they
may belong to are worked on."""

Answer = Callable[[Image | None, str], None]
"""Takes an image's depth; or None, and why there is none."""


class Request(NamedTuple):
    """An image that asks for its depth; times are of `time.monotonic`, s."""

    stamp: Time
    arrival: float
    deadline: float
    answer: Answer


class DepthInput:
    """Receives depth images, and answers requests for them in their order, on a thread of its own.

    Attributes:
        topic: its full name.
        report: how many images had their depth, and why the others had not.
    """

    def __init__(
        self, node: Node, settings: PoseParameters, watch: InputWatch | None = None
    ) -> None:
        """Subscribes.

        Args:
            node: that receives.
            settings: those of now.
            watch: told when a depth image comes; None where nobody is.

        Raises:
            Exception: rclpy's, where the QoS is overridden by what is none.
        """
        self._node = node
        self._tolerance = settings.depth_tolerance
        self._wait = settings.depth_wait
        self._depths: RecentMessages[Image] = RecentMessages(FEWEST, MEMORY)
        self._requests: deque[Request] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None
        take = self._take if watch is None else watch.hearing(self._take)
        self._subscription = subscribe_to_each(node, Image, TOPIC, take, settings.image_reliability)
        if watch is not None:
            watch.subscription = self._subscription
        self.topic: str = self._subscription.topic_name
        self.report = DepthReport(self.topic, self._tolerance, self._wait)

    def destroy(self) -> None:
        """Unsubscribes, and answers no request any more."""
        self._subscription.destroy()
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def ask(self, stamp: Time, arrival: float, answer: Answer) -> None:
        """Has an image answered with its depth once that is known; never waits.

        Args:
            stamp: the image's.
            arrival: of the image, s of `time.monotonic`.
            answer: called by another thread, one image after another.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="depth")
            self._thread.start()
        with self._changed:
            self._requests.append(Request(stamp, arrival, arrival + self._wait, answer))
            self._changed.notify()

    def skip(self, stamp: Time) -> None:
        """Nobody asks for the depth of an image: what came for it is not kept."""
        with self._changed:
            self._depths.forget_before(stamp, self._tolerance)

    def _take(self, depth: Image) -> None:
        with self._changed:
            self._depths.put(depth)
            self.report.came(nanoseconds(depth.header.stamp), time.monotonic())
            self._changed.notify()

    def _run(self) -> None:
        while (request := self._next()) is not None:
            with self._changed:
                depth, why = self._depth_of(request)
                self._depths.forget_before(request.stamp, self._tolerance)
            try:
                request.answer(depth, why)
            except Exception as error:
                if not self._is_closed:
                    self._node.get_logger().error(f"joints in metres not published: {error!r}")

    def _next(self) -> Request | None:
        """Waits until the first request can be answered, and takes it; None once it is closed."""
        with self._changed:
            while not self._is_closed:
                left = None
                if self._requests:
                    left = self._requests[0].deadline - time.monotonic()
                    if left <= 0 or not self._depths.may_come(self._requests[0].stamp):
                        return self._requests.popleft()
                self._changed.wait(left)
            return None

    def _depth_of(self, request: Request) -> tuple[Image | None, str]:
        wanted = nanoseconds(request.stamp)
        found = self._depths.nearest_kept(request.stamp, request.arrival)
        if found is None:
            return None, self.report.missing(wanted, None, request.arrival)
        apart = abs(found.stamp - wanted)
        is_same = apart <= SAME
        is_near = apart <= self._tolerance * SECOND
        if is_near and not is_same and self._depths.may_come(request.stamp):
            is_near = not self.report.are_in_step
        if is_same or is_near:
            self.report.matched(is_same)
            return found.message, ""
        return None, self.report.missing(wanted, apart / SECOND, request.arrival)
