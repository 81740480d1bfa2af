"""pytest's plugins that a ROS 2 Jazzy brings."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_plugins_of_ros_that_break_this_pytest_are_switched_off(tmp_path, monkeypatch):
    for name in ("launch_testing", "launch_ros", "launch_pytest"):
        (tmp_path / f"{name}_hooks.py").write_text(
            "def pytest_pycollect_makemodule(path, parent):\n    raise AssertionError\n"
        )
        metadata = tmp_path / f"{name}-3.4.3.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {name}\nVersion: 3.4.3\n")
        (metadata / "entry_points.txt").write_text(f"[pytest11]\n{name} = {name}_hooks\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/launch/test_rviz.py"]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert collected.returncode == 0, collected.stderr
