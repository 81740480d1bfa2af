"""REP-155's kinematic model of the human as URDF: for robot_state_publisher, RViz and ROS4HRI."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from mobilepose_core.behaviour.body_size import HEAD, NECK, BodySize
from mobilepose_core.behaviour.kinematics import LIMITS

RADIUS = 0.03
"""Of limbs, m."""

FORWARD, LEFT, UP = (1, 0, 0), (0, 1, 0), (0, 0, 1)

COLOURS = {"skin": "0.95 0.76 0.6 1", "eyes": "0.1 0.1 0.1 1"}

Triple = Sequence[float]
ORIGIN: Triple = (0, 0, 0)


def urdf(size: BodySize, body_id: str) -> str:
    """The model of a person.

    Names, parents, axes and signs are those of `human_description`; the limits are what
    `joint_angles` can tell.

    Args:
        size: of the person.
        body_id: that follows the name of each link and joint.
    """
    model = _Model(body_id)
    stature = size.stature
    model.link("body")
    model.joint("waist", "body", "waist", LEFT)
    model.fixed("torso", "waist", (0, 0, size.torso))
    _torso(model, size)
    model.joint("r_head", "torso", "r_head", FORWARD, (0, 0, NECK * stature))
    model.joint("y_head", "r_head", "y_head", UP)
    model.joint("p_head", "y_head", "p_head", _minus(LEFT))
    _head(model, HEAD * stature / 2)
    for side, outwards in (("l", 1), ("r", -1)):
        _arm(model, size, side, outwards)
        _leg(model, size, side, outwards)
    return model.text()


class _Model:
    def __init__(self, body_id: str) -> None:
        self._suffix = f"_{body_id}"
        self._root = ElementTree.Element("robot", name=f"human{self._suffix}")
        self._links: dict[str, ElementTree.Element] = {}
        for name, colour in COLOURS.items():
            material = ElementTree.SubElement(self._root, "material", name=name)
            ElementTree.SubElement(material, "color", rgba=colour)

    def link(self, name: str) -> None:
        self._links[name] = ElementTree.SubElement(self._root, "link", name=name + self._suffix)

    def joint(
        self, name: str, parent: str, child: str, axis: Triple, place: Triple = ORIGIN
    ) -> None:
        """A joint that turns, and its new child."""
        element = self._joined(name, parent, child, place, "revolute")
        ElementTree.SubElement(element, "axis", xyz=_text(axis))
        low, high = LIMITS.get(name) or LIMITS[name.partition("_")[2]]
        bounds = {"lower": f"{low:.6g}", "upper": f"{high:.6g}"}
        ElementTree.SubElement(element, "limit", bounds, effort="1000", velocity="10")

    def fixed(self, name: str, parent: str, place: Triple) -> None:
        """A joint that does not turn, and its child of the same name."""
        self._joined(name, parent, name, place, "fixed")

    def _joined(
        self, name: str, parent: str, child: str, place: Triple, kind: str
    ) -> ElementTree.Element:
        self.link(child)
        element = ElementTree.SubElement(self._root, "joint", name=name + self._suffix, type=kind)
        ElementTree.SubElement(element, "parent", link=parent + self._suffix)
        ElementTree.SubElement(element, "child", link=child + self._suffix)
        ElementTree.SubElement(element, "origin", xyz=_text(place), rpy="0 0 0")
        return element

    def sphere(self, link: str, place: Triple, radius: float, colour: str = "skin") -> None:
        self._visual(link, place, "0 0 0", "sphere", {"radius": f"{radius:.6g}"}, colour)

    def rod(self, link: str, middle: Triple, length: float, rpy: str = "0 0 0") -> None:
        """A cylinder along z, or as `rpy` turns it."""
        size = {"radius": f"{RADIUS:.6g}", "length": f"{length:.6g}"}
        self._visual(link, middle, rpy, "cylinder", size, "skin")

    def _visual(
        self, link: str, place: Triple, rpy: str, kind: str, size: dict[str, str], colour: str
    ) -> None:
        visual = ElementTree.SubElement(self._links[link], "visual")
        ElementTree.SubElement(visual, "origin", xyz=_text(place), rpy=rpy)
        geometry = ElementTree.SubElement(visual, "geometry")
        ElementTree.SubElement(geometry, kind, size)
        ElementTree.SubElement(visual, "material", name=colour)

    def text(self) -> str:
        return ElementTree.tostring(self._root, encoding="unicode")


def _torso(model: _Model, size: BodySize) -> None:
    across = "1.570796 0 0"
    model.rod("torso", (0, 0, -size.torso / 2), size.torso)
    model.rod("torso", ORIGIN, size.shoulder_width, across)
    model.rod("body", ORIGIN, size.hip_width, across)


def _head(model: _Model, radius: float) -> None:
    """The head's link is at its middle; its front is the face."""
    model.fixed("head", "p_head", (radius / 2, 0, radius))
    model.sphere("head", (-radius / 2, 0, 0), radius)
    for aside in (1, -1):
        model.sphere("head", (0.4 * radius, aside * radius / 3, 0.1 * radius), radius / 6, "eyes")


def _arm(model: _Model, size: BodySize, side: str, outwards: int) -> None:
    yaw, pitch, upper = (f"{side}_{name}" for name in ("y_shoulder", "p_shoulder", "shoulder"))
    place = (0, outwards * size.shoulder_width / 2, 0)
    model.joint(yaw, "torso", yaw, _times(UP, -outwards), place)
    model.joint(pitch, yaw, pitch, _times(FORWARD, outwards))
    model.joint(f"{side}_r_shoulder", pitch, upper, _times(UP, outwards))
    _limb(model, upper, size.upper_arm)
    model.joint(f"{side}_elbow", upper, f"{side}_elbow", _minus(LEFT), (0, 0, -size.upper_arm))
    _limb(model, f"{side}_elbow", size.forearm)
    model.fixed(f"{side}_wrist", f"{side}_elbow", (0, 0, -size.forearm))


def _leg(model: _Model, size: BodySize, side: str, outwards: int) -> None:
    yaw, pitch, thigh = (f"{side}_{name}" for name in ("y_hip", "p_hip", "hip"))
    model.joint(yaw, "body", yaw, _minus(UP), (0, outwards * size.hip_width / 2, 0))
    model.joint(pitch, yaw, pitch, _times(FORWARD, outwards))
    model.joint(f"{side}_r_hip", pitch, thigh, _minus(LEFT))
    _limb(model, thigh, size.thigh)
    model.joint(f"{side}_knee", thigh, f"{side}_knee", _minus(LEFT), (0, 0, -size.thigh))
    _limb(model, f"{side}_knee", size.shin)
    model.fixed(f"{side}_ankle", f"{side}_knee", (0, 0, -size.shin))


def _limb(model: _Model, link: str, length: float) -> None:
    model.rod(link, (0, 0, -length / 2), length)
    model.sphere(link, (0, 0, -length), RADIUS)


def _minus(axis: Triple) -> Triple:
    return _times(axis, -1)


def _times(axis: Triple, sign: int) -> Triple:
    return tuple(sign * value for value in axis)


def _text(triple: Triple) -> str:
    return " ".join(f"{value:.6g}" for value in triple)
