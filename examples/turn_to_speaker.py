"""Turns the robot towards who speaks to it: the nearest person who faces it."""

import math

import rclpy
from geometry_msgs.msg import Point, Twist, Vector3
from mobilepose_msgs.msg import Gesture, PersonArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)  # old answers are useless
GAIN, FASTEST, SILENCE = 1.5, 0.8, 0.5  # 1/s, rad/s, s without images until it stops


class TurnToSpeaker(Node):
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
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)  # to stop the robot after Ctrl-C
    try:
        rclpy.spin(node := TurnToSpeaker())
    except KeyboardInterrupt:
        node.turn()
