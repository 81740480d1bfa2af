"""What the node tells on /diagnostics: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from mobilepose_core.inference.session import PoseSession
from mobilepose_ros import hardware, transport_loss
from mobilepose_ros.counters import Drop, FrameTimes, Performance
from mobilepose_ros.window import SECONDS

STAMP_TOLERANCE = 1.0
"""Age of images, s, more or less than nothing, from which their clock is not the node's."""

ACTIVE = "active"
CPU = "CPUExecutionProvider"


@dataclass(frozen=True)
class Report:
    """The node at one moment.

    Attributes:
        state: of the lifecycle, such as `active`.
        enabled: whether images are taken in while active.
        topic: of the images; empty while there is no subscription.
        failure: why the last transition failed; empty where it did not.
        silence: why no images come in; empty while they do.
        trouble: what is wrong with calibration, depth, boxes or who else publishes; empty where
            nothing is.
        device: that was asked for.
        session: the network; None while there is none.
        finder: what is known of that which finds people; see `measured_finder.facts`.
        boxes_topic: of boxes of people; empty where no other node finds them.
        performance: what became of the images; None before the node was configured.
        loss: what the transport lost lately and what helps; empty where it is next to nothing.
        reliability: of the subscription to images; empty while there is none.
        depth: how many images had depth, and of which stamp; see `DepthReport.figures`.
    """

    state: str
    enabled: bool
    topic: str
    failure: str
    silence: str
    trouble: str
    device: str
    session: PoseSession | None
    finder: Mapping[str, str]
    boxes_topic: str
    performance: Performance | None
    loss: str = ""
    reliability: str = ""
    depth: Mapping[str, str] = field(default_factory=dict)


def status(name: str, report: Report) -> DiagnosticStatus:
    """The status of one node.

    Args:
        name: of the status, as `node: task`.
        report: the node's.
    """
    level, message = judgement(report)
    return DiagnosticStatus(
        level=level,
        name=name,
        message=message,
        hardware_id=hardware.name(report.session.provider if report.session else ""),
        values=[KeyValue(key=key, value=value) for key, value in figures(report).items()],
    )


def judgement(report: Report) -> tuple[bytes, str]:
    """Level and message.

    Returns:
        ERROR where the node cannot do its work or gets none, WARN where it works and somebody
        should have a look, OK where it works, waits for its first image or is told not to. STALE
        is left to the aggregator, for a node that says nothing any more.
    """
    if report.failure:
        return DiagnosticStatus.ERROR, report.failure
    if report.state != ACTIVE:
        return DiagnosticStatus.OK, f"not active, {report.state}"
    if not report.enabled:
        return DiagnosticStatus.OK, "disabled"
    if report.performance is not None and _answers_nothing(report.performance):
        why = _reason_of_drops(report.performance)
        return (
            DiagnosticStatus.ERROR,
            f"no image of the last {SECONDS:.0f} s could be answered{why}",
        )
    if report.silence:
        return DiagnosticStatus.ERROR, "; ".join([report.silence, *_concerns(report)])
    if concerns := _concerns(report):
        return DiagnosticStatus.WARN, "; ".join(concerns)
    if report.performance is not None and not report.performance.arrivals.items():
        return DiagnosticStatus.OK, f"waits for images on {report.topic}"
    return DiagnosticStatus.OK, "works"


def figures(report: Report) -> dict[str, str]:
    """What is known of the node, as texts by their names."""
    known = {
        "state": report.state,
        "enabled": str(report.enabled).lower(),
        "image topic": report.topic,
    }
    if report.reliability:
        known["image reliability"] = report.reliability
    if report.session is not None:
        known["model"] = report.session.model.name
        known["model SHA-256"] = report.session.model.checksum
        known["provider"] = report.session.provider
        known["provider chosen because"] = _reason(report.device, report.session)
    known |= report.finder
    if report.boxes_topic:
        known["boxes topic"] = report.boxes_topic
    if report.performance is not None:
        known |= _performance(report.performance)
    return known | dict(report.depth)


def _reason(device: str, session: PoseSession) -> str:
    if session.fallback:
        return f"device is {device}, but {session.fallback}"
    if device == "auto" and session.provider == CPU:
        return "device is auto, and this ONNX Runtime has no GPU to offer"
    return f"device is {device}"


def _performance(performance: Performance) -> dict[str, str]:
    counters, answers = performance.counters, performance.answers.items()
    known = {
        "rate in (Hz)": f"{performance.arrivals.rate():.1f}",
        "rate out (Hz)": f"{performance.answers.rate():.1f}",
        "received": str(counters.received),
        "answered": str(counters.answered),
        "people in newest answer": str(performance.people),
        "rejected boxes": str(counters.rejected_boxes),
        "finder rate (Hz)": f"{performance.finds.rate():.1f}",
        "finder p50 (ms)": _milliseconds(performance.finds.items(), 50),
    }
    known |= {f"dropped: {reason.value}": str(counters.dropped[reason]) for reason in Drop}
    for percent in (50, 95, 99):
        latencies = [times.latency for times in answers]
        known[f"latency p{percent} (ms)"] = _milliseconds(latencies, percent)
    for name in FrameTimes._fields:
        known[f"{name} p50 (ms)"] = _milliseconds([getattr(times, name) for times in answers], 50)
    return known


def _milliseconds(seconds: Sequence[float], percent: float) -> str:
    """A percentile of times, NaN left out; `unknown` where there are none."""
    known = [value for value in seconds if np.isfinite(value)]
    return f"{np.percentile(known, percent) * 1e3:.2f}" if known else "unknown"


def _answers_nothing(performance: Performance) -> bool:
    drops = performance.drops.items()
    spoilt = Drop.BAD in drops or Drop.FAILED in drops
    return spoilt and not performance.answers.items()


def _reason_of_drops(performance: Performance) -> str:
    """What the log says of the newest image that was dropped; empty where nothing is known."""
    reasons = (performance.reasons.get(drop) for drop in (Drop.FAILED, Drop.BAD))
    return next((f": {reason}" for reason in reasons if reason), "")


def _concerns(report: Report) -> list[str]:
    """What somebody should look at."""
    concerns = []
    if report.session is not None and report.session.fallback:
        concerns.append(f"device {report.device}: {report.session.fallback}")
    if report.trouble:
        concerns.append(report.trouble)
    if report.performance is None:
        return concerns
    lost, published = transport_loss.recent(report.performance)
    if transport_loss.is_worth_a_warning(lost, published):
        loss = report.loss or f"{lost} of {published} images lost in transport"
        concerns += [] if loss == report.silence else [loss]
    drops, arrivals = report.performance.drops.items(), len(report.performance.arrivals.items())
    for reason in (Drop.BAD, Drop.FAILED):
        if count := drops.count(reason):
            why = f" ({text})" if (text := report.performance.reasons.get(reason)) else ""
            concerns.append(f"{count} of {arrivals} images dropped: {reason.value}{why}")
    if rejections := report.performance.rejections.items():
        concerns.append(f"boxes of people not used: {rejections[-1]}")
    if 2 * (replaced := drops.count(Drop.REPLACED)) > arrivals:
        concerns.append("inference keeps up with less than half of the images")
    elif 3 * replaced > arrivals:
        concerns.append("inference keeps up with less than two thirds of the images")
    ages = [times.age for times in report.performance.answers.items() if np.isfinite(times.age)]
    if ages and abs(age := float(np.median(ages))) > STAMP_TOLERANCE:
        concerns.append(
            f"images are {age:.1f} s old when they come in: are the clocks in step, and is "
            "use_sim_time the same for the camera and this node?"
        )
    return concerns
