"""As much of ROS 2's `launch` as our launch files use, for machines that have none.

It runs what they describe, so that the tests of the launch files run everywhere, and has types,
which mypy checks the launch files against. Names and arguments are those of the real package; a
test compares them where that is installed. What is wrong is an exception, at once.
"""

from launch.description import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.service import LaunchService
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution

__all__ = [
    "LaunchContext",
    "LaunchDescription",
    "LaunchDescriptionEntity",
    "LaunchService",
    "SomeSubstitutionsType",
    "Substitution",
]
