from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import pytest

from mobilepose_core.behaviour import facing, ranges
from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.behaviour.position import ACROSS_BIAS, locate
from mobilepose_core.evaluation.stick_figure import StickFigure, up_of
from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import COCO_17, JOINTS


def surface(places, draw=None):
    """Depth as a camera measures it: of the body's surface, with stereo's noise."""
    found = {}
    inside = ranges.SURFACE if draw is None else draw.normal(ranges.SURFACE, 0.04)
    for name, place in places.items():
        z = place[2] - inside
        if draw is not None:
            z += draw.normal(0, ranges.DEPTH_DEVIATION + ranges.DEPTH_GROWTH * z * z)
        found[name] = place * z / place[2]
    return found


def test_size_tells_an_average_adults_distance(world):
    places = world.placed(away=3.0)

    position = locate(world.seen(places, names=world.upper), world.camera)

    assert position.source == "size"
    np.testing.assert_allclose(position.place, world.middle_of(places), atol=0.05)


def test_ankles_tell_a_tall_persons_distance_where_the_ground_is_known(world):
    places = world.placed(StickFigure(2.0), away=4.0)
    body = world.seen(places)
    ray = world.middle_of(places) / np.linalg.norm(world.middle_of(places))

    by_ground = ranges.by_ground(body, world.camera, world.level, ray)
    by_size = ranges.by_size(body, world.camera, world.level.up)

    assert by_ground.metres == pytest.approx(np.linalg.norm(world.middle_of(places)), abs=0.35)
    assert by_size.metres < by_ground.metres - 0.25  # a tall person seems near by their size


def test_a_lifted_foot_far_from_the_other_does_not_count(world):
    places = world.placed(away=3.0, stride=0.0)
    places["left_ankle"] = places["left_ankle"] - (0.0, 0.45, 0.0)  # 45 cm up: 3 m away there
    ray = world.middle_of(places) / np.linalg.norm(world.middle_of(places))

    found = ranges.by_ground(world.seen(places), world.camera, world.level, ray)

    assert found.metres == pytest.approx(np.linalg.norm(world.middle_of(places)), abs=0.3)


def test_depth_outweighs_the_size_of_a_child(world):
    places = world.placed(StickFigure(1.1), away=2.0, height=0.6)
    body = world.seen(places, names=world.upper)
    with_depth = Body(body.points, body.scores, surface(places))

    position = locate(with_depth, world.camera)

    assert position.source == "depth"
    np.testing.assert_allclose(position.place, world.middle_of(places), atol=0.03)


def test_depth_and_size_that_agree_are_taken_together(world):
    places = world.placed(away=3.0)
    body = world.seen(places, names=world.upper)

    alone = locate(body, world.camera)
    both = locate(Body(body.points, body.scores, surface(places)), world.camera)

    assert both.source == "depth+size"
    assert np.trace(both.covariance) < np.trace(alone.covariance)


def test_without_hips_the_torso_hangs_below_the_shoulders(world):
    places = world.placed(away=2.0)
    names = [name for name in world.upper if "hip" not in name]
    body = world.seen(places, names=names)

    position = locate(body, world.camera, heading=facing.TorsoHeading(0.0, 0.2))

    np.testing.assert_allclose(position.place, world.middle_of(places), atol=0.06)


def test_shoulders_without_hips_heading_and_depth_tell_no_place(world, person):
    assert locate(person(names=["left_shoulder", "right_shoulder", "nose"]), world.camera) is None


def test_somebody_seen_from_above_is_not_taken_for_farther_away(world):
    pitch = np.radians(35)
    places = world.placed(away=2.0, height=2.2, pitch=pitch)

    position = locate(
        world.seen(places, names=world.upper), world.camera, Ground(up_of(pitch), 2.2)
    )

    np.testing.assert_allclose(position.place, world.middle_of(places), atol=0.12)


def test_somebody_bent_towards_the_camera_is_not_far_away(world):
    places = world.placed(away=2.0, posture="bent")

    found = ranges.by_size(world.seen(places), world.camera, world.level.up)

    assert abs(found.metres - 2.0) < 2 * found.deviation


def test_covariance_lies_along_the_ray(world):
    places = world.placed(away=4.0, aside=-2.0)

    position = locate(world.seen(places, names=world.upper), world.camera)

    values, vectors = np.linalg.eigh(position.covariance)
    assert np.sqrt(values[2]) > 5 * np.sqrt(values[1])
    ray = position.place / np.linalg.norm(position.place)
    assert abs(vectors[:, 2] @ ray) == pytest.approx(1.0, abs=1e-6)


def test_a_second_camera_of_a_pair_counts_from_its_own_place(world):
    class Shifted(Pinhole):
        @property
        def origin(self):
            return np.array([0.5, 0.0, 0.0])

    camera = Shifted(world.camera.fx, world.camera.fy, world.camera.cx, world.camera.cy)
    places = world.placed(away=3.0)

    position = locate(world.seen(places, names=world.upper), camera)

    shifted = world.middle_of(places) + np.array([0.5, 0.0, 0.0])
    np.testing.assert_allclose(position.place, shifted, atol=0.05)


@dataclass(frozen=True)
class Edged(Pinhole):
    """A camera whose lens model covers a part of the image."""

    first: tuple = (-np.inf, -np.inf)
    last: tuple = (np.inf, np.inf)

    def rays(self, points):
        inside = ((points >= np.array(self.first)) & (points <= np.array(self.last))).all(axis=1)
        return np.where(inside[:, None], super().rays(points), np.nan)


@pytest.fixture
def edged(world):
    """Makes such a camera."""
    return partial(Edged, *astuple(world.camera))


def with_depth(world, away=3.0):
    body = world.seen(world.placed(away=away))
    return Body(body.points, body.scores, surface(world.placed(away=away)))


def test_at_the_edge_of_a_lens_model_a_position_has_the_covariance_of_elsewhere(world, edged):
    body = with_depth(world)
    x = (body.middle("shoulder") + body.middle("hip"))[0] / 2

    inside = locate(body, world.camera)
    at_edge = locate(body, edged(last=(x + 0.5, np.inf)))

    np.testing.assert_allclose(at_edge.place, inside.place, atol=0.05)
    np.testing.assert_allclose(at_edge.covariance, inside.covariance, rtol=0.05, atol=1e-5)


def test_without_a_ray_on_either_side_there_is_no_position(world, edged):
    body = with_depth(world)
    x = (body.middle("shoulder") + body.middle("hip"))[0] / 2

    assert locate(body, edged(first=(x - 0.5, 0), last=(x + 0.5, 480))) is None


def test_feet_at_the_edge_of_a_lens_model_say_how_sure_they_are(world, edged):
    places = world.placed(away=3.0)
    body, middle = world.seen(places), world.middle_of(places)
    lowest = max(body.points["left_ankle"][1], body.points["right_ankle"][1])

    at_edge, inside = (
        ranges.by_ground(body, camera, world.level, middle / np.linalg.norm(middle))
        for camera in (edged(last=(np.inf, lowest + 0.5)), world.camera)
    )

    assert at_edge.metres == inside.metres
    assert at_edge.deviation == pytest.approx(inside.deviation, rel=0.1)


@pytest.mark.parametrize("hidden", ["left", "right"])
def test_the_foot_that_has_a_ray_counts_alone(world, edged, hidden):
    places = world.placed(away=3.0, stride=0.0)
    seen = world.seen(places)
    ray = world.middle_of(places) / np.linalg.norm(world.middle_of(places))
    beyond = {f"{hidden}_ankle": seen.points[f"{hidden}_ankle"] + (0.0, 200.0)}
    body = Body({**seen.points, **beyond}, seen.scores)

    found = ranges.by_ground(body, edged(last=(np.inf, 480)), world.level, ray)

    assert found.metres == pytest.approx(np.linalg.norm(world.middle_of(places)), abs=0.3)
    assert 0.05 < found.deviation < 1.0


def test_a_distance_of_unknown_noise_does_not_put_anybody_at_the_camera():
    found = ranges.combined([ranges.Range("ankles", 3.0, np.nan, 0.1)])

    assert found.source == "ankles"
    assert np.isnan(found.metres)


@pytest.mark.parametrize("sources", ["size", "depth", "ground", "all"])
def test_errors_are_as_large_as_their_covariance_says(world, sources):
    draw = np.random.default_rng(3)
    squared = []
    for _ in range(150):
        pitch, height = draw.uniform(-0.1, 0.4), draw.uniform(0.8, 1.6)
        places = world.placed(
            StickFigure.drawn(draw),
            away=draw.uniform(2, 5),
            aside=draw.uniform(-1, 1),
            yaw=draw.uniform(-np.pi, np.pi),
            pitch=pitch,
            height=height,
            lean=tuple(draw.normal(0, np.radians(6), 2)),
            stride=draw.uniform(-0.5, 0.5),
        )
        told_up = up_of(pitch + draw.normal(0, 0.01))
        ground = Ground(told_up, height + draw.normal(0, 0.02))
        torso = 0.48 * world.camera.fx / places["left_hip"][2]
        noise = max(1.0, ranges.JOINT_DEVIATION * torso)
        names = world.upper if sources in ("size", "depth") else None
        body = world.seen(places, noise=noise, draw=draw, names=names)
        if sources in ("depth", "all"):
            body = Body(body.points, body.scores, surface(places, draw))
        if sources == "ground":
            position = _by_ground_alone(world, body, ground)
        else:
            position = locate(body, world.camera, ground)
        middle = world.middle_of(places) + draw.normal(
            0, ACROSS_BIAS, 3
        )  # of the body, not of joints
        error = position.place - middle
        squared.append(error @ np.linalg.solve(position.covariance, error))

    # Normalised errors squared (NEES): 3 in the mean if honest, sd 0.2 for 150; a little
    # caution is allowed, overconfidence is not.
    assert 1.5 < np.mean(squared) < 3.5
    assert np.mean(np.array(squared) > 11.34) < 0.04  # 1 % of a chi-square of 3


def _by_ground_alone(world, body, ground):
    """The position of a body whose size says nothing."""
    by_size, ranges.by_size = ranges.by_size, lambda *_: None
    try:
        return locate(body, world.camera, ground)
    finally:
        ranges.by_size = by_size


def test_a_pose_of_any_skeleton_is_a_body():
    pose = Pose(
        np.arange(22, dtype=np.float32).reshape(11, 2), np.full(11, 0.5, np.float32), track_id=7
    )
    places = np.full((11, 3), np.nan)
    places[2] = 1.0

    body = Body.of(pose, places)

    assert body.track_id == 7
    assert set(body.points) == set(JOINTS)
    assert list(body.places) == ["left_wrist"]
    with pytest.raises(ValueError, match="11 joints"):
        Body.of(pose, places[:4])


def test_a_pose_of_17_joints_brings_ankles():
    points = np.arange(34, dtype=np.float32).reshape(17, 2)

    body = Body.of(Pose(points, np.ones(17, np.float32), skeleton=COCO_17))

    assert body.has("left_ankle", "right_ankle")
    np.testing.assert_array_equal(body.points["left_ankle"], points[15])
