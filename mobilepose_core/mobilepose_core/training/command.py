"""`mobilepose train`: from command-line options to a finished run."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from mobilepose_core import atomic, skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference import model_file
from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, run_folder
from mobilepose_core.training.finder_task import FinderTask
from mobilepose_core.training.loop import Run, Trainer
from mobilepose_core.training.pose_task import PoseTask
from mobilepose_core.training.recipe import RECIPES, Recipe
from mobilepose_core.training.sources import Source, prepare, prepare_frames, prepare_neighbours
from mobilepose_core.training.task import Task, Validation


def train(options: argparse.Namespace) -> int:
    """Trains as the options of `mobilepose train` say; prints where the weights are.

    Raises:
        ValueError: options that contradict each other, or data that cannot be used.
    """
    starts = [options.imagenet, options.from_scratch, options.start_from, options.resume]
    if sum(map(bool, starts)) != 1:
        raise ValueError(
            "give exactly one of --imagenet PATH, --from-scratch, --start-from CHECKPOINT and "
            "--resume: what the weights are to start from"
        )
    _check_folder(options)
    run = Run(
        folder=options.out,
        model=_model(options),
        recipe=_recipe(options),
        max_minutes=_max_minutes(options.max_minutes),
        seed=options.seed,
        imagenet=options.imagenet,
        start_from=options.start_from,
        resume=options.resume,
        overwrite=options.overwrite,
        device=options.device or ("cuda" if torch.cuda.is_available() else "cpu"),
    )
    sources = [Source.parse(text) for text in options.data]
    beside = options.beside and Source.parse(options.beside)
    task, faults = _task(run, sources, options.empty, beside)
    trainer = Trainer(run, task)
    if trainer.ranks.is_first:
        for line in faults:
            print(line, file=sys.stderr)
        if not run.resume:
            _describe_run(run, sources, beside, trainer.ranks.world)
    validation = trainer.train()
    if trainer.ranks.is_first:
        _report(trainer, validation)
    return 0


def _check_folder(options: argparse.Namespace) -> None:
    """Looks at the run's folder before the data is loaded."""
    if options.overwrite and options.resume:
        raise ValueError("--resume goes on with a run, --overwrite replaces it; give one of them")
    if not (options.resume or options.overwrite):
        run_folder.require_free(options.out)
    start = options.start_from
    if start and start.resolve().parent == options.out.resolve():
        raise ValueError(
            f"{start} is of the run in {options.out}, which --overwrite would remove; train into "
            "another folder with --out FOLDER"
        )


def _task(
    run: Run, sources: list[Source], empty: Path | None, beside: Source | None
) -> tuple[Task[Any], list[str]]:
    """What is trained, and a line for each kind of fault in the data."""
    size, recipe = run.model.input_size, run.recipe
    if run.model.architecture == "finder":
        if empty is None:
            raise ValueError("the finder needs photographs without people as well: --empty FOLDER")
        frames, frames_apart, faults = prepare_frames(sources, empty)
        return FinderTask(frames, frames_apart, recipe, size, run.seed), faults
    framing = FRAMINGS[run.model.framing]
    if beside is not None and framing.aspect != 1:
        raise ValueError("--beside cuts out upper bodies; train --framing body without it")
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
        "joints": _skeleton(options.skeleton).joints,
        "heading": options.heading,
        "framing": options.framing,
    }
    if options.streams:
        try:
            settings["streams"] = [int(count) for count in options.streams.split(",")]
        except ValueError as error:
            raise ValueError(
                f"--streams is a count for each joint with commas, got {options.streams}"
            ) from error
    return ModelConfig.from_dict(settings)


def _skeleton(name: str) -> skeleton.Skeleton:
    if name not in skeleton.SKELETONS:
        raise ValueError(f"skeleton {name!r} unknown; known: {', '.join(skeleton.SKELETONS)}")
    return skeleton.SKELETONS[name]


def _recipe(options: argparse.Namespace) -> Recipe:
    if options.recipe not in RECIPES:
        raise ValueError(f"recipe {options.recipe!r} unknown; known: {', '.join(RECIPES)}")
    recipe = RECIPES[options.recipe]
    for name in ("steps", "batch"):
        value = getattr(options, name)
        if value is not None:
            if value < 1:
                raise ValueError(f"--{name} is at least 1, got {value}")
            recipe = replace(recipe, **{name: value})
    if options.rate is not None:
        if not (options.rate > 0 and math.isfinite(options.rate)):
            raise ValueError(f"--rate is a positive number, got {options.rate}")
        recipe = replace(recipe, rate=options.rate)
    if recipe.kept_norms and not (options.start_from or options.resume):
        raise ValueError(
            f"recipe {options.recipe} goes on with a network that is trained already: give it with "
            "--start-from CHECKPOINT"
        )
    has_trained_trunk = bool(options.imagenet or options.resume)
    return recipe if has_trained_trunk else replace(recipe, frozen_share=0.0)


def _max_minutes(minutes: float | None) -> float | None:
    if minutes is not None and not minutes > 0:
        raise ValueError(f"--max-minutes is a positive number, got {minutes}")
    return minutes


def _describe_run(run: Run, sources: list[Source], beside: Source | None, processes: int) -> None:
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
