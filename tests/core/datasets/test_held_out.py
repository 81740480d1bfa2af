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


def _drawn(is_held_out, count):
    """Names of photographs that are held out, or are not."""
    names = (f"{number}.jpg" for number in range(2000))
    dataset = _people("coco", names)
    outside, inside = held_out.divided(dataset)
    return [sample.group for sample in (inside if is_held_out else outside)][:count]


def test_a_set_with_photographs_to_hold_out_keeps_its_val_split_apart_from_them():
    training = _people("coco", _drawn(True, 2) + _drawn(False, 3))
    dataset = Dataset("coco", training.samples + _people("coco", ["a.jpg"], "val").samples)

    outside, inside = held_out.divided(dataset)

    assert [sample.group for sample in outside] == _drawn(False, 3)
    assert [sample.group for sample in inside] == _drawn(True, 2)


def test_of_a_small_set_of_which_nobody_is_drawn_the_val_split_is_held_out():
    training = _people("coco", _drawn(False, 3))
    dataset = Dataset("coco", training.samples + _people("coco", ["a.jpg"], "val").samples)

    outside, inside = held_out.divided(dataset)

    assert [sample.group for sample in outside] == _drawn(False, 3)
    assert [sample.group for sample in inside] == ["a.jpg"]
    assert len(held_out.people(dataset, held_out.SPLIT)) == 1


def test_a_photograph_that_is_trained_on_is_not_held_out_although_it_is_of_val_too():
    groups = _drawn(False, 3)
    both = _people("coco", [*groups, "a.jpg"], "val").samples
    dataset = Dataset("coco", _people("coco", groups).samples + both)

    assert [sample.group for sample in held_out.divided(dataset)[1]] == ["a.jpg"]


def test_a_set_with_nobody_to_hold_out_is_refused_with_how_they_are_drawn():
    dataset = _people("coco", _drawn(False, 3))

    message = r"mine has 3 people to train on and 0 to hold out.* one in 10 .*_val\.json"
    with pytest.raises(ValueError, match=message):
        held_out.both_parts(dataset, "mine")
