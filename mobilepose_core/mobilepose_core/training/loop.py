"""The training loop: optimizer, schedule, validation and checkpoints."""

from __future__ import annotations

import time
from typing import Any, NoReturn

import torch
from torch import Tensor
from tqdm import tqdm

from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, divergence, run_folder, starting_point
from mobilepose_core.training.averaging import averaged, network_of
from mobilepose_core.training.journal import Journal
from mobilepose_core.training.ranks import Ranks, Replica
from mobilepose_core.training.run import Run
from mobilepose_core.training.task import Task, Validation

VALIDATIONS = 25
"""Largest number of validations in a schedule, evenly spaced."""

VALIDATION_SHARE = 0.1
"""Largest share of the time spent on validation: short schedules are validated less often."""

SAVING_PAUSE = 5.0
"""Minutes after which a run's state is written between validations too."""

MOST_STALE_VALIDATIONS = 3
"""Validations without a lower error after which `plateau` halves the learning rate."""


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
        self.validated_step: int | None = None
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
        progress = self.run.progress(self.step, self.minutes)
        return progress if self.run.max_minutes is None else self._agreed(progress)

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
        validation = self._first_validation()
        losses: list[Tensor] = []
        with self._bar() as bar:
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
            if self.step != self.validated_step:
                self._check(losses, True)
                validation = self._validate(1.0, _mean(losses))
            bar.n = 100
            bar.set_postfix_str(_describe(self.step, validation))
        self.ranks.leave()
        return validation

    def _bar(self) -> tqdm[NoReturn]:
        """Of the first process alone, and of none where the environment hides bars."""
        title = self.run.model.architecture
        if not self.ranks.is_first:
            return tqdm(disable=True)
        return tqdm(total=100, desc=title, bar_format=_BAR)

    def _first_validation(self) -> Validation:
        """That of the first weights; a resumed run has had it, and its weights are only measured.

        Its history loses what is later than its state: those steps are trained again.
        """
        if self.journal is not None and self.run.resume:
            self.journal.drop_after(-1 if self.validated_step is None else self.validated_step)
        return self._validate(self.progress) if self.validated_step is None else self._measure()

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
            divergence.check_losses(losses[-interval:], self.step, self._rate)

    def _is_validation_due(self, progress: float) -> bool:
        pause = self.validation_minutes / VALIDATION_SHARE
        due = progress >= self.validated_at + 1 / VALIDATIONS
        return due and bool(self._agreed(self.minutes >= self.validated_after + pause))

    def _agreed(self, value: float) -> float:
        return self.ranks.agree(value, self.run.device)

    @property
    def _rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def _measure(self) -> Validation:
        """Evaluates the averaged weights; the run's state and files stay as they are."""
        validation = self.task.validate(network_of(self.average))
        divergence.check_validation(validation.loss, self.step, self._rate)
        return validation

    def _validate(self, progress: float, train_loss: float | None = None) -> Validation:
        """Evaluates the averaged weights, and writes them with the state and the history."""
        started = self.minutes
        validation = self._measure()
        error = self._agreed(validation.loss)
        is_best = error < self.best_error
        if is_best:
            self.best_error, self.stale_validations = error, 0
        else:
            self.stale_validations += 1
            if self.stale_validations >= MOST_STALE_VALIDATIONS:
                self.halvings, self.stale_validations = self.halvings + 1, 0
        if self.journal is not None:
            average, folder = network_of(self.average), self.run.folder
            checkpoint.save_weights(folder / checkpoint.LAST, average, self.run.model)
            if is_best:
                checkpoint.save_weights(folder / checkpoint.BEST, average, self.run.model)
            self.journal.pictures(self.step, self.task.pictures(average))
            self.journal.validation(
                self.step, self.minutes, progress, self._rate, train_loss, validation
            )
        self.validated_step, self.validated_at = self.step, progress
        self.validated_after = self.minutes
        self.validation_minutes = self.minutes - started
        self._save_state()
        return validation

    def _save_state(self) -> None:
        """Writes what `resume` needs, by the first process alone."""
        self.saved_after = self.minutes
        if self.ranks.is_first:
            checkpoint.save_state(self.run.folder / checkpoint.STATE, self.state())

    def state(self) -> dict[str, Any]:
        """The state that `resume` continues from."""
        return {
            **self.run.to_state(self.ranks.world),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "halvings": self.halvings,
            "best_error": self.best_error,
            "stale_validations": self.stale_validations,
            "validated_step": self.validated_step,
            "validated_at": self.validated_at,
            "validated_after": self.validated_after,
            "validation_minutes": self.validation_minutes,
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes_before = state["step"], state["minutes"]
        self.halvings, self.best_error = state["halvings"], state["best_error"]
        self.stale_validations = state["stale_validations"]
        # States of earlier versions do not say when they were validated: most were just then.
        self.validated_step = state.get("validated_step", self.step)
        self.validated_at = min(state.get("validated_at", 1.0), self.progress)
        self.validated_after = state.get("validated_after", self.minutes)
        self.validation_minutes = state.get("validation_minutes", 0.0)
        self.saved_after = self.minutes


def _mean(losses: list[Tensor]) -> float | None:
    return float(torch.stack(losses).mean()) if losses else None


_BAR = "{desc}: {percentage:5.1f}%|{bar}| [{elapsed}] {postfix}"


def _describe(step: int, validation: Validation) -> str:
    return f"step {step}, held out: loss {validation.loss:.3g}, {validation.summary}"


def _is_fast_in_bfloat16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported())
