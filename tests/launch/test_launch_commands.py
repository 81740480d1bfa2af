"""What the launch files put on the command lines of their programs, and that all of it exists."""

from pathlib import Path

import pytest

from mobilepose_ros.launch_arguments import DEMO, POSE
from mobilepose_ros.parameter_table import table_rows, unknown_overrides
from mobilepose_ros.parameters import PERSON_BOXES_TYPES, CameraParameters, PoseParameters

WRAPPED = "SetParameter(name={!r}, value={!r})"
OTHERS = ("params_file", "find_size", "view_port", "foxglove_port")  # a file and numbers


def value(node, name):
    return node.get_parameter(name).value


def all_exists(command):
    files = [*command.after("--params-file"), *command.after("-d")]
    return all(Path(path).is_file() for path in [command.program, *files])


def test_every_argument_that_is_a_text_arrives(commands, rviz_arguments):
    texts = [name for name, row in POSE.items() if not row.choices and name not in OTHERS]
    given = {name: f"some_{name}" for name in texts}

    found = commands("pose", rviz="true", view="true", **given)

    words = [word for command in found.values() for word in command.arguments]
    words += [text for command in found.values() for text in command.environment.values()]
    files = [Path(path).read_text() for c in found.values() for path in c.after("--params-file")]
    for text in given.values():
        assert any(text in place for place in [*words, *files]), text


def test_the_pose_node_has_all_that_the_pose_launch_file_gives_it(commands, node_of, tmp_path):
    command = commands(
        "pose",
        image="/front/image_raw",
        camera_info="/front/info",
        depth="/front/depth",
        boxes="/front/boxes",
        namespace="robot",
        model="small",
        device="cpu",
        image_transport="compressed",
        person_boxes_type="RegionOfInterest",
        use_sim_time="true",
    )["/robot/mobilepose"]

    node = node_of(command)
    assert unknown_overrides(node) == []
    assert node.start(), node.failure

    assert all_exists(command)
    inputs = {subscription.topic_name for subscription in node.subscriptions}
    wanted = {"/front/image_raw/compressed", "/front/info", "/front/depth", "/front/boxes"}
    assert wanted <= inputs
    assert value(node, "model") == "small"
    assert value(node, "use_sim_time")


def test_an_argument_that_is_a_number_arrives(commands, node_of):
    node = node_of(commands("pose", find_size="320")["/mobilepose"])

    assert value(node, "find_size") == 320


def test_the_demos_camera_has_all_that_the_demo_launch_file_gives_it(commands, node_of):
    found = commands("demo", image="/eye/image", namespace="robot", use_sim_time="true", rate="5")

    camera = node_of(found["/robot/camera"])

    assert unknown_overrides(camera) == []
    assert {publisher.topic_name for publisher in camera.publishers} >= {
        "/eye/image",
        "/eye/camera_info",
    }
    assert camera.settings == CameraParameters(rate=5.0, motion=1.0, field_of_view=53.0)
    assert value(camera, "use_sim_time")
    pose = found["/robot/mobilepose"]
    assert pose.remaps["image"] == "/eye/image"
    assert value(node_of(pose), "use_sim_time")


def test_rviz_of_the_demo_shows_the_cameras_frame_or_another(commands, rviz_arguments):
    by_frame = commands("demo", rviz="true", frame_id="eye")["/rviz"]
    by_name = commands("demo", rviz="true", frame_id="eye", fixed_frame="map")["/rviz"]

    assert by_frame.after("-f") == ["eye"]
    assert by_name.after("-f") == ["map"]
    assert all_exists(by_frame)


def test_the_demo_refuses_a_transport_that_its_camera_has_not(refusal):
    assert "image_transport" in refusal("demo", image_transport="compressed")


@pytest.mark.parametrize("kind", PERSON_BOXES_TYPES)
def test_boxes_may_be_of_every_type(commands, node_of, kind):
    command = commands(
        "pose", boxes="/detections", person_boxes_type=kind, detection_class="0", autostart="false"
    )["/mobilepose"]

    settings = node_of(command).settings

    assert settings.person_finder == "topic"
    assert settings.person_boxes_type == kind
    assert settings.detection_class == "0"
    assert command.remaps["person_boxes"] == "/detections"


@pytest.mark.parametrize("namespace", ["", "robot", "/robot"])
def test_cameras_are_inside_the_namespace_given(commands, namespace):
    found = commands("multi_camera", cameras="front /rear", namespace=namespace)

    first = "/robot/front/mobilepose" if namespace else "/front/mobilepose"
    assert set(found) == {first, "/rear/mobilepose"}


def test_cameras_are_inside_a_namespace_pushed_around_them(commands, launch_file):
    file = launch_file("multi_camera", "PushRosNamespace('base')", cameras="a b", namespace="c")

    assert set(commands(file)) == {"/base/c/a/mobilepose", "/base/c/b/mobilepose"}


@pytest.mark.parametrize(
    ("cameras", "namespace", "twice"),
    [
        ("front rear front", "", "front and front are both /front"),
        ("front /front", "", "front and /front are both /front"),
        ("front front/", "", "front and front/ are both /front"),
        ("front /robot/front", "robot", "front and /robot/front are both /robot/front"),
    ],
)
def test_a_camera_is_named_once(refusal, cameras, namespace, twice):
    text = refusal("multi_camera", cameras=cameras, namespace=namespace)

    assert f"cameras names a camera twice: {twice}; expected namespaces" in text


def test_a_camera_is_named_once_below_a_namespace_pushed_around_it(refusal, launch_file):
    file = launch_file("multi_camera", "PushRosNamespace('base')", cameras="a /base/a")

    assert "a and /base/a are both /base/a" in refusal(file)


def test_cameras_of_one_name_in_two_namespaces_are_two(commands):
    found = commands("multi_camera", cameras="front /front", namespace="robot")

    assert set(found) == {"/robot/front/mobilepose", "/front/mobilepose"}


@pytest.mark.parametrize("name", ["image", "camera_info", "depth", "boxes"])
def test_a_topic_that_all_cameras_would_share_is_refused(commands, refusal, name):
    text = refusal("multi_camera", cameras="front rear", **{name: "/front/eye/topic"})

    assert f"{name} is /front/eye/topic, one topic for 2 cameras; expected a name without" in text
    alone = commands("multi_camera", cameras="front", **{name: "/front/eye/topic"})
    assert "/front/eye/topic" in alone["/front/mobilepose"].remaps.values()
    apart = commands("multi_camera", cameras="front rear", **{name: "eye/topic"})
    assert all("eye/topic" in command.remaps.values() for command in apart.values())


def test_cameras_have_an_rviz_each_with_the_frame_given(commands, rviz_arguments):
    found = commands("multi_camera", cameras="a b", rviz="true", fixed_frame="map")

    assert found["/a/rviz"].after("-f") == found["/b/rviz"].after("-f") == ["map"]


@pytest.mark.parametrize(
    ("pushed", "namespace", "logger"),
    [
        ("", "", "mobilepose"),
        ("", "robot", "robot.mobilepose"),
        ("base", "", "base.mobilepose"),
        ("/base", "a/b", "base.a.b.mobilepose"),
        ("base", "/robot", "robot.mobilepose"),
    ],
)
def test_log_level_names_the_nodes_logger(
    commands, launch_file, node_of, pushed, namespace, logger
):
    actions = [f"PushRosNamespace({pushed!r})"] if pushed else []
    file = launch_file("pose", *actions, namespace=namespace, log_level="debug")

    [command] = commands(file).values()

    assert command.after("--log-level") == [f"{logger}:=debug"]
    assert node_of(command).get_logger().name == logger


def test_log_level_of_the_demo_is_that_of_both_nodes(commands):
    found = commands("demo", log_level="error")

    levels = [command.after("--log-level") for command in found.values()]
    assert sorted(levels) == [["camera:=error"], ["mobilepose:=error"]]


@pytest.mark.parametrize(
    ("name", "given"),
    [("max_rate", 5.0), ("model", "small"), ("use_sim_time", True), ("labels", True)],
)
def test_a_parameter_set_around_the_pose_launch_file_wins_over_defaults(
    commands, launch_file, node_of, name, given
):
    command = commands(launch_file("pose", WRAPPED.format(name, given)))["/mobilepose"]

    assert value(node_of(command), name) == given


@pytest.mark.parametrize("key", ["/**", "/mobilepose", "/**/mobilepose", "mobilepose"])
def test_parameters_from_a_file_around_the_pose_launch_file_win_over_defaults(
    commands, launch_file, node_of, tmp_path, key
):
    (tmp_path / "all.yaml").write_text(f"{key}:\n  ros__parameters:\n    max_rate: 5.0\n")
    action = f"SetParametersFromFile({str(tmp_path / 'all.yaml')!r})"

    command = commands(launch_file("pose", action))["/mobilepose"]

    assert value(node_of(command), "max_rate") == 5.0


def test_a_parameter_set_around_the_demo_wins_over_its_defaults(commands, launch_file, node_of):
    actions = [WRAPPED.format("motion", 2.0), WRAPPED.format("rate", 5.0)]

    camera = node_of(commands(launch_file("demo", *actions))["/camera"])

    assert value(camera, "motion") == 2.0
    assert value(camera, "rate") == 5.0
    assert value(camera, "field_of_view") == 53.0


def test_an_argument_wins_over_a_parameter_set_around_it(commands, launch_file, node_of):
    around = [WRAPPED.format("model", "small"), WRAPPED.format("rate", 5.0)]

    found = commands(launch_file("demo", *around, model="other", rate="7"))

    assert value(node_of(found["/mobilepose"]), "model") == "other"
    assert value(node_of(found["/camera"]), "rate") == 7.0


def test_a_parameters_file_wins_over_a_parameter_set_around_it(
    commands, launch_file, node_of, tmp_path
):
    (tmp_path / "mine.yaml").write_text("/**:\n  ros__parameters:\n    max_rate: 7.0\n")
    file = launch_file("pose", WRAPPED.format("max_rate", 5.0), params_file="mine.yaml")

    assert value(node_of(commands(file)["/mobilepose"]), "max_rate") == 7.0


@pytest.mark.parametrize("order", [("/**", "/robot/mobilepose"), ("/robot/mobilepose", "/**")])
def test_an_argument_wins_over_a_parameters_file_however_that_names_the_node(
    commands, node_of, tmp_path, order
):
    blocks = [f"{key}:\n  ros__parameters:\n    model: {key}\n" for key in order]
    (tmp_path / "mine.yaml").write_text("".join(blocks))

    command = commands("pose", namespace="robot", params_file="mine.yaml", model="given")

    assert value(node_of(command["/robot/mobilepose"]), "model") == "given"


def test_rviz_takes_the_nodes_time(commands, rviz_arguments, launch_file, tmp_path):
    (tmp_path / "sim.yaml").write_text("/**:\n  ros__parameters:\n    use_sim_time: true\n")

    by_argument = commands("pose", rviz="true", use_sim_time="true")["/rviz"]
    by_file = commands("pose", rviz="true", params_file="sim.yaml")["/rviz"]
    around = WRAPPED.format("use_sim_time", True)
    by_launch_file = commands(launch_file("pose", around, rviz="true"))["/rviz"]

    for command in (by_argument, by_file):
        [file] = command.after("--params-file")
        assert "true" in Path(file).read_text()
    assert by_launch_file.after("--params-file") == []
    assert [rule.lower() for rule in by_launch_file.after("-p")] == ["use_sim_time:=true"]


@pytest.mark.parametrize("file", ["pose", "demo", "multi_camera"])
def test_a_parameters_file_that_is_missing_ends_the_launch(refusal, file):
    cameras = {"cameras": "a b"} if file == "multi_camera" else {}

    reason = refusal(file, params_file="/missing.yaml", **cameras)

    assert "params_file /missing.yaml does not exist" in reason


def test_a_parameters_file_of_another_node_ends_the_launch(refusal, tmp_path):
    (tmp_path / "other.yaml").write_text("/camera:\n  ros__parameters:\n    rate: 7.0\n")

    reason = refusal("pose", namespace="robot", params_file="other.yaml")

    assert "has parameters of /camera, not of /robot/mobilepose" in reason


def test_a_parameters_file_may_be_of_some_of_the_cameras(commands, node_of, refusal, tmp_path):
    (tmp_path / "mine.yaml").write_text("a/mobilepose:\n  ros__parameters:\n    max_rate: 7.0\n")

    found = commands("multi_camera", cameras="a b", params_file="mine.yaml")

    rates = [value(node_of(found[f"/{camera}/mobilepose"]), "max_rate") for camera in "ab"]
    assert rates == [7.0, PoseParameters.max_rate]
    reason = refusal("multi_camera", cameras="c d", params_file="mine.yaml")
    assert "not of /c/mobilepose or /d/mobilepose" in reason


def test_a_parameters_file_in_the_home_folder_is_found(commands, node_of, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("/**:\n  ros__parameters:\n    max_rate: 7.0\n")
    monkeypatch.setenv("HOME", str(tmp_path))

    command = commands("pose", params_file="~/mine.yaml")["/mobilepose"]

    assert value(node_of(command), "max_rate") == 7.0


def test_nothing_given_means_the_nodes_own_defaults(commands, node_of):
    settings = node_of(commands("pose")["/mobilepose"]).settings

    assert settings == PoseParameters()


def test_an_invalid_number_ends_the_demo(refusal):
    assert "rate is 'fast'; expected a number" in refusal("demo", rate="fast")


def test_every_parameter_of_the_camera_is_an_argument_of_the_demo():
    assert set(table_rows(CameraParameters)) <= set(DEMO)
