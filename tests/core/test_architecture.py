"""The rules of the house: imports point one way, and what runs on a robot loads no torch."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "mobilepose_core" / "mobilepose_core"
ROOT = PACKAGE.parents[1]

PUBLIC_MODULES = (
    "mobilepose_core",
    "mobilepose_core.behaviour",
    "mobilepose_core.errors",
    "mobilepose_core.io",
    "mobilepose_core.messages",
    "mobilepose_core.skeleton",
    "mobilepose_core.time_window",
    "mobilepose_core.typing",
    "mobilepose_core.view",
)
USERS = [
    *sorted((ROOT / "mobilepose_ros" / "mobilepose_ros").glob("*.py")),
    *sorted((ROOT / "launch").glob("*.py")),
    ROOT / "tests" / "core" / "typed_user.py",
]
"""Programs that make do with the public interface."""

GEOMETRY = {"skeleton", "crop", "framing", "heading", "heatmap", "person_map", "pose"}
RUNTIME = GEOMETRY | {"io", "inference"}

MAY_IMPORT = {
    "skeleton": set(),
    "time_window": set(),
    "crop": {"skeleton", "heatmap"},
    "framing": {"skeleton", "crop"},
    "heading": {"skeleton"},
    "heatmap": {"skeleton", "crop"},
    "person_map": {"crop", "heatmap"},
    "pose": {"skeleton", "crop"},
    "behaviour": {"skeleton", "pose", "heading"},
    "messages": {"skeleton", "pose", "io"},
    "io": {"skeleton", "pose", "lazy_imports"},
    "view": {"skeleton", "pose", "io", "lazy_imports", "time_window"},
    "recordings": {"pose", "io", "messages", "inference", "view"},
    "inference": GEOMETRY | {"io"},
    "model": GEOMETRY,
    "datasets": GEOMETRY | {"io"},
    "evaluation": RUNTIME | {"datasets", "behaviour"},
    "training": RUNTIME | {"datasets", "evaluation", "model"},
    "release": RUNTIME | {"datasets", "evaluation", "model", "training"},
}
"""What each part may import besides itself; the command line and the tests may import
anything."""


def _imported_parts(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "mobilepose_core":
                yield from (alias.name for alias in node.names)
            elif node.module.startswith("mobilepose_core."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("mobilepose_core."):
                    yield alias.name.split(".")[1]


def _files(part):
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_arrows_point_one_way(part):
    for path in _files(part):
        strangers = set(_imported_parts(path)) - MAY_IMPORT[part] - {part, "errors", "typing"}
        assert not strangers, f"{path.name} imports {strangers}"


def test_every_part_of_the_package_has_a_rule():
    parts = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }

    assert parts - {"__init__", "cli", "errors", "lazy_imports", "moved_modules", "typing"} == set(
        MAY_IMPORT
    )


def _imported_names(path):
    """Modules of the core, and the names that are imported from each."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mobilepose_core"):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((n.name, "") for n in node.names if n.name.startswith("mobilepose_core"))


def _is_public(module, name):
    if module not in PUBLIC_MODULES:
        return False
    listed = getattr(importlib.import_module(module), "__all__", None)
    if listed is None:
        return not name.startswith("_")
    return name in listed or f"{module}.{name}" in PUBLIC_MODULES


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.stem)
def test_users_import_public_names_only(path):
    assert [used for used in _imported_names(path) if not _is_public(*used)] == []


@pytest.mark.parametrize("module", ["mobilepose_core", "mobilepose_core.io"])
def test_public_names_exist(module):
    package = importlib.import_module(module)

    assert all(getattr(package, name) is not None for name in package.__all__)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_the_core_knows_nothing_of_ros(path):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }

    assert not imported & {"rclpy", "mobilepose_ros", "mobilepose_msgs", "sensor_msgs"}


@pytest.mark.parametrize("module", ["mobilepose_core.inference", "mobilepose_core.cli"])
def test_inference_loads_no_training_package(module):
    heavy = "{'torch', 'scipy', 'matplotlib', 'tensorboard', 'safetensors', 'onnx'}"
    program = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.strip() == "[]"


ROOT = PACKAGE.parents[1]
PRODUCT = ("mobilepose_core", "mobilepose_ros", "benchmarks", "tools")


def _modules():
    for folder in PRODUCT:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_no_two_classes_have_one_name():
    places = {}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_array_aliases_are_defined_in_typing_alone():
    aliases = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in _modules()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and ast.unparse(node.value).startswith(("npt.NDArray", "NDArray"))
    ]

    assert [alias for alias in aliases if "mobilepose_core/typing.py" not in alias] == []
