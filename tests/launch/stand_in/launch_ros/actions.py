"""Nodes, and what is set around them."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ament_index_python.packages import get_package_prefix
from launch.description import LaunchContext, LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import performed

from launch_ros.utilities import make_namespace_absolute, prefix_namespace

Parameters: TypeAlias = Iterable[SomeSubstitutionsType | Mapping[str, Any]]


class SetParameter(LaunchDescriptionEntity):
    """A parameter of the nodes that come after it."""

    def __init__(self, name: SomeSubstitutionsType, value: Any) -> None:
        self.name = name
        self.value = value

    def visit(self, context: LaunchContext) -> None:
        """Sets it."""
        rule = f"{performed(context, self.name)}:={json.dumps(self.value)}"
        context.launch_configurations.setdefault("global_params", []).append(["-p", rule])


class SetParametersFromFile(LaunchDescriptionEntity):
    """Parameters of the nodes that come after it."""

    def __init__(self, filename: SomeSubstitutionsType) -> None:
        self.filename = filename

    def visit(self, context: LaunchContext) -> None:
        """Sets them."""
        file = ["--params-file", performed(context, self.filename)]
        context.launch_configurations.setdefault("global_params", []).append(file)


class PushRosNamespace(LaunchDescriptionEntity):
    """A namespace of the nodes that come after it."""

    def __init__(self, namespace: SomeSubstitutionsType) -> None:
        self.namespace = namespace

    def visit(self, context: LaunchContext) -> None:
        """Sets it, inside of that before."""
        outer = context.launch_configurations.get("ros_namespace")
        inner = prefix_namespace(outer, performed(context, self.namespace))
        context.launch_configurations["ros_namespace"] = make_namespace_absolute(inner)


class Node(LaunchDescriptionEntity):
    """A program of a package, with ROS's arguments."""

    def __init__(
        self,
        *,
        executable: SomeSubstitutionsType,
        package: SomeSubstitutionsType,
        name: SomeSubstitutionsType,
        namespace: SomeSubstitutionsType = "",
        parameters: Parameters = (),
        remappings: Iterable[tuple[SomeSubstitutionsType, SomeSubstitutionsType]] = (),
        ros_arguments: Iterable[SomeSubstitutionsType] = (),
        arguments: Iterable[SomeSubstitutionsType] = (),
        additional_env: Mapping[str, str] | None = None,
        output: Literal["screen", "log", "both"] = "log",
    ) -> None:
        self.executable = executable
        self.package = package
        self.name = name
        self.namespace = namespace
        self.parameters = list(parameters)
        self.remappings = list(remappings)
        self.ros_arguments = list(ros_arguments)
        self.arguments = list(arguments)
        self.additional_env = additional_env or {}

    def visit(self, context: LaunchContext) -> None:
        """Asks for the process, in the real package's order of arguments."""
        pushed = context.launch_configurations.get("ros_namespace")
        inner = prefix_namespace(pushed, performed(context, self.namespace))
        command = [
            *shlex.split(context.launch_configurations.get("launch-prefix", "")),
            self._program(context),
            *(performed(context, argument) for argument in self.arguments),
            "--ros-args",
            *(performed(context, argument) for argument in self.ros_arguments),
            "--ros-args",
            *("-r", f"__node:={performed(context, self.name)}"),
            *("-r", f"__ns:={make_namespace_absolute(inner)}"),
        ]
        for pair in context.launch_configurations.get("global_params", []):
            command += pair
        for parameters in self.parameters:
            command += ["--params-file", _file_of(context, parameters)]
        for source, target in self.remappings:
            command += ["-r", f"{performed(context, source)}:={performed(context, target)}"]
        context.started.append((command, {**context.environment, **self.additional_env}))

    def _program(self, context: LaunchContext) -> str:
        package = performed(context, self.package)
        name = performed(context, self.executable)
        path = Path(get_package_prefix(package), "lib", package, name)
        if not os.access(path, os.X_OK):
            raise RuntimeError(f"executable '{name}' not found on the libexec directory {path}")
        return str(path)


class LifecycleNode(Node):
    """A node with a lifecycle."""


def _file_of(context: LaunchContext, parameters: SomeSubstitutionsType | Mapping[str, Any]) -> str:
    if isinstance(parameters, Mapping):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            json.dump({"/**": {"ros__parameters": dict(parameters)}}, file)
        return file.name
    path = performed(context, parameters)
    if not Path(path).is_file():
        raise RuntimeError(f"parameter file path is not a file: {path}")
    return path
