"""How a network is trained, as one record: lengths, rates, augmentation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Recipe:
    """A training schedule.

    Attributes:
        batch: people per step, of each process that trains.
        steps: length of the whole schedule; a time budget shortens it.
        frozen_share: share of it during which the trunk keeps its ImageNet weights.
        frozen_rate, rate: Adam's learning rate with the trunk frozen, and of the whole.
        decay: `plateau` halves the rate when the validation error stops falling, `cosine` lowers it
            to nothing at the end.
        averaging: decay per step of the moving average of the weights.
        rotation: largest turn, degrees, either way.
        scale: smallest and largest size of the person, relative to the crop that fits.
        shift: largest displacement, in crop sides.
        stretch: largest ratio of a crop's width to its height and back, for photographs that were
            squeezed.
        flip: probability of mirroring.
        colour: strength of brightness, contrast and saturation changes, 0 for none.
        blur: probability that a crop is blurred, as people out of focus are.
        hiding: probability that a part of the person is hidden behind a part of someone else.
        instead: probability that the person to be found is one who was cut out, standing before
            and beside the one who was photographed there, where the run has people to cut out.
        beside: probability that someone who was cut out stands beside the person to be found.
        rarest: how much more often people in the rarest poses are shown than those in usual ones.
        backs: how much more often people seen from behind are shown.
        kept_norms: whether batch normalisation keeps the statistics that it starts with.
        kept_blocks: how many of MobileNet's blocks keep their weights throughout, the stem too.
    """

    batch: int = 16
    steps: int = 200_000
    frozen_share: float = 0.25
    frozen_rate: float = 1e-3
    rate: float = 1e-4
    decay: Literal["plateau", "cosine"] = "plateau"
    averaging: float = 0.999
    rotation: float = 30.0
    scale: tuple[float, float] = (0.75, 1.25)
    shift: float = 0.08
    stretch: float = 1.0
    flip: float = 0.5
    colour: float = 0.2
    blur: float = 0.0
    hiding: float = 0.0
    instead: float = 0.0
    beside: float = 0.0
    rarest: float = 1.0
    backs: float = 1.0
    kept_norms: bool = False
    kept_blocks: int = 0

    def learning_rate(self, progress: float, halvings: int) -> float:
        """The rate at `progress` in [0, 1] through the schedule, after so many plateaus."""
        if progress < self.frozen_share:
            return self.frozen_rate
        if self.decay == "plateau":
            return self.rate * math.pow(0.5, halvings)
        whole = (progress - self.frozen_share) / (1 - self.frozen_share)
        warm_up = min(1.0, whole / _WARM_UP)
        return self.rate * warm_up * (1 + math.cos(math.pi * min(whole, 1.0))) / 2


_WARM_UP = 0.02

_ROBUST = Recipe(
    steps=60_000,
    frozen_share=0.06,
    rate=5e-4,
    decay="cosine",
    rotation=40.0,
    scale=(0.7, 1.3),
    colour=0.3,
    blur=0.3,
    hiding=0.4,
    instead=0.25,
    beside=0.3,
    rarest=4.0,
)

_REFINE = replace(_ROBUST, frozen_share=0.0, kept_norms=True)

_WORLD = replace(_REFINE, stretch=1.25, rarest=2.5, backs=2.5)

_FINDER = Recipe(batch=32, steps=60_000, frozen_share=0.02, rate=1e-3, decay="cosine", colour=0.3)

RECIPES: Mapping[str, Recipe] = {
    "paper": Recipe(),
    "short": Recipe(steps=60_000, frozen_share=0.06, rate=5e-4, decay="cosine"),
    "robust": _ROBUST,
    "refine": replace(_REFINE, kept_blocks=5),
    "refine_all": _REFINE,
    "world": _WORLD,
    "finder": _FINDER,
    "refine_finder": replace(_FINDER, frozen_share=0.0, rate=7e-4, kept_norms=True, kept_blocks=3),
}
"""`paper` is the published schedule; `short` gets further where computing time is scarce, and
`robust` changes people more, for photographs unlike those of the training set. `refine` goes on
with what `robust` has trained, without the lower blocks: twice as many people a second as with
them, by `refine_all`. `world` is that for photographs of all sorts: stretched, and with more backs.
`finder` is for the network that finds people in whole frames: of its augmentation only the colour
is a matter of the recipe."""
