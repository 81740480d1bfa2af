"""The program `health`, which asks a node how it is."""

import time

import pytest
from lifecycle_msgs.srv import GetState
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node

from mobilepose_ros import health


@pytest.fixture
def ask(capsys):
    """Asks; returns the exit status and the line that says why."""

    def run(*arguments):
        status = health.main(arguments)
        return status, capsys.readouterr().out.strip()

    return run


def test_a_node_that_waits_for_a_camera_is_well(ros, network, diagnostics, ask):
    ros.pose_node(network)

    status, reason = ask()

    assert status == 0, reason
    assert reason == "/mobilepose is active: waiting for images on /image"


def test_a_node_whose_camera_is_silent_is_not_well_and_says_why(ros, network, diagnostics, ask):
    ros.pose_node(network, silence_timeout=0.01)

    status, reason = ask()

    assert status == 1
    assert reason.startswith("/mobilepose is active: ")
    assert "/image" in reason


def test_its_state_alone_is_well_without_a_camera(ros, network, diagnostics, ask):
    ros.pose_node(network, silence_timeout=0.01)

    assert ask("--state-only") == (0, "/mobilepose is active")


def test_a_node_that_could_not_be_configured_is_not_well(ros, diagnostics, ask):
    node = ros.pose_node("no-such-model", start=False)
    node.trigger_configure()

    status, reason = ask()

    assert status == 1
    assert reason.startswith("/mobilepose is unconfigured: cannot be configured: ")


@pytest.mark.parametrize(
    "words", [("/robot2/eyes",), ("eyes", "--ros-args", "-r", "__ns:=/robot2")]
)
def test_it_asks_the_node_of_a_robot_and_no_other(ros, network, diagnostics, ask, words):
    ros.pose_node(network, namespace="robot1", name="eyes", silence_timeout=0.01)
    ros.pose_node(network, namespace="robot2", name="eyes")

    status, reason = ask(*words)

    assert status == 0, reason
    assert reason == "/robot2/eyes is active: waiting for images on /robot2/image"


def test_a_node_that_is_not_there_is_not_well_within_the_time_given(ros, ask):
    began = time.monotonic()

    status, reason = ask("--timeout", "0.3")

    assert (status, reason) == (1, "there is no node /mobilepose")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("timeout", ["nan", "inf", "0", "-1"])
def test_a_time_that_never_ends_or_has_passed_is_refused(capsys, timeout):
    with pytest.raises(SystemExit) as ending:
        health.main([f"--timeout={timeout}"])

    assert ending.value.code == 2
    expected = f"--timeout is a finite number of seconds above 0, got {timeout}"
    assert expected in capsys.readouterr().err


NAME = "expected a node's name, such as mobilepose or /robot1/mobilepose"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nonsense/"], f"{NAME}, got 'nonsense/'"),
        (["/"], f"{NAME}, got '/'"),
        ([""], f"{NAME}, got ''"),
        (["/robot 1/eyes"], f"{NAME}, got '/robot 1/eyes'"),
        (["a" * 250], f"{NAME}, got 'aaa"),
        (["--ros-args", "-r", "nonsense"], "ROS cannot start: "),
        (["--ros-args", "--nonsense"], "ROS cannot start: "),
    ],
)
def test_what_is_no_name_of_a_node_is_a_mistake_in_use(context, capsys, words, reason):
    with pytest.raises(SystemExit) as ending:
        health.main(["--timeout", "0.3", *words])

    assert ending.value.code == 2
    assert f"health: error: {reason}" in capsys.readouterr().err


def test_a_node_without_diagnostics_is_not_well(ros, ask):
    ros.add(LifecycleNode("mobilepose"))

    status, reason = ask("--timeout", "1")

    assert (status, reason) == (1, "/mobilepose is unconfigured, but publishes no diagnostics")


def test_a_node_whose_first_answer_is_lost_is_asked_again(ros, ask):
    node = ros.add(Node("mobilepose"))
    service = node.create_service(GetState, "mobilepose/get_state", lambda asked, answer: answer)
    send, lost = service.send_response, []

    def lose_the_first(*answer):
        return send(*answer) if lost else lost.append(answer)

    service.send_response = lose_the_first

    status, _ = ask("--state-only", "--timeout", "10")

    assert lost
    assert status == 0


def test_a_node_that_hangs_is_not_well(ros, network, ask):
    node = ros.pose_node(network)
    ros.executor.remove_node(node)

    status, reason = ask("--timeout", "1")

    assert (status, reason) == (1, "/mobilepose does not answer within 1 s")


def test_as_a_program_it_is_found_where_ros2_run_looks(program, ros, network, diagnostics):
    ros.pose_node(network)

    process = program("health")

    assert process.wait(30) == 0, process.text()
    assert process.text() == "/mobilepose is active: waiting for images on /image\n"
