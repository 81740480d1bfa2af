"""What stands for a text in a launch file."""

from collections.abc import Iterable
from typing import TypeAlias

from launch.substitution import Substitution

SomeSubstitutionsType: TypeAlias = str | Substitution | Iterable[str | Substitution]
