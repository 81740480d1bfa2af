"""A robot follows a walking person by Nav2's action FollowObject, over DDS in real time."""

import math
import time

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from following_server import FollowingServer
from geometry_msgs.msg import PoseStamped, TransformStamped
from mobilepose_msgs.msg import PersonArray, Target
from rclpy.action import ActionClient
from rclpy.duration import Duration
from ros_world import DEADLINE
from std_msgs.msg import Header

from mobilepose_ros.rotations import quaternion_of

FollowingRobot = pytest.importorskip(
    "benchmarks.behaving.robot", reason="only the repository has the simulated robot"
).FollowingRobot

HEIGHT = 1.0
DISTANCE = 1.5
SECONDS = 3.5
HIDDEN = (1.6, 2.0)
"""When somebody passes before the target, s."""


class Street:
    """A target who walks away along x, somebody who passes before it, and a robot with a camera."""

    def __init__(self, ros, tf2, people, someone):
        self.robot = FollowingRobot(DISTANCE)
        self.start = self.stepped = time.monotonic()
        self._ros, self._people, self._someone = ros, people, someone
        self._broadcaster = tf2.TransformBroadcaster(ros.probe)
        self._publisher = ros.publisher("people", kind=PersonArray)

    def is_ready(self):
        publishers = (self._publisher, self._broadcaster.pub_tf)
        return all(one.get_subscription_count() > 0 for one in publishers)

    @property
    def time(self):
        return time.monotonic() - self.start

    @property
    def target(self):
        return np.array([2.0 + 0.6 * self.time, 0.2, HEIGHT])

    @property
    def passer(self):
        middle = sum(HIDDEN) / 2
        return np.array([self.target[0] - 0.7, 0.2 + 1.5 * (self.time - middle), HEIGHT])

    def drive(self, place):
        """To where the server says the target is, since the last call."""
        now = time.monotonic()
        while self.stepped < now:
            if place is not None:
                self.robot.detect(now, place)
            self.robot.step(now, 0.02)
            self.stepped += 0.02

    def film(self):
        """Publishes where the camera is, and whom it sees."""
        camera = self.robot.real.camera(HEIGHT)
        seen = {2: (self.passer, 200)}
        if not HIDDEN[0] <= self.time <= HIDDEN[1]:
            seen[1] = self.target, 100
        persons = []
        for track, (place, wears) in seen.items():
            spot = camera.rotation.T @ (place - camera.place)
            persons.append(self._someone(track, spot, wears))
        message = self._people(*persons)
        frame = TransformStamped(header=Header(stamp=message.header.stamp, frame_id="odom"))
        frame.child_frame_id = "camera"
        moved = frame.transform.translation
        moved.x, moved.y, moved.z = camera.place.tolist()
        frame.transform.rotation = quaternion_of(camera.rotation)
        self._broadcaster.sendTransform(frame)
        time.sleep(0.01)  # as long as a pose node takes, at least
        self._publisher.publish(message)


GOALS = [
    {"pose_topic": "/person_follower/target_pose"},
    {"tracked_frame": "target"},
]


@pytest.fixture
def server(ros, tf2, nav2):
    return FollowingServer(ros.probe, tf2, nav2.FollowObject)


@pytest.fixture
def follow(ros, nav2, server):
    """Sends a goal; returns the future of its result, and its feedback as it comes."""
    client = ActionClient(ros.probe, nav2.FollowObject, "follow_object")

    def send(**goal):
        feedback = []
        assert client.wait_for_server(DEADLINE)
        sent = client.send_goal_async(
            nav2.FollowObject.Goal(**goal), lambda message: feedback.append(message.feedback)
        )
        ros.wait(sent.done, what="the server's answer")
        assert sent.result().accepted
        return sent.result().get_result_async(), feedback

    yield send
    client.destroy()


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: next(iter(goal)))
def test_the_robot_keeps_its_distance_and_never_follows_who_passes(
    ros, tf2, nav2, server, follow, follower, people, someone, goal
):
    street = Street(ros, tf2, people, someone)
    told = ros.heard(Target, "person_follower/target")
    errors = []
    ros.probe.create_subscription(
        PoseStamped,
        "person_follower/target_pose",
        lambda pose: errors.append(pose.pose.position.x - street.target[0]),
        10,
    )
    follower(choice="id", choice_id=1, fixed_frame="odom", target_frame="target", predict_time=0.5)
    ros.wait(street.is_ready, what="the follower")
    ros.wait(lambda: ros.probe.count_publishers("/person_follower/target_pose") == 1)
    result, feedback = follow(max_duration=Duration(seconds=SECONDS).to_msg(), **goal)
    street.start = street.stepped = time.monotonic()

    followed = 0
    while not result.done():
        street.film()
        place = server.place()
        followed += place is not None
        street.drive(place)
        time.sleep(0.03)

    assert result.result().status == GoalStatus.STATUS_SUCCEEDED
    assert result.result().result.error_code == nav2.FollowObject.Result.NONE
    assert {one.state for one in feedback} == {nav2.FollowObject.Feedback.CONTROLLING}
    assert followed > 10
    states = list(dict.fromkeys(one.state for one in told))
    assert states == ["locked", "lost", "found_again"]
    assert {one.track_id for one in told} == {1, -1}
    assert max(map(abs, errors)) < 0.4  # the passer is 0.7 m nearer
    robot = street.robot.real
    away = math.dist((robot.x, robot.y), street.target[:2])
    assert away == pytest.approx(DISTANCE, abs=0.6)
    assert robot.x > 1.0


def test_a_goal_that_names_nothing_is_aborted_as_by_the_server(ros, nav2, follow):
    result, _ = follow()
    ros.wait(result.done, what="the result")
    assert result.result().status == GoalStatus.STATUS_ABORTED
    assert result.result().result.error_code == nav2.FollowObject.Result.FAILED_TO_DETECT_OBJECT
