import numpy as np
import pytest
import torch

from mobilepose_core import person_map
from mobilepose_core.training import frames
from mobilepose_core.training.detection_loss import (
    boxes_of,
    cell_centres,
    detection_loss,
    generalised_overlaps,
)
from mobilepose_core.training.frames import AnnotatedFrame

WIDTH, HEIGHT = 160, 128
NO_BOXES = np.zeros((0, 4), np.float32)
PERSON = np.array([[32, 24, 96, 104]], np.float32)


def _batch(people=PERSON, doubtful=NO_BOXES):
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    return frames.batch_of([AnnotatedFrame(pixels, people, doubtful)])


def _output(cell=None, score=0.99):
    """Logits of a network that sees the person in one cell (row, column), and nobody elsewhere."""
    output = torch.full((1, person_map.CHANNELS, HEIGHT // 8, WIDTH // 8), -9.0)
    x, y = cell_centres(WIDTH // 8, HEIGHT // 8, torch.device("cpu")).reshape(16, 20, 2).unbind(-1)
    x0, y0, x1, y1 = PERSON[0].tolist()
    edges = torch.stack([x - x0, y - y0, x1 - x, y1 - y])
    output[0, 1:] = edges.clamp(min=1.0).log()
    if cell is not None:
        output[0, 0, cell[0], cell[1]] = torch.logit(torch.tensor(score))
    return output


def test_it_is_the_same_wherever_in_them_a_person_is_seen():
    seen = [detection_loss(_output(cell), _batch()) for cell in ((7, 7), (4, 5), (11, 10))]

    assert torch.allclose(seen[0], torch.stack(seen), rtol=0.01)
    assert seen[0] < 0.5 * detection_loss(_output(), _batch())


def test_a_detection_of_nobody_costs_unless_the_region_is_ignored():
    output = _output((14, 17))
    region = np.array([[120, 100, 159, 127]], np.float32)

    nobody = detection_loss(output, _batch(NO_BOXES))
    ignored = detection_loss(output, _batch(NO_BOXES, region))

    assert nobody > 4
    assert ignored < 0.1


def test_a_person_in_an_ignored_region_counts():
    region = np.array([[0, 0, 159, 127]], np.float32)

    missed = detection_loss(_output(), _batch(PERSON, region))

    assert missed > 2 * detection_loss(_output((7, 7)), _batch(PERSON, region))


@pytest.mark.parametrize(
    ("other", "expected"),
    [([0, 0, 10, 10], 1.0), ([0, 0, 10, 5], 0.5), ([20, 0, 30, 10], -1 / 3)],
)
def test_the_generalised_overlap_of_boxes_apart_is_negative(other, expected):
    box, other = (torch.tensor([row], dtype=torch.float32) for row in ([0, 0, 10, 10], other))

    assert torch.isclose(generalised_overlaps(box, other), torch.tensor(expected), atol=1e-3)


def test_boxes_are_as_far_from_the_cells_as_predicted():
    centres = cell_centres(2, 1, torch.device("cpu"))

    boxes = boxes_of(torch.tensor([1.0, 2, 3, 4]).reshape(1, 4, 1, 1).expand(1, 4, 1, 2), centres)

    assert centres.tolist() == [[3.5, 3.5], [11.5, 3.5]]
    assert boxes[0].tolist() == [[2.5, 1.5, 6.5, 7.5], [10.5, 1.5, 14.5, 7.5]]
