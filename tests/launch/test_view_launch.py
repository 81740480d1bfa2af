"""What view:=true starts, and what it gives to the live view."""

from pathlib import Path

import pytest

from mobilepose_ros.launch_arguments import port_of
from mobilepose_ros.parameter_table import unknown_overrides
from mobilepose_ros.view_parameters import ViewParameters


def test_without_it_no_view_is_started(commands):
    assert set(commands("pose")) == {"/mobilepose"}


def test_the_view_has_the_images_of_the_pose_node_beside_it(commands, node_of):
    found = commands(
        "pose",
        namespace="robot",
        image="/front/image_raw",
        image_transport="compressed",
        view="true",
        view_port="0",
        log_level="warn",
    )

    assert set(found) == {"/robot/mobilepose", "/robot/view"}
    view = node_of(found["/robot/view"])
    assert unknown_overrides(view) == []
    assert view.settings == ViewParameters(port=0, image_transport="compressed")
    assert view.resolve_topic_name("image") == "/front/image_raw"
    assert view.resolve_topic_name("mobilepose/joints") == "/robot/mobilepose/joints"
    assert found["/robot/view"].after("--log-level") == ["robot.view:=warn"]


def test_the_view_shares_what_the_parameters_file_says_of_the_pose_node(
    commands, node_of, tmp_path
):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "/**:\n  ros__parameters:\n    image_transport: compressed\n    max_image_pixels: 1000\n"
        "    labels: true\n"
    )

    found = commands("pose", params_file=str(file), view="true", view_port="0")

    view = node_of(found["/view"])
    expected = ViewParameters(port=0, image_transport="compressed", max_image_pixels=1000)
    assert view.settings == expected


def test_the_views_of_several_cameras_have_ports_of_their_own(commands):
    found = commands("multi_camera", cameras="front rear", view="true", foxglove_port="9000")

    files = [found[f"/{camera}/view"].after("--params-file") for camera in ("front", "rear")]
    texts = [Path(path).read_text() for (path,) in files]
    assert ['"port": 8090' in texts[0], '"port": 8091' in texts[1]] == [True, True]
    assert ['"foxglove_port": 9000' in texts[0], '"foxglove_port": 9001' in texts[1]] == [True] * 2


@pytest.mark.parametrize(("first", "port"), [("8090", "8092"), ("0", "0")])
def test_ports_count_up_unless_any_will_do(first, port):
    assert port_of(first, 2) == port


def test_a_port_that_is_no_number_is_refused(refusal):
    assert "view_port is 'http'; expected an integer" in refusal(
        "pose", view="true", view_port="http"
    )
