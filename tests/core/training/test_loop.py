import itertools
import json
from types import SimpleNamespace

import pytest
import torch

from mobilepose_core.io.atomic import WriteError
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.training import checkpoint, divergence, loop
from mobilepose_core.training.divergence import DivergedError
from mobilepose_core.training.loop import Run, Trainer
from mobilepose_core.training.pose_task import PoseTask
from mobilepose_core.training.recipe import RECIPES, Recipe

TINY = ModelConfig(width=0.25, input_size=64)
BRIEF = Recipe(batch=4, steps=6, frozen_share=0.34, rate=1e-3, averaging=0.9)


def _trainer(run, people, held_out):
    task = PoseTask(people, held_out, run.recipe, run.model, run.seed)
    return Trainer(run, task)


def _weights(folder):
    network, _ = checkpoint.load_weights(folder / checkpoint.LAST)
    return network.state_dict()


def test_training_lowers_the_error_on_people_held_out(tmp_path, people, loose_crops):
    recipe = Recipe(batch=6, steps=40, frozen_share=0.0, rate=3e-3, averaging=0.8)

    _trainer(Run(tmp_path, TINY, recipe), people, loose_crops).train()

    history = [json.loads(line) for line in (tmp_path / "history.jsonl").open()]
    assert history[-1]["step"] == 40
    assert history[-1]["validation_loss"] < 0.9 * history[0]["validation_loss"]


@pytest.mark.parametrize("architecture", ["final", "baseline", "gap_removed", "split"])
def test_every_row_of_the_table_trains_by_the_same_loop(
    tmp_path, people, loose_crops, architecture
):
    config = ModelConfig(architecture, width=0.25, input_size=64)

    validation = _trainer(Run(tmp_path, config, BRIEF), people, loose_crops).train()

    assert validation.loss > 0
    _, kept = checkpoint.load_weights(tmp_path / checkpoint.BEST)
    assert kept == config


def test_the_trunk_keeps_its_weights_while_it_is_frozen(tmp_path, people, loose_crops):
    recipe = Recipe(batch=4, steps=4, frozen_share=1.0)
    trainer = _trainer(Run(tmp_path, TINY, recipe), people, loose_crops)
    trunk = {name: t.clone() for name, t in trainer.network.trunk.state_dict().items()}
    block = trainer.network.block_12.pointwise[0].weight.detach().clone()

    trainer.train()

    for name, tensor in trainer.network.trunk.state_dict().items():
        assert torch.equal(tensor, trunk[name]), name
    assert not torch.equal(trainer.network.block_12.pointwise[0].weight, block)


def test_refining_keeps_statistics_and_the_lower_blocks_and_trains_the_rest(
    tmp_path, people, loose_crops
):
    first, second = tmp_path / "first", tmp_path / "second"
    _trainer(Run(first, TINY, Recipe(batch=4, steps=20)), people, loose_crops).train()
    recipe = Recipe(batch=4, steps=4, frozen_share=0.0, kept_norms=True, kept_blocks=5)
    run = Run(second, TINY, recipe, start_from=first / checkpoint.LAST)
    trainer = _trainer(run, people, loose_crops)
    before = {name: t.clone() for name, t in trainer.network.state_dict().items()}
    kept = ("trunk.stem.", *(f"trunk.blocks.{number}." for number in range(5)))

    trainer.train()

    for name, tensor in trainer.network.state_dict().items():
        is_statistic = "running" in name or "num_batches" in name
        is_kept = is_statistic or name.startswith(kept)
        assert torch.equal(tensor, before[name]) == is_kept, name


def test_only_mobilenets_blocks_can_be_kept(tmp_path, people, loose_crops):
    config = ModelConfig("baseline", trunk="squeezenet", width=0.25, input_size=64)
    recipe = Recipe(batch=4, steps=1, kept_blocks=5)

    with pytest.raises(ValueError, match="only MobileNet's blocks"):
        _trainer(Run(tmp_path, config, recipe), people, loose_crops).train()


def test_a_seed_repeats_a_run_exactly(tmp_path, people, loose_crops):
    for name in ("one", "two"):
        _trainer(Run(tmp_path / name, TINY, BRIEF, seed=7), people, loose_crops).train()

    first, second = _weights(tmp_path / "one"), _weights(tmp_path / "two")
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path, people, loose_crops):
    _trainer(Run(tmp_path / "whole", TINY, BRIEF), people, loose_crops).train()
    broken = _trainer(Run(tmp_path / "broken", TINY, BRIEF), people, loose_crops)
    for _ in range(3):
        broken.take_step(broken.progress)
    checkpoint.save_state(tmp_path / "broken" / checkpoint.STATE, broken.state())

    _trainer(Run(tmp_path / "broken", TINY, BRIEF, resume=True), people, loose_crops).train()

    whole, resumed = _weights(tmp_path / "whole"), _weights(tmp_path / "broken")
    for name in whole:
        assert torch.allclose(whole[name], resumed[name], atol=1e-6), name


def test_a_run_that_is_killed_between_validations_goes_on_from_shortly_before(
    tmp_path, people, loose_crops, monkeypatch
):
    monkeypatch.setattr(loop, "SAVING_PAUSE", 0.0)
    monkeypatch.setattr(loop, "VALIDATIONS", 1)
    _trainer(Run(tmp_path / "whole", TINY, BRIEF), people, loose_crops).train()
    broken = _trainer(Run(tmp_path / "broken", TINY, BRIEF), people, loose_crops)
    batch = broken.task.batch

    def killed_at_the_fourth(step, ranks):
        if step == 3:
            raise KeyboardInterrupt
        return batch(step, ranks)

    monkeypatch.setattr(broken.task, "batch", killed_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        broken.train()

    resumed = _trainer(Run(tmp_path / "broken", TINY, BRIEF, resume=True), people, loose_crops)

    assert resumed.step == 3
    resumed.train()
    whole, weights = _weights(tmp_path / "whole"), _weights(tmp_path / "broken")
    for name in whole:
        assert torch.allclose(whole[name], weights[name], atol=1e-6), name


def test_a_time_budget_ends_a_long_schedule_and_leaves_a_checkpoint(
    tmp_path, people, loose_crops, monkeypatch
):
    seconds = itertools.count()
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    recipe = Recipe(batch=2, steps=10**9)

    trainer = _trainer(Run(tmp_path, TINY, recipe, max_minutes=0.2), people, loose_crops)
    trainer.train()

    assert trainer.step >= 1
    assert trainer.progress == 1
    assert (tmp_path / checkpoint.BEST).is_file()


def test_without_a_run_there_is_nothing_to_resume(tmp_path, people, loose_crops):
    with pytest.raises(ValueError, match="nothing to resume"):
        _trainer(Run(tmp_path, TINY, BRIEF, resume=True), people, loose_crops)


def test_a_run_of_another_network_is_not_resumed(tmp_path, people, loose_crops):
    _trainer(Run(tmp_path, TINY, BRIEF), people, loose_crops).train()
    other = ModelConfig(width=0.5, input_size=64)

    with pytest.raises(ValueError, match="another network"):
        _trainer(Run(tmp_path, other, BRIEF, resume=True), people, loose_crops)


def test_a_narrow_run_starts_from_a_wide_networks_checkpoint(tmp_path, people, loose_crops):
    wide = ModelConfig(width=0.5, input_size=64)
    checkpoint.save_weights(tmp_path / "wide.safetensors", build(wide), wide)
    run = Run(tmp_path, TINY, BRIEF, start_from=tmp_path / "wide.safetensors")

    _trainer(run, people, loose_crops).train()

    assert checkpoint.load_weights(tmp_path / checkpoint.BEST)[1] == TINY


def test_a_run_may_start_from_a_network_with_another_decoder(tmp_path, people, loose_crops):
    other = ModelConfig(width=0.25, input_size=64, decoder="upsample_first")
    network = build(other)
    checkpoint.save_weights(tmp_path / "other.safetensors", network, other)

    trainer = _trainer(
        Run(tmp_path, TINY, BRIEF, start_from=tmp_path / "other.safetensors"), people, loose_crops
    )

    weights = trainer.network.state_dict()
    assert all(torch.equal(weights[name], t) for name, t in network.state_dict().items())


def test_a_run_does_not_start_from_weights_that_do_not_fit(tmp_path, people, loose_crops):
    other = ModelConfig("baseline", width=0.25, input_size=64)
    checkpoint.save_weights(tmp_path / "other.safetensors", build(other), other)

    with pytest.raises(ValueError, match="a baseline network's weights do not fit"):
        _trainer(
            Run(tmp_path, TINY, BRIEF, start_from=tmp_path / "other.safetensors"),
            people,
            loose_crops,
        )


def test_the_papers_rates_are_a_thousandth_then_a_tenth_then_half_at_each_plateau():
    recipe = RECIPES["paper"]

    assert recipe.steps * recipe.frozen_share == 50_000
    assert recipe.learning_rate(0.0, 0) == recipe.learning_rate(0.24, 0) == 1e-3
    assert recipe.learning_rate(0.26, 0) == pytest.approx(1e-4)
    assert recipe.learning_rate(0.9, 2) == pytest.approx(0.25e-4)


def test_the_short_schedule_warms_up_and_ends_at_nothing():
    recipe = RECIPES["short"]
    share = recipe.frozen_share

    assert recipe.learning_rate(share + 1e-4, 0) < 0.1 * recipe.rate
    assert recipe.learning_rate(share + 0.03, 0) > 0.9 * recipe.rate
    assert recipe.learning_rate(1.0, 0) == pytest.approx(0, abs=1e-12)


def _state_step(folder):
    return checkpoint.load_state(folder / checkpoint.STATE)["step"]


def test_a_second_run_does_not_replace_the_first_unless_overwrite_is_given(
    tmp_path, people, loose_crops
):
    _trainer(Run(tmp_path, TINY, BRIEF), people, loose_crops).train()
    (tmp_path / "notes.txt").write_text("mine")
    best = (tmp_path / checkpoint.BEST).read_bytes()

    with pytest.raises(ValueError, match=r"of 6 steps.*--resume.*--out FOLDER.*--overwrite"):
        _trainer(Run(tmp_path, TINY, BRIEF, seed=1), people, loose_crops)
    assert (tmp_path / checkpoint.BEST).read_bytes() == best

    _trainer(Run(tmp_path, TINY, BRIEF, seed=1, overwrite=True), people, loose_crops).train()
    assert (tmp_path / checkpoint.BEST).read_bytes() != best
    assert json.loads((tmp_path / "history.jsonl").read_text().splitlines()[0])["step"] == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_loss_that_is_no_number_stops_the_run_with_the_step(tmp_path, people, loose_crops):
    _trainer(Run(tmp_path, TINY, BRIEF), people, loose_crops).train()
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".0"}
    longer = Recipe(batch=4, steps=12, frozen_share=0.0, rate=1e18, averaging=0.9)

    with pytest.raises(DivergedError, match=r"the (validation )?loss .*step \d+ .*--rate"):
        _trainer(Run(tmp_path, TINY, longer, resume=True), people, loose_crops).train()

    assert _state_step(tmp_path) < 12
    for name in (checkpoint.BEST, checkpoint.LAST):
        weights, _ = checkpoint.load_weights(tmp_path / name)
        assert all(torch.isfinite(t).all() for t in weights.state_dict().values())
    assert (tmp_path / "history.jsonl").read_bytes().startswith(before[tmp_path / "history.jsonl"])
    _trainer(Run(tmp_path, TINY, BRIEF, resume=True), people, loose_crops)


@pytest.mark.parametrize(("values", "step"), [([1.0, float("nan"), 1.0], 9), ([float("inf")], 10)])
def test_the_first_step_whose_loss_is_no_number_is_named(values, step):
    losses = [torch.tensor(value) for value in values]

    with pytest.raises(DivergedError, match=f"step {step} "):
        divergence.check_losses(losses, step=10, rate=0.1)


def test_on_a_full_disk_the_state_before_can_be_resumed(
    tmp_path, people, loose_crops, disk_full_after, capfd
):
    _trainer(Run(tmp_path, TINY, BRIEF), people, loose_crops).train()
    longer = Recipe(batch=4, steps=8, frozen_share=0.0, rate=1e-3, averaging=0.9)
    trainer = _trainer(Run(tmp_path, TINY, longer, resume=True), people, loose_crops)

    with disk_full_after(50_000), pytest.raises(WriteError, match="cannot be written"):
        trainer.train()

    assert "Traceback" not in capfd.readouterr().err
    assert _state_step(tmp_path) == 6
    _trainer(Run(tmp_path, TINY, longer, resume=True), people, loose_crops).train()
    assert _state_step(tmp_path) == 8
