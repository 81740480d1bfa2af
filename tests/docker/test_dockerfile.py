"""The Dockerfile, by rules: no Docker engine runs where mobilepose is developed."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest

from mobilepose_ros import health

TARGETS = ("cpu", "gpu", "recorder")


def test_it_is_based_on_the_official_images_of_ros_2_jazzy(dockerfile):
    bases = {stage.base for stage in dockerfile.stages.values()} - set(dockerfile.stages)

    assert bases == set(dockerfile.images)
    for image in dockerfile.images.values():
        assert re.fullmatch(r"ros:jazzy-ros-(core|base)-noble(@sha256:[0-9a-f]{64})?", image)


@pytest.mark.parametrize("target", TARGETS)
def test_the_final_stage_is_based_on_the_image_without_build_tools(dockerfile, target):
    lowest = dockerfile.line_of(target)[0]

    assert dockerfile.images[lowest.base].startswith("ros:jazzy-ros-core-")


@pytest.mark.parametrize("target", TARGETS)
def test_what_runs_takes_what_was_built_and_nothing_from_outside(dockerfile, target):
    copied = [rest for stage in dockerfile.line_of(target) for rest in stage.all("COPY")]

    assert copied
    for rest in copied:
        assert re.match(r"--from=build(-gpu)? /opt/mobilepose", rest)
    assert f"--from={'build-gpu' if target == 'gpu' else 'build'} /opt/mobilepose ." in copied


@pytest.mark.parametrize("target", TARGETS)
def test_it_runs_and_is_checked_as_a_user_other_than_root(dockerfile, target):
    last = [line for line in dockerfile.stages[target].instructions if line[0] in {"USER", "RUN"}]

    assert last[-2:] == [("USER", "1000:1000"), ("RUN", "docker/check_image.sh")]


def test_every_step_is_a_script_of_ours_or_set_up(dockerfile, root):
    for step in dockerfile.all("RUN"):
        words = shlex.split(step.split(">")[0])
        assert os.access(root / words[0], os.X_OK), step
        assert words[0].startswith("docker/")
        for word in words[1:]:
            assert word == "python3" or not word.endswith((".py", ".sh")) or (root / word).exists()


def test_every_file_that_a_step_reads_is_in_the_repository_or_written_before(dockerfile, root):
    written = {step.split("> ")[1] for step in dockerfile.all("RUN") if "> " in step}

    for step in dockerfile.all("RUN"):
        for name in re.findall(r"docker/\S+\.txt", step):
            assert name in written or (root / name).exists()


def test_the_build_copies_folders_that_exist_and_that_docker_is_given(dockerfile, root):
    copied = {rest.split()[0] for rest in dockerfile.stages["build"].all("COPY")}
    lines = (root / ".dockerignore").read_text().splitlines()

    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    for folder in copied:
        assert (root / folder).is_dir()


@pytest.mark.parametrize("kept_out", ["**/*.safetensors", "**/__pycache__", "ros2_ws/build"])
def test_what_was_made_by_training_and_builds_stays_out(root, kept_out):
    lines = (root / ".dockerignore").read_text().splitlines()

    assert kept_out in lines[lines.index("!ros2_ws") :]


def test_no_secret_and_no_download_is_written_into_it(dockerfile):
    named = " ".join(dockerfile.all("ENV") + dockerfile.all("ARG") + list(dockerfile.images))

    assert not re.search(r"PASS|TOKEN|SECRET|_KEY|CREDENTIAL", named)
    assert not dockerfile.all("ADD")
    assert not re.search(r"curl|wget|https?://", " ".join(dockerfile.all("RUN")))


def test_images_go_through_the_large_shared_memory(dockerfile, root):
    (environment,) = dockerfile.stages["runtime"].all("ENV")
    path = re.search(r"FASTRTPS_DEFAULT_PROFILES_FILE=/opt/mobilepose/(\S+)", environment)[1]

    assert (root / path).is_file()


def test_it_starts_the_node_and_ends_it_as_ctrl_c_does(dockerfile, root):
    stage = dockerfile.stages["runtime"]
    (entrypoint,) = stage.all("ENTRYPOINT")

    assert entrypoint == '["/opt/mobilepose/docker/entrypoint.sh"]'
    assert stage.all("CMD") == ['["ros2", "launch", "mobilepose_ros", "pose.launch.py"]']
    assert stage.all("STOPSIGNAL") == ["SIGINT"]


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_the_node_is_asked_for_its_health_by_a_program_of_the_image(dockerfile, root, target):
    (asked,) = [rest for stage in dockerfile.line_of(target) for rest in stage.all("HEALTHCHECK")]
    options, _, command = asked.partition("CMD ")
    entrypoint, *words = json.loads(command)

    assert (root / Path(entrypoint).relative_to("/opt/mobilepose")).is_file()
    assert words == ["python3", "-m", health.__name__]
    assert float(re.search(r"--timeout=(\d+)s", options)[1]) > 2 * health.TIMEOUT


def test_a_recorder_has_no_node_to_be_asked(dockerfile):
    assert dockerfile.stages["recorder"].all("HEALTHCHECK") == ["NONE"]


def test_no_step_depends_on_the_processor_but_that_for_gpus(dockerfile):
    named = " ".join([*dockerfile.images.values(), *dockerfile.all("RUN"), *dockerfile.all("FROM")])

    assert not re.search(r"amd64|x86|arm64|aarch64", named)
    assert dockerfile.stages["build-gpu"].all("ARG") == [
        'ONNXRUNTIME_GPU="onnxruntime-gpu[cuda,cudnn]"'
    ]
