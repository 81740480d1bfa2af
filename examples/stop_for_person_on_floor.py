"""Passes `cmd_vel_in` on to `cmd_vel`, but zero velocity while a person lies on the floor."""

import signal
import time

from geometry_msgs.msg import Twist
from mobilepose_msgs.msg import PersonArray
from rclpy import init, node, qos, signals, spin_until_future_complete, task

NEWEST = qos.QoSProfile(depth=1, reliability=qos.ReliabilityPolicy.BEST_EFFORT)  # old is useless
HOLD, SILENCE, STILL = 2.0, 1.0, Twist()  # s after an image of who lies; s without images


class StopForPersonOnFloor(node.Node):
    def __init__(self) -> None:
        super().__init__("stop_for_person_on_floor")
        self._from = self._until = 0.0
        self._wheels = self.create_publisher(Twist, "cmd_vel", 1)
        self.create_subscription(PersonArray, "mobilepose/people", self._on_people, NEWEST)
        self.create_subscription(Twist, "cmd_vel_in", self.drive, 1)
        self._silence = self.create_timer(SILENCE, self.drive)  # stops also without commands

    def _on_people(self, array: PersonArray) -> None:
        self._silence.reset()
        self._until = time.monotonic() + SILENCE
        if any(person.posture == "lying" for person in array.people):
            self._from = time.monotonic() + HOLD
            self.drive()  # stops now, not with the next command

    def drive(self, command: Twist = STILL) -> None:
        self._wheels.publish(command if self._from < time.monotonic() < self._until else STILL)


if __name__ == "__main__":
    init(signal_handler_options=signals.SignalHandlerOptions.NO)  # to stop the robot
    robot, ended = StopForPersonOnFloor(), task.Future()
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: ended.set_result(None))
    spin_until_future_complete(robot, ended)
    robot.drive()
