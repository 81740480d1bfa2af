"""What follow.launch.py starts, and what it gives to each node."""

import pytest

from mobilepose_ros.follower_parameters import FollowerParameters
from mobilepose_ros.launch_arguments import FOLLOW, follower_parameters
from mobilepose_ros.parameter_table import unknown_overrides


def test_the_follower_follows_the_people_of_the_pose_node_beside_it(commands, node_of):
    found = commands("follow", namespace="robot", choice="raised_hand", fixed_frame="odom")

    assert set(found) == {"/robot/person_follower", "/robot/mobilepose"}
    follower = node_of(found["/robot/person_follower"])
    assert unknown_overrides(follower) == []
    assert follower.settings == FollowerParameters(choice="raised_hand", fixed_frame="odom")
    assert follower.resolve_topic_name("people") == "/robot/mobilepose/people"


@pytest.mark.parametrize(("given", "wanted"), [({}, "odom"), ({"people_frame": "map"}, "map")])
def test_velocities_are_relative_to_where_the_target_is_followed(commands, node_of, given, wanted):
    found = commands("follow", fixed_frame="odom", **given)
    assert node_of(found["/mobilepose"]).settings.people_frame == wanted


def test_the_follower_starts_with_what_the_launch_file_gives_it(commands, node_of):
    node = node_of(
        commands("follow", choice="id", choice_id="7", target_frame="")["/person_follower"]
    )

    assert node.start(), node.failure
    assert [one.topic_name for one in node.subscriptions if one.topic_name == "/mobilepose/people"]
    assert (node.settings.choice, node.settings.choice_id) == ("id", 7)


def test_only_the_follower_is_started_where_there_is_a_pose_node(commands):
    found = commands("follow", pose="false", people="/front/mobilepose/people")

    assert set(found) == {"/person_follower"}
    assert found["/person_follower"].remaps["people"] == "/front/mobilepose/people"


def test_arguments_of_the_pose_node_are_passed_on(commands, rviz_arguments):
    found = commands(
        "follow",
        image="/eye/image",
        depth="/eye/depth",
        model="small",
        rviz="true",
        log_level="warn",
    )

    pose = found["/mobilepose"]
    assert pose.remaps["image"] == "/eye/image"
    assert pose.remaps["depth"] == "/eye/depth"
    assert found["/rviz"].after("-f") == ["camera_optical_frame"]
    assert found["/person_follower"].after("--log-level") == ["person_follower:=warn"]


def test_rviz_shows_the_fixed_frame_of_the_follower(commands, rviz_arguments):
    assert commands("follow", rviz="true", fixed_frame="odom")["/rviz"].after("-f") == ["odom"]


@pytest.mark.parametrize("node", ["mobilepose", "person_follower"])
def test_a_parameters_file_may_be_of_one_node_or_of_both(commands, node_of, tmp_path, node):
    file = tmp_path / "mine.yaml"
    file.write_text(f"{node}:\n  ros__parameters:\n    silence_timeout: 9.0\n")

    found = commands("follow", params_file=str(file), autostart="false")

    for name in ("mobilepose", "person_follower"):
        settings = node_of(found[f"/{name}"]).settings
        assert settings.silence_timeout == (9.0 if name == node else 5.0)
        assert not settings.autostart


def test_a_parameters_file_of_another_node_is_refused(refusal, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("other:\n  ros__parameters:\n    silence_timeout: 9.0\n")

    assert "not of /person_follower or /mobilepose" in refusal("follow", params_file=str(file))


def test_a_choice_that_does_not_exist_is_refused(refusal):
    assert "choice" in refusal("follow", choice="tallest")


def test_only_arguments_that_are_given_become_parameters():
    defaults = {name: row.default for name, row in FOLLOW.items()}

    assert follower_parameters(defaults) == {}
    assert follower_parameters(defaults | {"choice": "centre", "use_sim_time": "true"}) == {
        "choice": "centre",
        "use_sim_time": True,
    }
