from collections import Counter

import pytest

from mobilepose_core import FrameClock, StampFault
from mobilepose_ros.stamp_faults import REPORT_FROM, StampFaults


class Log:
    def __init__(self):
        self.lines = []

    def warning(self, line):
        self.lines.append(line)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (StampFault.MISSING, "no stamp"),
        (StampFault.REPEATED, "do not advance"),
        (StampFault.BACKWARD, "went back"),
    ],
)
def test_each_fault_is_logged_once_and_only_when_it_occurred_often_enough(fault, words):
    log, clock = Log(), FrameClock()
    faults = StampFaults(log)

    for count in range(REPORT_FROM[fault] + 20):
        clock.faults = Counter({fault: count})
        faults.report(clock)
        assert len(log.lines) == (count >= REPORT_FROM[fault])

    assert words in log.lines[0]
    assert "smoothing and track_timeout use arrival times" in log.lines[0]


def test_good_stamps_are_no_matter():
    log = Log()

    StampFaults(log).report(FrameClock())

    assert log.lines == []


@pytest.mark.parametrize(
    ("stamp_of", "words"),
    [
        (lambda n: (7, 0), "stamps of images do not advance"),
        (lambda n: (0, 0), "images have no stamp"),
        (lambda n: (7, (n % 5) * 10_000_000), "stamps of images went back"),
    ],
)
def test_wrong_stamps_are_logged_once(
    ros, network, picture, message, answers, logged, stamp_of, words
):
    node, camera = ros.pose_node(network), ros.publisher()
    ros.connect(node, camera)

    for number in range(20):
        image = message(picture)
        image.header.stamp.sec, image.header.stamp.nanosec = stamp_of(number)
        count = len(answers)
        ros.publish_until(camera, image, lambda c=count: len(answers) > c)

    assert len([text for text in logged("WARN") if words in text]) == 1
