"""The launch files as descriptions, as command lines, and as processes.

By ROS 2's launch where it is installed, else by the stand-in for it.
"""

import contextlib
import importlib.util
import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from ros_domain import context  # isort: skip  (it sets the domain before ROS is imported)
from tf import tf2, tf2_msgs

__all__ = ["context", "tf2", "tf2_msgs"]

LAUNCH = Path(__file__).parents[2] / "launch"
STAND_IN = Path(__file__).parent / "stand_in"

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

RECORD = """
import json, os, sys
with open(os.path.join(sys.argv[1], str(os.getpid())), "w") as file:
    json.dump([sys.argv[2:], dict(os.environ)], file)
"""

RVIZ = """#!{python}
import sys, time
open({record!r}, "w").write("\\n".join(sys.argv[1:]))
try:
    time.sleep(600)
except KeyboardInterrupt:
    pass
"""


@dataclass(frozen=True)
class Command:
    """A process that a launch file starts: program, arguments and environment."""

    program: Path
    arguments: list[str]
    environment: dict[str, str]

    def after(self, option):
        """What follows each occurrence of an option."""
        words = self.arguments
        return [words[i + 1] for i, word in enumerate(words) if word == option]

    @property
    def remaps(self):
        return dict(rule.split(":=", 1) for rule in self.after("-r"))

    @property
    def full_name(self):
        return f"{self.remaps['__ns'].rstrip('/')}/{self.remaps['__node']}"


@pytest.fixture(scope="session")
def launch_path():
    """What PYTHONPATH needs for `launch`, which this process has from now on, too."""
    if importlib.util.find_spec("launch_ros") is not None:
        return ""
    sys.path.insert(0, str(STAND_IN))
    return str(STAND_IN)


@pytest.fixture
def description(launch_path):
    """Makes a launch file's description, by its name."""

    def make(name):
        path = LAUNCH / f"{name}.launch.py"
        spec = importlib.util.spec_from_file_location(f"{name}_launch", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.generate_launch_description()

    return make


@pytest.fixture
def start(launch_path, tmp_path):
    """Starts a launch file as `ros2 launch` does: the process, and the file of its output."""
    started = []

    def start(file, arguments):
        """`file`: one of ours by its name, or the path of another."""
        path = file if isinstance(file, Path) else LAUNCH / f"{file}.launch.py"
        output = (tmp_path / f"{path.name}{len(started)}.log").open("w+b")
        given = [f"{key}:={value}" for key, value in arguments.items()]
        before = os.environ.get("PYTHONPATH", "")
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(path), *given],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [launch_path, before])),
                "PYTHONUNBUFFERED": "1",
            },
        )
        started.append(process)
        return process, Path(output.name)

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):  # nothing is left of its session
            os.killpg(process.pid, signal.SIGKILL)  # what it started may outlive it
        process.wait()


@pytest.fixture
def launched(start):
    """Runs a launch file, ends it as Ctrl-C does, and reads its output."""
    running = []

    def launch(file, **arguments):
        """The file of its output."""
        running.append(start(file, arguments))
        return running[-1][1]

    yield launch
    for process, output in running:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0, output.read_text()
        assert "Traceback" not in output.read_text()
        assert "process has died" not in output.read_text()


@pytest.fixture
def visited(launch_path, tmp_path, monkeypatch):
    """Runs a launch file by the stand-in, in this process: the command lines."""

    def visit(file, arguments):
        from launch import LaunchDescription, LaunchService
        from launch.actions import IncludeLaunchDescription
        from launch.launch_description_sources import AnyLaunchDescriptionSource

        monkeypatch.chdir(tmp_path)
        path = file if isinstance(file, Path) else LAUNCH / f"{file}.launch.py"
        source, service = AnyLaunchDescriptionSource(str(path)), LaunchService(argv=[])
        included = IncludeLaunchDescription(source, launch_arguments=list(arguments.items()))
        service.include_launch_description(LaunchDescription([included]))
        service.visit()
        return service.context.started

    return visit


@pytest.fixture
def commands(launch_path, start, visited, tmp_path):
    """The processes that a launch file would start, by their nodes' full names."""

    def recorded(file, arguments):
        folder = tmp_path / f"commands{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (tmp_path / "record.py").write_text(RECORD)
        prefix = shlex.join([sys.executable, str(tmp_path / "record.py"), str(folder)])
        process, output = start(file, {**arguments, "launch-prefix": prefix})
        assert process.wait(60) == 0, output.read_text()
        return [json.loads(path.read_text()) for path in folder.iterdir()]

    def find(file, **arguments):
        started = visited(file, arguments) if launch_path else recorded(file, arguments)
        found = [Command(Path(words[0]), words[1:], env) for words, env in started]
        return {command.full_name: command for command in found}

    return find


@pytest.fixture
def refusal(launch_path, start, visited):
    """Why a launch file starts nothing."""

    def read(file, **arguments):
        if launch_path:
            with pytest.raises(Exception, match=r".") as caught:
                visited(file, arguments)
            return str(caught.value)
        process, output = start(file, arguments)
        assert process.wait(60) == 1, output.read_text()
        assert "process started" not in output.read_text()
        return output.read_text()

    return read


@pytest.fixture
def launch_file(tmp_path):
    """Writes a launch file that includes one of ours, with actions before it."""

    def write(name, *actions, **arguments):
        path = tmp_path / f"around_{name}.launch.py"
        path.write_text(
            "from launch import LaunchDescription\n"
            "from launch.actions import *\n"
            "from launch.launch_description_sources import PythonLaunchDescriptionSource\n"
            "from launch_ros.actions import *\n"
            "def generate_launch_description():\n"
            f"    source = PythonLaunchDescriptionSource({str(LAUNCH / name)!r} + '.launch.py')\n"
            f"    pairs = {list(arguments.items())!r}\n"
            "    included = IncludeLaunchDescription(source, launch_arguments=pairs)\n"
            f"    return LaunchDescription([{', '.join([*actions, 'included'])}])\n"
        )
        return path

    return write


@pytest.fixture
def rviz_arguments(tmp_path, monkeypatch):
    """The command line of a program in RViz's place, once it runs."""
    record, program = tmp_path / "arguments", tmp_path / "lib" / "rviz2" / "rviz2"
    marker = tmp_path / "share" / "ament_index" / "resource_index" / "packages" / "rviz2"
    for path in (program, marker):
        path.parent.mkdir(parents=True)
    marker.touch()
    program.write_text(RVIZ.format(python=sys.executable, record=str(record)))
    program.chmod(0o755)
    known = os.environ.get("AMENT_PREFIX_PATH", sys.prefix)
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"{tmp_path}{os.pathsep}{known}")
    return lambda: record.read_text().split("\n") if record.exists() else []


@pytest.fixture
def probe(context):
    import rclpy

    node = rclpy.create_node("probe")
    yield node
    node.destroy_node()


@pytest.fixture
def node_of(context):
    """The node that a command runs, made here; its parameters are the command line's."""
    from mobilepose_ros.camera_node import CameraNode
    from mobilepose_ros.person_follower import PersonFollower
    from mobilepose_ros.pose_node import PoseNode
    from mobilepose_ros.view import ViewNode

    kinds = {
        "camera_node": CameraNode,
        "person_follower": PersonFollower,
        "pose_node": PoseNode,
        "view": ViewNode,
    }
    nodes = []

    def make(command):
        node = kinds[command.program.name](cli_args=command.arguments)
        nodes.append(node)
        return node

    yield make
    while nodes:
        nodes.pop().destroy_node()
