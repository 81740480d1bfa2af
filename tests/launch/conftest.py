"""The launch files as launch descriptions, and as processes, where ROS 2's launch is there."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("ROS_DOMAIN_ID", str(1 + os.getpid() % 101))
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")

import pytest

LAUNCH = Path(__file__).parents[2] / "launch"

RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import AnyLaunchDescriptionSource
source = AnyLaunchDescriptionSource(sys.argv[1])
arguments = [text.split(":=", 1) for text in sys.argv[2:]]
service = LaunchService(argv=[])
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""


@pytest.fixture
def launch_ros():
    """Skips where ROS 2's launch is missing."""
    pytest.importorskip("launch_ros", reason="launch_ros has no wheel; a full ROS 2 has it")


@pytest.fixture
def description(launch_ros):
    """Makes a launch file's description, by its name."""

    def make(name):
        path = LAUNCH / f"{name}.launch.py"
        spec = importlib.util.spec_from_file_location(f"{name}_launch", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.generate_launch_description()

    return make


@pytest.fixture
def launched(launch_ros, tmp_path):
    """Runs a launch file as `ros2 launch` does, ends it as Ctrl-C does, and reads its output."""
    running = []

    def launch(file, **arguments):
        """`file`: one of ours by its name, or the path of another."""
        path = file if isinstance(file, Path) else LAUNCH / f"{file}.launch.py"
        output = (tmp_path / f"{path.name}.log").open("w+b")
        given = [f"{key}:={value}" for key, value in arguments.items()]
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(path), *given],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running.append((process, Path(output.name)))

    yield launch
    for process, output in running:
        os.killpg(process.pid, signal.SIGINT)
        try:
            assert process.wait(30) == 0, output.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert "Traceback" not in output.read_text()
        assert "process has died" not in output.read_text()
