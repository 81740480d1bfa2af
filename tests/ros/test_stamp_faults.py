from collections import Counter

import pytest

from mobilepose_core.inference.frame_clock import FrameClock, StampFault
from mobilepose_ros.stamp_faults import TOLD_FROM, StampFaults


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
def test_each_fault_is_told_once_and_only_when_there_is_enough_of_it(fault, words):
    log, clock = Log(), FrameClock()
    faults = StampFaults(log)

    for count in range(TOLD_FROM[fault] + 20):
        clock.faults = Counter({fault: count})
        faults.look(clock)
        assert len(log.lines) == (count >= TOLD_FROM[fault])

    assert words in log.lines[0]
    assert "smoothing and track_timeout go by the images' arrival" in log.lines[0]


def test_good_stamps_are_no_matter():
    log = Log()

    StampFaults(log).look(FrameClock())

    assert log.lines == []
