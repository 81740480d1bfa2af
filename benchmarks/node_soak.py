"""Long run of the pose node in which everything happens that happens to a robot.

    python -m benchmarks.node_soak --minutes 60
    python -m benchmarks.node_soak --minutes 10 --overload 5

People come and go; so do viewers. Parameters change, and invalid ones are refused. The node is
paused, deactivated and configured again. Cameras end, are killed, freeze, publish two at once, or
what is broken. Stamps and the simulated time jump. Disks are full. After each event every image is
accounted for, after each round of all events what the node holds is measured. It ends with a
verdict on each guarantee, and exit status 1 if one is broken. Ctrl-C ends it early, with verdicts.
With --overload, nothing happens but that the camera is faster than inference by that factor: see
`benchmarks.soaking.overload`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import machine
from benchmarks.measure.node_process import take_own_domain
from benchmarks.soaking import overload, verdicts
from benchmarks.soaking.control import Control
from benchmarks.soaking.events import EVENTS, Event
from benchmarks.soaking.resources import Resources
from benchmarks.soaking.soak import NODE_PROGRAM, Soak
from benchmarks.soaking.verdicts import Happened, Verdict
from mobilepose_ros import fastdds, running

WITHOUT_SHARED_MEMORY = "UDPv4"
"""Transports of this process. Fast DDS waits for ever for a segment in shared memory whose process
ended while it made it, and the processes here are killed."""


def main() -> int:
    options = _parser().parse_args()
    if options.overload:
        return overload.run(options)
    chosen = [event for event in EVENTS if any(text in event.name for text in options.only)]
    with soaked(options) as soak:
        _run(soak, chosen, options.minutes * 60)
        tracebacks = soak.node.output.read_text(errors="replace").count("Traceback")
        cpu = soak.node.cpu_seconds() if soak.node.is_running else 0.0
        left = soak.close()
        found = verdicts.of(soak.happened, soak.samples, tracebacks, left)
    _report(found, soak.happened)
    is_kept = all(verdict.is_kept for verdict in found)
    if options.json:
        print(json.dumps(_as_json(options, soak, found, cpu)))
    return 0 if is_kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=5.0, help="of the camera, Hz")
    parser.add_argument(
        "--overload-hz", type=float, default=60.0, help="of the camera while it is too fast, Hz"
    )
    parser.add_argument("--spell", type=float, default=5.0, help="unit of an event's length, s")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="events whose names have one of these texts in them"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is random")
    parser.add_argument(
        "--overload", type=float, help="no events; camera rate, relative to inference"
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the network")
    parser.add_argument("--model", default="final", help="released model or .onnx file")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser


@contextlib.contextmanager
def soaked(options: argparse.Namespace, program: Sequence[str] = NODE_PROGRAM) -> Iterator[Soak]:
    """A node with a camera in a DDS domain of their own; all processes end with the block.

    Args:
        options: see `Soak`.
        program: what Python runs as the node.
    """
    take_own_domain()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        for name in fastdds.CHOICES:
            os.environ.pop(name, None)
        os.environ[fastdds.TRANSPORTS] = WITHOUT_SHARED_MEMORY
        stop = stack.enter_context(running.ros([]))
        control = Control()
        stack.callback(control.destroy_node)
        del os.environ[fastdds.TRANSPORTS]  # the node and the cameras run as users start them
        stack.enter_context(running.spinning(stop, control))
        soak = Soak(options, control, folder, program)
        soak.stop = stop
        stack.callback(soak.close)
        soak.start()
        yield soak


def _run(soak: Soak, events: Sequence[Event], seconds: float) -> None:
    """Rounds of events until the time is over, or a signal ends it."""
    soak.measure()
    began = time.monotonic()
    deadline = began + seconds
    while time.monotonic() < deadline and soak.node.is_running and not soak.stop.is_set():
        known = len(soak.happened)
        soak.round(events, deadline, lambda happened: _print_event(began, happened))
        if len(soak.happened) > known and soak.samples:
            _print_sample(began, soak.samples[-1])
    soak.options.minutes = round((time.monotonic() - began) / 60, 1)
    if len(soak.samples) == 1 and soak.node.is_running:
        soak.measure()


def _print_event(began: float, event: Happened) -> None:
    account, problems = event.account, "; ".join(event.problems)
    word = "skipped" if event.skipped else "FAIL" if problems else "ok"
    print(
        f"{time.monotonic() - began:7.0f} s  {word:<8}{event.name:<44}"
        f"published {account.published}, received {account.received}, answered "
        f"{account.answered}, dropped {account.dropped}, lost {account.lost}"
        f"{'; ' if problems or event.skipped else ''}{problems or event.skipped}",
        flush=True,
    )


def _print_sample(began: float, sample: Resources) -> None:
    held = ", ".join(f"{name} {value:g}" for name, value in sample._asdict().items())
    print(f"{time.monotonic() - began:7.0f} s  {held}", flush=True)


def _report(found: Sequence[Verdict], happened: Sequence[Happened]) -> None:
    for reason in sorted({f"{event.name}: {event.skipped}" for event in happened if event.skipped}):
        print(f"SKIP  {reason}")
    for verdict in found:
        print(f"{'PASS' if verdict.is_kept else 'FAIL'}  {verdict.name}: {verdict.figures}")


def _as_json(
    options: argparse.Namespace, soak: Soak, found: Sequence[Verdict], cpu: float
) -> dict[str, Any]:
    events: dict[str, dict[str, int]] = {}
    for event in soak.happened:
        known = events.setdefault(event.name, {"times": 0, **vars(type(event.account)())})
        known["times"] += not event.skipped
        for name, value in vars(event.account).items():
            known[name] += value
    return {
        "machine": machine.description(),
        "minutes": options.minutes,
        "camera_hz": options.rate,
        "rounds": len(soak.samples) - 1,
        "node_cpu_seconds": round(cpu, 1),
        "track_ids": len(soak.control.ids),
        "most_people": soak.control.most_people,
        "left_by_killed": len(soak.left_behind),
        "samples": [sample._asdict() for sample in soak.samples],
        "events": events,
        "verdicts": [verdict.as_json() for verdict in found],
        "passed": all(verdict.is_kept for verdict in found),
    }


if __name__ == "__main__":
    sys.exit(main())
