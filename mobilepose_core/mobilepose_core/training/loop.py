"""The training loop: optimizer, schedule, validation and checkpoints."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, divergence, run_folder, starting_point
from mobilepose_core.training.averaging import averaged, network_of
from mobilepose_core.training.journal import Journal
from mobilepose_core.training.ranks import Ranks, Replica
from mobilepose_core.training.recipe import Recipe
from mobilepose_core.training.task import Task, Validation

VALIDATIONS = 25
"""Largest number of validations in a schedule, evenly spaced."""

VALIDATION_SHARE = 0.1
"""Largest share of the time spent on validation: short schedules are validated less often."""

SAVING_PAUSE = 5.0
"""Minutes after which a run's state is written between validations too."""

MOST_STALE_VALIDATIONS = 3
"""Validations without a lower error after which `plateau` halves the learning rate."""


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        folder: of checkpoints and history.
        model: configuration of the network.
        recipe: of the training.
        max_minutes: the schedule is shortened to end after this time.
        seed: of weights, order and augmentation.
        imagenet: file with the trunk's ImageNet weights; None starts from random ones.
        start_from: checkpoint to initialise from. The Final network and the person detector may
            also start from a wider one of either, whose strongest filters they take.
        resume: whether to continue from the folder's last state.
        overwrite: whether to replace a run in the folder.
        device: torch's name of it.
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


def resumed_state(run: Run) -> dict[str, Any]:
    """The state that a run continues from.

    Raises:
        ValueError: the folder has none, it is damaged, or it is of another network.
    """
    state = checkpoint.load_state(run.folder / checkpoint.STATE)
    if ModelConfig.from_dict(state["model"]) != run.model:
        raise ValueError(
            f"{run.folder} holds a run of another network: {state['model']}; "
            "resume it with the same --config, or train into another folder"
        )
    return state


class Trainer:
    """The state of a run: weights, their moving average, optimizer and progress."""

    def __init__(self, run: Run, task: Task[Any]) -> None:
        """Prepares the run; changes no files in the folder, unless a run is overwritten.

        Raises:
            ValueError: the folder holds a run that is neither resumed nor overwritten, or the
                initial weights cannot be used.
        """
        self.run, self.task = run, task
        self.ranks = Ranks.join(run.device)
        if self.ranks.is_first and not (run.resume or run.overwrite):
            run_folder.require_free(run.folder)
        torch.manual_seed(run.seed)
        torch.backends.cudnn.benchmark = True  # a run has only a few input shapes
        task.to(run.device)
        trunk = None if run.resume else run.imagenet
        self.network = starting_point.initial_network(run.model, run.start_from, trunk).to(
            run.device,
            memory_format=torch.channels_last,  # type: ignore[call-overload]
        )
        self.replica = Replica(self.network, self.ranks)
        self.average = averaged(self.network, run.recipe.averaging)
        self.optimizer = torch.optim.Adam(self.network.parameters(), run.recipe.frozen_rate)
        self.step = 0
        self.minutes_before = 0.0
        self.halvings = 0
        self.best_error = float("inf")
        self.stale_validations = 0
        self.started = time.monotonic()
        self.validated_at = self.validated_after = self.validation_minutes = 0.0
        self.saved_after = 0.0
        run.folder.mkdir(parents=True, exist_ok=True)
        if self.ranks.is_first and run.overwrite:
            run_folder.clear(run.folder)
        self.journal = Journal(run.folder) if self.ranks.is_first else None
        if run.resume:
            self._restore(resumed_state(run))

    @property
    def minutes(self) -> float:
        """Minutes trained, including those before a resumption."""
        return self.minutes_before + (time.monotonic() - self.started) / 60

    @property
    def progress(self) -> float:
        """Completed share of the schedule in [0, 1], by steps or by time, whichever is more."""
        by_steps = self.step / self.run.recipe.steps
        if self.run.max_minutes is None:
            return min(1.0, by_steps)
        by_time = self.minutes / (self.minutes_before + self.run.max_minutes)
        return min(1.0, self.ranks.agree(max(by_steps, by_time), self.run.device))

    def train(self) -> Validation:
        """Runs the schedule to its end; returns the validation of the averaged weights.

        Raises:
            DivergedError: a loss is infinite or NaN; earlier checkpoints are intact.
            WriteError: a file cannot be written; the earlier one is intact.
        """
        try:
            return self._run_schedule()
        finally:
            if self.journal is not None:
                self.journal.close()

    def _run_schedule(self) -> Validation:
        validation = self._validate(self.progress)
        losses: list[Tensor] = []
        with tqdm(
            total=100,
            desc=self.run.model.architecture,
            bar_format=_BAR,
            disable=not self.ranks.is_first,
        ) as bar:
            while (progress := self.progress) < 1:
                losses.append(self.take_step(progress))
                is_due = self._is_validation_due(progress)
                self._check(losses, is_due)
                if is_due:
                    validation = self._validate(progress, _mean(losses))
                    losses.clear()
                elif self.minutes >= self.saved_after + SAVING_PAUSE:
                    self._save_state()
                bar.n = round(100 * progress, 1)
                bar.set_postfix_str(_describe(self.step, validation))
            if losses:
                self._check(losses, True)
                validation = self._validate(1.0, _mean(losses))
            bar.n = 100
            bar.set_postfix_str(_describe(self.step, validation))
        self.ranks.leave()
        return validation

    def take_step(self, progress: float) -> Tensor:
        """Trains on one batch at `progress` through the schedule; returns its loss.

        The loss stays on the device: reading it synchronises.
        """
        recipe = self.run.recipe
        starting_point.choose_parts(self.network, recipe, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = recipe.learning_rate(progress, self.halvings)
        batch = self.task.batch(self.step, self.ranks)
        device = torch.device(self.run.device).type
        with torch.autocast(device, torch.bfloat16, enabled=_is_fast_in_bfloat16(device)):
            images = batch.images.contiguous(memory_format=torch.channels_last)
            output = self.replica(images)
        loss = self.task.loss(output, batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.average.update_parameters(self.network)
        self.step += 1
        return loss.detach()

    def _check(self, losses: list[Tensor], is_due: bool) -> None:
        """Checks the losses since the last validation, on a GPU only at intervals."""
        interval = 1 if self.run.device == "cpu" else divergence.INTERVAL
        if is_due or len(losses) % interval == 0:
            rate = float(self.optimizer.param_groups[0]["lr"])
            divergence.check_losses(losses[-interval:], self.step, rate)

    def _is_validation_due(self, progress: float) -> bool:
        pause = self.validation_minutes / VALIDATION_SHARE
        due = progress >= self.validated_at + 1 / VALIDATIONS
        return due and bool(
            self.ranks.agree(self.minutes >= self.validated_after + pause, self.run.device)
        )

    def _validate(self, progress: float, train_loss: float | None = None) -> Validation:
        average, folder = network_of(self.average), self.run.folder
        started = self.minutes
        rate = float(self.optimizer.param_groups[0]["lr"])
        validation = self.task.validate(average)
        divergence.check_validation(validation.loss, self.step, rate)
        error = self.ranks.agree(validation.loss, self.run.device)
        is_best = error < self.best_error
        if is_best:
            self.best_error, self.stale_validations = error, 0
        else:
            self.stale_validations += 1
            if self.stale_validations >= MOST_STALE_VALIDATIONS:
                self.halvings, self.stale_validations = self.halvings + 1, 0
        if self.journal is not None:
            checkpoint.save_weights(folder / checkpoint.LAST, average, self.run.model)
            if is_best:
                checkpoint.save_weights(folder / checkpoint.BEST, average, self.run.model)
            self._save_state()
            self.journal.validation(self.step, self.minutes, progress, rate, train_loss, validation)
            self.journal.pictures(self.step, self.task.pictures(average))
        self.validated_at, self.validated_after = progress, self.minutes
        self.validation_minutes = self.minutes - started
        return validation

    def _save_state(self) -> None:
        """Writes what `resume` needs, by the first process alone."""
        self.saved_after = self.minutes
        if self.ranks.is_first:
            checkpoint.save_state(self.run.folder / checkpoint.STATE, self.state())

    def state(self) -> dict[str, Any]:
        """The state that `resume` continues from."""
        return {
            "model": self.run.model.to_dict(),
            "recipe": json.dumps(asdict(self.run.recipe)),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "halvings": self.halvings,
            "best_error": self.best_error,
            "stale_validations": self.stale_validations,
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes_before = state["step"], state["minutes"]
        self.halvings, self.best_error = state["halvings"], state["best_error"]
        self.stale_validations = state["stale_validations"]


def _mean(losses: list[Tensor]) -> float:
    return float(torch.stack(losses).mean())


_BAR = "{desc}: {percentage:5.1f}%|{bar}| [{elapsed}] {postfix}"


def _describe(step: int, validation: Validation) -> str:
    return f"step {step}, held out: loss {validation.loss:.3g}, {validation.summary}"


def _is_fast_in_bfloat16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported())
