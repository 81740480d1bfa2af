"""The rules of the house: imports point one way, and what runs on a robot loads no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "mobilepose_core" / "mobilepose_core"
NODE = PACKAGE.parents[1] / "mobilepose_ros" / "mobilepose_ros"

MAY_IMPORT = {
    "atomic": set(),
    "bit_depth": set(),
    "captures": {"file_names", "photo_faults"},
    "exif": set(),
    "file_names": set(),
    "frames": {"captures", "file_names", "photo", "photo_faults"},
    "image_format": {"jpeg"},
    "jpeg": set(),
    "output": {"file_names", "photo", "frames", "inference", "video_codecs", "video_writer"},
    "phone_photos": set(),
    "photo": {"bit_depth", "exif", "image_format", "jpeg", "phone_photos", "photo_faults"},
    "photo_faults": {"image_format", "jpeg", "phone_photos"},
    "video_codecs": set(),
    "video_writer": {"file_names", "video_codecs"},
    "skeleton": set(),
    "user_cache": set(),
    "crop": {"skeleton", "heatmap"},
    "heatmap": {"skeleton", "crop"},
    "heading": {"skeleton"},
    "framing": {"skeleton", "crop"},
    "people_map": {"crop", "heatmap"},
    "model": {"skeleton", "crop", "framing", "heatmap", "people_map"},
    "datasets": {"photo", "skeleton", "crop", "heatmap", "people_map"},
    "inference": {
        "file_names",
        "framing",
        "skeleton",
        "crop",
        "heatmap",
        "people_map",
        "user_cache",
    },
    "evaluation": {
        "photo",
        "skeleton",
        "crop",
        "framing",
        "heading",
        "heatmap",
        "people_map",
        "datasets",
        "inference",
        "video_writer",
    },
    "export": {"file_names", "framing", "people_map", "skeleton", "model", "inference"},
    "card": {"inference"},
    "fitted": {"card", "inference"},
    "calibration": {"datasets", "evaluation", "fitted", "inference", "training"},
    "presence": {
        "people_map",
        "photo",
        "datasets",
        "evaluation",
        "fitted",
        "inference",
        "training",
    },
    "quantisation": {"crop", "photo", "datasets", "inference"},
    "release": {
        "skeleton",
        "card",
        "fitted",
        "model",
        "datasets",
        "inference",
        "export",
        "quantisation",
        "training",
    },
    "report": {"datasets", "evaluation", "export", "inference", "model"},
    "training": {
        "photo",
        "skeleton",
        "crop",
        "framing",
        "heading",
        "heatmap",
        "people_map",
        "model",
        "datasets",
        "inference",
        "evaluation",
    },
}
"""What each part may import besides itself and `atomic`; the command line and the tests may import
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
        strangers = set(_imported_parts(path)) - MAY_IMPORT[part] - {part, "atomic"}
        assert not strangers, f"{path.name} imports {strangers}"


def test_every_part_of_the_package_has_a_rule():
    parts = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }

    assert parts - {"__init__", "cli"} == set(MAY_IMPORT)


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
