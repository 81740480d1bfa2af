"""`mobilepose train --resume`: a run continues as it was stored, whatever interrupted it."""

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mobilepose_core.cli import main
from mobilepose_core.model import ModelConfig
from mobilepose_core.training import checkpoint, loop
from mobilepose_core.training.loop import Run, Trainer
from mobilepose_core.training.pose_task import PoseTask
from mobilepose_core.training.recipe import RECIPES, Recipe
from mobilepose_core.training.sources import DataSource

TINY = ["--width", "0.25", "--input-size", "64", "--batch", "2"]
SHORT = ["--recipe", "short", "--steps", "6", "--rate", "0.002", "--seed", "3"]


def train(flic, out, *options):
    return main(["train", "--data", f"flic={flic}", "--out", str(out), *TINY, *options])


def resume(folder, *options):
    return main(["train", "--resume", "--out", str(folder), *options])


@contextmanager
def interrupted_before(step, seen=None):
    """Trains up to a step, and stores all before it; notes the progress of each in `seen`."""
    take_step = Trainer.take_step

    def take(trainer, progress):
        if seen is not None:
            seen.append(progress)
        if trainer.step >= step:
            raise KeyboardInterrupt
        return take_step(trainer, progress)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "SAVING_PAUSE", 0.0)
        patch.setattr(Trainer, "take_step", take)
        yield


@pytest.fixture(scope="module", autouse=True)
def validated_by_steps_alone():
    """Validations are at the same steps on fast and slow machines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "VALIDATION_SHARE", 1e9)
        patch.setattr(loop, "VALIDATIONS", 4)
        yield


@pytest.fixture(scope="module")
def stored_run(one_flic, tmp_path_factory):
    """The folder of a run that was interrupted after four of its six steps; not to be changed."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    with interrupted_before(4):
        train(one_flic, folder, "--from-scratch", *SHORT)
    return folder


@pytest.fixture
def interrupted(stored_run, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(stored_run, tmp_path / "run"))


def _history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").open()]


def _weights(folder):
    return checkpoint.load_weights(folder / checkpoint.LAST)[0].state_dict()


def _state(folder):
    return checkpoint.load_state(folder / checkpoint.STATE)


def _forget_settings(folder, **changes):
    """Makes a run's state one of an earlier version."""
    new = ("max_minutes", "seed", "processes", "data", "empty", "beside", "validated_step")
    new += ("validated_at", "validated_after", "validation_minutes")
    old = {key: value for key, value in _state(folder).items() if key not in new}
    checkpoint.save_state(folder / checkpoint.STATE, old | changes)


def test_a_run_that_is_resumed_by_its_folder_alone_ends_as_an_unbroken_one(
    one_flic, interrupted, tmp_path
):
    settings = (interrupted / "run.json").read_text()

    assert resume(interrupted) == 0

    assert train(one_flic, tmp_path / "whole", "--from-scratch", *SHORT) == 0
    whole, resumed = _weights(tmp_path / "whole"), _weights(interrupted)
    for name in whole:
        assert torch.allclose(whole[name], resumed[name], atol=1e-6), name
    histories = [_history(folder) for folder in (interrupted, tmp_path / "whole")]
    steps, rates = ([[line[key] for line in h] for h in histories] for key in ("step", "rate"))
    assert steps[0] == steps[1] == [0, 3, 5, 6]
    assert rates[0] == pytest.approx(rates[1])
    assert (interrupted / "run.json").read_text() == settings


def test_a_run_from_a_checkpoint_is_resumed_without_a_frozen_trunk(one_flic, interrupted, tmp_path):
    start = ["--start-from", str(interrupted / checkpoint.LAST)]
    with interrupted_before(1):
        train(one_flic, tmp_path / "second", *start, "--recipe", "robust", "--steps", "100")
    with interrupted_before(2):
        resume(tmp_path / "second", "--recipe", "robust")

    assert _state(tmp_path / "second")["step"] == 2
    assert json.loads(_state(tmp_path / "second")["recipe"])["frozen_share"] == 0


def test_options_that_the_run_had_may_be_given_again(interrupted, one_flic):
    again = ["--data", f"flic={one_flic}", *TINY, *SHORT]

    assert resume(interrupted, *again) == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--recipe paper", "--recipe short before, --recipe paper now"),
        ("--batch 4", "--batch 2 before, --batch 4 now"),
        ("--seed 0", "--seed 3 before, --seed 0 now"),
        ("--steps 5", "--steps 6 before, --steps 5 now"),
        ("--rate 0.01", "--rate 0.002 before, --rate 0.01 now"),
        ("--max-minutes 60", "no --max-minutes before, --max-minutes 60 now"),
        ("--input-size 96", "--input-size 64 before, --input-size 96 now"),
        ("--width 1", "--width 0.25 before, --width 1 now"),
        ("--heading", "no --heading before, --heading now"),
        (
            "--skeleton coco_17",
            "--skeleton upper_body_11 before, --skeleton coco_17 now",
        ),
        ("--data lsp=other", "--data flic=flic before, --data lsp=other now"),
        ("--beside coco=studio", "no --beside before, --beside coco=studio now"),
        ("--empty rooms", "no --empty before, --empty rooms now"),
        ("--kernel 7 --batch 8", "--kernel 3 before, --kernel 7 now; --batch 2"),
    ],
)
def test_an_option_that_the_run_had_not_is_refused_with_both_values(
    interrupted, capsys, options, complaint
):
    before = (interrupted / checkpoint.STATE).read_bytes()

    assert resume(interrupted, *options.split()) == 1

    error = capsys.readouterr().err
    assert f"{complaint}" in error
    assert f"--start-from {interrupted / checkpoint.LAST}" in error
    assert (interrupted / checkpoint.STATE).read_bytes() == before


def test_more_steps_and_a_lower_rate_change_the_run_and_the_log_says_so(interrupted, capsys):
    assert resume(interrupted, "--steps", "7", "--rate", "0.001") == 0

    error = capsys.readouterr().err
    assert "the schedule gets longer: --steps 6 before, --steps 7 now" in error
    assert "the learning rate gets lower: --rate 0.002 before, --rate 0.001 now" in error
    settings = json.loads((interrupted / "run.json").read_text())
    assert (settings["recipe"]["steps"], settings["recipe"]["rate"]) == (7, 0.001)
    assert _history(interrupted)[-1]["step"] == 7


def test_the_minutes_before_an_interruption_count_and_those_in_between_do_not(interrupted):
    changes = {
        "minutes": 500.0,
        "max_minutes": 1000.0,
        "recipe": json.dumps(json.loads(_state(interrupted)["recipe"]) | {"steps": 1_000_000}),
    }
    checkpoint.save_state(interrupted / checkpoint.STATE, _state(interrupted) | changes)
    seen = []

    with interrupted_before(4, seen):
        resume(interrupted)
        resume(interrupted, "--max-minutes", "2000")
        resume(interrupted, "--max-minutes", "900")

    assert seen == pytest.approx([0.5, 0.25], abs=0.01)  # ten minutes for a slow machine


def test_a_run_that_has_ended_is_not_validated_again_and_says_what_lengthens_it(
    one_flic, tmp_path, capsys
):
    train(one_flic, tmp_path / "run", "--from-scratch", *SHORT)
    history = _history(tmp_path / "run")

    assert resume(tmp_path / "run") == 0

    assert "the end of its schedule; a larger --steps lengthens it" in capsys.readouterr().err
    assert _history(tmp_path / "run") == history


def test_data_that_were_moved_are_given_by_their_new_path(flic, tmp_path, capsys):
    moved = tmp_path / "elsewhere" / flic.name
    with interrupted_before(1):
        train(flic, tmp_path / "run", "--from-scratch", *SHORT)
    moved.parent.mkdir()
    shutil.move(flic, moved)

    assert resume(tmp_path / "run") == 1
    assert str(flic) in capsys.readouterr().err
    assert resume(tmp_path / "run", "--data", f"flic={moved}") == 0

    assert _state(tmp_path / "run")["data"][0]["root"] == str(moved)


@pytest.mark.parametrize("network", ["--config finder --recipe finder", "--recipe short"])
def test_a_run_is_resumed_with_its_photographs_without_people(one_flic, tmp_path, network):
    empty, out = tmp_path / "rooms", tmp_path / "run"
    empty.mkdir()
    for number in range(4):
        cv2.imwrite(str(empty / f"{number}.png"), np.full((60, 80, 3), 40 * number, np.uint8))
    with interrupted_before(1):
        options = [*network.split(), "--steps", "2", "--empty", str(empty)]
        train(one_flic, out, "--from-scratch", *options)

    assert resume(out) == 0

    assert _history(out)[-1]["step"] == 2
    assert Path(_state(out)["empty"]) == empty
    _, config = checkpoint.load_weights(out / checkpoint.LAST)
    assert config.presence == (config.architecture == "final")


def test_a_run_of_two_processes_is_not_continued_by_one(interrupted, capsys):
    state = _state(interrupted)
    checkpoint.save_state(interrupted / checkpoint.STATE, state | {"processes": 2})

    assert resume(interrupted) == 1

    assert "torchrun --nproc-per-node 2" in capsys.readouterr().err


def test_a_run_of_an_earlier_version_continues_with_its_settings_once_its_data_are_given(
    interrupted, one_flic, capsys
):
    _forget_settings(interrupted)

    assert resume(interrupted) == 1
    assert "give --data flic=flic again, with the path" in capsys.readouterr().err
    assert resume(interrupted, "--data", f"flic={one_flic}", "--seed", "4") == 1
    assert "--seed 3 before, --seed 4 now" in capsys.readouterr().err
    assert resume(interrupted, "--data", f"flic={one_flic}") == 0

    assert _history(interrupted)[-1]["step"] == 6
    assert _state(interrupted)["seed"] == 3


def test_a_run_of_an_earlier_version_without_its_settings_is_refused(interrupted, capsys):
    _forget_settings(interrupted)
    (interrupted / "run.json").unlink()

    assert resume(interrupted) == 1

    assert "of an earlier version" in capsys.readouterr().err


def test_training_needs_data_unless_a_run_is_resumed(tmp_path, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["train", "--from-scratch", "--out", str(tmp_path)])

    assert ending.value.code == 2
    assert "the following arguments are required: --data" in capsys.readouterr().err


def test_resuming_is_no_validation_without_progress(tmp_path, people, loose_crops):
    recipe = Recipe(batch=4, steps=100_000, frozen_share=0.0, decay="plateau")
    run = Run(tmp_path, ModelConfig(width=0.25, input_size=64), recipe)

    def trainer(resume):
        task = PoseTask(people, loose_crops, recipe, run.model, run.seed)
        return Trainer(Run(tmp_path, run.model, recipe, resume=resume), task)

    with interrupted_before(0):
        for is_resumed in (False, True, True, True, True):
            with pytest.raises(KeyboardInterrupt):
                trainer(is_resumed).train()

    ended = trainer(True)
    assert (ended.stale_validations, ended.halvings) == (0, 0)
    assert [line["step"] for line in _history(tmp_path)] == [0]


def test_a_longer_schedule_is_validated_at_even_distances_again(tmp_path, people, loose_crops):
    def train(steps, resume):
        recipe = Recipe(batch=2, steps=steps, frozen_share=0.0)
        run = Run(tmp_path, ModelConfig(width=0.25, input_size=64), recipe, resume=resume)
        Trainer(run, PoseTask(people, loose_crops, recipe, run.model, run.seed)).train()

    train(4, False)
    train(16, True)

    steps = [line["step"] for line in _history(tmp_path)]
    assert steps == sorted(set(steps))
    assert any(4 < step < 16 for step in steps)


def test_a_run_is_stored_with_all_that_shapes_it(tmp_path):
    data = (
        DataSource("flic", tmp_path / "a", 1 / 3, tmp_path / "a.json"),
        DataSource("coco", tmp_path / "b,c"),
    )
    run = Run(
        tmp_path,
        ModelConfig(width=0.5, input_size=64, heading=True),
        RECIPES["world"],
        max_minutes=7.5,
        seed=61,
        resume=True,
        data=data,
        empty=tmp_path / "rooms",
        beside=DataSource("coco", tmp_path / "studio"),
    )
    checkpoint.save_state(tmp_path / checkpoint.STATE, run.to_state(1))

    assert Run.of_state(_state(tmp_path), tmp_path, "cpu") == run


def test_the_log_says_where_a_run_continues(interrupted, capsys):
    resume(interrupted)

    assert "continues after step 4 of 6" in capsys.readouterr().err
