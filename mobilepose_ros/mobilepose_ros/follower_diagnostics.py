"""The person follower's status on /diagnostics: pure functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from mobilepose_core.behaviour import TargetState
from mobilepose_ros.diagnostics import ACTIVE


@dataclass(frozen=True)
class FollowerReport:
    """The state of the follower.

    Attributes:
        state: of the lifecycle, such as `active`.
        failure: why the last transition failed; empty if it succeeded.
        conflict: why the target's frame cannot be sent; empty if it can.
        silence: why no people arrive; empty if they do.
        trouble: other problems; empty if there are none.
        topic: of the people; empty without a subscription.
        frame: of the target's pose; empty before the first.
        target: the target; None while the node is not active.
        counts: what happened so far, by name.
    """

    state: str
    failure: str
    conflict: str
    silence: str
    trouble: str
    topic: str
    frame: str
    target: TargetState | None
    counts: Counter[str] = field(default_factory=Counter)


def status(name: str, report: FollowerReport) -> DiagnosticStatus:
    """The status message, given its name as `node: task`."""
    level, message = level_and_message(report)
    values = [KeyValue(key=key, value=value) for key, value in figures(report).items()]
    return DiagnosticStatus(level=level, name=name, message=message, values=values)


def level_and_message(report: FollowerReport) -> tuple[bytes, str]:
    """ERROR if something cannot work or no people arrive, WARN if one should look, or OK."""
    if report.failure:
        return DiagnosticStatus.ERROR, report.failure
    if report.state != ACTIVE or report.target is None:
        return DiagnosticStatus.OK, f"not active, {report.state}"
    if report.silence:
        return DiagnosticStatus.ERROR, "; ".join(filter(None, [report.silence, report.trouble]))
    if report.conflict:
        return DiagnosticStatus.ERROR, "; ".join(filter(None, [report.conflict, report.trouble]))
    if report.trouble:
        return DiagnosticStatus.WARN, report.trouble
    if not report.counts["received"]:
        return DiagnosticStatus.OK, f"waiting for people on {report.topic}"
    return DiagnosticStatus.OK, described(report.target)


def described(target: TargetState) -> str:
    """A target in a few words."""
    state = target.state.replace("_", " ")
    if target.track_id is not None:
        return f"{state}: track {target.track_id}"
    if target.state == "none":
        return f"no target: {target.reason}" if target.reason else "no target"
    return f"{state}: {target.reason}"


def figures(report: FollowerReport) -> dict[str, str]:
    """The key-value pairs of the status."""
    known = {"state": report.state, "people topic": report.topic, "frame": report.frame}
    if report.target is not None:
        track = report.target.track_id
        known |= {"target": report.target.state, "track": "" if track is None else str(track)}
    return known | {name: str(count) for name, count in report.counts.items()}
