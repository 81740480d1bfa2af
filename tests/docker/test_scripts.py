"""The Dockerfile's steps, run without Docker."""

import os
import re
import shutil
import subprocess

import pytest

PROGRAMS = ("sh", "bash", "cat", "dirname", "xargs", "awk", "grep", "sort", "tr")


@pytest.fixture
def machine(tmp_path, root):
    """A copy of docker/ on a bare machine: programs are added to its PATH one by one."""

    class Machine:
        def __init__(self):
            shutil.copytree(root / "docker", tmp_path / "docker")
            (tmp_path / "bin").mkdir()
            for name in PROGRAMS:
                (tmp_path / "bin" / name).symlink_to(shutil.which(name))

        def add(self, name, script="exit 0"):
            path = tmp_path / "bin" / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)

        def run(self, *command):
            return subprocess.run(
                [str(tmp_path / command[0]), *command[1:]],
                cwd=tmp_path,
                env={"PATH": str(tmp_path / "bin"), "ROS_DISTRO": "none"},
                capture_output=True,
                text=True,
                timeout=60,
            )

    return Machine()


def test_every_script_can_be_parsed_and_run(root):
    scripts = sorted((root / "docker").glob("*.sh"))

    assert scripts
    for path in scripts:
        shell = path.read_text().split("\n")[0].removeprefix("#!")
        assert os.access(path, os.X_OK)
        assert subprocess.run([shell, "-n", str(path)]).returncode == 0


def test_the_entrypoint_runs_a_command_where_mobilepose_is_set_up(root):
    if not (root / ".venv" / "bin" / "activate").exists():
        pytest.skip("mobilepose is not set up in .venv: make setup")
    environment = {"PATH": "/usr/bin:/bin", "ROS_DISTRO": os.environ.get("ROS_DISTRO", "none")}
    command = "import sys, mobilepose_core; print(sys.argv[1], sys.prefix); sys.exit(3)"

    ended = subprocess.run(
        [str(root / "docker" / "entrypoint.sh"), "python3", "-c", command, "a word"],
        env=environment,
        capture_output=True,
        text=True,
        cwd="/",
    )

    assert ended.returncode == 3, ended.stderr
    assert ended.stdout == f"a word {(root / '.venv').resolve()}\n"


def test_packages_for_the_run_are_those_of_package_xml(machine):
    machine.add(
        "rosdep",
        'case "$1" in keys) printf "rclpy\\nrviz2\\npython3-tqdm\\npython3-opencv\\n";;'
        ' resolve) shift; test "$*" = "rclpy python3-opencv"'
        ' && printf "#ROSDEP[rclpy]\\n#apt\\nros-jazzy-rclpy\\n#ROSDEP[x]\\n#pip\\nonnxruntime\\n'
        '#ROSDEP[python3-opencv]\\n#apt\\npython3-opencv\\n";; esac',
    )

    ended = machine.run("docker/list_packages.sh", "src")

    assert ended.stdout == "python3-opencv\nros-jazzy-rclpy\n", ended.stderr


def test_a_key_that_rosdep_does_not_know_ends_the_build(machine):
    machine.add("rosdep", 'test "$1" = keys && echo unknown')

    assert machine.run("docker/list_packages.sh", "src").returncode != 0


def test_listed_packages_are_installed_without_recommended_ones(machine, tmp_path):
    machine.add("apt-get", 'echo "$@"')
    for name in ("some", "more"):
        (tmp_path / name).write_text(f"{name}-one\n{name}-two\n")

    ended = machine.run("docker/install_packages.sh", "some", "more")

    assert ended.stdout.splitlines() == [
        "update",
        "install --yes --no-install-recommends some-one some-two more-one more-two",
        "distclean",
    ]


def test_a_package_that_cannot_be_installed_ends_the_build(machine, tmp_path):
    machine.add("apt-get", 'test "$1" != install')
    (tmp_path / "some").write_text("none\n")

    assert machine.run("docker/install_packages.sh", "some").returncode != 0


def test_what_builds_is_what_the_readme_asks_for(root):
    asked = re.search(r"^sudo apt install (.*)$", (root / "README.md").read_text(), re.M)[1]
    packages = (root / "docker" / "build-packages.txt").read_text().split()

    assert set(packages) == set(asked.split()) - {"git"}


def test_the_gpus_onnx_runtime_takes_the_place_of_the_other(machine, tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$3 $@"\n')
    python.chmod(0o755)
    machine.add("uname", "echo x86_64")

    first, second = machine.run("docker/use_gpu.sh").stdout.splitlines()

    assert first.startswith("uninstall")
    assert first.endswith(" onnxruntime")
    assert second.startswith("install")
    assert "--constraint" in second
    assert second.endswith(" onnxruntime-gpu[cuda,cudnn]")


def test_on_arm_the_gpus_onnx_runtime_is_taken_from_where_it_is_said_to_be(machine, tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    machine.add("uname", "echo aarch64")
    wheel = "https://example.org/onnxruntime_gpu-1.23.0-cp312-cp312-linux_aarch64.whl"

    refused = machine.run("docker/use_gpu.sh", "onnxruntime-gpu[cuda,cudnn]")
    done = machine.run("docker/use_gpu.sh", wheel)

    assert refused.returncode == 1
    assert "PyPI has no onnxruntime-gpu for aarch64" in refused.stderr
    assert not refused.stdout  # the other one is still there
    assert done.stdout.splitlines()[1].endswith(f" {wheel}")


def test_an_image_that_can_only_run_the_node_is_good(machine):
    machine.add("id", "echo 1000")
    machine.add("python3", 'case "$2" in *torch*) exit 1;; esac')

    ended = machine.run("docker/check_image.sh")

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("program", "script", "reason"),
    [
        ("g++", "exit 0", "a compiler"),
        ("id", "echo 0", "it runs as root"),
        ("python3", "exit 0", "torch is installed"),
        ("python3", "exit 1", "the node cannot be imported"),
    ],
)
def test_an_image_with_a_fault_is_refused_with_the_reason(machine, program, script, reason):
    machine.add("id", "echo 1000")
    machine.add("python3", 'case "$2" in *torch*) exit 1;; esac')
    machine.add(program, script)

    ended = machine.run("docker/check_image.sh")

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"image: {reason}")
