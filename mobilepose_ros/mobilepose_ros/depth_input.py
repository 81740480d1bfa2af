"""The subscription to depth images, and the depth image that belongs to an image.

Matched by stamp: the same stamp, otherwise the nearest within `depth_tolerance`. Drivers align
depth after they have published the colour image. So an image waits for its depth image until one
with the same or a later stamp arrives, for at most `depth_wait` seconds, or until `MAX_WAITING`
images or `MAX_WAITING_BYTES` of them wait. If answers take longer than images need to arrive, the
oldest images are dropped.
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
from mobilepose_ros.recent_messages import SAME, RecentMessages
from mobilepose_ros.reminders import LOG_INTERVAL
from mobilepose_ros.stamps import SECOND, nanoseconds

TOPIC = "depth"

MIN_KEPT = 8
MAX_BYTES = 64_000_000
"""Least number of depth images kept, and bytes up to which more are kept while the images that they
may belong to are processed."""

MAX_WAITING = 60
"""Most images that wait for depth images, each with its pixels: those of two seconds at 30 Hz."""

MAX_WAITING_BYTES = 400_000_000
"""Most bytes of their pixels: half a second of 4K at 30 Hz."""

MAX_LATE = 1.0
"""Time after `depth_wait` from which an image is dropped if a later one can be answered, s."""

TOO_SLOW = "images arrive faster than joints in metres can be published: decrease max_rate"

Finish = Callable[[Image | None, str], None]
"""Takes an image's depth image; or None and the reason why there is none."""


class DepthRequest(NamedTuple):
    """An image that waits for its depth image; times are s of `time.monotonic`, the size bytes."""

    stamp: Time
    arrival: float
    deadline: float
    finish: Finish
    size: int


class DepthInput:
    """Receives depth images, and answers requests for them in order, on its own thread.

    Attributes:
        topic: its full name.
        report: how many images had depth, and why others had none.
    """

    def __init__(
        self, node: Node, settings: PoseParameters, watch: InputWatch | None = None
    ) -> None:
        """Subscribes.

        Args:
            node: owns the subscription.
            settings: the current parameters.
            watch: notified of each depth image; None for no monitoring.

        Raises:
            Exception: rclpy's, for an invalid QoS override.
        """
        self._node = node
        self._tolerance = settings.depth_tolerance
        self._wait = settings.depth_wait
        self._depths: RecentMessages[Image] = RecentMessages(MIN_KEPT, MAX_BYTES)
        self._requests: deque[DepthRequest] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None
        take = self._take if watch is None else watch.watched(self._take)
        self._subscription = subscribe_to_each(node, Image, TOPIC, take, settings.image_reliability)
        if watch is not None:
            watch.subscription = self._subscription
        self.topic: str = self._subscription.topic_name
        self.report = DepthReport(self.topic, self._tolerance, self._wait)

    def destroy(self) -> None:
        """Unsubscribes; pending requests are dropped."""
        self._subscription.destroy()
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def request(self, stamp: Time, arrival: float, finish: Finish, size: int) -> None:
        """Requests the depth image of an image; never blocks.

        Args:
            stamp: of the image.
            arrival: of the image, s of `time.monotonic`.
            finish: called from another thread, for one image after the other; not called for images
                that are dropped.
            size: of the image, bytes, which `finish` may keep.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="depth")
            self._thread.start()
        with self._changed:
            while self._is_full():
                self._drop_oldest()
            self._requests.append(DepthRequest(stamp, arrival, arrival + self._wait, finish, size))
            self._changed.notify()

    def skip(self, stamp: Time) -> None:
        """Drops depth images of an image whose depth is not needed."""
        with self._changed:
            self._depths.forget_before(stamp, self._tolerance)

    def _take(self, depth: Image) -> None:
        with self._changed:
            self._depths.put(depth)
            self.report.received(nanoseconds(depth.header.stamp), time.monotonic())
            self._changed.notify()

    def _run(self) -> None:
        while (request := self._next()) is not None:
            with self._changed:
                depth, reason = self._depth_of(request)
                self._depths.forget_before(request.stamp, self._tolerance)
            try:
                request.finish(depth, reason)
            except Exception as error:
                if not self._is_closed:
                    self._count_failed(repr(error))

    def _count_failed(self, reason: str) -> None:
        with self._changed:
            self.report.not_published(reason)
        self._node.get_logger().error(
            f"joints in metres not published: {reason}", throttle_duration_sec=LOG_INTERVAL
        )

    def _next(self) -> DepthRequest | None:
        """Waits until the first request can be answered, and removes it; None once closed."""
        with self._changed:
            while not self._is_closed:
                self._drop_late()
                left = None
                if self._requests:
                    if self._has_waited(self._requests[0]) or self._is_full():
                        return self._requests.popleft()
                    left = self._requests[0].deadline - time.monotonic()
                self._changed.wait(left)
            return None

    def _is_full(self) -> bool:
        """Whether so many images wait that the oldest has to go on or is dropped."""
        held = sum(request.size for request in self._requests)
        return len(self._requests) >= MAX_WAITING or held >= MAX_WAITING_BYTES

    def _has_waited(self, request: DepthRequest) -> bool:
        """Whether no nearer depth image comes for it in time."""
        is_over = request.deadline <= time.monotonic()
        return is_over or not self._depths.may_come(request.stamp)

    def _drop_late(self) -> None:
        """Drops images that are too late, as long as a later one can be answered."""
        latest = time.monotonic() - MAX_LATE
        while (
            len(self._requests) > 1
            and self._requests[0].deadline < latest
            and self._has_waited(self._requests[1])
        ):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._requests.popleft()
        self.report.not_published(TOO_SLOW)
        self._node.get_logger().warning(
            f"image dropped: {TOO_SLOW}", throttle_duration_sec=LOG_INTERVAL
        )

    def _depth_of(self, request: DepthRequest) -> tuple[Image | None, str]:
        wanted = nanoseconds(request.stamp)
        is_early = not self._has_waited(request)
        found = self._depths.nearest_kept(request.stamp, request.arrival)
        if found is None:
            return None, self.report.missing(wanted, None, request.arrival, is_early)
        apart = abs(found.stamp - wanted)
        is_same = apart <= SAME
        is_near = apart <= self._tolerance * SECOND
        if is_near and not is_same and self._depths.may_come(request.stamp):
            is_near = not self.report.is_synchronised
        if is_same or is_near:
            self.report.matched(is_same)
            return found.message, ""
        return None, self.report.missing(wanted, apart / SECOND, request.arrival, is_early)
