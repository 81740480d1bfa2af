"""A text that is known only when the launch file runs."""

from abc import ABC, abstractmethod

from launch.description import LaunchContext


class Substitution(ABC):
    """Becomes a text in a context."""

    @abstractmethod
    def perform(self, context: LaunchContext) -> str:
        """The text."""
