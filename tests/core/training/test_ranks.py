"""Two processes over gloo, on this machine's loopback, against one with the double batch."""

import os
import runpy
import shutil
import subprocess
import sys
import textwrap

import pytest
import torch

from mobilepose_core.model import ModelConfig, build
from mobilepose_core.training import checkpoint
from mobilepose_core.training.ranks import Ranks, Replica

PROGRAM = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import numpy as np
    import torch
    from mobilepose_core.model import ModelConfig
    from mobilepose_core.training import loop
    from mobilepose_core.crop import Region
    from mobilepose_core.training.crops import QUALITY, LooseCrops, own_frame
    from mobilepose_core.training.stored_image import StoredImage
    from mobilepose_core.training.pose_task import PoseTask
    from mobilepose_core.training.recipe import Recipe
    from mobilepose_core.training.sources import People

    def make_exact(replace):
        # Batch normalisation sees each process's share by itself, and rounding to bfloat16 differs
        # with the batch: without both, the two ways are equal but for the order of sums.
        keep = lambda self, mode=True: torch.nn.Module.train(self, False)
        replace(torch.nn.BatchNorm2d, "train", keep)
        replace(loop, "_is_fast_in_bfloat16", lambda device: False)

    def train(folder, batch):
        random = np.random.default_rng(0)
        squares = list(random.integers(0, 256, (8, 120, 120, 3), np.uint8))
        frames = np.repeat(own_frame(Region(60, 60, 66))[None], 8, axis=0)
        joints = random.uniform(-0.3, 0.3, (8, 19, 2)).astype(np.float32)
        parts = [StoredImage.of(square, QUALITY) for square in squares]
        crops = LooseCrops(parts, frames, joints, np.full(8, "people"), np.ones(8, bool))
        model = ModelConfig(width=0.25, input_size=64)
        recipe = Recipe(batch=batch, steps=3, frozen_share=0.34, rate=1e-3)
        run = loop.Run(folder, model, recipe)
        task = PoseTask(People(crops, np.ones(8)), crops, recipe, model, run.seed)
        loop.Trainer(run, task).train()

    if __name__ == "__main__":
        torch.set_num_threads(1)
        make_exact(setattr)
        train(Path(sys.argv[1]), 2)
    """
)


def _weights(folder):
    return checkpoint.load_weights(folder / checkpoint.LAST)[0].state_dict()


def test_two_processes_train_as_one_with_the_double_batch(tmp_path, monkeypatch):
    script, one, two = tmp_path / "train.py", tmp_path / "one", tmp_path / "two"
    script.write_text(PROGRAM)
    program = runpy.run_path(str(script))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    torchrun += ["--master-addr=127.0.0.1", "--master-port=0", "--standalone"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}

    program["make_exact"](monkeypatch.setattr)
    program["train"](one, 4)
    for _ in range(3):  # torch's threads sometimes abort a process that ends
        shutil.rmtree(two, ignore_errors=True)
        result = subprocess.run(
            [*torchrun, str(script), str(two)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        if "terminate called without an active exception" not in result.stderr:
            break
    assert result.returncode == 0, result.stderr

    alone, together = _weights(one), _weights(two)
    # Adam divides by the gradients' size, so rounding of a vanishing one can move a weight by a
    # step's length, 1e-3; all others agree far better.
    for name, tensor in alone.items():
        difference = (tensor.float() - together[name].float()).abs()
        assert difference.max() <= 2e-3, name
        assert difference.mean() <= 1e-5, name
    assert not (two / "history.jsonl").read_text().count('"step": 0') > 1


@pytest.mark.parametrize(("world", "count"), [(1, 16), (2, 16), (4, 8)])
def test_every_person_of_a_step_goes_to_exactly_one_process(world, count):
    people = torch.arange(count)

    shares = [people[Ranks(rank, world).share(count)] for rank in range(world)]

    assert torch.equal(torch.cat(shares), people)


def test_alone_nothing_is_asked_of_other_processes():
    ranks = Ranks.join("cpu")

    assert ranks == Ranks(0, 1)
    assert ranks.agree(0.25, "cpu") == 0.25


@pytest.mark.parametrize("architecture", ["final", "baseline", "gap_removed", "split", "finder"])
def test_every_weight_takes_part_in_what_a_network_gives(architecture):
    """DistributedDataParallel waits for the gradients of all of them."""
    config = ModelConfig(architecture, width=0.25, input_size=64, heading=architecture == "final")
    network = build(config).train()

    output = Replica(network, Ranks())(torch.zeros(2, 3, 64, 64))

    parts = [output] if isinstance(output, torch.Tensor) else [output.heatmaps, output.heading]
    sum(part.sum() for part in parts).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
