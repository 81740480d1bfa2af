"""Signals that end a command from outside."""

import signal
import threading

import pytest

from mobilepose_core.cli import main, predict, signals


@pytest.fixture(autouse=True)
def as_by_default():
    """Signals as in a shell, whatever the tests were started by."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in signals.ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def command(monkeypatch):
    """Runs a function as the command `predict`; returns the exit status."""

    def run(function):
        monkeypatch.setattr(predict, "_run", lambda options: function())
        return main(["predict", "photo.jpg"])

    return run


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_command_that_is_ended_by_a_signal_completes_its_files_and_says_so(
    command, capsys, name, status
):
    completed = []

    def work():
        try:
            signal.raise_signal(signal.Signals[name])
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGTERM)  # `timeout` sends a second one
            signal.raise_signal(signal.SIGHUP)
            completed.append("a file")
            raise

    assert command(work) == status

    assert completed == ["a file"]
    assert capsys.readouterr().err == f"mobilepose: ended by {name}\n"


def test_ctrl_c_is_no_other_signal(command, capsys):
    assert command(lambda: signal.raise_signal(signal.SIGINT)) == 130

    assert capsys.readouterr().err == "mobilepose: interrupted\n"


def test_a_signal_that_is_ignored_stays_ignored(command):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does

    assert command(lambda: signal.raise_signal(signal.SIGHUP) or 0) == 0


def test_signals_are_as_before_when_a_command_has_ended(command):
    taken = command(lambda: sum(signal.getsignal(n) is signal.SIG_DFL for n in signals.ENDING))

    assert taken == 0
    assert {signal.getsignal(number) for number in signals.ENDING} == {signal.SIG_DFL}


def test_a_command_can_run_outside_the_main_thread(command):
    statuses = []

    thread = threading.Thread(target=lambda: statuses.append(command(lambda: 0)))
    thread.start()
    thread.join()

    assert statuses == [0]
