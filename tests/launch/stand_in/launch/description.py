"""What is launched: entities, their list, and the context that they run in."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from launch.actions import DeclareLaunchArgument


@dataclass
class LaunchContext:
    """What launched entities know: configurations by name, the environment, and the processes."""

    launch_configurations: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    started: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)


class LaunchDescriptionEntity(ABC):
    """What a launch description holds."""

    @abstractmethod
    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Does it, and returns the entities that come next."""


class LaunchDescription(LaunchDescriptionEntity):
    """A list of entities."""

    def __init__(self, initial_entities: Iterable[LaunchDescriptionEntity] | None = None) -> None:
        self.entities = list(initial_entities or [])

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        """Its entities are what comes next."""
        return self.entities

    def get_launch_arguments(self) -> list[DeclareLaunchArgument]:
        """The arguments that it declares itself."""
        from launch.actions import DeclareLaunchArgument

        return [entity for entity in self.entities if isinstance(entity, DeclareLaunchArgument)]
