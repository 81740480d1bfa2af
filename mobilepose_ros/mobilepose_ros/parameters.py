"""Every parameter of the nodes: name, type, default, range and description, each in one place.

A node declares its parameters from its table here, and reads them back as an instance of it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from mobilepose_core.inference import drawing
from mobilepose_core.inference import finder as finders
from mobilepose_core.inference.session import DEVICES
from mobilepose_core.inference.smoothing import Smoothing
from mobilepose_core.inference.tracker import Tracking

IMAGE_TRANSPORTS = ("raw", "compressed")

TOPIC = "topic"
PERSON_FINDERS = (finders.DETECTOR, finders.FULL_FRAME, TOPIC)

PERSON_BOXES_TYPES = ("PersonBoxArray", "RegionOfInterest", "Detection2DArray")

Value = bool | int | float | str
Table = TypeVar("Table")


def parameter(
    default: Value,
    description: str,
    *,
    span: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    read_only: bool = False,
    at_configure: bool = False,
) -> Any:
    """A row of a table.

    Args:
        default: its type is the parameter's.
        description: what it does, with its unit.
        span: smallest and largest value allowed.
        choices: the texts allowed, where not all are.
        read_only: can be set at the start of the process only.
        at_configure: read when the node is configured, and fixed until it is cleaned up.
    """
    return field(
        default=default,
        metadata={
            "description": description,
            "span": span,
            "choices": choices,
            "read_only": read_only,
            "at_configure": at_configure,
        },
    )


@dataclass(frozen=True)
class PoseParameters:
    """Parameters of the pose node."""

    model: str = parameter(
        "final", "name of a released model, or path of an .onnx file", at_configure=True
    )
    device: str = parameter(
        "auto",
        "where the network runs; auto takes the GPU where ONNX Runtime can use one",
        choices=DEVICES,
        at_configure=True,
    )
    threads: int = parameter(
        0, "CPU threads of the network; 0 takes one for each core", span=(0, 256), at_configure=True
    )
    image_transport: str = parameter(
        "raw",
        "how images come in: raw from topic image, or compressed from image/compressed",
        choices=IMAGE_TRANSPORTS,
        at_configure=True,
    )
    rectified: bool = parameter(
        False, "whether the images are rectified already, such as image_rect", at_configure=True
    )
    use_depth: bool = parameter(
        False,
        "whether joints in metres come from depth images on topic depth, aligned with the images",
        at_configure=True,
    )
    depth_tolerance: float = parameter(
        0.05,
        "how far the stamps of an image and its depth image may be apart, s",
        span=(0.0, 10.0),
        at_configure=True,
    )
    person_finder: str = parameter(
        finders.DEFAULT,
        "what finds people who are not followed yet: detector, a network of its own; full_frame, "
        "the pose network in crops of the frame; topic, boxes on topic person_boxes",
        choices=PERSON_FINDERS,
        at_configure=True,
    )
    detector_model: str = parameter(
        "",
        "path of an .onnx file of the YOLO family, in place of the released finder of "
        "person_finder detector",
        at_configure=True,
    )
    find_interval: int = parameter(
        Tracking.find_interval,
        "people are found anew every so many images at least, and when somebody gets unsure",
        span=(1, 1000),
    )
    track_timeout: float = parameter(
        Tracking.timeout,
        "time unseen after which a person is forgotten; who comes back sooner keeps the id, s",
        span=(0.0, 60.0),
    )
    max_people: int = parameter(
        Tracking.max_people, "how many people are followed at most", span=(1, 100)
    )
    person_threshold: float = parameter(
        Tracking.person_threshold,
        "mean score of a pose's joints from which it is a person",
        span=(0.0, 1.0),
    )
    person_boxes_type: str = parameter(
        "PersonBoxArray",
        "type of the messages on topic person_boxes; Detection2DArray needs vision_msgs",
        choices=PERSON_BOXES_TYPES,
        at_configure=True,
    )
    detection_class: str = parameter(
        "person",
        "class of a Detection2DArray's detections that are people, as its detector writes it, "
        "such as person or 0; empty takes all",
        at_configure=True,
    )
    boxes_tolerance: float = parameter(
        0.5,
        "how far the stamps of an image and of boxes may be apart, s; longer than their detector "
        "takes",
        span=(0.0, 10.0),
        at_configure=True,
    )
    joint_threshold: float = parameter(
        drawing.MIN_SCORE,
        "score from which a joint is drawn in markers and overlay; ~/joints carries all of them",
        span=(0.0, 1.0),
    )
    smoothing_time: float = parameter(
        0.0,
        "time over which a joint at rest is averaged, s; 0 leaves joints as they are found",
        span=(0.0, 10.0),
    )
    smoothing_speed: float = parameter(
        0.5,
        "speed at which a joint is averaged over half of that, in lengths of the person's box per "
        "second",
        span=(0.01, 100.0),
    )
    marker_depth: float = parameter(
        2.0, "distance of the plane in front of the camera that markers lie on, m", span=(0.01, 1e3)
    )
    marker_lifetime: float = parameter(
        0.5, "time after which RViz drops a marker that is not renewed, s; 0 never", span=(0.0, 1e3)
    )
    labels: bool = parameter(
        False, "whether markers have a text with the track and score of each person"
    )
    max_rate: float = parameter(
        0.0,
        "images that are worked on per second at most, others are dropped at once; 0 takes all",
        span=(0.0, 1e3),
    )
    enabled: bool = parameter(
        True, "whether images are taken in; false unsubscribes from them; ~/enable sets it"
    )
    silence_timeout: float = parameter(
        5.0, "time without an image after which a warning says why, s; 0 never", span=(0.0, 1e3)
    )
    autostart: bool = parameter(
        True, "configure and activate at once, without a lifecycle manager", read_only=True
    )

    @property
    def finder(self) -> str:
        """What finds people, as `PoseEstimator` takes it.

        Raises:
            ValueError: a detector's file is given, and something else is to find people.
        """
        if self.detector_model and self.person_finder != finders.DETECTOR:
            raise ValueError(
                f"detector_model is {self.detector_model!r}, but person_finder is "
                f"{self.person_finder}; set person_finder to {finders.DETECTOR}, or detector_model "
                "to nothing"
            )
        if self.person_finder == TOPIC:
            return finders.BOXES
        return self.detector_model or self.person_finder

    @property
    def tracking(self) -> Tracking:
        """How people are followed."""
        return Tracking(
            person_threshold=self.person_threshold,
            max_people=self.max_people,
            timeout=self.track_timeout,
            find_interval=self.find_interval,
        )

    @property
    def smoothing(self) -> Smoothing:
        """How much joints are steadied."""
        return Smoothing(self.smoothing_time, self.smoothing_speed)


@dataclass(frozen=True)
class CameraParameters:
    """Parameters of the camera node."""

    source: str = parameter(
        "",
        "number or /dev/videoN of a webcam, video file, folder of images or image; empty takes "
        "scikit-image's photograph of an astronaut",
        read_only=True,
    )
    rate: float = parameter(15.0, "images per second", span=(0.1, 240.0), read_only=True)
    frame_id: str = parameter("camera", "optical frame in the images' headers", read_only=True)
    field_of_view: float = parameter(
        0.0,
        "from the left edge of the images to the right, degrees, for a calibration without "
        "distortion on topic camera_info; 0 publishes none",
        span=(0.0, 170.0),
        read_only=True,
    )
    loop: bool = parameter(
        True, "start again at the end of a video or folder, instead of ending", read_only=True
    )
    motion: float = parameter(
        0.0,
        "amplitude of the known motion that makes a video of a photograph; 0 keeps it still",
        span=(0.0, 3.0),
        read_only=True,
    )


def table_rows(table: type[Any]) -> Mapping[str, Field[Any]]:
    """The rows of a table by parameter name."""
    return {row.name: row for row in fields(table)}


def declare(node: Node, table: type[Any]) -> dict[str, str]:
    """Declares a table's parameters with their overrides, and warns of overrides of others.

    Returns:
        What is wrong with an override, by parameter name; such a parameter has its default.
    """
    wrong: dict[str, str] = {}
    for name, row in table_rows(table).items():
        try:
            value = node.declare_parameter(name, row.default, _descriptor(row)).value
            wrong[name] = problem(row, value)
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            wrong[name] = f"parameter {name} is {_expected(row)}: {error}"
            node.declare_parameter(name, row.default, _descriptor(row), ignore_override=True)
    for name in unknown_overrides(node):
        hint = _nearest(table, name)
        node.get_logger().warning(f"parameter {name} is unknown and ignored; {hint}")
    return {name: text for name, text in wrong.items() if text}


def unknown_overrides(node: Node) -> list[str]:
    """Names that a file or the command line sets and the node does not have.

    QoS overrides are left out: their parameters are declared with the topics that they are of.
    """
    given = node._parameter_overrides  # rclpy has no public way to them
    return [
        name
        for name in given
        if not node.has_parameter(name) and not name.startswith("qos_overrides.")
    ]


def read(node: Node, table: type[Table]) -> Table:
    """The values that a node's parameters have now."""
    return table(**{name: node.get_parameter(name).value for name in table_rows(table)})


def refusal(table: type[Any], changes: Iterable[Parameter], is_configured: bool) -> str:
    """Why a set of changes cannot be made; empty where it can."""
    rows = table_rows(table)
    for change in changes:
        row = rows.get(change.name)
        if row is None:
            continue
        if wrong := problem(row, change.value):
            return wrong
        if is_configured and row.metadata["at_configure"]:
            return (
                f"parameter {change.name} is read when the node is configured: clean the node up "
                "(ros2 lifecycle set NODE deactivate, then cleanup), change it, configure again"
            )
    return ""


def problem(row: Field[Any], value: Any) -> str:
    """What is wrong with a value for a parameter; empty where nothing is."""
    span, choices = row.metadata["span"], row.metadata["choices"]
    good = type(value) is type(row.default)
    if good and span is not None:
        good = math.isfinite(value) and span[0] <= value <= span[1]
    if good and choices:
        good = value in choices
    return "" if good else f"parameter {row.name} is {_expected(row)}, got {value!r}"


def _nearest(table: type[Any], name: str) -> str:
    known = table_rows(table)
    if near := difflib.get_close_matches(name, known, n=1):
        return f"did you mean {near[0]}?"
    return f"known: {', '.join(known)}"


def _expected(row: Field[Any]) -> str:
    span, choices = row.metadata["span"], row.metadata["choices"]
    if choices:
        return f"one of {', '.join(choices)}"
    kind = {bool: "true or false", int: "an integer", float: "a number with a point", str: "a text"}
    text = kind[type(row.default)]
    return text if span is None else f"{text} from {span[0]} to {span[1]}"


def _descriptor(row: Field[Any]) -> ParameterDescriptor:
    span, choices = row.metadata["span"], row.metadata["choices"]
    constraints = [f"one of {', '.join(choices)}"] if choices else []
    if row.metadata["at_configure"]:
        constraints.append("fixed while the node is configured")
    descriptor = ParameterDescriptor(
        description=row.metadata["description"],
        read_only=row.metadata["read_only"],
        additional_constraints="; ".join(constraints),
    )
    if span is not None and isinstance(row.default, int):
        descriptor.integer_range = [IntegerRange(from_value=int(span[0]), to_value=int(span[1]))]
    elif span is not None:
        descriptor.floating_point_range = [FloatingPointRange(from_value=span[0], to_value=span[1])]
    return descriptor
