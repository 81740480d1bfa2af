"""Fast DDS's own discovery server, of version 2 (Jazzy) or 3 (Kilted)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from mobilepose_ros import fastdds

_PROGRAM = "fast-discovery-server"

_SERVER_OF_VERSION_3 = "42"
"""With what version 3's `fastdds discovery` starts the program to get a server."""


def start(number: int, port: int) -> subprocess.Popen[bytes]:
    """Starts a server that only this host reaches; whoever calls stops it.

    Args:
        number: its position in the list of servers.
        port: of UDP.

    Raises:
        RuntimeError: this ROS has no such program.
    """
    if (program := shutil.which(_PROGRAM)) is None:
        raise RuntimeError(f"{_PROGRAM} not found: it belongs to Fast DDS")
    libraries = Path(program).parents[1] / "lib"
    command = [program, *([_SERVER_OF_VERSION_3] if fastdds.is_version_3() else [])]
    bundled = Path(sysconfig.get_path("purelib")).glob("ros_fast*.libs")  # of PyPI's wheels
    known = os.environ.get("LD_LIBRARY_PATH", "")
    paths = [str(libraries), *map(str, bundled), *filter(None, [known])]
    return subprocess.Popen(
        [*command, "-i", str(number), "-l", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(paths)},
        stdout=subprocess.DEVNULL,
    )
