"""Launch files, as what a launch description includes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from launch.description import LaunchContext, LaunchDescription
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import performed


class AnyLaunchDescriptionSource:
    """A launch file by its path; this stand-in reads those in Python."""

    def __init__(self, launch_file_path: SomeSubstitutionsType) -> None:
        self.launch_file_path = launch_file_path

    def get_launch_description(self, context: LaunchContext) -> LaunchDescription:
        """What the file describes; fails where it is missing or broken."""
        path = Path(performed(context, self.launch_file_path))
        spec = importlib.util.spec_from_file_location("launch_file", path)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{path} is no launch file in Python")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        description: LaunchDescription = module.generate_launch_description()
        return description


class PythonLaunchDescriptionSource(AnyLaunchDescriptionSource):
    """A launch file in Python."""
