"""The launch files, as text for all, and as launch descriptions where ROS 2's launch is there."""

import ast
import importlib.util
import os
from pathlib import Path

os.environ.setdefault("ROS_DOMAIN_ID", str(1 + os.getpid() % 101))
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")

import pytest

LAUNCH = Path(__file__).parents[2] / "launch"


class LaunchFile:
    """What can be said of a launch file without running it."""

    def __init__(self, name):
        self.path = LAUNCH / f"{name}.launch.py"
        self.tree = ast.parse(self.path.read_text(encoding="utf-8"))

    def calls(self, name):
        """Positional and keyword arguments of each call of a function, as far as constant."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                keywords = {entry.arg: self.value(entry.value) for entry in node.keywords}
                found.append(([self.value(entry) for entry in node.args], keywords))
        return found

    def constant(self, name):
        """The value of a constant of the module."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and node.targets[0].id == name:
                return self.value(node.value)
        raise KeyError(name)

    @property
    def arguments(self):
        """The declared arguments' keywords by name."""
        return {args[0]: keywords for args, keywords in self.calls("DeclareLaunchArgument")}

    @staticmethod
    def value(node):
        if isinstance(node, ast.Dict):
            return {key.value: getattr(value, "id", None) for key, value in
                    zip(node.keys, node.values, strict=True)}  # fmt: skip
        try:
            return ast.literal_eval(node)
        except ValueError:
            return ast.unparse(node)


@pytest.fixture
def launch_file():
    """Reads a launch file by its name."""
    return LaunchFile


@pytest.fixture
def description():
    """Makes a launch file's description, by its name."""
    pytest.importorskip("launch_ros", reason="launch_ros has no wheel; a full ROS 2 has it")

    def make(name):
        path = LAUNCH / f"{name}.launch.py"
        spec = importlib.util.spec_from_file_location(f"{name}_launch", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.generate_launch_description()

    return make
