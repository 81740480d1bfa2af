"""The node's status on /diagnostics: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from mobilepose_core import GPU_PROVIDERS, PoseModel
from mobilepose_core.time_window import SECONDS
from mobilepose_ros import hardware, transport_loss
from mobilepose_ros.counters import Drop, FrameTimes, Performance

STAMP_TOLERANCE = 1.0
"""Median age of images, s, positive or negative, above which the clocks must differ."""

ACTIVE = "active"

WORKS = "works"
"""Message of a node that has nothing to say."""

RATE_IN, RATE_OUT, LATENCY = "rate in (Hz)", "rate out (Hz)", "latency p50 (ms)"
"""Keys of a status that the view reads."""


def task_name(node: str) -> str:
    """The name of the status of a node, given its full name."""
    return f"{node.lstrip('/')}: pose estimation"


@dataclass(frozen=True)
class Report:
    """The state of the node.

    Attributes:
        state: of the lifecycle, such as `active`.
        enabled: the parameter.
        failure: why the last transition failed; empty if it succeeded.
        silence: why no images arrive; empty if they do.
        trouble: other problems with the inputs or the graph; empty if there are none.
        device: the parameter.
        model: the pose network; None while the node is unconfigured.
        detector: facts about the person detector; see `timed_detector.detector_facts`.
        performance: statistics of the images; None before the node was configured.
        topic: of the images; empty without a subscription.
        reliability: of the subscription to images; empty without one.
        loss: recent losses in transport, and what to do; empty if they are negligible.
        boxes_topic: of boxes of people; empty if this node detects people itself.
        depth: how many images had depth; see `DepthReport.figures`.
    """

    state: str
    enabled: bool
    failure: str
    silence: str
    trouble: str
    device: str
    model: PoseModel | None
    detector: Mapping[str, str]
    performance: Performance | None
    topic: str = ""
    reliability: str = ""
    loss: str = ""
    boxes_topic: str = ""
    depth: Mapping[str, str] = field(default_factory=dict)


def status(name: str, report: Report) -> DiagnosticStatus:
    """The status message of a node.

    Args:
        name: of the status, as `node: task`.
        report: the state of the node.
    """
    level, message = level_and_message(report)
    return DiagnosticStatus(
        level=level,
        name=name,
        message=message,
        hardware_id=hardware.name(report.model.provider if report.model else ""),
        values=[KeyValue(key=key, value=value) for key, value in figures(report).items()],
    )


def level_and_message(report: Report) -> tuple[bytes, str]:
    """Level and message of a node's status.

    Returns:
        ERROR if the node cannot work or receives no images; WARN if it works and something needs
        attention; OK if it works, waits for its first image, or is inactive or disabled. STALE is
        set by the aggregator if a node stops publishing its status.
    """
    if report.failure:
        return DiagnosticStatus.ERROR, report.failure
    if report.state != ACTIVE:
        return DiagnosticStatus.OK, f"not active, {report.state}"
    if not report.enabled:
        return DiagnosticStatus.OK, "disabled"
    if report.performance is not None and _all_failed(report.performance):
        reason = _reason_of_drops(report.performance)
        return (
            DiagnosticStatus.ERROR,
            f"none of the images of the last {SECONDS:.0f} s could be processed{reason}",
        )
    if report.silence:
        return DiagnosticStatus.ERROR, "; ".join([report.silence, *_concerns(report)])
    if concerns := _concerns(report):
        return DiagnosticStatus.WARN, "; ".join(concerns)
    if report.performance is not None and not report.performance.arrivals.items():
        return DiagnosticStatus.OK, f"waiting for images on {report.topic}"
    return DiagnosticStatus.OK, WORKS


def figures(report: Report) -> dict[str, str]:
    """The key-value pairs of a node's status."""
    known = {
        "state": report.state,
        "enabled": str(report.enabled).lower(),
        "image topic": report.topic,
    }
    if report.reliability:
        known["image reliability"] = report.reliability
    if report.model is not None:
        known |= report.model.describe()
        known["provider chosen because"] = _reason_for_provider(report.device, report.model)
    known |= report.detector
    if report.boxes_topic:
        known["boxes topic"] = report.boxes_topic
    if report.performance is not None:
        known |= _performance(report.performance)
    return known | dict(report.depth)


def _reason_for_provider(device: str, model: PoseModel) -> str:
    if model.fallback:
        return f"device is {device}, but {model.fallback}"
    if device == "auto" and model.provider not in GPU_PROVIDERS:
        return "device is auto, and this ONNX Runtime has no GPU to offer"
    return f"device is {device}"


def _performance(performance: Performance) -> dict[str, str]:
    counters, answers = performance.counters, performance.answers.items()
    known = {
        RATE_IN: f"{performance.arrivals.rate():.1f}",
        RATE_OUT: f"{performance.answers.rate():.1f}",
        "received": str(counters.received),
        "answered": str(counters.answered),
        "people in latest result": str(performance.people),
        "rejected boxes": str(counters.rejected_boxes),
        "detector rate (Hz)": f"{performance.detections.rate():.1f}",
        "detector p50 (ms)": _milliseconds(performance.detections.items(), 50),
    }
    known |= {f"dropped: {reason.value}": str(counters.dropped[reason]) for reason in Drop}
    for percent in (50, 95, 99):
        latencies = [times.latency for times in answers]
        known[f"latency p{percent} (ms)"] = _milliseconds(latencies, percent)
    for name in FrameTimes._fields:
        known[f"{name} p50 (ms)"] = _milliseconds([getattr(times, name) for times in answers], 50)
    return known


def _milliseconds(seconds: Sequence[float], percent: float) -> str:
    """A percentile of times without NaN; `unknown` if none are left."""
    known = [value for value in seconds if np.isfinite(value)]
    return f"{np.percentile(known, percent) * 1e3:.2f}" if known else "unknown"


def _all_failed(performance: Performance) -> bool:
    drops = performance.drops.items()
    has_failed = Drop.BAD in drops or Drop.FAILED in drops
    return has_failed and not performance.answers.items()


def _reason_of_drops(performance: Performance) -> str:
    """What was wrong with the newest dropped image; empty if unknown."""
    reasons = (performance.reasons.get(drop) for drop in (Drop.FAILED, Drop.BAD))
    return next((f": {reason}" for reason in reasons if reason), "")


def _concerns(report: Report) -> list[str]:
    """What needs attention."""
    concerns = []
    if report.model is not None and report.model.fallback:
        concerns.append(f"device {report.device}: {report.model.fallback}")
    if report.trouble:
        concerns.append(report.trouble)
    if report.performance is not None:
        concerns += [text for text in _losses(report, report.performance) if text != report.silence]
        concerns += _drops(report.performance)
    return concerns


def _losses(report: Report, performance: Performance) -> list[str]:
    lost, published = transport_loss.recent(performance)
    if not transport_loss.is_worth_a_warning(lost, published):
        return []
    return [report.loss or f"{lost} of {published} images lost in transport"]


def _drops(performance: Performance) -> list[str]:
    """What needs attention in the statistics of images."""
    concerns = []
    drops, arrivals = performance.drops.items(), len(performance.arrivals.items())
    for reason in (Drop.BAD, Drop.FAILED):
        if count := drops.count(reason):
            details = f" ({text})" if (text := performance.reasons.get(reason)) else ""
            concerns.append(f"{count} of {arrivals} images dropped: {reason.value}{details}")
    if rejections := performance.rejections.items():
        concerns.append(f"boxes of people not used: {rejections[-1]}")
    if 2 * (replaced := drops.count(Drop.REPLACED)) > arrivals:
        concerns.append("inference keeps up with less than half of the images")
    elif 3 * replaced > arrivals:
        concerns.append("inference keeps up with less than two thirds of the images")
    ages = [times.age for times in performance.answers.items() if np.isfinite(times.age)]
    if ages and abs(age := float(np.median(ages))) > STAMP_TOLERANCE:
        concerns.append(
            f"images are {age:.1f} s old on arrival: are the clocks synchronised, and is "
            "use_sim_time the same for the camera and this node?"
        )
    return concerns
