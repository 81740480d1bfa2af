"""`mobilepose train`: from command-line options to a finished run."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from mobilepose_core import skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io import atomic
from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, run_folder, starting_point
from mobilepose_core.training.finder_task import FinderTask
from mobilepose_core.training.loop import Run, Trainer, resumed_state
from mobilepose_core.training.pose_task import PoseTask
from mobilepose_core.training.recipe import RECIPES, Recipe
from mobilepose_core.training.sources import DataSource, prepare, prepare_frames, prepare_neighbours
from mobilepose_core.training.task import Task, Validation

log = logging.getLogger(__name__)


def train(options: argparse.Namespace) -> int:
    """Trains as the options of `mobilepose train` say; prints where the weights are.

    Raises:
        ValueError: the run's folder is not free, or the data cannot be used.
    """
    _check_folder(options)
    run = Run(
        folder=options.out,
        model=_model(options),
        recipe=_recipe(options),
        max_minutes=options.max_minutes,
        seed=options.seed,
        imagenet=options.imagenet,
        start_from=options.start_from,
        resume=options.resume,
        overwrite=options.overwrite,
        device=options.device or ("cuda" if torch.cuda.is_available() else "cpu"),
    )
    _check_start(run)
    sources = [DataSource.parse(text) for text in options.data]
    beside = options.beside and DataSource.parse(options.beside)
    task, faults = _task(run, sources, options.empty, beside)
    trainer = Trainer(run, task)
    if trainer.ranks.is_first:
        for line in faults:
            log.warning("%s", line)
        if not run.resume:
            _describe_run(run, sources, beside, trainer.ranks.world)
    validation = trainer.train()
    if trainer.ranks.is_first:
        _report(trainer, validation)
    return 0


def _check_folder(options: argparse.Namespace) -> None:
    """Looks at the run's folder before the data is loaded."""
    if not (options.resume or options.overwrite):
        run_folder.require_free(options.out)
    start = options.start_from
    if start and start.resolve().parent == options.out.resolve():
        raise ValueError(
            f"{start} is of the run in {options.out}, which --overwrite would remove; train into "
            "another folder with --out FOLDER"
        )


def _check_start(run: Run) -> None:
    """Looks at what the run starts from before the data is loaded, which may take minutes."""
    if run.resume:
        resumed_state(run)
    else:
        starting_point.initial_network(run.model, run.start_from, run.imagenet)


def _task(
    run: Run, sources: list[DataSource], empty: Path | None, beside: DataSource | None
) -> tuple[Task[Any], list[str]]:
    """What is trained, and a line for each kind of fault in the data."""
    size, recipe = run.model.input_size, run.recipe
    if run.model.architecture == "finder":
        assert empty is not None
        frames, frames_apart, faults = prepare_frames(sources, empty)
        return FinderTask(frames, frames_apart, recipe, size, run.seed), faults
    framing = FRAMINGS[run.model.framing]
    people, held_out, faults = prepare(sources, size, recipe, framing)
    neighbours = None if beside is None else prepare_neighbours(beside, size)
    return PoseTask(people, held_out, recipe, run.model, run.seed, neighbours), faults


def _report(trainer: Trainer, validation: Validation) -> None:
    print(
        f"{trainer.run.folder / checkpoint.BEST}: step {trainer.step}, held out: "
        f"error {trainer.best_error:.4g}, {validation.summary}"
    )


def _model(options: argparse.Namespace) -> ModelConfig:
    settings = {
        "architecture": options.config,
        "width": options.width,
        "input_size": options.input_size,
        "decoder": options.decoder,
        "kernel": options.kernel,
        "skips": options.skips,
        "trunk": options.trunk,
        "joints": skeleton.SKELETONS[options.skeleton].joints,
        "heading": options.heading,
        "framing": options.framing,
    }
    if options.streams:
        settings["streams"] = options.streams
    return ModelConfig.from_dict(settings)


def _recipe(options: argparse.Namespace) -> Recipe:
    recipe = RECIPES[options.recipe]
    for name in ("steps", "batch", "rate"):
        value = getattr(options, name)
        if value is not None:
            recipe = replace(recipe, **{name: value})
    has_trained_trunk = bool(options.imagenet or options.resume)
    return recipe if has_trained_trunk else replace(recipe, frozen_share=0.0)


def _describe_run(
    run: Run, sources: list[DataSource], beside: DataSource | None, processes: int
) -> None:
    settings = {
        "model": run.model.to_dict(),
        "recipe": asdict(run.recipe),
        "processes": processes,
        "data": [str(source) for source in sources],
        "beside": beside and str(beside),
        "seed": run.seed,
        "start_from": run.start_from and {run.start_from.name: model_file.sha256(run.start_from)},
        "max_minutes": run.max_minutes,
    }
    atomic.write_json(run.folder / run_folder.SETTINGS, settings)
