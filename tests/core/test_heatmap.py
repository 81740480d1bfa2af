import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilepose_core import heatmap


@given(st.floats(2, 53), st.floats(2, 53))
def test_decode_finds_a_peak_between_two_cells(x, y):
    maps = heatmap.encode(np.array([[x, y]], dtype=np.float32), 56)

    joints, scores = heatmap.decode(maps)

    # The logarithm of a Gaussian is a parabola, which the Taylor step follows exactly.
    assert np.allclose(joints, [[x, y]], atol=2e-3)
    # Half a cell off in x and y: exp(-0.5 / (2 * 2**2)) = 0.939.
    assert 0.93 < scores[0] <= 1


def test_a_target_is_one_at_its_joint_and_falls_as_a_gaussian():
    (target,) = heatmap.encode(np.array([[10, 20]], dtype=np.float32), 56, sigma=2.0)

    assert target[20, 10] == 1
    assert target[20, 12] == pytest.approx(np.exp(-0.5))
    assert target[24, 10] == pytest.approx(np.exp(-2))


def test_a_joint_that_is_unknown_has_an_empty_map():
    maps = heatmap.encode(np.array([[np.nan, np.nan], [3, 3]], dtype=np.float32), 16)

    assert (maps[0] == 0).all()
    assert maps[1].max() == 1


def test_profiles_multiply_to_the_map():
    joints = np.array([[[4.3, 7.9], [1.2, 3.4]]], dtype=np.float32)

    along_x, along_y = heatmap.profiles(joints, 12)

    assert along_x.shape == along_y.shape == (1, 2, 12)
    assert np.allclose(
        np.einsum("nky,nkx->nkyx", along_y, along_x), heatmap.encode(joints, 12), atol=1e-7
    )


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0, 9), (15, 15), (7, 0)])
def test_a_peak_on_the_edge_is_found_in_its_cell(x, y):
    maps = heatmap.encode(np.array([[x, y]], dtype=np.float32), 16)

    joints, scores = heatmap.decode(maps)

    assert joints.tolist() == [[x, y]]
    assert scores.tolist() == [1]


def test_a_flat_map_decodes_to_finite_numbers_and_no_score():
    joints, scores = heatmap.decode(np.zeros((3, 11, 56, 56), np.float32))

    assert joints.shape == (3, 11, 2)
    assert np.isfinite(joints).all()
    assert (scores == 0).all()


def test_scores_stay_between_nought_and_one():
    maps = np.full((2, 8, 8), -0.5, np.float32)
    maps[1, 4, 4] = 1.7

    _, scores = heatmap.decode(maps)

    assert scores.tolist() == [0, 1]


def _two_places(higher, lower):
    """A map with a peak at (20, 30) and one at (26, 30)."""
    places = heatmap.encode(np.array([[20, 30], [26, 30]], np.float32), 56)
    return (higher * places[:1] + lower * places[1:]).astype(np.float32)


def test_a_sure_peak_counts_alone():
    joints, _ = heatmap.decode(_two_places(0.9, 0.2))

    assert joints[0, 0] == pytest.approx(20, abs=0.3)


def test_between_two_unsure_places_the_joint_lies_in_their_middle():
    joints, _ = heatmap.decode(_two_places(0.22, 0.2))

    assert joints[0, 0] == pytest.approx(23, abs=0.6)
    assert joints[0, 1] == pytest.approx(30, abs=0.01)


def test_the_lower_a_peak_the_more_its_surroundings_count():
    found = [float(heatmap.decode(_two_places(h, h / 2))[0][0, 0]) for h in (0.8, 0.5, 0.4, 0.2)]

    assert found == sorted(found)
    assert found[-1] > found[0] + 1


def test_a_place_far_from_the_peak_does_not_count():
    places = heatmap.encode(np.array([[10, 10], [45, 45]], np.float32), 56)

    joints, _ = heatmap.decode(0.25 * places[:1] + 0.2 * places[1:])

    assert np.allclose(joints[0], [10, 10], atol=0.1)


def test_an_unsure_peak_in_a_corner_stays_in_the_map():
    joints, _ = heatmap.decode(0.2 * heatmap.encode(np.array([[0, 55]], np.float32), 56))

    assert (joints >= 0).all()
    assert (joints <= 55).all()


def test_maps_that_are_not_numbers_decode_to_finite_joints_without_score():
    joints, scores = heatmap.decode(np.full((1, 16, 16), np.nan, np.float32))

    assert np.isfinite(joints).all()
    assert scores.tolist() == [0]


def test_decode_reads_maps_that_are_not_contiguous():
    maps = heatmap.encode(np.array([[5.25, 9.75]], dtype=np.float32), 16)
    strided = np.asfortranarray(np.repeat(maps, 2, axis=0))[::2]

    joints, _ = heatmap.decode(strided)

    assert np.allclose(joints, [[5.25, 9.75]], atol=1e-3)


@pytest.mark.parametrize("shape", [(56, 56), (11, 2, 56), (11, 56, 2)])
def test_maps_of_a_wrong_shape_are_refused_with_that_shape(shape):
    with pytest.raises(ValueError, match=str(shape[-1])):
        heatmap.decode(np.zeros(shape, np.float32))


@given(st.floats(-50, 300), st.floats(-50, 300))
def test_crop_pixels_go_to_cells_and_back(x, y):
    point = np.array([x, y], dtype=np.float32)

    back = heatmap.crop_from_cells(heatmap.cells_from_crop(point))

    assert np.allclose(back, point, atol=1e-4)


def test_the_first_cell_is_centred_on_the_first_four_pixels():
    assert heatmap.crop_from_cells(np.array([0.0, 0.0], np.float32)).tolist() == [1.5, 1.5]


def _decoded_slowly(heights):
    """One map's joint and score, cell by cell."""
    rows, columns = heights.shape
    row, column = max(np.ndindex(rows, columns), key=lambda cell: heights[cell])
    peak = float(np.clip(heights[row, column], 0, 1))
    joint = np.array([column, row], float)
    if 0 < row < rows - 1 and 0 < column < columns - 1:
        logs = np.log(np.maximum(heights[row - 1 : row + 2, column - 1 : column + 2], 1e-6))
        for axis, (before, here, after) in enumerate((logs[1], logs[:, 1])):
            joint[axis] += (after - before) / 2 / max(2 * here - before - after, 1e-6)
    reach = round(heatmap.CENTROID_RADIUS * max(rows, columns))
    near = [
        (y, x)
        for y, x in np.ndindex(rows, columns)
        if abs(y - row) <= reach and abs(x - column) <= reach and heights[y, x] > 0
    ]
    if near:
        shift = np.average(
            [(x - column, y - row) for y, x in near], axis=0, weights=[heights[c] for c in near]
        )
        sure = np.clip((peak - heatmap.UNSURE) / (heatmap.SURE - heatmap.UNSURE), 0, 1)
        joint = sure * joint + (1 - sure) * (np.array([column, row]) + shift)
    return joint, peak


@pytest.mark.parametrize("shape", [(56, 56), (20, 31)])
def test_decoding_all_maps_at_once_is_decoding_each_by_its_formulas(shape):
    random = np.random.default_rng(1)
    joints = random.uniform(-2, max(shape) + 2, (2, 6, 2)).astype(np.float32)
    maps = heatmap.encode(joints, max(shape))[..., : shape[0], : shape[1]]
    maps = maps * random.uniform(0.05, 1.2, (2, 6, 1, 1)) + random.normal(0, 0.02, maps.shape)
    maps = maps.astype(np.float32)

    found, scores = heatmap.decode(maps)

    for index in np.ndindex(2, 6):
        joint, score = _decoded_slowly(maps[index].astype(float))
        assert found[index] == pytest.approx(joint, abs=1e-3)
        assert scores[index] == pytest.approx(score)
