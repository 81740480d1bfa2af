import pickle
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.io import atomic
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.training import checkpoint

TINY = ModelConfig(width=0.25, input_size=64)


def test_weights_come_back_with_their_configuration(tmp_path):
    network = build(TINY)
    checkpoint.save_weights(tmp_path / "a.safetensors", network, TINY)

    loaded, config = checkpoint.load_weights(tmp_path / "a.safetensors")

    assert config == TINY
    assert not loaded.training
    for name, tensor in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)


def test_a_mean_lies_between_both_weights_by_its_share(tmp_path):
    one, other = build(TINY), build(TINY)
    checkpoint.save_weights(tmp_path / "one.safetensors", one, TINY)
    for_larger_inputs = replace(TINY, input_size=2 * TINY.input_size)
    checkpoint.save_weights(tmp_path / "other.safetensors", other, for_larger_inputs)

    mean, config = checkpoint.load_mean(
        tmp_path / "one.safetensors", tmp_path / "other.safetensors", 0.25
    )

    assert config == TINY
    for name, tensor in mean.state_dict().items():
        a, b = one.state_dict()[name], other.state_dict()[name]
        assert torch.allclose(tensor.double(), 0.25 * a.double() + 0.75 * b.double(), atol=1e-6)


@pytest.mark.parametrize("negatives", [("one",), ("other",)])
def test_a_head_for_presence_that_one_alone_has_stays_as_it_is(tmp_path, negatives):
    configs = {
        name: ModelConfig("final", width=0.25, input_size=64, presence=name in negatives)
        for name in ("one", "other")
    }
    networks = {name: build(config) for name, config in configs.items()}
    for name, network in networks.items():
        checkpoint.save_weights(tmp_path / f"{name}.safetensors", network, configs[name])

    mean, config = checkpoint.load_mean(
        tmp_path / "one.safetensors", tmp_path / "other.safetensors", 0.5
    )

    assert config == configs["one"]
    one, other = networks["one"].state_dict(), networks["other"].state_dict()
    for name, tensor in mean.state_dict().items():
        expected = (one[name] + other[name]) / 2 if name in other else one[name]
        assert torch.allclose(tensor.float(), expected.float(), atol=1e-6)
    assert ("presence.weight" in mean.state_dict()) == ("one" in negatives)


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_a_mean_of_one_alone_is_refused(tmp_path, share):
    path = tmp_path / "a.safetensors"
    checkpoint.save_weights(path, build(TINY), TINY)

    with pytest.raises(ValueError, match="between 0 and 1"):
        checkpoint.load_mean(path, path, share)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TINY, ModelConfig(width=0.5, input_size=64)),
        (
            ModelConfig("gap_removed", width=0.25, input_size=64),
            ModelConfig("gap_removed", width=0.25, input_size=96),  # another fully connected layer
        ),
    ],
)
def test_a_mean_of_different_networks_names_both(tmp_path, one, other):
    for name, config in (("a", one), ("b", other)):
        checkpoint.save_weights(tmp_path / f"{name}.safetensors", build(config), config)

    with pytest.raises(ValueError, match="different networks"):
        checkpoint.load_mean(tmp_path / "a.safetensors", tmp_path / "b.safetensors", 0.5)


def test_a_damaged_or_missing_checkpoint_is_named(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"rubbish")

    for name in ("a.safetensors", "b.safetensors"):
        with pytest.raises(ValueError, match=name):
            checkpoint.load_weights(tmp_path / name)


def test_every_released_model_that_was_trained_has_its_checkpoint_as_its_card_says():
    for name in model_file.released_models():
        stated = model_file.find(name).card["files"].get(f"{name}.safetensors")
        if stated is not None:
            found = checkpoint.of_released(name)
            assert model_file.sha256(found) == stated["sha256"]


def test_where_a_package_has_no_checkpoints_the_error_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "RELEASED", tmp_path)

    with pytest.raises(ModelError, match=r"checkout of the repository.*checkpoints/final\.safe"):
        checkpoint.of_released("final")


def test_an_int8_model_has_no_checkpoint_and_the_error_names_the_model_that_has_it():
    quantised = [n for n in model_file.released_models() if "quantised" in model_file.find(n).card]

    for name in quantised:
        origin = model_file.find(name).card["quantised"]["from"]
        with pytest.raises(ModelError, match=f"INT8 model, made from '{origin}', .*: export "):
            checkpoint.of_released(name)


def test_safetensors_of_another_program_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"x": torch.zeros(2)}, path)

    with pytest.raises(ValueError, match="not a mobilepose checkpoint"):
        checkpoint.load_weights(path)


def test_on_a_full_disk_the_weights_and_the_state_before_stay(tmp_path, disk_full_after):
    weights, state = tmp_path / checkpoint.BEST, tmp_path / checkpoint.STATE
    network = build(TINY)
    checkpoint.save_weights(weights, network, TINY)
    checkpoint.save_state(state, {"step": 1})
    before = weights.read_bytes()
    torch.nn.init.zeros_(network.trunk.stem[0].weight)

    with disk_full_after(10_000):
        with pytest.raises(atomic.WriteError, match=r"best\.safetensors cannot be written"):
            checkpoint.save_weights(weights, network, TINY)
        with pytest.raises(atomic.WriteError, match=r"state\.pt cannot be written"):
            checkpoint.save_state(state, {"step": 2, "network": network.state_dict()})

    assert weights.read_bytes() == before
    assert checkpoint.load_state(state)["step"] == 1
    assert sorted(tmp_path.iterdir()) == [weights, state]


class _Intruder:
    """Executes code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


def test_a_pickle_in_place_of_a_state_is_refused_and_never_executed(tmp_path):
    path = tmp_path / checkpoint.STATE
    path.write_bytes(pickle.dumps(_Intruder()))

    with pytest.raises(ValueError, match="cannot be read"):
        checkpoint.load_state(path)
