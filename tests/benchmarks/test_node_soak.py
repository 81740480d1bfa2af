"""The long run: its bookkeeping, and that it notices a node that breaks its guarantees."""

import argparse
import fcntl
import math
import os
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from benchmarks import ROOT, node_soak
from benchmarks.measure import node_process
from benchmarks.soaking import events, parameter_values, resources, small_disk, verdicts
from benchmarks.soaking import soak as soaking
from benchmarks.soaking.account import ImageAccount
from benchmarks.soaking.events import EVENTS, Event
from benchmarks.soaking.resources import Resources
from benchmarks.soaking.scene import CYCLE, DrawnScene
from benchmarks.soaking.verdicts import Happened

from mobilepose_ros import fastdds
from mobilepose_ros.counters import Drop

KEPT = ImageAccount(published=10, received=9, answered=6, dropped=3, lost=1, heard=6)
HELD = Resources(memory=100.0, threads=20, descriptors=30, segments=4)


def verdict(found, start):
    (one,) = [verdict for verdict in found if verdict.name.startswith(start)]
    return one


def test_an_account_is_made_of_the_nodes_diagnostics():
    drops = {f"dropped: {reason.value}": "0" for reason in Drop}
    drops |= {"dropped: bad image": "2", "dropped: newer image came": "1"}
    drops |= {"dropped: lost in transport": "1"}

    account = ImageAccount.of(10, {**drops, "received": "9", "answered": "6"}, 6)

    assert account == KEPT
    assert (account.missing, account.unexplained, account.unheard) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"published": 11}, "published images"),
        ({"lost": 2}, "published images"),
        ({"dropped": 2}, "received images"),
        ({"heard": 5}, "answered images"),
        ({"heard": 7}, "answered images"),
    ],
)
def test_an_image_that_is_counted_nowhere_or_twice_breaks_a_guarantee(change, name):
    event = Happened("calm", replace(KEPT, **change), 0)

    found = verdicts.of([event], [HELD, HELD], 0, 0)

    assert [one.name.startswith(name) for one in found if not one.is_kept] in (
        [True],
        [True, False],
    )
    assert event.problems


def test_an_event_may_leave_as_many_images_uncounted_as_it_says_and_no_more():
    counted = [replace(KEPT, published=10 + missing) for missing in range(3)]

    assert not Happened("killed", counted[1], 1).problems
    assert Happened("killed", counted[2], 1).problems
    assert not Happened("disabled", counted[2], math.inf).problems


@pytest.mark.parametrize(
    ("name", "growth", "is_kept"),
    [("memory", 19.9, True), ("memory", 20.1, False)]
    + [(name, 1, False) for name in ("threads", "descriptors", "segments")],
)
def test_what_the_node_holds_may_not_grow_after_the_first_rounds(name, growth, is_kept):
    first = HELD._replace(**{name: getattr(HELD, name) - 50})  # before everything has happened
    grown = HELD._replace(**{name: getattr(HELD, name) + growth})

    found = verdicts.of([], [first, HELD, HELD, HELD, grown, grown, grown], 0, 0)

    assert verdict(found, f"no growth of {name}").is_kept == is_kept


def test_a_peak_that_goes_again_is_no_growth():
    found = verdicts.of([], [HELD, HELD, HELD, HELD._replace(threads=25), HELD, HELD, HELD], 0, 0)

    assert verdict(found, "no growth of threads").is_kept


@pytest.mark.parametrize(
    ("tracebacks", "left", "name"), [(1, 0, "the node's"), (0, 1, "the node l")]
)
def test_tracebacks_and_shared_memory_left_behind_break_a_guarantee(tracebacks, left, name):
    found = verdicts.of([], [HELD, HELD], tracebacks, left)

    assert [one.name for one in found if not one.is_kept] == [verdict(found, name).name]


def test_people_come_and_go_and_the_picture_is_empty_again():
    scene = DrawnScene(320, 240)
    empty = scene.picture(-1)

    shown = [(scene.picture(t) != empty).any() for t in range(int(2 * CYCLE))]

    assert any(shown)
    assert not all(shown)
    assert shown[: int(CYCLE)] == shown[int(CYCLE) :]


def test_the_disk_of_a_process_fills_up_and_is_emptied(tmp_path):
    if not small_disk.is_available():
        pytest.skip("the kernel gives processes no disk of their own")
    disk = small_disk.SmallDisk(tmp_path, size=1 << 16)
    script = (
        "import pathlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from benchmarks.soaking import small_disk\n"
        "folder = pathlib.Path(sys.argv[2])\n"
        "print(small_disk.fill(folder))\n"
        "try: (folder / 'more').write_bytes(b'x')\n"
        "except OSError as error: print(error.strerror)\n"
        "small_disk.empty(folder); (folder / 'more').write_bytes(b'x')\n"
    )
    command = disk.command([sys.executable, "-c", script, str(ROOT), str(tmp_path)])

    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed.splitlines() == [str(1 << 16), "No space left on device"]
    assert list(tmp_path.iterdir()) == []


def test_the_machines_own_disk_is_never_filled(tmp_path):
    with pytest.raises(RuntimeError, match="is on a disk of"):
        small_disk.fill(tmp_path)


def test_parameters_that_are_drawn_are_those_that_may_change_at_any_time():
    known = parameter_values.defaults()

    assert {"max_people", "track_timeout", "smoothing_time", "labels", "max_rate"} <= set(known)
    assert not {"model", "autostart", "enabled"} & set(known)


LEAKING = """
import os, sys
from mobilepose_ros import pose_node, running

pose_node.DIAGNOSTICS_INTERVAL = 0.1

class Leaking(pose_node.PoseNode):
    kept = []
    def _diagnose(self):
        super()._diagnose()
        self.kept.append((os.open("/dev/null", os.O_RDONLY), os.urandom(20_000_000)))

sys.exit(running.run(Leaking, None, lambda node: node.start()))
"""


def unsubscribed_unnoticed(soak):
    """Images are published while the node does not listen; the event does not say so."""
    soak.control.call("enable", data=False)
    soak.pass_time(1)
    soak.control.call("enable", data=True)
    soak.pass_time(1)


def hang(soak):
    """The node does nothing any more."""
    soak.node.freeze()


@pytest.fixture
def own_environment(monkeypatch):
    """Takes back what a run changes in this process's environment."""
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", *fastdds.CHOICES):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.alone  # its memory is measured, and its node hangs and is killed
@pytest.mark.usefixtures("own_environment")
def test_a_leak_an_uncounted_loss_and_a_hang_are_found(
    write_network, tmp_path, monkeypatch, capsys
):
    network = write_network(tmp_path / "markers.onnx")
    monkeypatch.setattr(node_process, "PATIENCE", 10.0)
    monkeypatch.setattr(soaking, "SETTLED", 6.0)
    program = tmp_path / "leaking.py"
    program.write_text(LEAKING)
    options = argparse.Namespace(model=str(network), threads=1, rate=20.0, spell=0.3, seed=0)
    calm = Event("calm", events.people_come_and_go)
    pretended = Event("pretended to be calm", unsubscribed_unnoticed)

    with node_soak.soaked(options, (str(program),)) as soak:
        soak.measure()
        for event in (calm, pretended):
            soak.happen(event)
        soak.measure()
        soak.happen(Event("the node hangs", hang))
    found = verdicts.of(soak.happened[:2], soak.samples, 0, 0)

    assert soak.happened[0].problems == []
    assert all(event.problems for event in soak.happened[1:])
    assert soak.happened[2].failure == "the pose node publishes nothing on /diagnostics"
    assert not soak.node.is_running
    assert "most recent call first" in capsys.readouterr().out  # where it hung
    broken = {one.name.split()[-1] for one in found if not one.is_kept}
    assert broken == {"lost", "memory", "descriptors"}  # the last words of their names
    assert verdict(found, "no growth of threads").is_kept
    assert soak.happened[1].account.missing > 0


def test_every_event_has_a_name_of_its_own_and_most_account_for_every_image():
    assert len({event.name for event in EVENTS}) == len(EVENTS)
    assert sum(event.uncounted == 0 for event in EVENTS) > len(EVENTS) / 2


@pytest.mark.usefixtures("own_environment")
def test_two_benchmarks_at_the_same_time_have_domains_of_their_own():
    node_process.take_own_domain()
    taken = int(os.environ["ROS_DOMAIN_ID"])

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant:
        participant.bind(("", 7410 + 250 * taken))
        node_process.take_own_domain()

    assert int(os.environ["ROS_DOMAIN_ID"]) != taken


def test_a_segment_in_shared_memory_belongs_to_the_process_that_locks_it(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "SHARED_MEMORY", tmp_path)
    mine, foreign = "fastrtps_0123456789abcdef", "fastrtps_fedcba9876543210"
    for name in (mine, foreign, "fastrtps_port7001"):
        (tmp_path / name).touch()
        (tmp_path / f"{name}_el").touch()

    with (
        (tmp_path / f"{mine}_el").open() as lock,
        (tmp_path / "fastrtps_port7001_el").open() as port,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(port, fcntl.LOCK_EX)
        owned = resources.owned(os.getpid())
    resources.remove(owned)

    assert owned == {mine}
    assert resources.exist({mine, foreign, "fastrtps_port7001"}) == {foreign, "fastrtps_port7001"}
