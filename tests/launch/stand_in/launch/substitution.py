"""A text that is known only when the launch file runs."""

from launch.description import LaunchContext


class Substitution:
    """Becomes a text in a context."""

    def perform(self, context: LaunchContext) -> str:
        """The text."""
        raise NotImplementedError
