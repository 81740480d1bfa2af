"""Turns the robot towards who speaks to it: the nearest person who faces it."""

import math
import signal

import rclpy
from geometry_msgs.msg import Point, Twist, Vector3
from mobilepose_msgs.msg import Gesture, PersonArray
from rclpy import node, qos, signals

NEWEST = qos.QoSProfile(depth=1, reliability=qos.ReliabilityPolicy.BEST_EFFORT)  # old is useless
GAIN, FASTEST, SILENCE = 1.5, 0.8, 0.5  # 1/s, rad/s, s without images until it stops


class TurnToSpeaker(node.Node):
    def __init__(self) -> None:
        super().__init__("turn_to_speaker")
        self._wheels = self.create_publisher(Twist, "cmd_vel", 1)
        self.create_subscription(PersonArray, "mobilepose/people", self._on_people, NEWEST)
        self._silence = self.create_timer(SILENCE, self.turn)

    def _on_people(self, array: PersonArray) -> None:
        self._silence.reset()
        target = Point(z=math.inf)  # straight ahead
        for person in array.people:
            if ("facing", Gesture.YES) in [(g.name, g.state) for g in person.gestures]:
                target = min(target, person.predicted_position, key=lambda p: math.hypot(p.x, p.z))
        self.turn(max(-FASTEST, min(GAIN * math.atan2(-target.x, target.z), FASTEST)))

    def turn(self, speed: float = 0.0) -> None:
        self._wheels.publish(Twist(angular=Vector3(z=speed)))


if __name__ == "__main__":
    rclpy.init(signal_handler_options=signals.SignalHandlerOptions.NO)  # to stop the robot
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as after Ctrl-C
    try:
        rclpy.spin(robot := TurnToSpeaker())
    except KeyboardInterrupt:
        robot.turn()
