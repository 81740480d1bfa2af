"""Logs where people stand, in heat_map.csv: seconds in each cell of the floor before the camera."""

import contextlib
import math

import numpy as np
import rclpy
from mobilepose_msgs.msg import PersonArray
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node

CELL, CELLS, STANDING = 0.5, 20, 0.4  # m, rows and columns, m/s
QUEUE = 100  # reliable: every image counts, and none is urgent


class HeatMap(Node):
    def __init__(self) -> None:
        super().__init__("heat_map")
        self._time, self._seconds = math.nan, np.zeros((CELLS, CELLS))  # row 0 is the nearest
        self.create_subscription(PersonArray, "mobilepose/people", self._on_people, QUEUE)
        self.create_timer(10.0, self.write)

    def _on_people(self, array: PersonArray) -> None:
        now = array.header.stamp.sec + array.header.stamp.nanosec / 1e9
        passed, self._time = now - self._time, now
        for person in array.people if 0 < passed < 1 else ():
            if math.hypot(person.velocity.x, person.velocity.z) < STANDING:  # unknown is NaN
                row, column = person.position.z // CELL, person.position.x // CELL + CELLS // 2
                if max(row, column) < CELLS and min(row, column) >= 0:
                    self._seconds[int(row), int(column)] += passed

    def write(self) -> None:
        np.savetxt("heat_map.csv", self._seconds, "%.2f", delimiter=",")


if __name__ == "__main__":
    rclpy.init()
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node := HeatMap())
    node.write()
