"""Counts images that never arrived, and explains why and what to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rclpy.qos import ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mobilepose_core.time_window import SECONDS
from mobilepose_ros import fastdds
from mobilepose_ros.counters import Drop, Performance

TOLERATED = 0.03
"""Share of recent images that may be lost without a warning."""

SMALL = 100_000
"""Size of images that always fit into Fast DDS's default shared memory, bytes."""

HOST_BYTES = 4
"""Number of leading bytes of a Fast DDS GUID that all endpoints of one host share."""


class TransportLoss:
    """Distinguishes images lost in transport from images replaced in the subscription's queue.

    A queue of depth 1 drops an image when the next one arrives before it was taken. The publisher's
    sequence numbers have gaps for both kinds; the middleware reports only the lost ones. With
    several publishers sequence numbers are not comparable, and only lost images are counted.

    All methods must be called by one thread.
    """

    def __init__(self, performance: Performance, is_reported: bool) -> None:
        """Starts without an image.

        Args:
            performance: records both kinds.
            is_reported: whether the middleware reports lost messages; if not, all missing images
                count as lost.
        """
        self._performance = performance
        self._is_reported = is_reported
        self._sources: frozenset[bytes] = frozenset()
        self._newest: int | None = None
        self._missing = self._missing_before = self._explained = 0

    def lost(self, count: int) -> None:
        """Records images that the middleware reported as lost."""
        self._performance.lost(count)
        if self._newest is not None:
            self._explained += count

    def received(self, sequence: int | None) -> None:
        """Records an image, with its publisher's sequence number; None if unknown."""
        newest, self._newest = self._newest, sequence
        if sequence is not None and newest is not None and sequence > newest:
            self._missing += sequence - newest - 1

    def settle(self, sources: Collection[bytes]) -> None:
        """Counts images that were missing at the last call and are still unexplained.

        Args:
            sources: the GIDs of the topic's publishers.
        """
        known, self._sources = self._sources, frozenset(sources)
        if len(known) == 1 and not self._sources:  # the camera is gone: no more images
            self._missing_before = self._missing
        elif len(self._sources) != 1 or known not in (set(), self._sources):
            self._begin()
            return
        if (replaced := self._missing_before - self._explained) > 0:
            self._explained += replaced
            if self._is_reported:
                self._performance.replaced(replaced)
            else:
                self._performance.lost(replaced)
        self._missing_before = self._missing
        if not self._sources:
            self._begin()

    def _begin(self) -> None:
        """Resets the sequence; counting continues with the next image."""
        self._newest = None
        self._missing = self._missing_before = self._explained = 0


def words(reliability: ReliabilityPolicy) -> str:
    """A reliability in words: `reliable` or `best effort`."""
    name: str = reliability.name
    return name.lower().replace("_", " ")


def recent(performance: Performance) -> tuple[int, int]:
    """Numbers of recent images that were lost, and that were published."""
    lost = performance.drops.items().count(Drop.LOST)
    return lost, lost + len(performance.arrivals.items())


def is_worth_a_warning(lost: int, published: int) -> bool:
    """Whether more than a few per cent, and more than a single image, are lost."""
    return lost > 1 and lost > TOLERATED * published


def explanation(
    topic: str,
    counts: tuple[int, int],
    publishers: Sequence[TopicEndpointInfo | Any],
    reliability: ReliabilityPolicy,
    image_bytes: int,
    host: bytes = b"",
) -> str:
    """One line for the log and /diagnostics.

    Args:
        topic: full name of the images' topic.
        counts: see `recent`.
        publishers: of the topic.
        reliability: of the subscription.
        image_bytes: size of the largest image received; 0 without any.
        host: first bytes of this node's GIDs; empty if they do not identify the host.
    """
    lost, published = counts
    text = (
        f"{lost} of {published} images on {topic} were lost in transport in the last "
        f"{SECONDS:.0f} s"
    )
    return f"{text}: {_remedy(publishers, reliability, image_bytes, host)}"


def _remedy(
    publishers: Sequence[TopicEndpointInfo | Any],
    reliability: ReliabilityPolicy,
    image_bytes: int,
    host: bytes,
) -> str:
    weak = [p for p in publishers if p.qos_profile.reliability != ReliabilityPolicy.RELIABLE]
    names = " and ".join(_name(p) for p in publishers) or "the camera"
    if publishers and not weak and reliability != ReliabilityPolicy.RELIABLE:
        return (
            f"{names} publishes reliably, but the subscription is best effort: set "
            "image_reliability to auto, and remove qos_overrides for the reliability"
        )
    reliably = f", and make {' and '.join(map(_name, weak))} publish reliably" if weak else ""
    if host and any(bytes(p.endpoint_gid[:HOST_BYTES]) != host for p in publishers):
        return (
            f"{names} is on another host; use image_transport:=compressed, or raise "
            f"net.core.rmem_max on both{reliably}"
        )
    if image_bytes and image_bytes < SMALL:
        return f"are all CPU cores busy? max_rate and threads reduce the node's load{reliably}"
    if not fastdds.is_in_use():
        return f"give the middleware buffers for whole images{reliably}"
    size = f"images of {image_bytes / 1e6:.1f} MB do" if image_bytes else "large images do"
    return (
        f"{size} not fit into Fast DDS's default shared memory; start {names} with "
        f"{fastdds.variable()}={fastdds.profile() or 'config/fastdds.xml'} in its environment, as "
        f"the user of this node{reliably}"
    )


def _name(publisher: TopicEndpointInfo | Any) -> str:
    return f"{publisher.node_namespace.rstrip('/')}/{publisher.node_name}"
