"""The examples as processes, told of people over real DDS topics."""

import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import Point, Twist, Vector3
from mobilepose_msgs.msg import Gesture, Person, PersonArray
from std_msgs.msg import String

from mobilepose_ros.stamps import SECOND, stamp_of

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
SUBSCRIBER = EXAMPLES / "people_subscriber"
NAN = math.nan


def person(track_id=1, x=NAN, z=NAN, speed=0.0, posture="standing", **gestures):
    """A person, with gestures and their states by name."""
    return Person(
        track_id=track_id,
        posture=posture,
        position=Point(x=x, y=0.0, z=z),
        predicted_position=Point(x=x, y=0.0, z=z),
        velocity=Vector3(x=speed, y=0.0, z=0.0),
        gestures=[Gesture(name=name, state=state) for name, state in gestures.items()],
    )


@pytest.fixture
def example(ros, program, tmp_path):
    """Runs an example, and returns what publishes people to it, and the process.

    `constants` are a part of it, and `instead` shorter times in place of these.
    """

    def run(name, constants="", instead=""):
        people = ros.publisher("mobilepose/people", depth=100, kind=PersonArray)
        text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        assert constants in text
        script = tmp_path / f"{name}.py"
        script.write_text(text.replace(constants, instead) if constants else text)
        process = program(script)
        ros.wait(lambda: people.get_subscription_count() > 0, what=process.text())
        return people, process

    return run


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_fits_on_a_page(script):
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40


def test_there_are_four_examples_in_python():
    assert len(SCRIPTS) == 4


def ended(process, number=signal.SIGINT):
    """What a process says when a signal ends it, if it does so with success."""
    process.send_signal(number)
    assert process.wait(10) == 0
    return process.text()


def test_a_raised_hand_is_greeted_once_until_it_is_lowered(ros, example):
    people, process = example("greet_raised_hand")
    heard = ros.heard(String, "say")
    ros.wait(lambda: ros.probe.count_publishers("/say") > 0)

    def show(left, right=Gesture.NO, track_id=3):
        someone = person(track_id, left_hand_raised=left, right_hand_raised=right)
        people.publish(PersonArray(people=[someone]))

    ros.wait(lambda: show(Gesture.YES) or heard, what="a greeting")
    for left in (Gesture.YES, Gesture.UNKNOWN, Gesture.YES, Gesture.NO):
        show(left)
    show(Gesture.NO, right=Gesture.YES)
    show(Gesture.YES, track_id=4)

    ros.wait(lambda: len(heard) >= 3, what="three greetings")
    assert [one.data for one in heard] == ["Hello, person 3!"] * 2 + ["Hello, person 4!"]
    assert ended(process) == ""


def test_a_robot_stops_while_somebody_lies_and_drives_on_later(ros, example):
    people, process = example("stop_for_person_on_floor", "STILL = 2.0, 1.0,", "STILL = 0.5, 0.25,")
    wheels, planner = ros.heard(Twist, "cmd_vel"), ros.publisher("cmd_vel_in", kind=Twist)
    ros.wait(lambda: ros.probe.count_publishers("/cmd_vel") and planner.get_subscription_count())
    forwards = Twist(linear=Vector3(x=0.5))

    def drive(*postures):
        """Speeds of the wheels since the last command, the newest last."""
        if postures:
            people.publish(PersonArray(people=[person(posture=posture) for posture in postures]))
        planner.publish(forwards)
        time.sleep(0.02)
        return wheels and wheels[-1].linear.x

    assert drive() == 0.0 or not wheels  # no image yet
    ros.wait(lambda: drive("standing", "sitting") == 0.5, what="driving")
    lying = PersonArray(people=[person(), person(posture="lying")])
    ros.publish_until(people, lying, lambda: wheels[-1] == Twist())  # before the next command
    stopped = time.monotonic()
    del wheels[:]
    ros.wait(lambda: drive("standing") == 0.5, what="driving on")
    assert time.monotonic() - stopped > 0.3
    silent = time.monotonic()
    ros.wait(lambda: drive() == 0.0, what="the stop without images")
    assert time.monotonic() - silent > 0.15
    assert ended(process, signal.SIGTERM) == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_robot_stops_without_images_and_commands_and_in_the_end(ros, example, number):
    people, process = example("stop_for_person_on_floor", "STILL = 2.0, 1.0,", "STILL = 0.5, 0.5,")
    wheels, planner = ros.heard(Twist, "cmd_vel"), ros.publisher("cmd_vel_in", kind=Twist)
    ros.wait(lambda: ros.probe.count_publishers("/cmd_vel") and planner.get_subscription_count())

    def drive():
        people.publish(PersonArray(people=[person()]))
        planner.publish(Twist(linear=Vector3(x=0.5)))
        return wheels and wheels[-1].linear.x == 0.5

    ros.wait(drive, what="driving")
    ros.wait(lambda: wheels[-1] == Twist(), seconds=5, what="the stop in silence")
    ros.wait(drive, what="driving on")
    process.send_signal(number)
    ros.wait(lambda: [drive(), process.poll()][1] is not None)

    assert (process.poll(), process.text()) == (0, "")
    ros.wait(lambda: wheels[-1] == Twist(), seconds=5, what="the stop in the end")


def test_a_robot_turns_to_the_nearest_who_faces_it_and_stops_without_images(ros, example):
    people, _ = example("turn_to_speaker")
    wheels = ros.heard(Twist, "cmd_vel")
    ros.wait(lambda: ros.probe.count_publishers("/cmd_vel") > 0)

    def turn_for(*shown):
        """The first turn that differs from the one before."""
        before = wheels[-1].angular.z if wheels else 0.0
        array = PersonArray(people=list(shown))
        ros.publish_until(people, array, lambda: wheels and wheels[-1].angular.z != before)
        return wheels[-1].angular.z

    turned_away = person(1, x=1.0, z=1.0, facing=Gesture.NO)
    on_the_left = person(2, x=-0.2, z=2.0, facing=Gesture.YES)
    farther = person(3, x=1.0, z=3.0, facing=Gesture.YES)
    unknown = person(4, facing=Gesture.YES)
    everybody = (turned_away, unknown, farther, on_the_left)

    assert turn_for(*everybody) == pytest.approx(1.5 * math.atan2(0.2, 2.0))
    assert turn_for(farther) == pytest.approx(-1.5 * math.atan2(1.0, 3.0))
    assert turn_for(person(5, x=2.0, z=1.0, facing=Gesture.YES)) == -0.8
    assert turn_for(turned_away) == 0.0
    assert turn_for(on_the_left) > 0.0
    ros.wait(lambda: wheels[-1].angular.z == 0.0, seconds=5, what="the stop without images")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_robot_that_turns_stops_in_the_end(ros, example, number):
    people, process = example("turn_to_speaker")
    wheels = ros.heard(Twist, "cmd_vel")
    ros.wait(lambda: ros.probe.count_publishers("/cmd_vel") > 0)
    facing = PersonArray(people=[person(x=-0.2, z=2.0, facing=Gesture.YES)])
    ros.publish_until(people, facing, lambda: wheels and wheels[-1].angular.z > 0.0)

    process.send_signal(number)
    ros.publish_until(people, facing, lambda: process.poll() is not None)

    assert (process.poll(), process.text()) == (0, "")
    ros.wait(lambda: wheels[-1] == Twist(), seconds=5, what="the stop in the end")


def test_a_heat_map_has_the_seconds_in_which_people_stand(ros, example, tmp_path):
    people, process = example("heat_map", "create_timer(10.0", "create_timer(0.5")
    written = tmp_path / "heat_map.csv"
    standing = person(1, x=1.2, z=3.1)
    walking = person(2, x=-1.0, z=2.0, speed=0.9)
    behind_the_map = person(3, x=0.0, z=10.1)
    unknown = person(4, speed=NAN)

    for step in range(21):  # five a second, with a pause of a minute that does not count
        array = PersonArray(people=[standing, walking, behind_the_map, unknown])
        array.header.stamp = stamp_of(step * SECOND // 5 + (step > 10) * 60 * SECOND)
        people.publish(array)

    def seconds():
        is_whole = written.exists() and written.read_text().count("\n") == 20
        return np.loadtxt(written, delimiter=",") if is_whole else np.zeros((20, 20))

    ros.wait(lambda: seconds().sum() > 3.7, what="19 steps on the map")
    found = seconds()
    assert found.shape == (20, 20)
    assert found[6, 12] == pytest.approx(19 / 5)
    assert found.sum() == pytest.approx(19 / 5)
    written.unlink()
    assert ended(process) == ""
    assert seconds()[6, 12] == pytest.approx(19 / 5), "written in the end, too"


def rclcpp_is_installed():
    return any((prefix / "share" / "rclcpp").is_dir() for prefix in prefixes())


def prefixes():
    given = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    return [Path(sys.prefix), *map(Path, filter(None, given))]


@pytest.fixture
def compiler():
    found = shutil.which("g++") or shutil.which("clang++")
    if found is None:
        pytest.skip("there is no C++ compiler")
    if not any((prefix / "include/mobilepose_msgs").is_dir() for prefix in prefixes()):
        pytest.skip("there are no C++ headers of mobilepose_msgs")
    return found


def test_the_subscriber_in_cpp_compiles_with_the_messages_and_tells_of_people(compiler, tmp_path):
    """With the tests' own few lines of rclcpp, which has no wheel."""
    stand_in = Path(__file__).parent / "stand_in_cpp"
    includes = [f"-I{path}" for prefix in prefixes() for path in (prefix / "include").glob("*")]
    program = tmp_path / "people_subscriber"
    command = [compiler, "-std=c++17", "-Wall", "-Wextra", f"-I{stand_in}", *includes]
    command += [SUBSCRIBER / "people_subscriber.cpp", "-o", program]
    subprocess.run(command, check=True)

    said = subprocess.run([program], check=True, capture_output=True, text=True).stdout

    assert "subscribes to mobilepose/people" in said
    assert "person 7: standing, x -0.5 m, z 2.2 m, waving" in said
    assert "person 8: unknown" in said
    assert "nan" not in said
    assert "arms_crossed" not in said


@pytest.mark.skipif(not rclcpp_is_installed(), reason="rclcpp has no wheel, and is not installed")
def test_the_subscriber_in_cpp_is_built_by_colcon_and_hears_people(ros, tmp_path):
    command = [sys.executable, "-m", "colcon", "build", "--merge-install"]
    command += ["--base-paths", SUBSCRIBER]
    subprocess.run(command, cwd=tmp_path, check=True)
    people = ros.publisher("mobilepose/people", kind=PersonArray)
    built = tmp_path / "install/lib/people_subscriber/people_subscriber"
    process = subprocess.Popen([built], stderr=subprocess.PIPE, text=True)
    try:
        ros.wait(lambda: people.get_subscription_count() > 0)
        people.publish(PersonArray(people=[person(7, x=-0.5, z=2.25)]))
        assert "person 7: standing, x -0.5 m, z 2.2 m" in process.stderr.readline()
    finally:
        process.terminate()
        process.wait()
