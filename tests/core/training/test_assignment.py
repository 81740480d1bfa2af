import torch

from mobilepose_core.training.assignment import CELLS, assigned
from mobilepose_core.training.detection_loss import cell_centres

COLUMNS, ROWS = 20, 15
CENTRES = cell_centres(COLUMNS, ROWS, torch.device("cpu"))


def _assigned(people, found=None, scores=None):
    """By default every cell predicts the first person's box, and is as unsure as all others."""
    people = torch.tensor([people], dtype=torch.float32).reshape(1, -1, 4)
    if found is None:
        found = people[:, :1].expand(1, len(CENTRES), 4)
    if scores is None:
        scores = torch.full((1, len(CENTRES)), 0.1)
    return assigned(scores, found, people, torch.ones(people.shape[:2], dtype=torch.bool), CENTRES)


def _cell(x, y):
    return y // 8 * COLUMNS + x // 8


def test_the_surest_of_equal_boxes_is_the_persons_cell_wherever_it_is_in_them():
    scores = torch.full((1, len(CENTRES)), 0.1)
    scores[0, _cell(30, 20)] = 0.4

    target = _assigned([20, 10, 100, 110], scores=scores)

    assert target.scores.argmax() == _cell(30, 20)
    assert target.scores.max() == 1
    assert target.is_person.sum() == CELLS


def test_a_score_is_to_be_the_overlap_of_the_predicted_box():
    people = [20, 10, 100, 110]
    found = torch.tensor([20.0, 10, 100, 60]).expand(1, len(CENTRES), 4)

    target = _assigned(people, found)

    assert torch.isclose(target.scores.max(), torch.tensor(0.5))


def test_cells_of_nobody_are_to_have_no_score():
    target = _assigned([20, 10, 60, 50])

    assert not target.scores[~target.is_person].any()
    assert not target.is_person[0, _cell(120, 100)]


def test_a_cell_in_two_people_is_of_the_one_whom_it_sees():
    behind, before = [0, 0, 150, 110], [60, 30, 100, 80]
    found = torch.tensor(behind, dtype=torch.float32).repeat(1, len(CENTRES), 1)
    found[0, _cell(80, 56)] = torch.tensor(before, dtype=torch.float32)
    scores = torch.full((1, len(CENTRES)), 0.1)
    scores[0, _cell(20, 20)] = 0.9

    target = _assigned([behind, before], found, scores)

    assert target.boxes[0, _cell(80, 56)].tolist() == before
    assert target.boxes[0, _cell(20, 20)].tolist() == behind
    assert target.is_person[0, [_cell(80, 56), _cell(20, 20)]].all()


def test_somebody_smaller_than_a_cell_has_one():
    target = _assigned([21, 21, 23, 30])

    assert target.is_person[0, _cell(22, 25)]


def test_rows_of_nobody_get_no_cells():
    people = torch.tensor([[[20.0, 10, 100, 110], [0, 0, 0, 0]]])
    found = people[:, :1].expand(1, len(CENTRES), 4)
    is_there = torch.tensor([[True, False]])

    target = assigned(torch.full((1, len(CENTRES)), 0.1), found, people, is_there, CENTRES)

    assert target.is_person.sum() == CELLS
    assert not target.is_person[0, 0]


def test_a_picture_without_people_has_no_cells():
    target = _assigned([], found=torch.zeros(1, len(CENTRES), 4))

    assert not target.is_person.any()
    assert not target.scores.any()
