"""The launch files' arguments, and the topics that they name. Needs no launch itself.

Each argument is described once, here; one that is a parameter of a node, by the node's own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import CameraParameters, PoseParameters
from mobilepose_ros.topics import camera_info_beside, compressed_of

TRUTHS = ("true", "false")


@dataclass(frozen=True)
class Argument:
    """What a launch file says of an argument.

    Attributes:
        description: shown by `ros2 launch FILE --show-args`.
        default: None where it has to be given.
        choices: the texts allowed, where not all are.
    """

    description: str
    default: str | None = ""
    choices: tuple[str, ...] = ()


def _pose_parameter(name: str) -> Argument:
    row = table_rows(PoseParameters)[name]
    choices = TRUTHS if isinstance(row.default, bool) else map(str, row.metadata["choices"])
    description = f"{row.metadata['description']}; empty: as in params_file"
    allowed = tuple(choices)
    return Argument(description, "", ("", *allowed) if allowed else ())


def _camera_parameter(name: str) -> Argument:
    row = table_rows(CameraParameters)[name]
    if isinstance(row.default, bool):
        return Argument(row.metadata["description"], str(row.default).lower(), TRUTHS)
    return Argument(row.metadata["description"], str(row.default), row.metadata["choices"])


POSE_PARAMETERS = (
    "model",
    "device",
    "image_transport",
    "image_reliability",
    "image_rotation",
    "person_finder",
    "detector_model",
    "autostart",
)
"""Parameters of the pose node that are arguments too; a given one goes before params_file's."""

CAMERA_PARAMETERS = tuple(table_rows(CameraParameters))

POSE: Mapping[str, Argument] = {
    "image": Argument("topic of the images, without /compressed", "image"),
    "camera_info": Argument(
        "topic of the camera's calibration; empty: camera_info in the namespace of the images"
    ),
    "depth": Argument(
        "topic of depth images that are aligned with the images; empty: as in params_file"
    ),
    "boxes": Argument(
        "topic of boxes of people, which turns person_finder to topic unless that is given; empty: "
        "as in params_file"
    ),
    "namespace": Argument("namespace of the nodes and their topics; empty: none"),
    "params_file": Argument(
        "YAML file with parameters of the pose node; empty: the package's config/pose.yaml"
    ),
    **{name: _pose_parameter(name) for name in POSE_PARAMETERS},
    "use_sim_time": Argument(
        "take the time from /clock; empty: as in params_file", choices=("", *TRUTHS)
    ),
    "rviz": Argument("open RViz on the images, markers and overlay", "false", TRUTHS),
    "fixed_frame": Argument(
        "RViz's fixed frame: the images' frame_id, or any frame that TF joins with it",
        CameraParameters.frame_id,
    ),
    "log_level": Argument(
        "lowest severity that is logged", "info", ("debug", "info", "warn", "error", "fatal")
    ),
}
"""Of pose.launch.py."""

DEMO_PASSES = (
    "namespace",
    "params_file",
    "model",
    "device",
    "person_finder",
    "detector_model",
    "rviz",
    "log_level",
)
"""Arguments of demo.launch.py that it gives to pose.launch.py."""

DEMO: Mapping[str, Argument] = {
    **{name: _camera_parameter(name) for name in CAMERA_PARAMETERS},
    "motion": replace(_camera_parameter("motion"), default="1.0"),
    "field_of_view": replace(_camera_parameter("field_of_view"), default="53.0"),
    **{name: POSE[name] for name in DEMO_PASSES},
}
"""Of demo.launch.py."""

MULTI_CAMERA_PASSES = (
    "image",
    "camera_info",
    "depth",
    "boxes",
    "params_file",
    "model",
    "device",
    "image_transport",
    "image_reliability",
    "image_rotation",
    "person_finder",
    "detector_model",
    "autostart",
    "use_sim_time",
    "log_level",
)
"""Arguments of multi_camera.launch.py that it gives to each pose.launch.py."""

MULTI_CAMERA: Mapping[str, Argument] = {
    "cameras": Argument('namespaces of the cameras, such as "front rear"', None),
    **{name: POSE[name] for name in MULTI_CAMERA_PASSES},
    "image": replace(POSE["image"], default="image_raw"),
}
"""Of multi_camera.launch.py; topics are inside each camera's namespace."""


def pose_parameters(given: Mapping[str, str]) -> dict[str, type[Any]]:
    """Those of the arguments given that are parameters of the pose node, with their types."""
    rows = table_rows(PoseParameters)
    kinds = {name: type(rows[name].default) for name in POSE_PARAMETERS}
    kinds["use_sim_time"] = bool
    return {name: kind for name, kind in kinds.items() if given[name]}


def input_topics(
    image: str, camera_info: str = "", depth: str = "", boxes: str = ""
) -> list[tuple[str, str]]:
    """Remappings of the pose node's inputs.

    Args:
        image: topic of the images.
        camera_info: topic of the calibration; empty for the place that image_transport has it in.
        depth: topic of the depth images; empty leaves it where it is.
        boxes: topic of boxes of people; empty leaves it where it is.
    """
    topics = [
        ("image", image),
        ("image/compressed", compressed_of(image)),
        ("camera_info", camera_info or camera_info_beside(image)),
    ]
    others = [("depth", depth), ("person_boxes", boxes)]
    return topics + [(name, topic) for name, topic in others if topic]


def rviz_topics(inputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Remappings of the topics in pose.rviz, which are those of a node without a namespace."""
    outputs = [f"mobilepose/{name}" for name in ("markers", "overlay")]
    return [
        *((f"/{name}", topic) for name, topic in inputs),
        *((f"/{name}", name) for name in outputs),
    ]
