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
    """

    image: str
    output: str
    info: str = ""
    depth: str = ""


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
    """The cameras of a recording.

    Raises:
        DataError: a topic that was named is not in it, or has another type; or it has no images.
    """
    first = {
        name: message
        for name, topic in recording.topics.items()
        if topic.type in (IMAGE, COMPRESSED) and (message := _first(recording, name)) is not None
    }
    depth = [name for name, message in first.items() if _is_depth(recording, name, message)]
    ours = f"/{selection.node}/overlay"
    images = [name for name in first if name not in depth and ours not in name]
    for name in selection.images:
        _check(recording, name, (IMAGE, COMPRESSED))
    if selection.images:
        chosen = [name for name in selection.images if name in first]
    else:
        chosen = [n for n in images if not (_is_compressed(n) and _raw(n) in images)]
    if not chosen:
        lost = "".join(f"; {loss}" for loss in recording.losses)
        raise DataError(
            f"{recording.path}: no images; topics: {', '.join(sorted(recording.topics))}{lost}"
        )
    outputs = _outputs(chosen, selection.node)
    return [
        CameraTopics(
            name,
            outputs[name],
            _info(recording, selection.info, name),
            _depth(recording, selection.depth, name, {n: first[n] for n in depth}, first[name]),
        )
        for name in chosen
    ]


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
        encoding = message.format.partition(";")[0].strip()
        is_depth = encoding in compressed_images.DEPTH_ENCODINGS
        return is_depth or "compresseddepth" in message.format.lower()
    return message.encoding in depth_map.ENCODINGS and message.encoding != "mono16"


def _is_compressed(name: str) -> bool:
    return name.endswith("/compressed")


def _raw(name: str) -> str:
    return name.removesuffix("/compressed")


def _check(recording: Recording, name: str, types: Collection[str]) -> None:
    topic = recording.topics.get(name)
    if topic is None or topic.type not in types:
        found = "is not in it" if topic is None else f"is {topic.type}"
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
        _check(recording, name, (IMAGE,))
        return name
    frame = message.header.frame_id.strip("/ ")
    same = [
        n
        for n, depth in depths.items()
        if recording.topics[n].type == IMAGE and depth.header.frame_id.strip("/ ") == frame
    ]
    return max(same, key=lambda n: _shared(n, image), default="")


def _shared(one: str, other: str) -> int:
    """How many leading parts of two names are equal."""
    parts = zip(one.split("/"), other.split("/"), strict=False)
    return next((i for i, (a, b) in enumerate(parts) if a != b), len(one))
