"""The actions that our launch files use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from launch.description import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import performed


class DeclareLaunchArgument(LaunchDescriptionEntity):
    """An argument of a launch file."""

    def __init__(
        self,
        name: str,
        *,
        default_value: SomeSubstitutionsType | None = None,
        description: str | None = None,
        choices: list[str] | None = None,
    ) -> None:
        self.name = name
        self.default_value = default_value
        self.description = description or ""
        self.choices = choices

    def visit(self, context: LaunchContext) -> None:
        """Takes the default where it is not given; fails for a value that is not allowed."""
        values = context.launch_configurations
        if self.name not in values:
            if self.default_value is None:
                raise RuntimeError(f"Required launch argument '{self.name}' was not provided")
            values[self.name] = performed(context, self.default_value)
        if self.choices and values[self.name] not in self.choices:
            raise RuntimeError(
                f"Argument '{self.name}' provided value '{values[self.name]}' is not valid. "
                f"Valid options are: {self.choices}"
            )


class SetLaunchConfiguration(LaunchDescriptionEntity):
    """Sets what LaunchConfiguration gives."""

    def __init__(self, name: SomeSubstitutionsType, value: SomeSubstitutionsType) -> None:
        self.name = name
        self.value = value

    def visit(self, context: LaunchContext) -> None:
        """Sets it."""
        name = performed(context, self.name)
        context.launch_configurations[name] = performed(context, self.value)


class SetEnvironmentVariable(LaunchDescriptionEntity):
    """Sets a variable in the environment of the processes that come after it."""

    def __init__(self, name: SomeSubstitutionsType, value: SomeSubstitutionsType) -> None:
        self.name = name
        self.value = value

    def visit(self, context: LaunchContext) -> None:
        """Sets it."""
        context.environment[performed(context, self.name)] = performed(context, self.value)


class OpaqueFunction(LaunchDescriptionEntity):
    """A function that returns what comes next."""

    def __init__(
        self,
        *,
        function: Callable[..., Sequence[LaunchDescriptionEntity] | None],
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.function = function
        self.args = list(args or [])
        self.kwargs = kwargs or {}

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Calls it."""
        return self.function(context, *self.args, **self.kwargs)


class GroupAction(LaunchDescriptionEntity):
    """Entities whose configurations and environment end with them."""

    def __init__(self, actions: Iterable[LaunchDescriptionEntity], *, scoped: bool = True) -> None:
        self.actions = list(actions)
        self.scoped = scoped

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        """Its entities, inside a scope."""
        if not self.scoped:
            return self.actions
        return [*self.actions, _Restore(context)]


class _Restore(LaunchDescriptionEntity):
    def __init__(self, context: LaunchContext) -> None:
        self.configurations = {
            name: list(value) if isinstance(value, list) else value
            for name, value in context.launch_configurations.items()
        }
        self.environment = dict(context.environment)

    def visit(self, context: LaunchContext) -> None:
        context.launch_configurations = self.configurations
        context.environment = self.environment


class IncludeLaunchDescription(LaunchDescriptionEntity):
    """Another launch file, with arguments."""

    def __init__(
        self,
        launch_description_source: AnyLaunchDescriptionSource,
        *,
        launch_arguments: Iterable[tuple[SomeSubstitutionsType, SomeSubstitutionsType]] = (),
    ) -> None:
        self.source = launch_description_source
        self.launch_arguments = list(launch_arguments)

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        """Sets the arguments, and does what the file describes."""
        description: LaunchDescription = self.source.get_launch_description(context)
        return [
            *(SetLaunchConfiguration(name, value) for name, value in self.launch_arguments),
            description,
        ]
