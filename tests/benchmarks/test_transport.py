"""The benchmark of the transport: its accounts, its cases, and a short run of it."""

import json
import subprocess
import sys

import pytest
from benchmarks import ROOT, transport
from benchmarks.transport import Account, Case

from mobilepose_ros.counters import Drop


def figures(received, answered, **dropped):
    """What the node's diagnostics say."""
    known = {f"dropped: {reason.value}": str(dropped.get(reason.name, 0)) for reason in Drop}
    return {**known, "received": str(received), "answered": str(answered), "state": "active"}


def test_an_image_is_answered_dropped_or_lost():
    account = Account.of(100, figures(80, 70, REPLACED=9, BAD=1, LOST=20))

    assert account.unaccounted == 0
    assert account.arrived == 80
    assert account.lost == 20
    assert account.dropped["newer image came"] == 9
    assert Drop.LOST.value not in account.dropped


@pytest.mark.parametrize(("lost", "unaccounted"), [(18, 2), (23, -3)])
def test_what_is_said_of_too_few_or_too_many_images_is_unaccounted_for(lost, unaccounted):
    account = Account.of(100, figures(80, 80, LOST=lost))

    assert account.unaccounted == unaccounted


def test_every_size_is_measured_with_each_reliability_with_and_without_the_profile():
    cases = transport.cases()

    assert len({case.name for case in cases}) == len(cases) == 13
    assert {(c.width, c.height, c.rate) for c in cases} == set(transport.SIZES)
    assert {c.name for c in cases if c.has_goal} == {"camera_node 640x480", "reliable 640x480"}


@pytest.mark.alone
def test_a_short_run_accounts_for_every_image_of_our_own_camera():
    command = ["benchmarks.transport", "--json", "--seconds", "1", "--only", "camera_node"]
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )

    result = json.loads(run.stdout.splitlines()[-1])
    (ours,) = result["cases"]
    assert run.returncode == 0, run.stdout
    assert result["complete"]
    assert ours["published"] == ours["answered"] + sum(ours["dropped"].values()) + ours["lost"]
    assert ours["answered"] > 0
    assert ours["lost"] == 0


def test_a_case_that_is_not_there_is_named_with_those_that_are(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["transport", "--only", "4k"])

    with pytest.raises(SystemExit):
        transport.main()

    assert "camera_node 640x480" in capsys.readouterr().err


def test_a_case_has_a_name():
    assert Case("reliable", 640, 480, 30.0, profile=True).name == "reliable 640x480 profile"
