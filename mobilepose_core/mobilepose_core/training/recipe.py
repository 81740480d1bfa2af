"""Training recipes: schedule, learning rates and augmentation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal


@dataclass(frozen=True)
class Recipe:
    """A training recipe.

    Field names are stored in the cards of released models, and stay.

    Attributes:
        batch: people per step and process.
        steps: length of the schedule; a time budget shortens it.
        frozen_share: share of the schedule with the trunk frozen at its ImageNet weights.
        frozen_rate: Adam's learning rate while the trunk is frozen.
        rate: Adam's learning rate for the rest.
        decay: `plateau` halves the rate when the validation error stops falling, `cosine` anneals
            it to zero.
        averaging: decay per step of the moving average of the weights.
        rotation: largest rotation, degrees, either way.
        scale: smallest and largest size of the person, relative to the fitted crop.
        shift: largest displacement, in crop sides.
        stretch: largest change of the aspect ratio, as a factor, for distorted photographs.
        flip: probability of mirroring.
        colour: strength of brightness, contrast and saturation changes, 0 for none.
        blur: probability of blur, as of people out of focus.
        hiding: probability of an occluding patch from another person's crop.
        instead: copy-paste: probability that a cutout is pasted as the person to find, next to the
            photographed one; needs cutouts.
        beside: copy-paste: probability that a cutout is pasted next to the person to find.
        close_ups: probability that the border of the picture cuts a person off below the face,
            the shoulders or the chest.
        rarest: sampling weight of the rarest poses, relative to common ones.
        backs: sampling weight of people seen from behind.
        kept_norms: whether batch normalisation keeps its initial statistics.
        kept_blocks: number of MobileNet blocks that stay frozen, together with the stem.
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
    close_ups: float = 0.0
    rarest: float = 1.0
    backs: float = 1.0
    kept_norms: bool = False
    kept_blocks: int = 0

    def learning_rate(self, progress: float, halvings: int) -> float:
        """The learning rate at `progress` in [0, 1] of the schedule, after some plateaus."""
        if progress < self.frozen_share:
            return self.frozen_rate
        if self.decay == "plateau":
            return self.rate * math.pow(0.5, halvings)
        whole = (progress - self.frozen_share) / (1 - self.frozen_share)
        warm_up = min(1.0, whole / _WARM_UP)
        return self.rate * warm_up * (1 + math.cos(math.pi * min(whole, 1.0))) / 2

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe of which `values` are the fields, also as read from JSON.

        Raises:
            ValueError: a field is unknown.
        """
        known = sorted(item.name for item in fields(cls))
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"recipe settings {unknown} unknown; known: {', '.join(known)}")
        settings: dict[str, Any] = dict(values)
        if "scale" in settings:
            settings["scale"] = tuple(settings["scale"])
        return cls(**settings)


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

_WORLD = replace(_REFINE, stretch=1.25, close_ups=0.2, rarest=2.5, backs=2.5)

_FINDER = Recipe(batch=32, steps=60_000, frozen_share=0.02, rate=1e-3, decay="cosine", colour=0.3)

_REFINE_FINDER = replace(_FINDER, frozen_share=0.0, rate=7e-4, kept_norms=True)

RECIPES: Mapping[str, Recipe] = {
    "paper": Recipe(),
    "short": Recipe(steps=60_000, rate=5e-4, decay="cosine"),
    "robust": _ROBUST,
    "refine": replace(_REFINE, kept_blocks=5),
    "refine_all": _REFINE,
    "world": _WORLD,
    "finder": _FINDER,
    "refine_finder": replace(_REFINE_FINDER, kept_blocks=3),
    "refine_finder_all": _REFINE_FINDER,
}
"""`paper` is the published schedule, and `short` one for small compute budgets. `robust` augments
more, for photographs unlike the training set. `refine` fine-tunes a network that `robust` trained,
with the lower blocks frozen, at twice the speed of `refine_all`, which trains all blocks. `world`
fine-tunes for photographs of all kinds, with more distortion and more backs. `finder` trains the
person detector (its augmentation is fixed except for colour), `refine_finder` fine-tunes it with
the lower blocks frozen, and `refine_finder_all` all of it."""
