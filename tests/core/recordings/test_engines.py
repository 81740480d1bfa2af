"""Many recordings at once, on processes of this machine and on Ray: the same results."""

import errno
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mobilepose_core.errors import MobilePoseError
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.engines import LocalEngine, RayEngine, progress_of, run
from mobilepose_core.recordings.job import Job

FRAMES = 8


@pytest.fixture(scope="module")
def slower_network(write_network, tmp_path_factory):
    """The marker network, slowed down to some tens of milliseconds."""
    path = tmp_path_factory.mktemp("network") / "slower.onnx"
    return write_network(path, multiplications=5)


@pytest.fixture(params=["local", "ray"])
def engine(request):
    """Two workers of each kind."""
    if request.param == "local":
        return LocalEngine(2)
    pytest.importorskip("ray", reason="ray is not installed (pip install './mobilepose_core[ray]')")
    return RayEngine(2, 1)


def test_a_worker_that_is_killed_is_replaced_and_its_recording_goes_on(
    walk, job, slower_network, engine, raw_messages, tmp_path
):
    sources = [walk(f"walk{number}", frames=FRAMES) for number in range(2)]
    jobs = [job(source, interval=1e-9, model=slower_network) for source in sources]
    killed, shown = [], set()

    reports = []
    for finished in run(engine, jobs, timeout=0.02):
        reports += finished
        for task in jobs:
            shown.add(progress_of(task))
            journal = task.work / "journal"
            if not killed and journal.exists() and journal.stat().st_size > 20_000:
                killed.append(int((task.work / "lock").read_text()))
                os.kill(killed[0], signal.SIGKILL)

    assert len(killed) == 1
    assert [(r.frames, r.error, r.losses) for r in reports] == [(FRAMES, "", ())] * 2
    assert sum(report.resumed > 0 for report in reports) == 1
    assert any(0 < done <= count == FRAMES for done, count in shown)
    expected = annotate(job(walk("alone", frames=FRAMES), model=slower_network))
    for task in jobs:
        assert raw_messages(task.target) == raw_messages(expected.target)


def test_workers_that_died_while_they_were_idle_are_replaced(tmp_path):
    engine, reports = LocalEngine(3), []
    for number in range(3):
        engine.submit(missing(tmp_path, f"walk{number}"))
    while len(reports) < 3:
        reports += engine.finished(0.1)
    for worker in engine._workers:
        worker._process.kill()
        worker._process.join()
    assert len(engine._workers) == 3
    task = missing(tmp_path, "another")

    ((report,),) = filter(None, run(engine, [task]))

    assert report.error == f"{task.source}: no such recording"


def test_where_no_more_processes_can_be_started_those_that_run_go_on(tmp_path, monkeypatch, caplog):
    engine, room = LocalEngine(3), [multiprocessing.get_context("spawn").Process]

    def start(*given, **options):
        if not room:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return room.pop()(*given, **options)

    monkeypatch.setattr(engine._context, "Process", start)
    jobs = [missing(tmp_path, f"walk{number}") for number in range(4)]

    reports = [report for finished in run(engine, jobs) for report in finished]

    assert [report.error for report in reports] == [f"{t.source}: no such recording" for t in jobs]
    assert caplog.text.count("no more processes can be started") == 1
    with pytest.raises(OSError, match="Cannot allocate memory"):
        list(run(LocalEngine(3), jobs))


def missing(folder, name):
    """The job of a recording that is not there: it ends at once."""
    return Job(folder / f"missing_{name}", folder / name)


def test_a_recording_that_fails_is_reported_and_the_others_are_processed(walk, job, tmp_path):
    (tmp_path / "empty.mcap").write_bytes(b"")
    jobs = [job(walk(frames=1)), job(tmp_path / "empty.mcap")]

    reports = [report for finished in run(LocalEngine(1), jobs) for report in finished]

    assert [report.frames for report in reports] == [1, 0]
    assert "no topics can be read" in reports[1].error


@pytest.mark.parametrize("address", ["", "10.0.0.1:6379"])
def test_ray_that_does_not_start_is_one_line_and_leaves_no_processes(monkeypatch, address):
    ray = pytest.importorskip("ray", reason="ray is not installed")
    sleep = "import time; print(flush=True); time.sleep(600)"
    shell = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleep!r}])"
    before = subprocess.Popen([sys.executable, "-c", sleep], stdout=subprocess.PIPE)
    started = []

    def init(**_):
        started.append(subprocess.Popen([sys.executable, "-c", shell], stdout=subprocess.PIPE))
        started[0].stdout.readline()
        started.append(int(children_of(started[0].pid)[0]))
        raise Exception("The current node timed out\nduring startup.")

    monkeypatch.setattr(ray, "init", init)
    try:
        with pytest.raises(MobilePoseError) as error:
            RayEngine(1, 1, address)

        assert before.poll() is None
        assert not is_running(started[0].pid)
        assert not is_running(started[1])
    finally:
        for number in started[1:]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        for process in (before, started[0]):
            process.kill()
            process.communicate()
    text = str(error.value)
    assert "(The current node timed out during startup.)" in text
    assert ("no Ray cluster can be reached at 10.0.0.1:6379" in text) == bool(address)


def children_of(process):
    """The numbers of a process's children."""
    command = ["ps", "--ppid", str(process), "-o", "pid="]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


PROGRAM = """
import pickle, sys
from mobilepose_core.recordings.engines import LocalEngine, run
if __name__ == "__main__":
    for _ in run(LocalEngine(1), [pickle.load(open(sys.argv[1], "rb"))], timeout=0.05):
        pass
"""


def test_workers_end_with_the_program_that_is_killed(walk, job, slower_network, tmp_path):
    task = job(walk(frames=40), interval=1e-9, model=slower_network)
    (tmp_path / "job").write_bytes(pickle.dumps(task))
    (tmp_path / "program.py").write_text(PROGRAM)
    program = subprocess.Popen([sys.executable, tmp_path / "program.py", tmp_path / "job"])
    journal = task.work / "journal"
    assert within(60, lambda: journal.exists() and journal.stat().st_size > 20_000)
    worker = int((task.work / "lock").read_text())

    program.kill()
    program.wait()

    assert within(10, lambda: not is_running(worker))
    assert annotate(task).resumed > 0


def is_running(process):
    """Whether a process is there, and no zombie that nobody waits for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def within(seconds, condition):
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
