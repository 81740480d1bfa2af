"""The paper's claims are held against rows that can be compared."""

import pytest

from mobilepose_core.evaluation import claims
from mobilepose_core.evaluation.rows import ResultRow

STREAMS, OVERFITS = "Streams of filters for each joint", "over-fits"


def _row(name, mean, steps=1000, errors=(1e-3, 1e-3)):
    trained = dict(zip(("train_loss", "validation_loss"), errors, strict=True), step=steps)
    card = {"trained": trained, "recipe": {"batch": 16}, "processes": 2}
    return ResultRow(name, "flic", card, {"mean": mean}, {}, {}, {}, 1, None)


def _verdict(*rows, claim=STREAMS):
    (text,) = [text for text in claims.paragraphs(rows) if claim in text]
    return text


def test_a_difference_of_more_than_a_point_is_a_verdict():
    assert _verdict(_row("split", 96.5), _row("gap_removed", 94.0)).endswith("Reproduced.")
    refuted = _verdict(_row("split", 94.0), _row("gap_removed", 96.5))
    assert "Published: 96.9 against 95.9. Here: 94.0 against 96.5. Not reproduced." in refuted


def test_what_is_closer_needs_two_seeds_of_each():
    rows = [_row("split", 96.0), _row("gap_removed", 95.5)]

    assert "Undecided: closer than a point" in _verdict(*rows)
    rows += [_row("split-seed2", 96.2), _row("gap_removed-seed2", 95.9)]
    assert "96.0 and 96.2 against 95.5 and 95.9. Reproduced." in _verdict(*rows)
    rows[-1] = _row("gap_removed-seed2", 96.1)
    assert "what seeds change is more" in _verdict(*rows)


def test_runs_of_unequal_length_are_not_compared():
    text = _verdict(_row("split", 96.5, steps=1000), _row("gap_removed", 94.0, steps=500))

    assert "Not comparable: they saw between 16000 and 32000 people" in text


@pytest.mark.parametrize(
    ("gap_removed", "verdict"), [(3e-3, " Reproduced."), (1e-3, "Not reproduced.")]
)
def test_over_fitting_is_validation_error_in_training_errors(gap_removed, verdict):
    text = _verdict(
        _row("gap_removed", 94.0, errors=(1e-3, gap_removed)),
        _row("split", 96.5, errors=(1e-3, 2e-3)),
        claim=OVERFITS,
    )

    assert "(times 2.00)" in text
    assert text.endswith(verdict)


def test_claims_on_networks_that_were_not_trained_are_left_out():
    assert claims.paragraphs([_row("final", 97.0), _row("split", 96.0)]) == []
