"""A training run: all that shapes it, as it is stored to be resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mobilepose_core.model import ModelConfig
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.training.sources import DataSource


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        folder: of checkpoints and history.
        model: configuration of the network.
        recipe: of the training.
        max_minutes: the schedule is shortened to end after this time of training, that before a
            resumption included.
        seed: of weights, order and augmentation.
        imagenet: file with the trunk's ImageNet weights; None starts from random ones.
        start_from: checkpoint to initialise from. The Final network and the person detector may
            also start from a wider or narrower one of either, see `mobilepose_core.model.resize`.
        resume: whether to continue from the folder's last state.
        overwrite: whether to replace a run in the folder.
        device: torch's name of it.
        data: the data sets.
        empty: folder of photographs without people.
        beside: data set of people to paste beside others.
    """

    folder: Path
    model: ModelConfig = field(default_factory=ModelConfig)
    recipe: Recipe = field(default_factory=Recipe)
    max_minutes: float | None = None
    seed: int = 0
    imagenet: Path | None = None
    start_from: Path | None = None
    resume: bool = False
    overwrite: bool = False
    device: str = "cpu"
    data: tuple[DataSource, ...] = ()
    empty: Path | None = None
    beside: DataSource | None = None

    def progress(self, step: int, minutes: float) -> float:
        """Completed share of the schedule in [0, 1], by steps or by time, whichever is more.

        Args:
            step: steps trained.
            minutes: minutes trained.
        """
        by_time = 0.0 if self.max_minutes is None else minutes / self.max_minutes
        return min(1.0, max(step / self.recipe.steps, by_time))

    def to_state(self, processes: int) -> dict[str, Any]:
        """What a state stores of the run, as values that torch reads with `weights_only`.

        Args:
            processes: number of processes that train it.
        """
        return {
            "model": self.model.to_dict(),
            "recipe": json.dumps(asdict(self.recipe)),
            "max_minutes": self.max_minutes,
            "seed": self.seed,
            "processes": processes,
            "data": [_stored(source) for source in self.data],
            "empty": self.empty and str(self.empty.resolve()),
            "beside": self.beside and _stored(self.beside),
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Any], folder: Path, device: str) -> Run:
        """The run that continues from a state; the inverse of `to_state`.

        Args:
            state: of the run. One of an earlier version has only the network and the recipe; the
                rest is then as in a new run.
            folder: of the run.
            device: torch's name of it.
        """
        empty, beside = state.get("empty"), state.get("beside")
        return cls(
            folder=folder,
            model=ModelConfig.from_dict(state["model"]),
            recipe=Recipe.from_dict(json.loads(state["recipe"])),
            max_minutes=state.get("max_minutes"),
            seed=state.get("seed", 0),
            resume=True,
            device=device,
            data=tuple(_source(values) for values in state.get("data", ())),
            empty=empty and Path(empty),
            beside=beside and _source(beside),
        )


def _stored(source: DataSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "root": str(source.root.resolve()),
        "weight": source.weight,
        "others": source.others and str(source.others.resolve()),
    }


def _source(values: Mapping[str, Any]) -> DataSource:
    others = values["others"]
    root = Path(values["root"])
    return DataSource(values["name"], root, values["weight"], others and Path(others))
