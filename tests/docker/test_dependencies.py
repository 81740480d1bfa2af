"""The dependencies in each package.xml are those of the code, by rosdep's names for them."""

import ast
import configparser
import re
import sys
from xml.etree import ElementTree

import pytest

ROSDEP_KEYS = {
    "cv2": "python3-opencv",
    "numpy": "python3-numpy",
    "onnxruntime": "python3-onnxruntime-pip",
    "skimage": "python3-skimage",
    "tqdm": "python3-tqdm",
    "yaml": "python3-yaml",
}
"""Keys of rosdep's python.yaml for modules that are no ROS packages."""

WITHOUT_IMPORT = {"mobilepose_core": set(), "mobilepose_ros": {"rviz2", "tf2_ros_py"}}
"""Dependencies that launch files start, or that are used where they are installed."""


def imported(folders):
    """The modules that the code in folders imports, by their first names."""
    names = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def only_of_extras(root):
    """Modules of the extras that a robot does without."""
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    extras = config["options.extras_require"]
    used = ("train", "bag", "ray", "foxglove")
    lines = [line for extra in used for line in extras[extra].split()]
    zstd_of_3_14 = {"compression"}
    return {re.split(r"[=<>;.]|-sdk", line)[0] for line in lines} | zstd_of_3_14


@pytest.mark.parametrize("package", ["mobilepose_core", "mobilepose_ros"])
def test_package_xml_lists_what_the_code_imports_and_nothing_else(root, package):
    folders = [root / package / package, *([root / "launch"] if package.endswith("ros") else [])]
    modules = imported(folders) - {package} - only_of_extras(root)
    tree = ElementTree.parse(root / package / "package.xml")

    listed = {element.text for element in tree.findall("exec_depend")}

    assert listed == {ROSDEP_KEYS.get(name, name) for name in modules} | WITHOUT_IMPORT[package]


@pytest.mark.parametrize("package", ["mobilepose_core", "mobilepose_ros"])
def test_colcon_test_runs_tests_that_exist(root, package):
    config = configparser.RawConfigParser()
    config.read(root / package / "setup.cfg")
    tree = ElementTree.parse(root / package / "package.xml")

    paths = config["tool:pytest"]["testpaths"].split()

    assert paths
    assert [path for path in paths if not (root / package / path).exists()] == []
    assert "pytest" in config["options.extras_require"]["test"]  # colcon takes pytest because of it
    assert "python3-pytest" in {element.text for element in tree.findall("test_depend")}


def test_what_colcon_tests_of_the_core_imports_nothing_of_the_lab(root):
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    paths = [root / "mobilepose_core" / path for path in config["tool:pytest"]["testpaths"].split()]
    files = [file for path in paths for file in ([path] if path.is_file() else path.glob("*.py"))]

    imports = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert {name.split(".")[0] for name in imports}.isdisjoint({"onnx", "safetensors", "torch"})
