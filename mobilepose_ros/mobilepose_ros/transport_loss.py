"""Which images never came in, whose doing that was, and what helps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rclpy.qos import ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mobilepose_ros import fastdds
from mobilepose_ros.counters import Drop, Performance
from mobilepose_ros.window import SECONDS

TOLERATED = 0.03
"""Share of the images of the last seconds whose loss is not worth a warning."""

SMALL = 100_000
"""Bytes of an image that Fast DDS's own shared memory has room for, whatever the rate."""

HOST_BYTES = 4
"""Of a Fast DDS GUID, its first, which all writers and readers of one host share."""


class TransportLoss:
    """Tells images that the transport lost from images that newer ones replaced.

    A subscription that keeps the newest image only drops one that nobody has taken when the next
    comes in. The publisher's sequence numbers jump over both kinds; the middleware reports the lost
    ones. With several publishers sequence numbers are not comparable, and only the lost ones are
    counted.

    All methods are called by one thread.
    """

    def __init__(self, performance: Performance, is_reported: bool) -> None:
        """Starts without an image.

        Args:
            performance: told of both kinds.
            is_reported: whether the middleware reports what it lost; all that is missing counts
                as lost where it does not.
        """
        self._performance = performance
        self._is_reported = is_reported
        self._sources: frozenset[bytes] = frozenset()
        self._newest: int | None = None
        self._missing = self._missing_before = self._explained = 0

    def lost(self, count: int) -> None:
        """The middleware reports images as lost."""
        self._performance.lost(count)
        if self._newest is not None:
            self._explained += count

    def came(self, sequence: int | None) -> None:
        """An image came in with its publisher's sequence number, None where that is not known."""
        newest, self._newest = self._newest, sequence
        if sequence is not None and newest is not None and sequence > newest:
            self._missing += sequence - newest - 1

    def settle(self, sources: Collection[bytes]) -> None:
        """Counts what was missing at the last call and is still unexplained.

        Args:
            sources: the GIDs of the topic's publishers.
        """
        known, self._sources = self._sources, frozenset(sources)
        if len(known) == 1 and not self._sources:  # the camera has gone: nothing is to come
            self._missing_before = self._missing
        elif len(self._sources) != 1 or known != self._sources:
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
        """Forgets the sequence; what is missing later on is counted from the next image."""
        self._newest = None
        self._missing = self._missing_before = self._explained = 0


def words(reliability: ReliabilityPolicy) -> str:
    """A reliability as it is written: `reliable` or `best effort`."""
    name: str = reliability.name
    return name.lower().replace("_", " ")


def recent(performance: Performance) -> tuple[int, int]:
    """How many images of the last seconds were lost, and how many there were."""
    lost = performance.drops.items().count(Drop.LOST)
    return lost, lost + len(performance.arrivals.items())


def is_worth_a_warning(lost: int, published: int) -> bool:
    """Whether more than a few per cent are lost; a single image is not."""
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
        counts: as of `recent`.
        publishers: those of the topic.
        reliability: the subscription's.
        image_bytes: size of the largest image that came in; 0 where none did.
        host: first bytes of this node's own GIDs; empty where they say nothing of the host.
    """
    lost, published = counts
    text = (
        f"{lost} of {published} images on {topic} were lost in transport in the last "
        f"{SECONDS:.0f} s"
    )
    return f"{text}: {_cure(publishers, reliability, image_bytes, host)}"


def _cure(
    publishers: Sequence[TopicEndpointInfo | Any],
    reliability: ReliabilityPolicy,
    image_bytes: int,
    host: bytes,
) -> str:
    weak = [p for p in publishers if p.qos_profile.reliability != ReliabilityPolicy.RELIABLE]
    names = " and ".join(_name(p) for p in publishers) or "the camera"
    if publishers and not weak and reliability != ReliabilityPolicy.RELIABLE:
        return (
            f"{names} offers reliable images, but the subscription is best effort: set "
            "image_reliability to auto, and no qos_overrides for its reliability"
        )
    reliably = f", and have {' and '.join(map(_name, weak))} publish reliably" if weak else ""
    if host and any(bytes(p.endpoint_gid[:HOST_BYTES]) != host for p in publishers):
        return (
            f"{names} is on another host; use image_transport:=compressed, or raise "
            f"net.core.rmem_max on both{reliably}"
        )
    if image_bytes and image_bytes < SMALL:
        return f"are all cores busy? max_rate and threads lower the node's load{reliably}"
    if not fastdds.is_in_use():
        return f"give the middleware room for whole images{reliably}"
    size = f"images of {image_bytes / 1e6:.1f} MB do" if image_bytes else "large images do"
    return (
        f"{size} not fit into Fast DDS's own shared memory; start {names} with "
        f"{fastdds.VARIABLE}={fastdds.profile() or 'config/fastdds.xml'} in its environment, as "
        f"the user of this node{reliably}"
    )


def _name(publisher: TopicEndpointInfo | Any) -> str:
    return f"{publisher.node_namespace.rstrip('/')}/{publisher.node_name}"
