"""The inputs, outputs and metadata of a pose network's file, checked when it is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mobilepose_core import skeleton
from mobilepose_core.errors import ModelError
from mobilepose_core.framing import FRAMINGS, UPPER_BODY, Framing
from mobilepose_core.inference.runtime.session import OnnxSession

INPUT = "crops"
HEATMAPS = "heatmaps"
FEATURES = "summary"
"""Name of the pooled features' output; kept for released models."""

HEADING = "heading"
COORDINATES = "coordinates"
SKELETON_KEY = "mobilepose.skeleton"
JOINTS_KEY = "mobilepose.joints"
FRAMING_KEY = "mobilepose.framing"

Parsed = TypeVar("Parsed")

_INTERFACES = {
    (INPUT, HEATMAPS),
    (INPUT, HEATMAPS, FEATURES),
    (INPUT, HEATMAPS, FEATURES, HEADING),
    (INPUT, COORDINATES),
}


@dataclass(frozen=True)
class PoseInterface:
    """A pose network's interface.

    Attributes:
        session: the network.
        output: the name of its first output, `HEATMAPS` or `COORDINATES`.
        size: side of the square crops, pixels.
        framing: the part of a person that crops are fitted to, and the part of a crop that the
            network receives.
        skeleton: the K joints of the network.
    """

    session: OnnxSession
    output: str
    size: int
    framing: Framing
    skeleton: skeleton.Skeleton

    def parsed(self, key: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        """The parsed metadata of a key; None if the file has no such key.

        Raises:
            ModelError: it cannot be parsed; names the file.
        """
        text = self.session.metadata.get(key)
        if text is None:
            return None
        try:
            return parse(text)
        except ModelError as error:
            raise ModelError(f"{self.session.file.path}: {error}") from error

    def check_features(self, expected: int) -> None:
        """Raises ModelError unless the network has this number of pooled features."""
        outputs = self.session.outputs
        given = outputs[1].shape[1] if len(outputs) > 1 else 0
        if expected != given:
            raise ModelError(
                f"{self.session.file.path} has {given} features and a presence of {expected}; "
                "export it again, then run `mobilepose presence` on it"
            )


def read(session: OnnxSession) -> PoseInterface:
    """The interface of a network.

    Raises:
        ModelError: the network is not one of ours.
    """
    names, path = session.names(), session.file.path
    foreign = ModelError(
        f"{path} is not a mobilepose network: it has inputs and outputs {names}; expected "
        f"{INPUT!r} and {HEATMAPS!r} or {COORDINATES!r}, as `mobilepose export` writes them"
    )
    if tuple(names) not in _INTERFACES:
        raise foreign
    shape = session.inputs[0].shape
    framing = FRAMINGS.get(session.metadata.get(FRAMING_KEY, UPPER_BODY))
    if len(shape) != 4 or not isinstance(shape[1], int) or framing is None:
        raise foreign
    if shape[2] != framing.width(shape[1]):
        raise foreign
    return PoseInterface(session, names[1], shape[1], framing, _skeleton(session))


def _skeleton(session: OnnxSession) -> skeleton.Skeleton:
    """The joints that the file's metadata names, one for each output of the network."""
    path, name = session.file.path, session.metadata.get(SKELETON_KEY)
    listed = session.metadata.get(JOINTS_KEY)
    if listed is None and name != skeleton.NAME:
        raise ModelError(
            f"{path} has the joints of skeleton {name!r}; expected {skeleton.NAME}, or the names "
            "of the joints, as `mobilepose export` writes them"
        )
    try:
        joints = skeleton.JOINTS if listed is None else tuple(listed.split(","))
        found = skeleton.of_joints(joints)
    except ValueError as error:
        raise ModelError(f"{path}: {error}") from error
    count = session.outputs[0].shape[1]
    if isinstance(count, int) and count != len(joints):
        raise ModelError(f"{path} has {count} joints and names {len(joints)}; export it again")
    return found


def parsed_json(text: str, name: str, expected: str, build: Callable[[Any], Parsed]) -> Parsed:
    """What a JSON text in a file's metadata describes.

    Args:
        text: of the metadata.
        name: of what it describes, for the error.
        expected: likewise: what it should be, and how to get it.
        build: makes it of the parsed values.

    Raises:
        ModelError: the text is no JSON, or nothing can be built of it.
    """
    try:
        return build(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{name} {text[:80]!r} not understood; expected {expected}") from error
