"""Detects divergence: a run stops at a loss that is not finite, and says what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

INTERVAL = 50
"""Steps between checks of losses on a GPU: each check synchronises."""


class DivergedError(ValueError):
    """A loss is infinite or NaN; checkpoints written before are intact."""


def first_not_finite(losses: Sequence[Tensor]) -> int | None:
    """The index of the first loss that is infinite or NaN; None if all are finite."""
    if not losses:
        return None
    finite = torch.isfinite(torch.stack(list(losses)))
    return None if bool(finite.all()) else int((~finite).nonzero()[0])


def check_losses(losses: Sequence[Tensor], step: int, rate: float) -> None:
    """Checks the losses of the last steps.

    Args:
        losses: the last of them is that of `step`.
        step: counted from 1.
        rate: the learning rate.

    Raises:
        DivergedError: one is infinite or NaN.
    """
    index = first_not_finite(losses)
    if index is not None:
        at = step - len(losses) + index + 1
        raise DivergedError(_message(f"the loss of step {at} is {float(losses[index])}", rate))


def check_validation(loss: float, step: int, rate: float) -> None:
    """Checks the loss of a validation before its checkpoint is written.

    Raises:
        DivergedError: it is infinite or NaN.
    """
    if not math.isfinite(loss):
        raise DivergedError(_message(f"the validation loss after step {step} is {loss}", rate))


def _message(what: str, rate: float) -> str:
    return (
        f"training stopped: {what} at a learning rate of {rate:g}. Earlier checkpoints are intact: "
        "continue from the last validation with --resume and a lower --rate; if it happens again, "
        "check the data with `mobilepose dataset check`"
    )
