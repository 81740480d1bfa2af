"""The launch files' arguments and the topics that they set. Does not import launch.

Arguments that are parameters of a node are described in the node's table of parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mobilepose_ros import discovery_server
from mobilepose_ros.follower_parameters import FollowerParameters
from mobilepose_ros.parameter_table import Value, table_rows
from mobilepose_ros.parameters import TOPIC, CameraParameters, PoseParameters
from mobilepose_ros.topics import camera_info_topic, compressed_of
from mobilepose_ros.view_parameters import ViewParameters

BOOLEANS = ("true", "false")


@dataclass(frozen=True)
class Argument:
    """The declaration of a launch argument.

    Attributes:
        description: shown by `ros2 launch FILE --show-args`.
        default: None if it is required.
        choices: the values allowed; empty for any.
    """

    description: str
    default: str | None = ""
    choices: tuple[str, ...] = ()


def _node_parameter(table: type[Any], name: str) -> Argument:
    row = table_rows(table)[name]
    choices = BOOLEANS if isinstance(row.default, bool) else map(str, row.metadata["choices"])
    description = f"{row.metadata['description']}; empty: as in params_file"
    allowed = tuple(choices)
    return Argument(description, "", ("", *allowed) if allowed else ())


def _view_parameter(name: str) -> Argument:
    row = table_rows(ViewParameters)[name]
    return Argument(row.metadata["description"], str(row.default))


def _camera_parameter(name: str) -> Argument:
    row = table_rows(CameraParameters)[name]
    if isinstance(row.default, bool):
        return Argument(row.metadata["description"], str(row.default).lower(), BOOLEANS)
    return Argument(row.metadata["description"], str(row.default), row.metadata["choices"])


POSE_PARAMETERS = (
    "model",
    "device",
    "image_transport",
    "image_reliability",
    "image_rotation",
    "person_finder",
    "detector_model",
    "find_size",
    "person_boxes_type",
    "detection_class",
    "show_behaviour",
    "publish_tf",
    "people_frame",
    "ground_frame",
    "autostart",
)
"""Parameters of the pose node that are arguments too; a given argument overrides params_file.

A name added here becomes an argument of every launch file.
"""

CAMERA_PARAMETERS = tuple(table_rows(CameraParameters))

VIEW_PARAMETERS = {"view_host": "host", "view_port": "port", "foxglove_port": "foxglove_port"}
"""Arguments that are parameters of the node `view`."""

POSE: Mapping[str, Argument] = {
    "image": Argument("topic of the images, without /compressed", "image"),
    "camera_info": Argument(
        "topic of the camera's calibration; empty: camera_info in the namespace of the images"
    ),
    "depth": Argument(
        "topic of depth images that are aligned with the images; empty: as in params_file"
    ),
    "boxes": Argument(
        "topic of boxes of people, sets person_finder to topic unless that is given; empty: as in "
        "params_file"
    ),
    "namespace": Argument("namespace of the nodes and their topics; empty: none"),
    "tf_namespace": Argument(
        "namespace of /tf and /tf_static, such as that of one of several robots; empty: none"
    ),
    "discovery_server": Argument(
        "Fast DDS discovery servers, such as 10.0.0.5:11811, separated by semicolons; empty: as in "
        "the environment"
    ),
    "params_file": Argument(
        "YAML file with parameters of the pose node; empty: the package's config/pose.yaml"
    ),
    **{name: _node_parameter(PoseParameters, name) for name in POSE_PARAMETERS},
    "use_sim_time": Argument(
        "use simulated time from /clock; empty: as in params_file", choices=("", *BOOLEANS)
    ),
    "rviz": Argument("open RViz on the images, markers and overlay", "false", BOOLEANS),
    "view": Argument("show images, joints and rates on a page for browsers", "false", BOOLEANS),
    **{name: _view_parameter(parameter) for name, parameter in VIEW_PARAMETERS.items()},
    "fixed_frame": Argument(
        "RViz's fixed frame: the images' frame_id, or any frame connected to it by TF",
        CameraParameters.frame_id,
    ),
    "log_level": Argument(
        "lowest severity of log messages", "info", ("debug", "info", "warn", "error", "fatal")
    ),
}
"""Arguments of pose.launch.py."""

DEMO_PASSES = tuple(POSE)
"""Arguments that demo.launch.py passes to pose.launch.py."""

DEMO: Mapping[str, Argument] = {
    **{name: _camera_parameter(name) for name in CAMERA_PARAMETERS},
    "motion": replace(_camera_parameter("motion"), default="1.0"),
    "field_of_view": replace(_camera_parameter("field_of_view"), default="53.0"),
    **{name: POSE[name] for name in DEMO_PASSES},
    "image_transport": replace(POSE["image_transport"], choices=("", "raw")),
    "fixed_frame": Argument("RViz's fixed frame; empty: frame_id"),
}
"""Arguments of demo.launch.py; its camera only publishes raw images."""

CAMERA_TOPICS = ("image", "camera_info", "depth", "boxes")
"""Arguments that are topics of one camera."""

MULTI_CAMERA_PASSES = tuple(POSE)
"""Arguments that multi_camera.launch.py passes to each pose.launch.py."""

MULTI_CAMERA: Mapping[str, Argument] = {
    "cameras": Argument('namespaces of the cameras, such as "front rear"', None),
    **{name: POSE[name] for name in MULTI_CAMERA_PASSES},
    "image": replace(POSE["image"], default="image_raw"),
    "namespace": Argument("parent namespace of the cameras' namespaces; empty: none"),
    "rviz": replace(POSE["rviz"], description="open RViz for each camera"),
    **{
        name: replace(
            POSE[name],
            description=f"{POSE[name].description}; the next cameras take the next ports",
        )
        for name in ("view_port", "foxglove_port")
    },
}
"""Arguments of multi_camera.launch.py; topics are in each camera's namespace."""


FOLLOWER_PARAMETERS = ("choice", "choice_id", "fixed_frame", "target_frame", "predict_time")
"""Parameters of the person follower that are arguments too."""

FOLLOW_PASSES = tuple(POSE)
"""Arguments that follow.launch.py passes to pose.launch.py."""

FOLLOW: Mapping[str, Argument] = {
    **{name: _node_parameter(FollowerParameters, name) for name in FOLLOWER_PARAMETERS},
    "people": Argument("topic of the people; empty: that of the pose node in this namespace"),
    "pose": Argument("start the pose node, too", "true", BOOLEANS),
    **{name: POSE[name] for name in FOLLOW_PASSES if name not in FOLLOWER_PARAMETERS},
    "params_file": Argument(
        "YAML file with parameters of the person follower, the pose node or both; empty: the "
        "package's config/follow.yaml and config/pose.yaml"
    ),
}
"""Arguments of follow.launch.py; its fixed_frame is that of RViz, too."""


def pose_parameters(given: Mapping[str, str]) -> dict[str, Value]:
    """Parameters of the pose node that the given arguments set.

    Raises:
        ValueError: an argument does not have its parameter's type.
    """
    values = _given_parameters(PoseParameters, POSE_PARAMETERS, given)
    if given["depth"]:
        values["use_depth"] = True
    if given["boxes"]:
        values.setdefault("person_finder", TOPIC)
    return values


def follower_parameters(given: Mapping[str, str]) -> dict[str, Value]:
    """Parameters of the person follower that the given arguments set.

    Raises:
        ValueError: an argument does not have its parameter's type.
    """
    return _given_parameters(FollowerParameters, (*FOLLOWER_PARAMETERS, "autostart"), given)


def _given_parameters(
    table: type[Any], names: Iterable[str], given: Mapping[str, str]
) -> dict[str, Value]:
    rows = table_rows(table)
    kinds: dict[str, Any] = {name: type(rows[name].default) for name in names}
    kinds["use_sim_time"] = bool
    return {name: _value(name, given[name], kind) for name, kind in kinds.items() if given[name]}


def view_parameters(given: Mapping[str, str], of_pose: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters of the node `view`.

    Args:
        given: arguments.
        of_pose: parameters of the pose node, some of which it shares.

    Raises:
        ValueError: an argument does not have its parameter's type.
    """
    rows = table_rows(ViewParameters)
    kinds: dict[str, Any] = {name: type(row.default) for name, row in rows.items()}
    values = {
        parameter: _value(name, given[name], kinds[parameter])
        for name, parameter in VIEW_PARAMETERS.items()
    }
    shared = (*(name for name in rows if name not in values), "use_sim_time")
    return values | {name: of_pose[name] for name in shared if name in of_pose}


def port_of(first: str, number: int) -> str:
    """The port of camera `number`, from 0: one after the other; 0 is no particular one for all.

    Raises:
        ValueError: `first` is not a number.
    """
    port = _value("port", first, int)
    return str(int(port) + number) if port else first


def camera_parameters(given: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Parameters of the demo's camera: defaults of demo.launch.py, and those set by arguments.

    Raises:
        ValueError: an argument does not have its parameter's type.
    """
    rows = table_rows(CameraParameters)
    kinds: dict[str, Any] = {name: type(row.default) for name, row in rows.items()}
    values = {name: _value(name, given[name], kind) for name, kind in kinds.items()}
    is_set = {name: given[name] != DEMO[name].default for name in rows}
    defaults = {
        name: value
        for name, value in values.items()
        if not is_set[name] and value != rows[name].default
    }
    chosen = {name: value for name, value in values.items() if is_set[name]}
    if given["use_sim_time"]:
        chosen["use_sim_time"] = given["use_sim_time"] == "true"
    return defaults, chosen


def cameras_in(text: str) -> list[str]:
    """The namespaces in the argument `cameras`.

    Raises:
        ValueError: there is none.
    """
    cameras = text.split()
    if not cameras:
        raise ValueError('cameras is empty; expected namespaces, such as cameras:="front rear"')
    return cameras


def check_cameras_apart(
    cameras: Sequence[str], nodes: Sequence[str], given: Mapping[str, str]
) -> None:
    """Checks that no two cameras have one node or one topic.

    Args:
        cameras: their namespaces, as in the argument `cameras`.
        nodes: full name of the pose node of each.
        given: arguments.

    Raises:
        ValueError: two cameras are in one namespace, or a topic is absolute and so that of them
            all.
    """
    by_node: dict[str, str] = {}
    for camera, node in zip(cameras, nodes, strict=True):
        if node in by_node:
            namespace = node.rpartition("/")[0] or "/"
            raise ValueError(
                f"cameras names a camera twice: {by_node[node]} and {camera} are both "
                f'{namespace}; expected namespaces, such as cameras:="front rear"'
            )
        by_node[node] = camera
    for name in CAMERA_TOPICS:
        topic = given[name]
        if topic.startswith("/") and len(cameras) > 1:
            raise ValueError(
                f"{name} is {topic}, one topic for {len(cameras)} cameras; expected a name without "
                "the first /, which is in the namespace of each; or start pose.launch.py for each"
            )


def _value(name: str, text: str, kind: type[Value]) -> Value:
    """An argument as a value of its parameter's type; launch itself checks booleans."""
    try:
        return text == "true" if kind is bool else kind(text)
    except ValueError:
        expected = "an integer" if kind is int else "a number"
        raise ValueError(f"{name} is {text!r}; expected {expected}") from None


def input_topics(
    image: str, camera_info: str = "", depth: str = "", boxes: str = ""
) -> list[tuple[str, str]]:
    """Remappings of the pose node's inputs.

    Args:
        image: topic of the images.
        camera_info: topic of the calibration; empty for image_transport's convention.
        depth: topic of the depth images; empty for no remapping.
        boxes: topic of boxes of people; empty for no remapping.
    """
    topics = [
        ("image", image),
        ("image/compressed", compressed_of(image)),
        ("camera_info", camera_info or camera_info_topic(image)),
    ]
    others = [("depth", depth), ("person_boxes", boxes)]
    return topics + [(name, topic) for name, topic in others if topic]


def tf_topics(namespace: str) -> list[tuple[str, str]]:
    """Remappings of TF into a namespace; none without one."""
    place = namespace.strip("/")
    return [(name, f"/{place}{name}") for name in ("/tf", "/tf_static") if place]


def discovery_environment(servers: str, is_super_client: bool = False) -> dict[str, str]:
    """Environment variables for Fast DDS's discovery servers.

    Args:
        servers: the argument `discovery_server`; empty for none.
        is_super_client: whether the program needs to know all topics, not only its own.

    Raises:
        ValueError: the argument names no servers.
    """
    if not servers:
        return {}
    try:
        discovery_server.servers(servers)
    except ValueError as error:
        raise ValueError(f"discovery_server: {error}") from None
    found = {discovery_server.VARIABLE: servers}
    return {**found, "ROS_SUPER_CLIENT": "TRUE"} if is_super_client else found


def rviz_topics(inputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Remappings of the topics in pose.rviz, which are of a node without a namespace."""
    outputs = [f"mobilepose/{name}" for name in ("markers", "overlay")]
    outputs += [f"person_follower/{name}" for name in ("markers", "target_pose")]
    return [
        *((f"/{name}", topic) for name, topic in inputs),
        *((f"/{name}", name) for name in outputs),
    ]
