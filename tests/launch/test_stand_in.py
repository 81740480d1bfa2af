"""The stand-in has the names and arguments of ROS 2's launch, where that is installed."""

import ast
import importlib
import importlib.util
import inspect
from pathlib import Path

import pytest

STAND_IN = Path(__file__).parent / "stand_in"
OWN = {"launch.description", "launch.service", "launch.substitution"}
"""Modules whose classes the real package has elsewhere, and shows in `launch` itself."""

NOT_THERE = {"performed"}


def stood_in_for():
    """Each public class and function: its module's name, its own, and its arguments'."""
    for path in sorted(STAND_IN.rglob("*.py")):
        module = ".".join(path.relative_to(STAND_IN).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            is_named = isinstance(node, ast.ClassDef | ast.FunctionDef)
            if is_named and not node.name.startswith("_") and node.name not in NOT_THERE:
                makers = [node, *(sub for sub in node.body if isinstance(sub, ast.FunctionDef))]
                maker = next((m for m in makers if m.name in ("__init__", node.name)), node)
                arguments = getattr(maker, "args", None)
                given = [] if arguments is None else [*arguments.args, *arguments.kwonlyargs]
                names = {argument.arg for argument in given} - {"self"}
                yield ("launch" if module in OWN else module), node.name, names


@pytest.fixture(autouse=True)
def real_launch():
    spec = importlib.util.find_spec("launch_ros")
    if spec is None or Path(spec.origin).is_relative_to(STAND_IN):
        pytest.skip("ROS 2's launch has no wheel; a full ROS 2 has it")


@pytest.mark.parametrize(("module", "name", "arguments"), list(stood_in_for()))
def test_the_stand_in_has_the_names_and_arguments_of_the_real_package(module, name, arguments):
    real = getattr(importlib.import_module(module), name)

    makers = [kind.__init__ for kind in real.__mro__] if inspect.isclass(real) else [real]
    accepted = {argument for maker in makers for argument in inspect.signature(maker).parameters}

    assert arguments <= accepted
