import numpy as np
import pytest

from mobilepose_core import skeleton
from mobilepose_core.datasets import joint_columns


def test_joints_are_flics_eleven_in_the_published_order():
    assert skeleton.JOINTS == (
        "left_shoulder",
        "left_elbow",
        "left_wrist",
        "right_shoulder",
        "right_elbow",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_eye",
        "right_eye",
        "nose",
    )


def test_mirroring_exchanges_left_and_right_and_keeps_the_nose():
    mirrored = [skeleton.JOINTS[index] for index in skeleton.MIRROR]

    swapped = {"left": "right", "right": "left"}
    for name, other in zip(skeleton.JOINTS, mirrored, strict=True):
        side, _, part = name.partition("_")
        assert other == (f"{swapped[side]}_{part}" if side in swapped else name)


def test_every_limb_joins_two_known_joints_and_every_joint_has_a_limb():
    ends = {end for edge in skeleton.EDGES for end in edge}

    assert ends == set(skeleton.JOINTS)


def test_picking_puts_another_order_into_ours_and_leaves_missing_joints_unknown():
    points = np.stack([np.arange(14), 10 * np.arange(14)], axis=1).astype(np.float32)

    picked = joint_columns.pick(points, joint_columns.LSP_COLUMNS)

    assert picked[skeleton.INDEX["left_wrist"]].tolist() == [11, 110]
    assert picked[skeleton.INDEX["right_hip"]].tolist() == [2, 20]
    assert np.isnan(picked[skeleton.INDEX["nose"]]).all()


def test_maps_name_left_and_right_of_every_other_skeleton():
    for columns, count in (
        (joint_columns.FLIC_COLUMNS, 11),
        (joint_columns.LSP_COLUMNS, 12),
        (joint_columns.COCO_COLUMNS, 17),
        (joint_columns.BLAZEPOSE_COLUMNS, 17),
    ):
        assert set(columns) <= set(skeleton.ALL_19.joints)
        assert {skeleton.mirrored(name) for name in columns} == set(columns)
        assert len(set(columns.values())) == len(columns) == count


def test_the_torso_ends_in_the_middle_of_the_hips_and_of_the_shoulders():
    joints = np.full((skeleton.JOINT_COUNT, 2), np.nan)
    for name, place in {
        "left_hip": (4, 10), "right_hip": (0, 12), "left_shoulder": (6, 0), "right_shoulder": (0, 2)
    }.items():  # fmt: skip
        joints[skeleton.INDEX[name]] = place

    hips, shoulders = skeleton.torso_ends(joints)

    assert (hips.tolist(), shoulders.tolist()) == ([2, 11], [3, 1])
    joints[skeleton.INDEX["left_hip"]] = np.nan
    assert np.isnan(skeleton.torso_ends(joints)[0]).all()


def test_all_joints_begin_with_those_of_the_upper_body_and_hold_those_of_coco():
    assert skeleton.ALL_19.joints[:11] == skeleton.UPPER_BODY_11.joints == skeleton.JOINTS
    assert set(skeleton.COCO_17.joints) < set(skeleton.ALL_19.joints)


@pytest.mark.parametrize("name", skeleton.SKELETONS)
def test_every_skeletons_mirror_undoes_itself_and_its_limbs_join_its_joints(name):
    known = skeleton.SKELETONS[name]
    there_and_back = np.array(known.mirror)[list(known.mirror)]

    assert there_and_back.tolist() == list(range(len(known.joints)))
    for place, other in zip(known.joints, known.mirror, strict=True):
        assert known.joints[other] == skeleton.mirrored(place)
    assert {end for edge in known.edges for end in edge} <= set(known.joints)


def test_some_joints_make_a_skeleton_with_the_limbs_between_them():
    arm = skeleton.of_joints(["left_wrist", "left_elbow", "nose"])

    assert arm.edges == (("left_elbow", "left_wrist"),)
    assert arm.edge_indices == ((1, 0),)
    assert arm.mirror == (0, 1, 2)
    assert skeleton.of_joints(list(skeleton.JOINTS)) is skeleton.UPPER_BODY_11


@pytest.mark.parametrize("names", [["tail"], ["nose", "nose"], []])
def test_unknown_and_unpaired_joints_are_refused(names):
    with pytest.raises(ValueError, match="joint"):
        skeleton.of_joints(names)


def test_selecting_undoes_among_all_and_takes_flics_hips_where_there_are_no_others():
    joints = np.arange(22, dtype=np.float32).reshape(1, 11, 2)
    everything = skeleton.among_all(joints)
    flic = everything.copy()
    flic[0, skeleton.ALL_19.index["flic_left_hip"]] = (7, 8)

    assert np.array_equal(skeleton.select(everything), joints)
    assert np.array_equal(skeleton.select(flic), joints)
    flic[0, skeleton.INDEX["left_hip"]] = np.nan
    assert skeleton.select(flic)[0, skeleton.INDEX["left_hip"]].tolist() == [7, 8]
    own = skeleton.select(flic, ("left_hip", "flic_left_hip"))[0]
    assert np.isnan(own[0]).all()
    assert own[1].tolist() == [7, 8]
