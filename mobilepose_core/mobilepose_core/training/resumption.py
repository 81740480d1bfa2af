"""The run that `mobilepose train --resume` continues: as it was stored, and what may change."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mobilepose_core import skeleton
from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, run_folder
from mobilepose_core.training.ranks import Ranks
from mobilepose_core.training.recipe import RECIPES, Recipe
from mobilepose_core.training.run import Run
from mobilepose_core.training.sources import DataSource

NETWORK_FIELDS: Mapping[str, str] = {
    "config": "architecture",
    "width": "width",
    "input_size": "input_size",
    "decoder": "decoder",
    "kernel": "kernel",
    "skips": "skips",
    "trunk": "trunk",
    "skeleton": "joints",
    "heading": "heading",
    "framing": "framing",
    "streams": "streams",
}
"""The field of `ModelConfig` that each option on the network sets."""


@dataclass(frozen=True)
class _Difference:
    """An option whose value is not the stored run's.

    Attributes:
        option: its name.
        then: the run's value; None or False where it has none.
        now: the given value.
        effect: of an option that may change; empty for one that may not.
    """

    option: str
    then: object
    now: object
    effect: str = ""

    def __str__(self) -> str:
        return f"{_written(self.option, self.then)} before, {_written(self.option, self.now)} now"


def continued_run(options: argparse.Namespace, device: str) -> tuple[Run, list[str]]:
    """The run in `--out` as it was stored, with a longer schedule or a lower rate where given.

    Args:
        options: of `mobilepose train`; `given` has the names of those on the command line.
        device: torch's name of it.

    Returns:
        The run, and a line for each option that changes it.

    Raises:
        ValueError: there is no run to resume, or it had other options or processes. Of a run that
            an earlier version stored, the data must be given again.
    """
    folder: Path = options.out
    state = checkpoint.load_state(folder / checkpoint.STATE)
    run, processes = Run.of_state(state, folder, device), state.get("processes")
    data = tuple(DataSource.parse(text) for text in options.data or ())
    beside = DataSource.parse(options.beside) if options.beside else None
    if processes is None:
        run, processes = _of_earlier_version(run)
        _require_data(run, data, beside, options.empty)
    differences = [
        *_network_differences(options, run.model),
        *_schedule_differences(options, run),
        *_data_differences(run, data, beside, options.empty),
    ]
    if refused := [str(difference) for difference in differences if not difference.effect]:
        raise ValueError(
            f"{folder} holds a run with other options: {'; '.join(refused)}. Leave them out to "
            f"continue it, or begin another run with --start-from {folder / checkpoint.LAST} "
            "--out FOLDER"
        )
    _require_processes(folder, processes)
    steps, rate = options.steps or run.recipe.steps, options.rate or run.recipe.rate
    continued = replace(
        run,
        recipe=replace(run.recipe, steps=steps, rate=rate),
        max_minutes=options.max_minutes or run.max_minutes,
        data=data or run.data,
        empty=options.empty or run.empty,
        beside=beside or run.beside,
    )
    return continued, [f"{difference.effect}: {difference}" for difference in differences]


def _network_differences(options: argparse.Namespace, model: ModelConfig) -> Iterator[_Difference]:
    for name, field in NETWORK_FIELDS.items():
        then, now = getattr(model, field), getattr(options, name)
        if name == "skeleton":
            now = skeleton.SKELETONS[now].joints
        elif name == "streams":
            now = now and tuple(now)
        if name in options.given and now != then:
            yield _Difference(f"--{name.replace('_', '-')}", _shown(then), _shown(now))


def _schedule_differences(options: argparse.Namespace, run: Run) -> Iterator[_Difference]:
    recipe = run.recipe
    if "recipe" in options.given and not _is_variant(recipe, options.recipe):
        yield _Difference("--recipe", _name_of(recipe), options.recipe)
    if options.batch and options.batch != recipe.batch:
        yield _Difference("--batch", recipe.batch, options.batch)
    if "seed" in options.given and options.seed != run.seed:
        yield _Difference("--seed", run.seed, options.seed)
    for option, then, now in (
        ("--steps", recipe.steps, options.steps),
        ("--max-minutes", run.max_minutes, options.max_minutes),
    ):
        if now and now != then:
            is_longer = then is not None and now > then
            yield _Difference(option, then, now, "the schedule gets longer" if is_longer else "")
    if options.rate and options.rate != recipe.rate:
        is_lower = options.rate < recipe.rate
        effect = "the learning rate gets lower" if is_lower else ""
        yield _Difference("--rate", recipe.rate, options.rate, effect)


def _data_differences(
    run: Run, data: tuple[DataSource, ...], beside: DataSource | None, empty: Path | None
) -> Iterator[_Difference]:
    """Data sets that are others by their names; their folders may have been moved."""
    for option, then, now in (
        ("--data", " --data ".join(map(str, run.data)), " --data ".join(map(str, data))),
        ("--beside", run.beside and str(run.beside), beside and str(beside)),
        ("--empty", run.empty and run.empty.resolve().name, empty and empty.resolve().name),
    ):
        if now and now != then:
            yield _Difference(option, then, now)


def _is_variant(recipe: Recipe, name: str) -> bool:
    """Whether a recipe is the named one, apart from what options and the first weights change."""
    own = {key: getattr(recipe, key) for key in ("steps", "batch", "rate", "frozen_share")}
    return replace(RECIPES[name], **own) == recipe


def _name_of(recipe: Recipe) -> str:
    names = (name for name in RECIPES if _is_variant(recipe, name))
    return next(names, "of an earlier version")


def _shown(value: object) -> object:
    """A network's setting as its option takes it."""
    if not isinstance(value, tuple):
        return value
    known = {joints.joints: joints.name for joints in skeleton.SKELETONS.values()}
    return known.get(value) or ",".join(str(item) for item in value)


def _written(option: str, value: object) -> str:
    """An option as on a command line."""
    if value is None or value is False:
        return f"no {option}"
    if value is True:
        return option
    return f"{option} {value:g}" if isinstance(value, float) else f"{option} {value}"


def _require_processes(folder: Path, before: int) -> None:
    """Refuses another number of processes: each trains on a batch of its own."""
    now = Ranks.processes()
    if now != before:
        start = "mobilepose"
        if before > 1:
            start = f"torchrun --nproc-per-node {before} -m mobilepose_core.cli"
        raise ValueError(
            f"{folder} holds a run of {before} process(es), and {now} would train on another "
            f"number of people per step; resume it with `{start} train --resume --out {folder}`"
        )


def _of_earlier_version(run: Run) -> tuple[Run, int]:
    """A run whose state has no settings, with those in `run.json`, and its number of processes.

    Its data have names instead of paths, and its folder of empty photographs is not known.

    Raises:
        ValueError: the file is missing or damaged.
    """
    try:
        settings = run_folder.settings(run.folder)
        beside = settings.get("beside")
        described = replace(
            run,
            max_minutes=settings.get("max_minutes"),
            seed=settings["seed"],
            data=tuple(DataSource.parse(text) for text in settings["data"]),
            beside=DataSource.parse(beside) if beside else None,
        )
        return described, settings.get("processes", 1)
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"{run.folder} holds a run of an earlier version, which cannot be resumed without "
            f"its settings: {error}; begin another run with --start-from "
            f"{run.folder / checkpoint.LAST} --out FOLDER"
        ) from error


def _require_data(
    run: Run, data: tuple[DataSource, ...], beside: DataSource | None, empty: Path | None
) -> None:
    """Refuses to continue a run of an earlier version without the paths of its data."""
    takes_empty = run.model.architecture == "finder" or run.model.presence
    missing = [f"--data {source}" for source in run.data if not data]
    missing += [f"--beside {run.beside}"] if run.beside and not beside else []
    missing += ["--empty FOLDER"] if takes_empty and not empty else []
    if missing:
        raise ValueError(
            f"{run.folder} holds a run of an earlier version, which did not store where its data "
            f"are; give {' '.join(missing)} again, with the path of each"
        )
