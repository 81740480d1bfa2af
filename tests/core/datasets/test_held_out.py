from pathlib import Path

import numpy as np
import pytest

from mobilepose_core.datasets import Dataset, Sample, flic, held_out

JOINTS = np.arange(22, dtype=np.float32).reshape(11, 2)


def _people(name, groups, split="train"):
    samples = [Sample(Path(f"{i}.jpg"), JOINTS, group, split) for i, group in enumerate(groups)]
    return Dataset(name, samples)


def test_of_flic_whole_films_are_held_out():
    dataset = _people("flic", ["another", "hitch", "another", "goldeneye"])

    outside, inside = held_out.divided(dataset)

    assert {sample.group for sample in outside} == {"another"}
    assert {sample.group for sample in inside} < set(flic.HELD_OUT_FILMS)


def test_of_others_a_tenth_of_the_photographs_is_held_out_always_the_same():
    dataset = _people("coco", [f"{number}.jpg" for number in range(2000)])

    outside, inside = held_out.divided(dataset)

    assert len(outside) + len(inside) == 2000
    assert 150 < len(inside) < 250
    assert [s.group for s in held_out.divided(dataset)[1]] == [s.group for s in inside]


@pytest.mark.parametrize("split", ["test", "val"])
def test_people_of_another_split_are_not_held_out(split):
    dataset = _people("flic", ["hitch", "another"], split)

    assert not len(held_out.people(dataset, held_out.SPLIT))
    assert len(held_out.people(dataset, split)) == 2
