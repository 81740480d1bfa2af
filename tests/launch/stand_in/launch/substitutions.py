"""The substitutions that our launch files use."""

from __future__ import annotations

import os
from collections.abc import Iterable

from launch.description import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution


def performed(context: LaunchContext, parts: SomeSubstitutionsType) -> str:
    """The text that parts are in a context."""
    if isinstance(parts, str):
        return parts
    if isinstance(parts, Substitution):
        return parts.perform(context)
    return "".join(performed(context, part) for part in parts)


class LaunchConfiguration(Substitution):
    """The value of a launch argument."""

    def __init__(self, variable_name: SomeSubstitutionsType) -> None:
        self.variable_name = variable_name

    def perform(self, context: LaunchContext) -> str:
        """The value; fails where there is no such argument."""
        name = performed(context, self.variable_name)
        if name not in context.launch_configurations:
            raise RuntimeError(f"launch configuration '{name}' does not exist")
        return str(context.launch_configurations[name])


class PathJoinSubstitution(Substitution):
    """Parts of a path, joined."""

    def __init__(self, substitutions: Iterable[SomeSubstitutionsType]) -> None:
        self.substitutions = list(substitutions)

    def perform(self, context: LaunchContext) -> str:
        """The path."""
        return os.path.join(*(performed(context, part) for part in self.substitutions))
