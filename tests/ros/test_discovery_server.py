"""Nodes that find one another by Fast DDS's discovery server, and what is said where it is not."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from benchmarks.measure import fastdds_server

from mobilepose_ros import discovery_server, environment, fastdds
from mobilepose_ros.discovery_server import Probe, Server

RANGE, SERVER = discovery_server.RANGE, discovery_server.VARIABLE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.5:11811", [Server(0, "10.0.0.5", 11811, False)]),
        ("server.local", [Server(0, "server.local", 11811, False)]),
        (";10.0.0.6:14520", [Server(1, "10.0.0.6", 14520, False)]),
        ("a:1;;b:2;", [Server(0, "a", 1, False), Server(2, "b", 2, False)]),
        ("[2a02:ec80::3]:14520", [Server(0, "2a02:ec80::3", 14520, False)]),
        ("UDPv4:[host]:11812", [Server(0, "host", 11812, False)]),
        ("TCPv4:[127.0.0.1]", [Server(0, "127.0.0.1", 42100, True)]),
    ],
)
def test_the_variable_names_servers_by_their_ids(text, found):
    assert discovery_server.servers(text) == found


@pytest.mark.parametrize(
    "text", ["10.0.0.5,10.0.0.6", "10.0.0.5:port", "a:70000", "a b", ";", "a:0"]
)
def test_what_fast_dds_could_not_read_is_a_mistake(text):
    with pytest.raises(ValueError, match=r"expected 10\.0\.0\.5:11811, or"):
        discovery_server.servers(text)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({SERVER: "a,b"}, f"{SERVER}: 'a,b' is no discovery server; expected 10.0.0.5:11811"),
        ({RANGE: "OFF"}, f"{RANGE} is OFF, with which no node is found at {SERVER} either: unset"),
        ({"RMW_IMPLEMENTATION": "rmw_zenoh_cpp"}, "is rmw_zenoh_cpp, which ignores it: unset"),
    ],
)
def test_settings_with_which_a_server_is_not_used_are_a_warning(changes, text):
    good = {SERVER: "10.0.0.5:11811", RANGE: "LOCALHOST"}
    assert environment.warnings(good) == []

    (warning,) = environment.warnings({**good, **changes})

    assert text in warning
    assert not discovery_server.is_used({**good, **changes})


def test_with_a_server_only_a_super_client_lists_all_topics():
    assert discovery_server.list_command({}) == "ros2 topic list -t"
    assert discovery_server.list_command({SERVER: "a"}).startswith("ROS_SUPER_CLIENT=TRUE ros2 ")


@pytest.fixture
def port():
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def probe():
    """Makes probes, and closes them."""
    with contextlib.ExitStack() as stack:

        def make(text, clock=time.monotonic):
            made = Probe(text, clock)
            stack.callback(made.close)
            return made

        yield make


def wait_for_reason(made, text):
    """Waits until the only server of a probe is missing for a reason."""
    deadline = time.monotonic() + 30
    while not any(text in reason for reason in made.missing().values()):
        assert time.monotonic() < deadline, made.missing()
        time.sleep(0.01)


def test_a_port_that_nobody_has_is_noticed_at_every_call_from_the_second_on(probe, port):
    made = probe(f"127.0.0.1:{port}")
    (server,) = discovery_server.servers(f"127.0.0.1:{port}")

    assert made.missing() == {}
    time.sleep(0.05)
    assert [made.missing() for _ in range(3)] == [{server: "Connection refused"}] * 3


def test_a_server_that_starts_later_is_not_missing_any_more(probe, port):
    made = probe(f"127.0.0.1:{port}")
    made.missing()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        assert len(made.missing()) == 1  # of the message before
        assert made.missing() == {}


def test_a_name_that_nobody_knows_is_a_missing_server(probe):
    wait_for_reason(probe("no-such-host.invalid:11811"), "ame ")


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_name_that_no_host_can_have_is_a_missing_server(probe, host):
    wait_for_reason(probe(f"{host}:11811"), "invalid name of a host: ")


class Names:
    """A name service that knows nothing at first, and answers when it is told to."""

    def __init__(self, monkeypatch):
        self.asked, self.is_up = 0, False
        self.may_answer = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host, port, **_):
        self.asked += 1
        assert self.may_answer.wait(30)
        if not self.is_up:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("127.0.0.1", port))]


def test_a_look_up_that_failed_is_repeated_later(probe, port, monkeypatch):
    names, now = Names(monkeypatch), [100.0]
    names.may_answer.set()
    made = probe(f"server.local:{port}", lambda: now[0])

    wait_for_reason(made, "Temporary failure in name resolution")
    assert len(made.missing()) == 1
    assert names.asked == 1

    names.is_up = True
    now[0] += discovery_server.LOOK_UP_INTERVAL
    wait_for_reason(made, "Connection refused")
    assert names.asked == 2


def test_a_look_up_that_takes_long_holds_nobody_up(probe, port, monkeypatch):
    names, now = Names(monkeypatch), [100.0]
    made = probe(f"server.local:{port}", lambda: now[0])

    assert made.missing() == {}
    now[0] += 10 * discovery_server.LOOK_UP_INTERVAL
    assert made.missing() == {}
    assert names.asked <= 1

    names.may_answer.set()
    wait_for_reason(made, "Temporary failure in name resolution")


def test_the_hint_names_the_command_for_what_is_missing():
    server = Server(1, "10.0.0.6", 14520, False)

    text = discovery_server.hint(";10.0.0.6:14520", {server: "Connection refused"})

    assert "nothing answers at 10.0.0.6:14520 (Connection refused)" in text
    assert "start `fastdds discovery -i 1 -p 14520` there" in text


@pytest.fixture
def start_server():
    """Starts discovery servers by their IDs and ports."""
    running = []

    def start(number, port):
        try:
            running.append(fastdds_server.start(number, port))
        except RuntimeError as error:
            pytest.skip(str(error))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


MEET = """
import sys, time
import rclpy
from rclpy.node import Node
from std_msgs.msg import Header
from mobilepose_ros import topic_hints
def node_in(domain, name):
    context = rclpy.Context()
    context.init(args=[], domain_id=domain)
    return Node(name, context=context)
nodes, publishers = [], []
for line in sys.stdin:
    topic = line.strip()
    camera, listener = node_in(3, "camera"), node_in(4, "listener")
    nodes += [camera, listener]  # those that are not referred to are destroyed
    publishers.append(camera.create_publisher(Header, topic, 10))
    listener.create_subscription(Header, topic, lambda _: None, 10)
    deadline = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < deadline:
        hint = topic_hints.isolation(listener)
        counts = [publisher.get_subscription_count() for publisher in publishers]
        if all(counts) and not hint:
            break
        time.sleep(0.05)
    print(counts, hint, flush=True)
"""
"""For each topic that it reads: two nodes of different domains, and whether they have met.

Fast DDS keeps ROS_DISCOVERY_SERVER and profiles for the life of a process, so this is one.
"""


@pytest.fixture
def meet(tmp_path):
    """Has two nodes meet on a topic, with given servers; returns what the process then says."""
    script = tmp_path / "meet.py"
    script.write_text(MEET)
    running = []

    def begin(servers, seconds=20):
        process = subprocess.Popen(
            [sys.executable, str(script), str(seconds)],
            env={**os.environ, SERVER: servers, fastdds.variable(): str(fastdds.profile())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)

        def on(topic):
            process.stdin.write(f"{topic}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        return on

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.alone
def test_nodes_of_different_domains_meet_at_their_server_and_after_it_at_the_second(
    start_server, meet, port
):
    first = start_server(0, port)
    start_server(1, port + 1)
    on = meet(f"127.0.0.1:{port};127.0.0.1:{port + 1}")
    assert on("before") == "[1]"

    first.kill()
    first.wait()

    assert on("after") == "[1, 1]"


@pytest.mark.slow
def test_a_node_without_its_server_says_where_nothing_answers(meet, port):
    text = meet(f"127.0.0.1:{port}", seconds=0.3)("alone")

    assert f"{SERVER} is 127.0.0.1:{port} here, and nothing answers at 127.0.0.1:{port}" in text
    assert "(Connection refused)" in text
    assert f"`fastdds discovery -i 0 -p {port}`" in text
