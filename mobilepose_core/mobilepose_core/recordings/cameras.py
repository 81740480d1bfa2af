"""The cameras of a recording: topics of images, of their depth and of their calibration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rosbags.serde import SerdeError

from mobilepose_core.errors import DataError
from mobilepose_core.messages import compressed_images, depth_map
from mobilepose_core.recordings.message_types import CAMERA_INFO, COMPRESSED, IMAGE, deserialized
from mobilepose_core.recordings.recording import Recording

AUTO, NONE = "auto", "none"

NODE = "mobilepose"
"""Name of the node, below which it publishes: `/mobilepose/joints`, `/front/mobilepose/joints`."""


@dataclass(frozen=True)
class CameraTopics:
    """The topics of a camera.

    Attributes:
        image: of its images, raw or compressed.
        output: prefix of the topics of results.
        info: of its calibration; empty without one.
        depth: of depth images aligned to its images; empty without any.
        depth_type: message type of these.
    """

    image: str
    output: str
    info: str = ""
    depth: str = ""
    depth_type: str = IMAGE


@dataclass(frozen=True)
class Selection:
    """Which topics are used.

    Attributes:
        images: topics of images; empty takes all.
        depth: by topic of images, or `*` for all: a topic of depth images, `auto` or `none`.
        info: by topic of images, or `*` for all: a topic of CameraInfo, or `auto`.
        node: name below which results are, as the node's.
    """

    images: Sequence[str] = ()
    depth: Mapping[str, str] = field(default_factory=dict)
    info: Mapping[str, str] = field(default_factory=dict)
    node: str = NODE


def cameras_of(recording: Recording, selection: Selection) -> list[CameraTopics]:
    """The cameras of a recording; its notes tell which depth they do not use, and why.

    Raises:
        DataError: a topic that was named is not in it, or has another type; or it has no images.
    """
    first = {
        name: message
        for name, topic in recording.topics.items()
        if topic.type in (IMAGE, COMPRESSED) and (message := _first(recording, name)) is not None
    }
    depth = [name for name, message in first.items() if _is_depth(recording, name, message)]
    for name in selection.images:
        _check(recording, name, (IMAGE, COMPRESSED))
    if selection.images:
        chosen = [name for name in selection.images if name in first]
    else:
        chosen = without_copies([name for name in first if name not in depth], selection.node)
    if not chosen:
        lost = "".join(f"; {loss}" for loss in recording.losses)
        raise DataError(
            f"{recording.path}: no images; topics: {', '.join(sorted(recording.topics))}{lost}"
        )
    outputs = _outputs(chosen, selection.node)
    cameras, depths = [], {name: first[name] for name in depth}
    for name in chosen:
        of_image = _depth(recording, selection.depth, name, depths, first[name])
        kind = recording.topics[of_image].type if of_image else IMAGE
        info = _info(recording, selection.info, name)
        cameras.append(CameraTopics(name, outputs[name], info, of_image, kind))
    recording.notes += _unused(cameras, selection.depth, {n: first[n] for n in chosen} | depths)
    return cameras


def without_copies(topics: Collection[str], node: str) -> list[str]:
    """Topics of images without a node's overlays, and without compressed copies of raw images."""
    images = [name for name in topics if f"/{node}/overlay" not in name]
    return [name for name in images if _raw(name) == name or _raw(name) not in images]


def _outputs(images: Collection[str], node: str) -> dict[str, str]:
    """By topic of images: in its namespace, or below it where another has the same namespace."""
    places = {name: _raw(name).rpartition("/")[0] for name in images}
    taken = list(places.values())
    return {
        name: f"{place if taken.count(place) == 1 else name}/{node}"
        for name, place in places.items()
    }


def _first(recording: Recording, topic: str) -> Any:
    """The first message that can be decoded; None, which is a loss, if there are only others."""
    damaged = 0
    for message in recording.messages([topic]):
        try:
            return deserialized(message.data, recording.topics[topic].type)
        except SerdeError:  # counted when all images are decoded
            damaged += 1
    if damaged:
        recording.losses.append(f"{topic}: none of its {damaged} messages can be decoded")
    return None


def _is_depth(recording: Recording, name: str, message: Any) -> bool:
    if recording.topics[name].type == COMPRESSED:
        return compressed_images.is_depth(message)
    return message.encoding in depth_map.ENCODINGS and message.encoding != "mono16"


def _raw(name: str) -> str:
    return name.removesuffix("/compressed")


def _check(recording: Recording, name: str, types: Collection[str]) -> None:
    topic = recording.topics.get(name)
    if topic is None or topic.type not in types:
        found = "is not in it" if topic is None else f"is {topic.type}"
        if topic is None and name in recording.foreign:
            found = f"is in {recording.foreign[name]}, not CDR as ROS 2 writes it"
        known = [n for n, t in recording.topics.items() if t.type in types]
        raise DataError(
            f"{recording.path}: topic {name} {found}; expected one of "
            f"{', '.join(sorted(known)) or 'none: it has no ' + ' or '.join(types)}"
        )


def _info(recording: Recording, given: Mapping[str, str], image: str) -> str:
    name = given.get(image, given.get("*", AUTO))
    if name == AUTO:
        name = f"{_raw(image).rpartition('/')[0]}/camera_info"
        topic = recording.topics.get(name)
        return name if topic is not None and topic.type == CAMERA_INFO else ""
    _check(recording, name, (CAMERA_INFO,))
    return name


def _depth(
    recording: Recording,
    given: Mapping[str, str],
    image: str,
    depths: Mapping[str, Any],
    message: Any,
) -> str:
    name = given.get(image, given.get("*", AUTO))
    if name == NONE:
        return ""
    if name != AUTO:
        _check(recording, name, (IMAGE, COMPRESSED))
        return name
    same = [n for n, depth in depths.items() if _frame(depth) == _frame(message)]
    ranks = {n: (_shared(n, image), _fidelity(recording, n, depths[n])) for n in same}
    return max(same, key=lambda n: ranks[n], default="")


def _fidelity(recording: Recording, name: str, depth: Any) -> int:
    """Ranks depth that was recorded in several ways: a picture of it may have lost 8 bits."""
    if recording.topics[name].type == IMAGE:
        return 2
    return 1 if compressed_images.has_depth_header(depth) else 0


def _unused(
    cameras: Sequence[CameraTopics], given: Mapping[str, str], first: Mapping[str, Any]
) -> list[str]:
    """Which depth no camera uses, and why.

    Args:
        cameras: that were chosen.
        given: see `Selection.depth`.
        first: a message by topic, of images and depth.
    """
    notes = []
    wanting = [c for c in cameras if given.get(c.image, given.get("*", AUTO)) != NONE]
    for name in sorted(first.keys() - {c.depth for c in cameras} - {c.image for c in cameras}):
        frame = _frame(first[name])
        same = [camera for camera in wanting if _frame(first[camera.image]) == frame]
        if not wanting:
            why = "the option --depth none"
        elif same:
            why = f"{same[0].image} has the depth of {same[0].depth}"
        else:
            images = ", ".join(camera.image for camera in wanting)
            why = (
                f"its frame_id {frame!r} is not that of {images}; if it is aligned to these, name "
                "it (mobilepose bag --depth)"
            )
        notes.append(f"depth {name} is not used: {why}")
    return notes


def _frame(message: Any) -> str:
    return str(message.header.frame_id.strip("/ "))


def _shared(one: str, other: str) -> int:
    """How many leading parts of two names are equal."""
    parts = zip(one.split("/"), other.split("/"), strict=False)
    return next((i for i, (a, b) in enumerate(parts) if a != b), len(one))
