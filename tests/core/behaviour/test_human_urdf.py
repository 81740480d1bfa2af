"""The URDF of the kinematic model: well-formed, a tree, with REP-155's joints."""

from xml.etree import ElementTree

from forward_kinematics import forward

from mobilepose_core.behaviour import ADULT, joint_angles, urdf
from mobilepose_core.evaluation.stick_figure import StickFigure

ID = "abcde"


def test_the_model_is_a_tree_with_the_joints_of_rep_155():
    robot = ElementTree.fromstring(urdf(ADULT, ID))

    names = [link.get("name") for link in robot.findall("link")]
    joints = {joint.get("name"): joint for joint in robot.findall("joint")}
    children = [joint.find("child").get("link") for joint in joints.values()]
    assert len(set(names)) == len(names)
    assert sorted([*children, f"body_{ID}"]) == sorted(names), "each link has one parent"
    assert len(forward(urdf(ADULT, ID), {})) == len(names), "each is reached from the body"
    assert all(name.endswith(f"_{ID}") for name in [*names, *joints])
    turning = {n.removesuffix(f"_{ID}") for n, j in joints.items() if j.get("type") == "revolute"}
    assert turning == {"waist", "r_head", "y_head", "p_head"} | {
        f"{side}_{name}"
        for side in "lr"
        for name in (
            *("y_shoulder", "p_shoulder", "r_shoulder", "elbow"),
            *("y_hip", "p_hip", "r_hip", "knee"),
        )
    }
    used = {material.get("name") for material in robot.iterfind("link/visual/material")}
    assert used <= {material.get("name") for material in robot.findall("material")}


def test_all_of_a_persons_angles_are_joints_of_the_model():
    names = {joint.get("name") for joint in ElementTree.fromstring(urdf(ADULT, ID)).iter("joint")}

    found = joint_angles(StickFigure().joints())

    assert len(found) == 20
    assert {f"{name}_{ID}" for name in found} <= names
