"""Twenty cameras, and four processes of five pose nodes each: what becomes of every frame."""

import json
from collections import Counter

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from mobilepose_msgs.msg import Pose2DArray

from mobilepose_ros.counters import Drop

pytestmark = pytest.mark.alone

FLEET = """
import json, os, sys
from rclpy.parameter import Parameter
from mobilepose_ros import pose_node, running
pose_node.DIAGNOSTICS_INTERVAL = 0.3
model, cameras, robots = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
values = {"model": model, "device": "cpu", "threads": 1, "person_finder": "full_frame"}
alive, ends_with_this_process = os.pipe()
for robot, max_rate in robots.items():
    if os.fork():
        continue
    os.close(ends_with_this_process)
    given = {**values, "max_rate": max_rate}
    overrides = [Parameter(name, value=value) for name, value in given.items()]
    with running.ros([]) as stop:
        nodes = [
            pose_node.PoseNode(
                namespace=f"{robot}/{camera}", cli_args=[], parameter_overrides=overrides
            )
            for camera in cameras
        ]
        with running.spinning(stop, *nodes, begin=lambda: [node.start() for node in nodes]):
            os.read(alive, 1)
        for node in nodes:
            node.destroy_node()
    os._exit(0)
os.wait()
"""
"""One process for each robot; they have imported everything once, and end with the first one."""

CAMERAS = ("front", "rear", "left", "right", "up")
ROBOTS = {"robot_1": 0.0, "robot_2": 0.0, "robot_3": 1.0, "robot_4": 0.0}
"""The parameter max_rate by robot."""

UNREADABLE = "robot_4"
"""Every fifth frame of its cameras is of an unknown encoding."""

FRAMES, RATE = 20, 12.0


class Camera:
    """A camera's publisher, and what is known of its frames."""

    def __init__(self, ros, robot, name):
        self.node = f"{robot}/{name}/mobilepose"
        self.publisher = ros.publisher(f"/{robot}/{name}/image", depth=5)
        self.answers = ros.heard(Pose2DArray, f"/{self.node}/joints", qos=100)
        self.published = self.unheard = 0
        self.figures = {}

    def publish(self, image):
        self.publisher.publish(image)
        self.published += 1

    @property
    def is_connected(self):
        is_active = self.figures.get("state") == "active"
        return is_active and self.publisher.get_subscription_count() == 1

    @property
    def answered(self):
        return int(self.figures["answered"])

    @property
    def dropped(self):
        return {reason: int(self.figures[f"dropped: {reason.value}"]) for reason in Drop}

    @property
    def is_counted(self):
        return self.published == self.answered + sum(self.dropped.values())

    @property
    def is_heard(self):
        return self.answered == self.unheard + len(self.answers)


@pytest.fixture
def fleet(ros, program, tmp_path, network, picture, message):
    """The cameras of all robots, once each has an answer to a frame."""
    (tmp_path / "fleet.py").write_text(FLEET)
    program(tmp_path / "fleet.py", network, json.dumps(CAMERAS), json.dumps(ROBOTS))
    cameras = [Camera(ros, robot, name) for robot in ROBOTS for name in CAMERAS]
    by_name = {f"{camera.node}: pose estimation": camera for camera in cameras}

    def keep(message):
        for status in message.status:
            by_name[status.name].figures = {entry.key: entry.value for entry in status.values}

    ros.probe.create_subscription(DiagnosticArray, "/diagnostics", keep, 100)
    ros.wait(lambda: all(camera.is_connected for camera in cameras), what="all nodes")
    while not all(camera.answers for camera in cameras):
        for camera in cameras:
            if not camera.answers:
                camera.unheard = camera.answered
                camera.publish(message(picture[::2, ::2]))
        ros.wait(lambda: all(camera.is_counted for camera in cameras), what="an answer of each")
    ros.wait(lambda: all(camera.is_heard for camera in cameras), what="the answers")
    return cameras


def test_every_frame_of_twenty_cameras_is_answered_or_counted(ros, fleet, picture, message):
    for number in range(FRAMES):
        for camera in fleet:
            image = message(picture[::2, ::2])
            if camera.node.startswith(UNREADABLE) and number % 5 == 4:
                image.encoding = "unknown"
            camera.publish(image)
        ros.ending.wait(1 / RATE)

    ros.wait(lambda: all(camera.is_counted for camera in fleet), what="an account of all frames")
    ros.wait(lambda: all(camera.is_heard for camera in fleet), what="all answers")
    assert all(camera.published > FRAMES for camera in fleet)
    assert sum(len(camera.answers) for camera in fleet) > 2 * len(fleet)
    drops = {robot: Counter() for robot in ROBOTS}
    for camera in fleet:
        drops[camera.node.split("/")[0]] += Counter(camera.dropped)
    assert not any(dropped[Drop.LOST] for dropped in drops.values())
    assert [robot for robot, dropped in drops.items() if dropped[Drop.LIMITED]] == ["robot_3"]
    assert [robot for robot, dropped in drops.items() if dropped[Drop.BAD]] == [UNREADABLE]
