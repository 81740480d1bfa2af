"""A loss that is no longer a number: a run stops there and says what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

INTERVAL = 50
"""Steps after which losses on a GPU are looked at: each look waits for the steps to end."""


class DivergedError(ValueError):
    """A loss is infinite or NaN; what the run has written so far is sound."""


def first_not_finite(losses: Sequence[Tensor]) -> int | None:
    """The index of the first loss that is infinite or NaN; None where all are finite."""
    if not losses:
        return None
    finite = torch.isfinite(torch.stack(list(losses)))
    return None if bool(finite.all()) else int((~finite).nonzero()[0])


def check_losses(losses: Sequence[Tensor], step: int, rate: float) -> None:
    """Looks at the losses of the last steps.

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
    """Looks at a validation's loss, before anything is written of it.

    Raises:
        DivergedError: it is infinite or NaN.
    """
    if not math.isfinite(loss):
        raise DivergedError(_message(f"the validation loss after step {step} is {loss}", rate))


def _message(what: str, rate: float) -> str:
    return (
        f"training stopped: {what} at a learning rate of {rate:g}. What was written before is "
        "sound: go on from the last validation with --resume and a lower --rate; if it happens "
        "again, look at the data with `mobilepose dataset check`"
    )
