"""What happens in a long run, and what must hold meanwhile.

Each event is a function of the `Soak`; it raises `SoakError` if the node fails at it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticStatus

from benchmarks.soaking import faults, parameter_values, time_jumps
from benchmarks.soaking.processes import SoakError, ViewerProcess

if TYPE_CHECKING:
    from benchmarks.soaking.soak import Soak

ANY = math.inf


@dataclass(frozen=True)
class Event:
    """Something that happens.

    Attributes:
        name: in the imperative, for the report.
        run: makes it happen.
        uncounted: largest number of published images that the node need not count. Those of a
            killed camera may be on their way; nobody counts those that are published while the node
            is not subscribed; and the middleware's numbers of several cameras cannot be compared.
    """

    name: str
    run: Callable[[Soak], None]
    uncounted: float = 0


def people_come_and_go(soak: Soak) -> None:
    """The scene as always: people walk through the picture."""
    soak.pass_time(2)


def picture_is_empty(soak: Soak) -> None:
    """The picture stays empty; so must the results, once tracks have ended."""
    soak.camera.tell("people false")
    soak.pass_time(1)
    soak.control.forget()
    soak.pass_time(0.5)
    soak.camera.tell("people true")
    if any(soak.control.people):
        raise SoakError(f"{max(soak.control.people)} people in an empty picture")


def viewers_come_and_go(soak: Soak) -> None:
    """Two subscribe to everything; one leaves, the other one is killed."""
    viewers = [soak.add(ViewerProcess()) for _ in range(2)]
    for viewer in viewers:
        viewer.wait_until_ready()
    soak.pass_time(0.5)
    viewers[0].end()
    soak.pass_time(0.3)
    viewers[1].kill()


def parameters_change(soak: Soak) -> None:
    """All that may change at any time changes, several times, and returns to the defaults."""
    for _ in range(5):
        values = parameter_values.drawn(soak.random)
        if reason := soak.control.set(**values):
            raise SoakError(f"{values} was refused: {reason}")
        soak.pass_time(0.2)
    soak.control.set(**parameter_values.defaults())


def requests_are_refused(soak: Soak) -> None:
    """Invalid parameters and transitions; the node says no and goes on."""
    for values in parameter_values.INVALID:
        if not soak.control.set(**values):
            raise SoakError(f"{values} was accepted")
        soak.pass_time(0.1)
    for transition in ("configure", "activate", "cleanup"):
        if soak.control.change(transition):
            raise SoakError(f"the active node accepted {transition}")


def services_are_asked(soak: Soak) -> None:
    """Everything that a tool asks, many times."""
    for _ in range(20):
        names = list(soak.control.call("list_parameters").result.names)
        if len(soak.control.describe(names)) != len(names):
            raise SoakError("not all parameters were described")
        soak.control.call("get_parameters", names=names)
        if soak.control.state != "active":
            raise SoakError("the node is not active")


def paused_and_resumed(soak: Soak) -> None:
    """`~/enable`, with images arriving meanwhile."""
    for _ in range(3):
        for wanted in (False, True):
            if not soak.control.call("enable", data=wanted).success:
                raise SoakError(f"~/enable {wanted} failed")
            soak.pass_time(0.1)
    soak.wait_for_joints()


def deactivated_and_activated(soak: Soak) -> None:
    """As a lifecycle manager does, with images arriving meanwhile."""
    for _ in range(3):
        for transition in ("deactivate", "activate"):
            soak.change(transition)
            soak.pass_time(0.1)
    soak.wait_for_joints()


def configured_again(soak: Soak) -> None:
    """The networks are loaded again; the node's counts start at zero."""
    soak.change("deactivate")
    soak.change("cleanup")
    soak.pass_time(0.1)
    soak.restart_counts()
    soak.change("configure")
    soak.change("activate")
    soak.wait_for_joints()


def camera_ends_and_returns(soak: Soak) -> None:
    """As its driver is restarted."""
    soak.end_camera()
    soak.pass_time(0.2)
    soak.start_camera()
    soak.pass_time(0.5)


def camera_is_killed_and_returns(soak: Soak) -> None:
    """As its driver crashes and is started again at once."""
    soak.kill_camera()
    soak.start_camera()
    soak.pass_time(0.5)
    soak.wait_for_one_camera()


def camera_freezes(soak: Soak) -> None:
    """Its process hangs for a while; the node says that images are missing."""
    soak.camera.freeze()
    try:
        soak.control.wait(
            lambda: soak.control.level == DiagnosticStatus.ERROR, "an ERROR about a frozen camera"
        )
    finally:
        soak.camera.thaw()
    soak.control.wait(lambda: soak.control.level != DiagnosticStatus.ERROR, "its end")


def two_cameras_publish(soak: Soak) -> None:
    """By mistake, on one topic."""
    other = soak.add_camera()
    soak.run_camera(other)
    soak.pass_time(0.5)
    other.tell("end")
    soak.wait_for_one_camera()


def camera_is_best_effort(soak: Soak) -> None:
    """Large images that do not fit into the default shared memory: most are lost, and counted."""
    soak.end_camera()
    soak.start_camera("--width", 640, "--height", 480, "--reliability", "best_effort")
    soak.pass_time(1)
    soak.end_camera()
    soak.start_camera()


def images_change_size(soak: Soak) -> None:
    """Smaller, larger, as before."""
    for size in ("64x48", "640x480", "320x240"):
        soak.camera.tell(f"size {size}")
        soak.pass_time(0.3)


def images_are_broken(soak: Soak) -> None:
    """Too short, of an unknown encoding, with a wrong step, without pixels."""
    soak.camera.tell("bad 8")
    soak.pass_time(1)


def camera_is_too_fast(soak: Soak) -> None:
    """More images come than can be processed."""
    soak.camera.tell(f"rate {soak.options.overload_hz}")
    soak.pass_time(0.5)
    soak.camera.tell(f"rate {soak.options.rate}")


def node_freezes(soak: Soak) -> None:
    """It has no CPU for a moment, as on a computer that is suspended."""
    soak.node.freeze()
    time.sleep(1)
    soak.node.thaw()
    soak.pass_time(0.5)


EVENTS = (
    Event("people come and go", people_come_and_go),
    Event("viewers come and go", viewers_come_and_go),
    Event("parameters change", parameters_change),
    Event("requests are refused", requests_are_refused),
    Event("services are asked", services_are_asked),
    Event("the node is paused and resumed", paused_and_resumed, ANY),
    Event("the node is deactivated and activated", deactivated_and_activated, ANY),
    Event("the node is configured again", configured_again, ANY),
    Event("the node freezes", node_freezes),
    Event("a camera ends and returns", camera_ends_and_returns),
    Event("a camera is killed and returns", camera_is_killed_and_returns, 1),
    Event("a camera freezes and goes on", camera_freezes),
    Event("two cameras publish on one topic", two_cameras_publish, ANY),
    Event("a camera is best effort, its images large", camera_is_best_effort),
    Event("a camera is too fast", camera_is_too_fast),
    Event("images change their size", images_change_size),
    Event("images are broken", images_are_broken),
    Event("stamps of images jump", time_jumps.stamps_jump),
    Event("simulated time jumps", time_jumps.simulated_time_jumps),
    Event("the disk of the log is full", faults.log_disk_is_full),
    Event("the disk of results is full", faults.results_disk_is_full),
)
"""All events; a round has each of them once, in random order."""

LAST = Event("the picture is empty", picture_is_empty)
"""Ends a round; what the node holds is measured in it."""
