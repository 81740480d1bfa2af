"""The node `hri_bridge`: publishes the people of the pose node for ROS4HRI (REP-155)."""

from __future__ import annotations

import sys

if __name__ == "__main__":  # before the imports below, which take a second
    from mobilepose_ros import programs

    sys.exit(programs.hri_bridge())

import time
from collections.abc import Callable, Sequence
from typing import Any

from geometry_msgs.msg import TransformStamped
from mobilepose_msgs.msg import Person, PersonArray, Pose2DArray, Pose3DArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from std_msgs.msg import Header, String

from mobilepose_core.behaviour import ADULT
from mobilepose_ros import (
    hri_messages,
    hri_topics,
    ignored_parameters,
    parameter_table,
    person_frames,
    qos,
    running,
    silence,
    transforms,
)
from mobilepose_ros.awake_clock import AwakeClock
from mobilepose_ros.hri_bodies import HriBodies, HriBody
from mobilepose_ros.hri_parameters import HriParameters
from mobilepose_ros.input_watch import InputWatch
from mobilepose_ros.person_frames import PersonFrames
from mobilepose_ros.reminders import Reminders
from mobilepose_ros.stamp_order import StampOrder, Step
from mobilepose_ros.stamps import nanoseconds
from mobilepose_ros.vectors import array_of

WATCH_INTERVAL = 0.2
"""Time between two checks for bodies that are gone and for missing inputs, s."""


class HriBridge(Node):
    """Translates people and joints, each message as it comes."""

    def __init__(self, node_name: str = "hri_bridge", **options: Any) -> None:
        """Subscribes to the pose node; `options` are those of rclpy's Node.

        Raises:
            ValueError: a parameter is invalid, or hri_msgs or tf2_ros cannot be imported.
        """
        super().__init__(node_name, **options)
        if invalid := parameter_table.declare(self, HriParameters):
            raise ValueError("; ".join(invalid.values()))
        self.settings = parameter_table.read(self, HriParameters)
        if refusal := transforms.refusal(self.settings.publish_tf):
            raise ValueError(refusal)
        self._hri = hri_messages.hri_msgs()
        self._frames = PersonFrames(self) if self.settings.publish_tf else None
        self._bodies = HriBodies(
            self, self._hri, self.settings.publish_persons, self.settings.publish_model
        )
        self._order = StampOrder()
        self._frame = ""
        self._reminders = Reminders(self.get_logger())
        awake = AwakeClock()
        inputs: list[tuple[str, type[Any], str, Callable[[Any], None]]] = [
            (hri_topics.PEOPLE, PersonArray, hri_topics.PEOPLE_TYPE, self._take_people),
            (hri_topics.JOINTS, Pose2DArray, hri_topics.JOINTS_TYPE, self._take_joints),
        ]
        if self.settings.publish_model:
            kind = hri_topics.JOINTS_3D_TYPE
            inputs.append((hri_topics.JOINTS_3D, Pose3DArray, kind, self._take_joints_3d))
        self._inputs = {
            topic: self._subscribe(kind, topic, name, take, awake)
            for topic, kind, name, take in inputs
        }
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_INTERVAL, self._watch, clock=steady)
        ignored_parameters.warn_of_ignored(self, options.get("cli_args"))
        topics = [self.resolve_topic_name(topic) for topic in self._inputs]
        self.get_logger().info(f"waiting for {' and '.join(topics)}")

    def _subscribe(
        self,
        kind: type[Any],
        topic: str,
        type_name: str,
        take: Callable[[Any], None],
        awake: AwakeClock,
    ) -> InputWatch:
        def explain(node: Node, subscription: silence.AnySubscription, seconds: float) -> str:
            own = node.get_publishers_info_by_topic(subscription.topic_name)
            needs = " with `use_depth`" if topic == hri_topics.JOINTS_3D else ""
            hint = (
                f"is the pose node running{needs}, and is `{topic}` remapped to its topic "
                f"(-r {topic}:=/mobilepose/{topic})?"
            )
            return silence.explanation(
                subscription.topic_name,
                seconds,
                own,
                subscription.qos_profile,
                type_name,
                topic,
                hint,
            )

        watch = InputWatch(self, explain, awake.now)
        watch.subscription = self.create_subscription(
            kind,
            topic,
            watch.watched(take),
            qos.reliable(10),
            qos_overriding_options=qos.overridable(),
        )
        return watch

    def _take_joints(self, message: Pose2DArray) -> None:
        header, size = message.header, (message.image_width, message.image_height)
        if not self._takes(header):
            return
        now, seen = time.monotonic(), set()
        for pose in message.poses if all(size) else ():
            if pose.track_id >= 0:  # only tracked bodies have an ID
                topics = self._bodies.body(pose.track_id, now).topics
                seen.add(pose.track_id)
                skeleton = hri_messages.skeleton_message(self._hri, header, pose, size)
                topics["skeleton2d"].publish(skeleton)
                topics["roi"].publish(hri_messages.roi_message(self._hri, header, pose, size))
        self._bodies.publish_ids(header)
        self._bodies.publish_confidence(seen)

    def _take_joints_3d(self, message: Pose3DArray) -> None:
        header = message.header
        if not self._takes(header):
            return
        now, stamp = time.monotonic(), nanoseconds(header.stamp)
        for pose in message.poses:
            if pose.track_id < 0:
                continue
            body = self._bodies.body(pose.track_id, now)
            if body.model is None:
                continue
            description, angles = body.model.update(stamp, pose)
            if description:
                body.topics["urdf"].publish(String(data=description))
            if angles:
                state = hri_messages.joint_state(header, body.id, angles)
                body.topics["joint_states"].publish(state)

    def _take_people(self, message: PersonArray) -> None:
        header = message.header
        if not self._takes(header):
            return
        now, frames = time.monotonic(), []
        for person in message.people:
            if person.track_id < 0:
                continue
            body = self._bodies.body(person.track_id, now)
            answers = {
                "posture": hri_messages.posture_message(self._hri, header, person),
                "gesture": hri_messages.gesture_message(self._hri, header, person),
                "position": hri_messages.position_message(header, person),
                "velocity": hri_messages.velocity_message(header, person),
            }
            for name, answer in answers.items():
                if answer is not None:
                    body.topics[name].publish(answer)
            if self._frames is not None and answers["position"] is not None:
                frames.append(self._frame_of(body, person, message))
        if self._frames is not None:
            self._frames.send(frames)

    def _frame_of(self, body: HriBody, person: Person, people: PersonArray) -> TransformStamped:
        header, place = people.header, array_of(person.position)
        axes, torso = person_frames.axes_of(person, people), ADULT.torso
        if body.model is not None:
            stamp, torso = nanoseconds(header.stamp), body.model.sizes.size.torso
            body.model.see_person(stamp, axes)
            axes = axes @ body.model.turn_at(stamp)
        return hri_messages.body_frame(header, body.id, place, torso, axes)

    def _takes(self, header: Header) -> bool:
        """Whether a message counts by its stamp.

        Tracks of a recording that begins anew are others, with the same numbers.
        """
        now = self.get_clock().now().nanoseconds
        step = self._order.take(nanoseconds(header.stamp), now)
        if step is Step.OUTLIER:
            jump = f"{self._order.jump:+.1f} s"
            self._reminders.warn(
                "jump",
                f"stamps jumped by {jump}: messages are ignored until the next image confirms it",
            )
        elif step is Step.BACK:
            self._bodies.expire(float("inf"), header)
        self._frame = header.frame_id
        return step is not Step.OUTLIER

    def _watch(self) -> None:
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self._frame)
        self._bodies.expire(time.monotonic() - self.settings.body_timeout, header)
        for topic, watch in self._inputs.items():
            self._reminders.warn(topic, watch.silence(self.settings.silence_timeout))


def main(args: Sequence[str] | None = None) -> int:
    """Runs the node; the exit status is 1 if it cannot start."""
    return running.run(HriBridge, args)
