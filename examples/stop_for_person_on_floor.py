"""Passes `cmd_vel_in` on to `cmd_vel`, but zero velocity while a person lies on the floor."""

import contextlib
import time

import rclpy
from geometry_msgs.msg import Twist
from mobilepose_msgs.msg import PersonArray
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)  # old answers are useless
HOLD, SILENCE = 2.0, 1.0  # s to wait after the last image of a person who lies, and without images


class StopForPersonOnFloor(Node):
    def __init__(self) -> None:
        super().__init__("stop_for_person_on_floor")
        self._heard = self._lying = float("-inf")
        self._wheels = self.create_publisher(Twist, "cmd_vel", 1)
        self.create_subscription(PersonArray, "mobilepose/people", self._on_people, NEWEST)
        self.create_subscription(Twist, "cmd_vel_in", self._on_command, 1)

    def _on_people(self, array: PersonArray) -> None:
        self._heard = time.monotonic()
        if any(person.posture == "lying" for person in array.people):
            self._lying = self._heard
            self._wheels.publish(Twist())  # now, not with the next command

    def _on_command(self, command: Twist) -> None:
        now = time.monotonic()
        is_clear = now - self._lying > HOLD and now - self._heard < SILENCE
        self._wheels.publish(command if is_clear else Twist())


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.init()
        rclpy.spin(StopForPersonOnFloor())
