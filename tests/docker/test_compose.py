"""compose.yaml, by rules."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

from mobilepose_ros import health
from mobilepose_ros.launch_arguments import POSE
from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import CameraParameters
from mobilepose_ros.topic_table import DIAGNOSTICS, PUBLISHED
from mobilepose_ros.view_parameters import ViewParameters

SERVICES = ("camera", "node", "gpu", "view", "recorder")
NODES = ("node", "gpu")


@pytest.fixture
def services(root):
    return yaml.safe_load((root / "docker" / "compose.yaml").read_text())["services"]


def test_there_are_a_camera_and_a_node_and_others_on_demand(services):
    assert set(services) == set(SERVICES)
    for name in ("gpu", "view", "recorder"):
        assert services[name]["profiles"] == [name]
    assert not any("profiles" in services[name] for name in ("camera", "node"))


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_built_from_a_stage_of_the_dockerfile(services, dockerfile, root, name):
    build = services[name]["build"]

    assert (root / "docker" / build["context"]).resolve() == root
    assert (root / build["dockerfile"]).is_file()
    assert build["target"] in dockerfile.stages
    assert services[name]["image"] == f"mobilepose:{build['target']}"


@pytest.mark.parametrize("name", SERVICES)
def test_dds_has_the_hosts_network_and_shared_memory(services, name):
    assert services[name]["network_mode"] == "host"
    assert services[name]["ipc"] == "host"


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_only_the_rights_that_a_node_needs(services, name):
    service = services[name]

    assert service["user"] == "${USER_ID:-1000}:${GROUP_ID:-1000}"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["read_only"]
    assert service["tmpfs"] == ["/tmp"]  # where ROS_HOME is


def test_node_and_camera_have_one_topic(services):
    topic = "image:=${IMAGE:-/camera/image_raw}"

    assert all(topic in services[name]["command"] for name in ("camera", "view", *NODES))


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_launched_with_arguments_that_exist(services, root, name):
    program, *given = services[name]["command"][2:]

    assert program == "mobilepose_ros"
    assert (root / "launch" / given[0]).is_file()
    assert {text.split(":=")[0] for text in given[1:]} <= set(POSE)


def test_the_camera_is_given_parameters_that_exist(services):
    command = services["camera"]["command"]
    parameters = [command[i + 1] for i, word in enumerate(command) if word == "--param"]

    assert {text.split(":=")[0] for text in parameters} <= set(table_rows(CameraParameters))


def test_the_gpu_is_asked_for_and_used(services):
    (device,) = services["gpu"]["deploy"]["resources"]["reservations"]["devices"]

    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert "device:=cuda" in services["gpu"]["command"]


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_asked_for_its_health_in_its_namespace(services, root, name):
    healthcheck, command = services[name]["healthcheck"], services[name]["command"]
    _, entrypoint, *words, asked = healthcheck["test"]

    assert healthcheck["test"][0] == "CMD"
    assert (root / Path(entrypoint).relative_to("/opt/mobilepose")).is_file()
    assert words == ["python3", "-m", health.__name__]
    assert asked == "${NAMESPACE:-}/" + health.NODE
    assert "namespace:=${NAMESPACE:-}" in command
    assert float(healthcheck["timeout"].rstrip("s")) > 2 * health.TIMEOUT  # it ends by itself


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in NODES])
def test_what_is_no_pose_node_is_not_asked(services, name):
    assert services[name]["healthcheck"] == {"disable": True}


def test_the_recorder_records_what_the_node_publishes_outside_the_container(services):
    service = services["recorder"]
    (volume,) = service["volumes"]
    pattern = service["command"][-1].replace("${NAMESPACE:-}", "")
    matched = {
        output.name
        for output in (*PUBLISHED, DIAGNOSTICS)
        if re.fullmatch(pattern, output.name.replace("~", "/mobilepose"))
    }

    assert volume.endswith(f":{service['working_dir']}")
    assert service["command"][:3] == ["ros2", "bag", "record"]
    assert matched == {"~/joints", "~/joints_3d", "~/people", "~/skeleton", "/diagnostics"}


def test_the_view_is_a_program_whose_page_only_this_machine_sees(services, root):
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_ros" / "setup.cfg")
    programs = re.findall(r"^(\w+) =", config["options.entry_points"]["console_scripts"], re.M)
    command = services["view"]["command"]

    assert command[:4] == ["ros2", "run", "mobilepose_ros", "view"]
    assert "view" in programs
    assert "__ns:=${NAMESPACE:-/}" in command  # the pose node's: it shows what that publishes
    assert not [word for word in command if "host" in word]
    assert table_rows(ViewParameters)["host"].default == "127.0.0.1"
