"""`mobilepose train`: from command-line options to a finished run."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict, replace
from typing import Any

import torch

from mobilepose_core import skeleton
from mobilepose_core.framing import FRAMINGS
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io import atomic
from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, resumption, run_folder, starting_point
from mobilepose_core.training.finder_task import FinderTask
from mobilepose_core.training.loop import Trainer
from mobilepose_core.training.pose_task import PoseTask
from mobilepose_core.training.recipe import RECIPES, Recipe
from mobilepose_core.training.run import Run
from mobilepose_core.training.sources import DataSource, prepare, prepare_frames, prepare_neighbours
from mobilepose_core.training.task import Task, Validation

log = logging.getLogger(__name__)


def train(options: argparse.Namespace) -> int:
    """Trains as the options of `mobilepose train` say; prints where the weights are.

    Args:
        options: with `model`, of `model_of`, unless a run is resumed.

    Raises:
        ValueError: the run's folder is not free, or the data cannot be used.
    """
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    if options.resume:
        run, remarks = resumption.continued_run(options, device)
    else:
        run, remarks = _new_run(options, device), []
    task, faults = _task(run)
    trainer = Trainer(run, task)
    if trainer.ranks.is_first:
        for line in faults:
            log.warning("%s", line)
        _describe_run(run, trainer.ranks.world)
        if run.resume:
            _announce(trainer, remarks)
    validation = trainer.train()
    if trainer.ranks.is_first:
        _report(trainer, validation)
    return 0


def model_of(options: argparse.Namespace) -> ModelConfig:
    """The network that options of `mobilepose train` ask for.

    What is not given is as in the checkpoint that the run starts from, if that is of the same
    architecture, or else as in the paper.

    Raises:
        ValueError: there is no such network, or the checkpoint cannot be read.
    """
    base = ModelConfig()
    if options.start_from:
        started = checkpoint.load_config(options.start_from)
        if "config" not in options.given or options.config == started.architecture:
            base = started
    chosen = {
        field: getattr(options, name)
        for name, field in resumption.NETWORK_FIELDS.items()
        if name in options.given
    }
    if "joints" in chosen:
        chosen["joints"] = skeleton.SKELETONS[options.skeleton].joints
    settings = base.to_dict() | chosen
    settings["presence"] = settings["architecture"] == "final" and options.empty is not None
    if "streams" in chosen or tuple(settings["joints"]) != base.joints:
        settings |= {"streams": chosen.get("streams", ()), "exact_streams": False}
    return ModelConfig.from_dict(settings)


def _check_folder(options: argparse.Namespace) -> None:
    """Looks at the run's folder before the data is loaded."""
    if not options.overwrite:
        run_folder.require_free(options.out)
    start = options.start_from
    if start and start.resolve().parent == options.out.resolve():
        raise ValueError(
            f"{start} is of the run in {options.out}, which --overwrite would remove; train into "
            "another folder with --out FOLDER"
        )


def _new_run(options: argparse.Namespace, device: str) -> Run:
    """The run that options ask for; its folder and first weights are looked at before the data."""
    _check_folder(options)
    run = Run(
        folder=options.out,
        model=options.model,
        recipe=_recipe(options),
        max_minutes=options.max_minutes,
        seed=options.seed,
        imagenet=options.imagenet,
        start_from=options.start_from,
        overwrite=options.overwrite,
        device=device,
        data=tuple(DataSource.parse(text) for text in options.data),
        empty=options.empty,
        beside=DataSource.parse(options.beside) if options.beside else None,
    )
    starting_point.initial_network(run.model, run.start_from, run.imagenet)
    return run


def _task(run: Run) -> tuple[Task[Any], list[str]]:
    """What is trained, and a line for each kind of fault in the data."""
    size, recipe, sources = run.model.input_size, run.recipe, list(run.data)
    if run.model.architecture == "finder":
        assert run.empty is not None
        frames, frames_apart, faults = prepare_frames(sources, run.empty)
        return FinderTask(frames, frames_apart, recipe, size, run.seed), faults
    framing = FRAMINGS[run.model.framing]
    people, held_out, faults = prepare(sources, size, recipe, framing, run.empty, run.seed)
    neighbours = None if run.beside is None else prepare_neighbours(run.beside, size)
    return PoseTask(people, held_out, recipe, run.model, run.seed, neighbours), faults


def _announce(trainer: Trainer, remarks: list[str]) -> None:
    """Logs where a run continues, and what changes."""
    run = trainer.run
    limit = "" if run.max_minutes is None else f" of {run.max_minutes:g}"
    log.info(
        "%s continues after step %d of %d and %.1f%s minutes",
        run.folder,
        trainer.step,
        run.recipe.steps,
        trainer.minutes,
        limit,
    )
    for line in remarks:
        log.info("%s", line)
    if trainer.progress == 1:
        log.warning(
            "%s has reached the end of its schedule; a larger --steps%s lengthens it",
            run.folder,
            " or --max-minutes" if run.max_minutes else "",
        )


def _report(trainer: Trainer, validation: Validation) -> None:
    print(
        f"{trainer.run.folder / checkpoint.BEST}: step {trainer.step}, held out: "
        f"error {trainer.best_error:.4g}, {validation.summary}"
    )


def _recipe(options: argparse.Namespace) -> Recipe:
    recipe = RECIPES[options.recipe]
    for name in ("steps", "batch", "rate"):
        value = getattr(options, name)
        if value is not None:
            recipe = replace(recipe, **{name: value})
    return recipe if options.imagenet else replace(recipe, frozen_share=0.0)


def _describe_run(run: Run, processes: int) -> None:
    """Writes the settings of a run, without the paths of its data, for the model card."""
    atomic.write_json(
        run.folder / run_folder.SETTINGS,
        {
            "model": run.model.to_dict(),
            "recipe": asdict(run.recipe),
            "processes": processes,
            "data": [str(source) for source in run.data],
            "beside": run.beside and str(run.beside),
            "seed": run.seed,
            "start_from": _described_start(run),
            "max_minutes": run.max_minutes,
        },
    )


def _described_start(run: Run) -> Any:
    """The name and checksum of the checkpoint that a run started from, if any."""
    if run.resume:
        is_described = (run.folder / run_folder.SETTINGS).exists()
        return run_folder.settings(run.folder).get("start_from") if is_described else None
    return run.start_from and {run.start_from.name: model_file.sha256(run.start_from)}
