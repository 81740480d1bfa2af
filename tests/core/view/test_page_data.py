import numpy as np

from mobilepose_core.io import drawing
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import COCO_17, UPPER_BODY_11
from mobilepose_core.view import ERROR, Rates, ViewStatus, page_data


def test_people_have_the_joints_limbs_and_colours_of_the_model(make_frame):
    for skeleton in (UPPER_BODY_11, COCO_17):
        sent = page_data.people(make_frame(people=2, skeleton=skeleton))

        assert (sent["width"], sent["height"], sent["stamp"]) == (320, 240, 1.5)
        assert [name for name, _ in sent["skeleton"]["joints"]] == list(skeleton.joints)
        assert [(a, b) for a, b, _ in sent["skeleton"]["edges"]] == list(skeleton.edge_indices)
        colours = dict(sent["skeleton"]["joints"])
        assert (colours["left_wrist"], colours["right_wrist"]) == ("#28a0ff", "#ff6e28")
        assert colours["nose"] == ""  # as the person
        first, second = sent["people"]
        assert (first["id"], second["id"]) == (1, 2)
        assert (
            first["colour"] == page_data.hexadecimal(drawing.TRACK_COLOURS[0]) != (second["colour"])
        )
        assert second["joints"][1] == [30.0, 110.0, round(1 - 0.5 / (len(skeleton.joints) - 1), 2)]


def test_a_joint_without_a_place_is_null(make_frame):
    frame = make_frame()
    joints = frame.poses[0].joints.copy()
    joints[0] = np.nan
    frame.poses[0] = Pose(joints, frame.poses[0].scores)

    (person,) = page_data.people(frame)["people"]

    assert person["joints"][0] == [None, None, 1.0]
    assert page_data.message(page_data.people(frame))  # JSON has no NaN


def test_a_status_says_what_is_unknown_by_null():
    sent = page_data.status(
        ViewStatus("film.mp4", ERROR, "no image", Rates(30.04, latency=0.0123), {"model": "final"})
    )

    assert (sent["received"], sent["processed"], sent["latency"]) == (30.0, None, 12.3)
    assert sent["details"] == [["model", "final"]]
    assert page_data.status(ViewStatus(parameters={"labels": True, "rate": 1.5}))["parameters"] == [
        ["labels", "true"],
        ["rate", "1.5"],
    ]
