import numpy as np

from mobilepose_core import skeleton


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

    picked = skeleton.pick(points, skeleton.LSP_COLUMNS)

    assert picked[skeleton.INDEX["left_wrist"]].tolist() == [11, 110]
    assert picked[skeleton.INDEX["right_hip"]].tolist() == [2, 20]
    assert np.isnan(picked[skeleton.INDEX["nose"]]).all()


def test_maps_name_left_and_right_of_every_other_skeleton():
    for columns in (skeleton.FLIC_COLUMNS, skeleton.COCO_COLUMNS, skeleton.BLAZEPOSE_COLUMNS):
        assert set(columns) == set(skeleton.JOINTS)
        assert len(set(columns.values())) == len(skeleton.JOINTS)


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
