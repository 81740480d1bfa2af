"""What a user gets who installs the core alone: from a wheel, with or without its extras."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mobilepose_core.view.server import CONTENT

ROOT = Path(__file__).resolve().parents[2]

EXTRAS = ["matplotlib", "onnx", "onnxruntime", "safetensors", "scipy", "skimage", "tensorboard"]
EXTRAS += ["torch", "PIL", "rclpy", "rosbags", "ray", "foxglove"]


def run_without(modules, program, *arguments):
    """Runs a program in a Python in which some modules cannot be imported."""
    block = f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", block + program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


MAIN = "from mobilepose_core.cli import main; sys.exit(main(sys.argv[1:]))"


def test_the_package_is_imported_without_any_extra_and_names_what_it_lacks():
    program = "import mobilepose_core; print(mobilepose_core.__version__)\n"
    program += "from mobilepose_core import skeleton, PoseEstimator"

    result = run_without(EXTRAS, program)

    assert result.stdout.strip()
    *_, last = result.stderr.splitlines()
    assert last == (
        "ModuleNotFoundError: PoseEstimator needs ONNX Runtime, which the extras `cpu` and "
        "`gpu` install: pip install './mobilepose_core[cpu]'"
    )


HELP = """
import contextlib, io
from mobilepose_core import cli
(actions,) = [a for a in cli._parser()._actions if a.dest == "command"]
for command in actions.choices:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        try:
            cli.main([command, "--help"])
        except SystemExit as end:
            print(command, end.code, "usage" in text.getvalue(), file=sys.stderr)
"""


def test_every_command_has_its_help_without_any_extra():
    result = run_without(EXTRAS, HELP)

    lines = result.stderr.splitlines()
    assert len(lines) > 10
    assert all(line.endswith(" 0 True") for line in lines), result.stderr


@pytest.mark.parametrize(
    ("command", "missing", "extra"),
    [
        (["predict", "photo.png"], "onnxruntime", "cpu"),
        (["benchmark"], "onnxruntime", "cpu"),
        (["train", "--from-scratch", "--data", "coco=.", "--out", "run"], "torch", "train"),
        (["export", "run", "--out", "model.onnx"], "onnx", "train"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_names_the_extra_that_brings_what_it_lacks(tmp_path, command, missing, extra):
    import cv2
    import numpy as np

    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((8, 8, 3), np.uint8))
    command = [str(tmp_path / part) if part == "photo.png" else part for part in command]

    result = run_without(EXTRAS, MAIN, *command)

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f"needs the package '{missing}'" in result.stderr
    assert f"pip install './mobilepose_core[{extra}]'" in result.stderr


def test_recordings_need_the_extra_bag_and_say_so():
    result = run_without(["rosbags"], MAIN, "bag", "walk", "--out", "out")

    assert result.returncode == 1
    assert "pip install './mobilepose_core[bag]'" in result.stderr


def test_foxglove_needs_the_extra_foxglove_and_says_so(tmp_path):
    import cv2
    import numpy as np

    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((8, 8, 3), np.uint8))
    command = ["view", tmp_path / "photo.png", "--port", "0", "--foxglove"]

    result = run_without(["foxglove"], MAIN, *command)

    assert result.returncode == 1
    assert "view needs the package 'foxglove'" in result.stderr
    assert "pip install './mobilepose_core[foxglove]'" in result.stderr


def test_the_core_runs_with_the_extra_cpu_alone(tmp_path, red_model):
    import cv2
    import numpy as np

    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((48, 64, 3), np.uint8))
    others = [name for name in EXTRAS if name != "onnxruntime"]

    arguments = ["predict", tmp_path / "photo.png", "--model", red_model]
    result = run_without(others, MAIN, *arguments)

    assert result.returncode == 0, result.stderr
    assert "photo.png: 0 people" in result.stdout


def test_a_wheel_holds_types_and_models(tmp_path):
    pytest.importorskip("setuptools", reason="setuptools builds wheels")
    source = tmp_path / "mobilepose_core"
    command = ["git", "-C", str(ROOT / "mobilepose_core"), "ls-files"]
    for name in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).symlink_to(ROOT / "mobilepose_core" / name)

    build = "from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; {build}", str(tmp_path)],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "mobilepose_core/py.typed" in names
    assert "mobilepose_core/recordings/msg/Pose2DArray.msg" in names
    assert {f"mobilepose_core/view/page/{name}" for name, _ in CONTENT.values()} <= {*names}
    assert {"mobilepose_core/weights/final.onnx", "mobilepose_core/weights/final.json"} <= {*names}
    assert not [name for name in names if name.startswith("tests")]
    assert not [name for name in names if name.endswith(".safetensors")]
