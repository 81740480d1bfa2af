"""What /diagnostics says of a node, as a function of what is known of it."""

import math
from types import SimpleNamespace

import pytest
from diagnostic_msgs.msg import DiagnosticStatus

from mobilepose_ros import diagnostics, hardware
from mobilepose_ros.counters import Drop, FrameTimes, Performance

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
TIMES = FrameTimes(0.004, 0.001, 0.0005, 0.010, 0.0003, 0.0002)


def session(provider="CPUExecutionProvider", fallback=""):
    file = SimpleNamespace(name="final", checksum="c0ffee")
    facts = {"model": "final", "model SHA-256": "c0ffee", "provider": provider}
    return SimpleNamespace(file=file, provider=provider, fallback=fallback, describe=lambda: facts)


def performance(answered=10, age=0.004, **dropped):
    known = Performance()
    for reason, count in dropped.items():
        for _ in range(count):
            if reason != "LOST":
                known.arrived()
            known.dropped(Drop[reason])
    for _ in range(answered):
        known.arrived()
        known.answered(TIMES._replace(age=age))
    return known


def report(**changes):
    known = {
        "state": "active",
        "enabled": True,
        "topic": "/camera/image_raw",
        "failure": "",
        "silence": "",
        "trouble": "",
        "device": "auto",
        "model": session(),
        "detector": {"detector": "full_frame"},
        "boxes_topic": "",
        "performance": performance,
        **changes,
    }
    known["performance"] = known["performance"]()  # now: it forgets what is older than seconds
    return diagnostics.Report(**known)


@pytest.mark.parametrize(
    ("changes", "level", "message"),
    [
        ({}, OK, "works"),
        ({"state": "inactive"}, OK, "not active, inactive"),
        ({"enabled": False, "topic": ""}, OK, "disabled"),
        ({"performance": lambda: performance(LIMITED=90)}, OK, "works"),
        ({"performance": lambda: performance(age=math.nan)}, OK, "works"),
        ({"failure": "cannot be configured: no model"}, ERROR, "cannot be configured: no model"),
        (
            {"performance": lambda: performance(0, BAD=3)},
            ERROR,
            "none of the images of the last 10 s",
        ),
        (
            {"performance": lambda: performance(0, FAILED=3)},
            ERROR,
            "none of the images of the last 10 s",
        ),
        ({"silence": "no image on /image for 5 s"}, ERROR, "no image on /image for 5 s"),
        (
            {"silence": "no image on /image for 5 s", "trouble": "/clock has no publisher"},
            ERROR,
            "no image on /image for 5 s; /clock has no publisher",
        ),
        ({"performance": lambda: performance(0)}, OK, "waiting for images on /camera/image_raw"),
        ({"trouble": "calibration not used"}, WARN, "calibration not used"),
        ({"model": session(fallback="no CUDA")}, WARN, "device auto: no CUDA"),
        ({"performance": lambda: performance(BAD=2)}, WARN, "2 of 12 images dropped: bad image"),
        ({"performance": lambda: performance(REPLACED=11)}, WARN, "keeps up with less than half"),
        ({"performance": lambda: performance(REPLACED=6)}, WARN, "less than two thirds"),
        ({"performance": lambda: performance(LOST=5)}, WARN, "5 of 15 images lost in transport"),
        ({"performance": lambda: performance(97, LOST=4)}, WARN, "4 of 101 images lost"),
        ({"performance": lambda: performance(97, LOST=3)}, OK, "works"),
        ({"performance": lambda: performance(LOST=1)}, OK, "works"),
        ({"performance": lambda: performance(LOST=5), "loss": "the cure"}, WARN, "the cure"),
        ({"performance": lambda: performance(age=-3.0)}, WARN, "images are -3.0 s old"),
        ({"performance": lambda: performance(age=1.7e9)}, WARN, "is use_sim_time the same"),
    ],
)
def test_the_level_and_message_say_what_is_the_matter(changes, level, message):
    found = diagnostics.status("mobilepose: pose estimation", report(**changes))

    assert found.level == level
    assert message in found.message
    assert found.name == "mobilepose: pose estimation"
    assert found.hardware_id == hardware.name("CPUExecutionProvider")


def test_the_reason_in_the_log_is_in_the_message_too():
    def spoilt(answered):
        known = performance(answered)
        for reason in ("no pixels", "encoding 'jpeg' is not supported"):
            known.arrived()
            known.dropped(Drop.BAD, reason)
        return known

    def found(answered):
        return diagnostics.level_and_message(report(performance=lambda: spoilt(answered)))

    assert found(0) == (
        ERROR,
        "none of the images of the last 10 s could be processed: encoding 'jpeg' is not supported",
    )
    assert found(8) == (
        WARN,
        "2 of 10 images dropped: bad image (encoding 'jpeg' is not supported)",
    )


def test_faults_of_boxes_are_reported():
    def rejecting():
        known = performance()
        known.rejected_boxes(2, "a box beside the image")
        return known

    found = diagnostics.level_and_message(report(performance=rejecting))

    assert found == (WARN, "boxes of people not used: a box beside the image")


def test_the_figures_are_those_of_the_images():
    figures = diagnostics.figures(
        report(
            performance=lambda: performance(
                8, LIMITED=1, REPLACED=2, BAD=3, FAILED=4, STOPPED=5, LOST=6
            )
        )
    )

    assert figures["received"] == "23"
    assert figures["answered"] == "8"
    assert [figures[f"dropped: {reason.value}"] for reason in Drop] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
    ]
    assert figures["latency p50 (ms)"] == "16.00"  # the sum of TIMES
    assert figures["inference p50 (ms)"] == "10.00"
    assert figures["model"] == "final"
    assert figures["model SHA-256"] == "c0ffee"
    assert figures["provider"] == "CPUExecutionProvider"
    assert float(figures["rate in (Hz)"]) > float(figures["rate out (Hz)"]) > 0


def test_percentiles_are_those_of_the_latencies():
    known = Performance()
    for milliseconds in range(101):
        known.answered(FrameTimes(0, 0, 0, milliseconds / 1e3, 0, 0))

    figures = diagnostics.figures(report(performance=lambda: known))

    found = [float(figures[f"latency p{percent} (ms)"]) for percent in (50, 95, 99)]
    assert found == [50, 95, 99]


def test_images_without_a_stamp_have_no_latency_but_all_other_times():
    figures = diagnostics.figures(report(performance=lambda: performance(age=math.nan)))

    assert figures["latency p99 (ms)"] == "unknown"
    assert figures["inference p50 (ms)"] == "10.00"


def test_people_and_their_detector_are_reported():
    def known():
        one = performance()
        one.answered(TIMES, people=3)
        for seconds in (0.002, 0.004, 0.009):
            one.detected(seconds)
        one.rejected_boxes(2)
        one.rejected_boxes(5)
        return one

    finder = {"detector": "detector", "detector model": "yolo"}
    figures = diagnostics.figures(report(detector=finder, boxes_topic="/boxes", performance=known))

    assert figures["people in latest result"] == "3"
    assert figures["rejected boxes"] == "7"
    assert figures["boxes topic"] == "/boxes"
    assert figures["detector p50 (ms)"] == "4.00"
    assert float(figures["detector rate (Hz)"]) > 0
    assert finder.items() <= figures.items()


def test_a_node_whose_finder_never_ran_knows_no_times_of_it():
    figures = diagnostics.figures(report())

    assert figures["detector p50 (ms)"] == "unknown"
    assert figures["detector rate (Hz)"] == "0.0"
    assert "boxes topic" not in figures


def test_a_node_that_was_never_configured_has_no_model():
    figures = diagnostics.figures(report(state="unconfigured", model=None))

    assert "provider" not in figures
    assert figures["state"] == "unconfigured"


@pytest.mark.parametrize(
    ("device", "known", "reason"),
    [
        ("cpu", session(), "device is cpu"),
        ("auto", session(), "this ONNX Runtime has no GPU to offer"),
        ("auto", session("CUDAExecutionProvider"), "device is auto"),
        ("cuda", session(fallback="CUDA is missing"), "device is cuda, but CUDA is missing"),
    ],
)
def test_the_provider_comes_with_its_reason(device, known, reason):
    figures = diagnostics.figures(report(device=device, model=known))

    assert reason in figures["provider chosen because"]
