"""Greets everybody who raises a hand: publishes a sentence on `say`, once for each time."""

import contextlib

import rclpy
from mobilepose_msgs.msg import Gesture, Person, PersonArray
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String


class GreetRaisedHand(Node):
    """Remembers who has a hand up, so that each greeting is said once."""

    def __init__(self) -> None:
        super().__init__("greet_raised_hand")
        self._raised: set[int] = set()
        self._say = self.create_publisher(String, "say", 10)
        # Reliable with a queue: a hand that goes up is not missed.
        self.create_subscription(PersonArray, "mobilepose/people", self._on_people, 10)

    def _on_people(self, array: PersonArray) -> None:
        for person in array.people:
            hands = hand_states(person)
            if Gesture.YES in hands and person.track_id not in self._raised:
                self._raised.add(person.track_id)
                self._say.publish(String(data=f"Hello, person {person.track_id}!"))
            elif hands == {Gesture.NO}:  # a hand that is not seen is not taken for lowered
                self._raised.discard(person.track_id)


def hand_states(person: Person) -> set[int]:
    return {gesture.state for gesture in person.gestures if gesture.name.endswith("_hand_raised")}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.init()
        rclpy.spin(GreetRaisedHand())
