"""From a finished training run to a released model: checkpoint, ONNX file, and the card of both."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.detection import finder_detector
from mobilepose_core.inference.pose_model import PoseModel
from mobilepose_core.inference.runtime import model_file
from mobilepose_core.model import ModelConfig, Network
from mobilepose_core.model.build import parameter_count
from mobilepose_core.model.joints import with_named_joints
from mobilepose_core.release import card, metadata
from mobilepose_core.release.export import export
from mobilepose_core.release.quantisation import (
    CALIBRATION_PEOPLE,
    calibration_crops,
    calibration_frames,
    quantise,
)
from mobilepose_core.training import checkpoint, run_folder
from mobilepose_core.training.journal import HISTORY
from mobilepose_core.training.sources import DataSource
from mobilepose_core.typing import ImageArray

LICENCE_REMARK = (
    "The weights are released under Apache-2.0. They were trained on photographs of third parties, "
    "some of which are licensed for research only; none of those photographs is part of this "
    "package."
)

ERRORS = ("step", "train_loss", "validation_loss")
"""What a card keeps of every validation; of the one that the weights are from it keeps all."""


@dataclass(frozen=True)
class Mean:
    """What a run's weights are averaged with, as of `checkpoint.load_mean`.

    Attributes:
        other: the checkpoint that the run started from, or that of another run from there.
        share: of the run's own weights.
    """

    other: Path
    share: float

    def describe(self) -> dict[str, Any]:
        """The entry in the model's card."""
        return {"with": {self.other.name: model_file.sha256(self.other)}, "share": self.share}


def release(
    run: Path,
    name: str,
    evaluations: list[Path],
    folder: Path = model_file.WEIGHTS,
    mean: Mean | None = None,
    last: bool = False,
    joints: Sequence[str] | None = None,
    weight_bits: int = 16,
) -> Path:
    """Releases a run's checkpoint: exports it, and writes the card of both.

    An earlier release of that name with the same network passes its calibration on.

    Args:
        run: the folder of a finished run.
        name: of the released model.
        evaluations: files with the line that `mobilepose evaluate --json` printed.
        folder: of the model and its card; the checkpoint lies beside them, and that of a model
            released with the package in `checkpoint.RELEASED`.
        mean: what the run's weights are averaged with.
        last: whether to take the run's last weights instead of those with the lowest error.
        joints: names of those that the model is to find, or of a skeleton; None for all.
        weight_bits: as of `export`.

    Returns:
        The path of the card.

    Raises:
        ValueError: the name is not one, the run is not complete, an evaluation cannot be read, or
            there is no such mean or joint.
        ModelError: a released model of that name is of another kind.
    """
    card.check_name(name)
    described = _describe_run(run, last) | {
        "commit": _commit(),
        "evaluations": [_read_json(path) for path in evaluations],
        "licence": LICENCE_REMARK,
    }
    network, config = _weights(run / (checkpoint.LAST if last else checkpoint.BEST), mean)
    if joints:
        network, config = with_named_joints(network, config, joints)
    released = folder / f"{name}.onnx"
    card.check_replaced(released, config.architecture == "finder")
    with card.replacing(released, _checkpoints(folder)) as staged:
        weights, graph = staged / f"{name}.safetensors", staged / f"{name}.onnx"
        checkpoint.save_weights(weights, network, config)
        export(network, config, graph, weight_bits=weight_bits)
        content = {
            "name": name,
            "skeleton": skeleton.metadata_name(config.joints),
            "model": config.to_dict(),
            "parameters": parameter_count(network),
            "mean": mean and mean.describe(),
            card.WEIGHT_BITS: weight_bits,
            **described,
            **_kept_fitted(released, graph),
            "files": card.described([weights, graph]),
        }
        card.write(content, staged)
    return released.with_suffix(".json")


def _weights(own: Path, mean: Mean | None) -> tuple[Network, ModelConfig]:
    """The network of a run's checkpoint, averaged with another one if there is a mean."""
    if mean is None:
        return checkpoint.load_weights(own)
    return checkpoint.load_mean(own, mean.other, mean.share)


def _describe_run(run: Path, last: bool) -> dict[str, Any]:
    """A card's entries on the training."""
    settings = run_folder.settings(run)
    history = _history(run / HISTORY)
    return {
        "data": settings["data"],
        "beside": settings.get("beside"),
        "recipe": settings["recipe"],
        "processes": settings.get("processes", 1),
        "seed": settings["seed"],
        "start_from": settings.get("start_from"),
        "trained": history[-1] if last else min(history, key=_error),
        "history": [{key: entry[key] for key in ERRORS} for entry in history],
    }


def release_quantised(
    model: str | Path,
    name: str,
    source: DataSource,
    evaluations: list[Path],
    folder: Path = model_file.WEIGHTS,
) -> Path:
    """Writes the INT8 network of a released model beside it, with a card of its own.

    It has what was fitted to the released model, until it has its own.

    Args:
        model: the FP32 model's name or path; it needs a card.
        name: of the INT8 model.
        source: the data set on whose training people the activations are calibrated.
        evaluations: files with the line that `mobilepose evaluate --json` printed for it.
        folder: of the released weights.

    Returns:
        The path of the card.

    Raises:
        ValueError: the name is not one, the model has no card or would be replaced, or the data or
            an evaluation cannot be read.
        ModelError: a released model of that name is of another kind.
    """
    card.check_name(name)
    original = model_file.find(model)
    if (folder / f"{name}.onnx").resolve() == original.path.resolve():
        raise ValueError(f"{name} would replace the FP32 model itself; give --name another name")
    if not original.card:
        raise ValueError(f"{original.path} has no card; `mobilepose release` writes one")
    if origin := original.card.get("quantised", {}).get("from"):
        raise ValueError(f"{original.name} is an INT8 model already; give {origin}")
    released = folder / f"{name}.onnx"
    card.check_replaced(released, finder_detector.is_ours(original.path), original.name)
    training = datasets.load(source.name, source.root).split("train")
    training.require_people(f"{source.root}, split 'train',")
    people = training.samples
    figures = [_read_json(path) for path in evaluations]
    with card.replacing(released) as staged:
        graph = staged / released.name
        quantise(original.path, _calibration_inputs(original.path, people), graph)
        content = original.card | {
            "name": name,
            "quantised": {
                "from": original.name,
                "sha256": original.checksum,
                "calibrated_on": source.name,
                "people": min(len(people), CALIBRATION_PEOPLE),
            },
            "evaluations": figures,
            **_kept_fitted(released, graph),
            "files": card.described([graph]),
        }
        card.write(content, staged)
    return released.with_suffix(".json")


def _calibration_inputs(model: Path, people: Sequence[Sample]) -> Iterator[ImageArray]:
    """What a network sees of people: the detector whole photographs, pose networks crops."""
    if finder_detector.is_ours(model):
        return calibration_frames(people, finder_detector.SIZE)
    return calibration_crops(people, PoseModel(model, "cpu"))


def _checkpoints(folder: Path) -> Path:
    """The folder for the checkpoints of the models in a folder."""
    is_packaged = folder.resolve() == model_file.WEIGHTS.resolve()
    return checkpoint.RELEASED if is_packaged and checkpoint.RELEASED.is_dir() else folder


def _kept_fitted(released: Path, graph: Path) -> dict[str, Any]:
    """The card's entries of what a file keeps of a released one of its network."""
    try:
        earlier = model_file.find(released)
    except ValueError:  # none, or not the one of its card
        return {}
    if not earlier.card:
        return {}
    kept = metadata.copy_metadata(onnx.load(str(released)), graph)
    return {name: earlier.card[name] for name in kept if name in earlier.card}


def _history(path: Path) -> list[dict[str, Any]]:
    """Every validation of a run.

    Raises:
        ValueError: there is none, or a line is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        history: list[dict[str, Any]] = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is not the history of a run: {error}") from error
    if not history:
        raise ValueError(f"{path} is empty; expected the validations of a finished run")
    return history


def _error(validation: dict[str, Any]) -> float:
    return float(validation["validation_loss"])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}") from error
    return content


def _commit() -> str:
    """The commit of the code, or `unknown` outside a checkout."""
    result = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"
