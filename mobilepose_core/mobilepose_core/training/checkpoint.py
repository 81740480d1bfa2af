"""Checkpoints of a training run: weights as safetensors, and the state to resume from.

Nothing is unpickled: weights are safetensors, and the optimizer's state is read with torch's
`weights_only`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

from mobilepose_core.errors import ModelError
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.inference.runtime.model_file import ModelFile
from mobilepose_core.io import atomic
from mobilepose_core.model import ModelConfig, Network, build

STATE = "state.pt"
BEST = "best.safetensors"
LAST = "last.safetensors"

RELEASED = Path(__file__).resolve().parents[3] / "checkpoints"
"""Those of the released models, in a checkout of the repository; packages do not hold them."""


def of_released(name: str) -> Path:
    """The checkpoint of a released model.

    Raises:
        ModelError: it is not there, as where the package was installed from a wheel; or the model
            was quantised, which leaves no checkpoint.
    """
    path = RELEASED / f"{name}.safetensors"
    if not path.is_file():
        if origin := model_file.find(name).card.get("quantised", {}).get("from"):
            raise ModelError(
                f"{name!r} is an INT8 model, made from {origin!r}, and has no checkpoint: export "
                f"{origin!r}, and make an INT8 model of what was changed with `mobilepose quantise`"
            )
        raise ModelError(
            f"the checkpoint of {name!r} is no part of the installed package: run this in a "
            f"checkout of the repository, which has checkpoints/{path.name}, or give the path of "
            "a .safetensors file"
        )
    return path


def released_as(path: Path) -> ModelFile | None:
    """The released model that was exported from a checkpoint; None for one that was not."""
    checksum = model_file.sha256(path)
    models = map(model_file.find, model_file.released_models())
    return next((m for m in models if m.checkpoint and m.checkpoint["sha256"] == checksum), None)


def save_weights(path: Path, network: Network, config: ModelConfig) -> None:
    """Writes a network's weights with its configuration, whole or not at all.

    Raises:
        WriteError: the file cannot be written; an earlier one is unchanged.
    """
    tensors = {name: t.detach().cpu().contiguous() for name, t in network.state_dict().items()}
    metadata = {"config": json.dumps(config.to_dict())}
    atomic.write_bytes(path, safetensors.torch.save(tensors, metadata))


def load_weights(path: Path) -> tuple[Network, ModelConfig]:
    """The network that `save_weights` wrote, in evaluation mode.

    Raises:
        ModelError: the file is missing, damaged, or not one of our checkpoints.
    """
    with _opened(path) as (file, config):
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    network = build(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(f"{path} does not fit its own configuration: {error}") from error
    return network.eval(), config


def load_config(path: Path) -> ModelConfig:
    """The configuration of the network that `save_weights` wrote.

    Raises:
        ModelError: the file is missing, damaged, or not one of our checkpoints.
    """
    with _opened(path) as (_, config):
        return config


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, ModelConfig]]:
    """A file of safetensors, and the configuration in it."""
    if not path.is_file():
        raise ModelError(f"checkpoint {path} not found; expected a .safetensors file")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if "config" not in metadata:
                raise ModelError(
                    f"{path} is not a mobilepose checkpoint: it has no model configuration"
                )
            yield file, ModelConfig.from_dict(json.loads(metadata["config"]))
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"checkpoint {path} cannot be read: {error}") from error


def load_mean(path: Path, other: Path, share: float) -> tuple[Network, ModelConfig]:
    """The network with weights interpolated between two checkpoints.

    If the first was fine-tuned from the second, the mean keeps most of the strengths of both
    (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).

    Args:
        path: a checkpoint, whose configuration the mean has.
        other: another checkpoint of the same network, for inputs of any size, trained with or
            without negatives: a head for presence that one alone has stays as it is.
        share: weight of `path`, in (0, 1).

    Raises:
        ModelError: a checkpoint cannot be read, or they are of different networks.
        ValueError: the share is out of range.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share of a mean of weights is between 0 and 1, got {share:g}")
    (network, config), (start, of_start) = load_weights(path), load_weights(other)
    weights, others = network.state_dict(), start.state_dict()
    is_alike = config == replace(of_start, input_size=config.input_size, presence=config.presence)
    shared = weights.keys() & others.keys()
    if not is_alike or any(weights[name].shape != others[name].shape for name in shared):
        raise ModelError(
            f"{path} and {other} have different networks, {config} and {of_start}; expected one "
            "fine-tuned from the other"
        )
    for name in shared:
        if others[name].is_floating_point():
            weights[name].copy_(torch.lerp(others[name], weights[name], share))
    return network, config


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Writes the state that a run resumes from, whole or not at all.

    Raises:
        WriteError: the file cannot be written; an earlier one is unchanged.
    """
    content = io.BytesIO()
    torch.save(state, content)
    atomic.write_bytes(path, content.getvalue())


def load_state(path: Path) -> dict[str, Any]:
    """The state that `save_state` wrote.

    Raises:
        ModelError: there is no run to resume, or its state is damaged.
    """
    if not path.is_file():
        raise ModelError(f"nothing to resume: {path} not found; start without --resume")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever the damaged bytes lead it to
        raise ModelError(f"training state {path} cannot be read: {error}") from error
    return state
