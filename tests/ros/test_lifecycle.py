"""Transitions of the pose node that cannot be made or go wrong, and what 200 rounds leave."""

import gc
import os
import threading
import time
import weakref
from pathlib import Path

import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter

from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_ros.counters import Drop
from mobilepose_ros.pose_node import PoseNode
from mobilepose_ros.pose_publishers import PosePublishers

MEGABYTE = 2**20


def resident():
    """Memory of this process, bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def threads():
    return len(os.listdir("/proc/self/task"))


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def ask(ros):
    """Asks the node's services for a transition; whether it was made, and the state after it."""

    def ask(transition):
        change = ros.probe.create_client(ChangeState, "mobilepose/change_state")
        get = ros.probe.create_client(GetState, "mobilepose/get_state")
        assert change.wait_for_service(30)
        assert get.wait_for_service(30)
        request = ChangeState.Request(transition=Transition(id=transition))
        changed, state = change.call_async(request), get.call_async(GetState.Request())
        ros.wait(lambda: changed.done() and state.done(), what="answers")
        return changed.result().success, state.result().current_state.label

    return ask


def test_a_transition_that_the_state_does_not_have_is_refused(ros, network, ask, logged):
    ros.pose_node(network, start=False)

    assert ask(Transition.TRANSITION_ACTIVATE) == (False, "unconfigured")

    (error,) = logged("ERROR")
    assert "transition 3 from" in error
    assert "unconfigured" in error
    assert ask(Transition.TRANSITION_CONFIGURE) == (True, "inactive")


def test_a_manager_takes_the_node_through_its_whole_life(ros, network, ask):
    node = ros.pose_node(network, start=False)

    for transition, state in (
        (Transition.TRANSITION_CONFIGURE, "inactive"),
        (Transition.TRANSITION_ACTIVATE, "active"),
        (Transition.TRANSITION_DEACTIVATE, "inactive"),
        (Transition.TRANSITION_ACTIVATE, "active"),
        (Transition.TRANSITION_ACTIVE_SHUTDOWN, "finalized"),
    ):
        assert ask(transition) == (True, state)

    assert node._estimator is None
    assert not any(thread.name == "inference" for thread in threading.enumerate())


@pytest.mark.parametrize("transition", ["deactivate", "cleanup"])
def test_a_transition_that_goes_wrong_frees_all_and_can_be_begun_again(
    ros, network, logged, monkeypatch, transition
):
    node = ros.pose_node(network)
    if transition == "cleanup":
        node.trigger_deactivate()
    with monkeypatch.context() as patch:
        what = "clear_markers" if transition == "deactivate" else "destroy"
        original = getattr(PosePublishers, what)
        calls = []

        def fail_once(outputs):
            calls.append(1)
            if len(calls) == 1:
                raise RuntimeError("no such luck")
            original(outputs)

        patch.setattr(PosePublishers, what, fail_once)
        result = getattr(node, f"trigger_{transition}")()

    assert result == TransitionCallbackReturn.ERROR
    assert node.state == "unconfigured"
    assert f"{transition} failed: no such luck" in node.failure
    assert node.failure in logged("ERROR")
    assert not any(thread.name == "inference" for thread in threading.enumerate())
    assert node.start()
    assert node.failure == ""


def test_an_activation_that_fails_leaves_the_node_inactive(ros, network, monkeypatch, logged):
    node = ros.pose_node(network, start=False)
    node.trigger_configure()
    with monkeypatch.context() as patch:
        patch.setattr(PosePublishers, "publish_skeleton", lambda outputs: 1 / 0)
        assert node.trigger_activate() == TransitionCallbackReturn.FAILURE

    assert node.state == "inactive"
    assert "cannot be activated: division by zero" in logged("ERROR")[0]
    assert not any(thread.name == "inference" for thread in threading.enumerate())
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS


def test_deactivating_does_not_wait_for_a_slow_inference(
    ros, write_network, tmp_path, message, picture, monkeypatch
):
    slow = write_network(tmp_path / "slow.onnx", multiplications=1500)
    node, camera = ros.pose_node(slow), ros.publisher()
    begun = threading.Event()
    run = PoseModel.run
    monkeypatch.setattr(PoseModel, "run", lambda *given: (begun.set(), run(*given))[1])
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), begun.is_set)

    start = time.monotonic()
    node.trigger_deactivate()

    assert time.monotonic() - start < 1.0  # the inference takes several seconds
    assert node.counters.answered == 0
    assert node.counters.dropped[Drop.STOPPED] == 1
    assert node.counters.dropped.total() == node.counters.received


def test_networks_are_gone_at_once_when_the_node_is_cleaned_up(ros, network, ask, picture, message):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)
    ros.publish_until(camera, message(picture), lambda: node.counters.answered)
    model = weakref.ref(node._estimator.model)
    gc.disable()  # it would come, but after the next networks have been loaded, again and again
    try:
        ask(Transition.TRANSITION_DEACTIVATE)

        assert ask(Transition.TRANSITION_CLEANUP) == (True, "unconfigured")
        assert model() is None
    finally:
        gc.enable()


def test_nothing_is_seen_of_a_node_that_was_destroyed_before_python_collects_it(
    context, elsewhere, network
):
    node = PoseNode(parameter_overrides=[Parameter("model", value=network)])
    assert node.start()
    wait_until(lambda: "/mobilepose/get_state" in offered(elsewhere))
    gc.disable()
    try:
        node.destroy_node()

        wait_until(lambda: not any("/mobilepose/" in name for name in offered(elsewhere)))
        wait_until(lambda: "mobilepose" not in elsewhere.get_node_names())
    finally:
        gc.enable()


def offered(node):
    """The names of all services that a node sees."""
    return {name for name, _ in node.get_service_names_and_types()}


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_200_rounds_leak_no_memory_thread_or_descriptor(ros, network, picture, message):
    node, camera = ros.pose_node(network, start=False, use_depth=True), ros.publisher()

    def run(rounds):
        for _ in range(rounds):
            assert node.start()
            camera.publish(message(picture))
            node.trigger_deactivate()
            node.trigger_cleanup()
        gc.collect()
        return resident(), threads(), descriptors()

    memory_before, threads_before, descriptors_before = run(50)
    memory_after, threads_after, descriptors_after = run(150)

    assert threads_after <= threads_before
    assert descriptors_after <= descriptors_before
    if memory_after - memory_before >= 15 * MEGABYTE:  # the allocator's arenas, or a leak?
        memory_before = memory_after
        memory_after, *_ = run(150)
    assert memory_after - memory_before < 15 * MEGABYTE
