"""Which files are one recording, and where results go: by names alone."""

import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.recordings.sources import recordings_in, targets


@pytest.fixture
def files(tmp_path):
    """Makes empty files; returns their paths."""

    def make(*names):
        paths = [tmp_path / "in" / name for name in names]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return paths

    return make


def found(tmp_path):
    folder = tmp_path / "in"
    return [str(path.relative_to(folder)) for path in recordings_in(folder, tmp_path / "out")]


@pytest.mark.parametrize(
    "names",
    [
        ["walk/walk_0.mcap", "walk/walk_1.mcap", "walk/walk_10.mcap"],
        ["walk/other_0.mcap", "walk/other_2.mcap"],
        ["walk/walk_0.mcap.zstd", "walk/walk_1.mcap"],
        ["walk/walk_7.db3", "walk/walk_8.db3"],  # the first ones were deleted
        ["walk/other_0.mcap", "walk/other_1.mcap"],
        ["walk/2024.11.05_walk.mcap"],
        ["walk/metadata.yaml", "walk/front.mcap", "walk/rear.mcap"],
    ],
)
def test_parts_of_a_recording_are_one(files, tmp_path, names):
    files(*names)

    assert found(tmp_path) == ["walk"]


@pytest.mark.parametrize(
    "names",
    [
        ["day/2024.11.05_walk.mcap", "day/2024.11.06_walk.mcap"],
        ["day/walk_2024_11_05.mcap", "day/walk_2024_11_06.mcap"],
        ["day/walk.db3", "day/walk.mcap"],
        ["day/cam_1.mcap", "day/cam_2.mcap"],
        ["day/front_0.mcap", "day/rear_0.mcap"],
    ],
)
def test_recordings_in_one_folder_are_told_apart(files, tmp_path, names):
    paths = files(*names)

    assert found(tmp_path) == names
    assert len(set(targets(paths, tmp_path / "out"))) == 2


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["day/walk_0.mcap", "day/walk_1.mcap", "day/other.mcap"],
            {"day/walk_*.mcap": "walk", "day/other.mcap": "other"},
        ),
        (
            ["walk/walk_7.db3", "walk/walk_8.db3", "walk/other.mcap"],
            {"walk/walk_*.db3": "walk", "walk/other.mcap": "other"},
        ),
        (
            ["day/a_0.mcap", "day/a_2.mcap.zstd", "day/b_0.mcap", "day/b_1.mcap", "day/c_0.db3"],
            {"day/a_*.mcap": "a", "day/b_*.mcap": "b", "day/c_0.db3": "c_0"},
        ),
        (
            ["day/walk_0.mcap", "day/walk_1.mcap", "day/walk_0.db3", "day/walk_1.db3"],
            {"day/walk_*.db3": "walk_db3", "day/walk_*.mcap": "walk_mcap"},
        ),
        (
            ["day/walk_0.mcap", "day/walk_1.mcap", "day/walk_1.mcap.zstd"],  # one is there twice
            {"day/walk_0.mcap": "walk_0", "day/walk_1.mcap": None, "day/walk_1.mcap.zstd": None},
        ),
    ],
)
def test_parts_stay_one_recording_beside_other_files(files, tmp_path, names, expected):
    files(*names)

    sources = recordings_in(tmp_path / "in", tmp_path / "out")

    assert {str(path.relative_to(tmp_path / "in")) for path in sources} == set(expected)
    if None in expected.values():
        with pytest.raises(DataError, match="run them apart"):
            targets(sources, tmp_path / "out")
    else:
        results = [target.name for target in targets(sources, tmp_path / "out")]
        assert sorted(results) == sorted(expected.values())


def test_parts_can_be_named_as_one(files, tmp_path):
    first, _ = files("day/walk_0.mcap", "day/walk_1.mcap")
    parts = first.with_name("walk_*.mcap")

    assert recordings_in(parts, tmp_path / "out") == [parts]
    with pytest.raises(DataError, match="no such recording"):
        recordings_in(first.with_name("run_*.mcap"), tmp_path / "out")


def test_results_have_the_names_of_their_recordings(files, tmp_path):
    paths = files("2024.11.05_walk.mcap", "a.db3.zstd", "b/c.mcap")

    names = [path.name for path in targets(paths, tmp_path / "out")]

    assert names == ["2024.11.05_walk", "a", "c"]


def test_results_of_equal_names_are_in_folders_or_have_suffixes(files, tmp_path):
    paths = files("a/walk.mcap", "b/walk.mcap", "b/walk.db3")

    out = tmp_path / "out"
    assert targets(paths, out) == [out / "a/walk", out / "b/walk_mcap", out / "b/walk_db3"]


def test_results_at_one_place_are_refused(files, tmp_path):
    with pytest.raises(DataError, match=r"the result of .*walk.mcap and .*run them apart"):
        targets(files("walk.mcap", "walk.mcap.zstd"), tmp_path / "out")


def test_a_result_within_another_one_is_refused(files, tmp_path):
    inner, *_ = files("a/walk/b/walk.mcap", "a/walk/walk_0.mcap", "c/walk.mcap")

    with pytest.raises(DataError, match="would be in that of"):
        targets([inner, inner.parents[1], tmp_path / "in/c/walk.mcap"], tmp_path / "out")
