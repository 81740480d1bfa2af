"""Calibrates a model's scores to probabilities, and stores the calibration in its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilepose_core import datasets, skeleton
from mobilepose_core.datasets import Sample, held_out
from mobilepose_core.errors import DataError, ModelError
from mobilepose_core.evaluation.outcomes import Outcomes, outcomes
from mobilepose_core.evaluation.platt import fit
from mobilepose_core.evaluation.reliability import expected_calibration_error, reliability
from mobilepose_core.evaluation.views import VIEWS
from mobilepose_core.inference.pose_model import PoseModel, ScoreCalibration
from mobilepose_core.inference.runtime.pose_interface import HEATMAPS
from mobilepose_core.release import metadata
from mobilepose_core.training.sources import DataSource


@dataclass(frozen=True)
class CalibrationResult:
    """A calibration, and its evaluation on people that it was not fitted to.

    Attributes:
        calibration: the fitted one.
        fitted_to: number of people it was fitted to.
        outcomes: of the other people, by data set and view.
    """

    calibration: ScoreCalibration
    fitted_to: int
    outcomes: Mapping[str, Mapping[str, Outcomes]]

    def all_outcomes(self) -> Outcomes:
        """The outcomes of all data sets and views."""
        return Outcomes.of([part for views in self.outcomes.values() for part in views.values()])

    def error(self, calibration: ScoreCalibration | None) -> float:
        """Expected calibration error over all outcomes; None uses the peaks as scores."""
        return _error(self.all_outcomes(), calibration)

    def errors(self, calibration: ScoreCalibration | None) -> dict[str, dict[str, float]]:
        """`error` by data set and view."""
        return {
            name: {view: _error(part, calibration) for view, part in views.items()}
            for name, views in self.outcomes.items()
        }


def _error(part: Outcomes, calibration: ScoreCalibration | None) -> float:
    return expected_calibration_error(reliability(*part.scored(calibration)))


def calibrate(
    model: str | Path, sources: Sequence[DataSource], split: str = held_out.SPLIT
) -> CalibrationResult:
    """Fits a calibration to one half of the people, and writes it into the model's file and card.

    FLIC's hips, another point than everybody else's, count only where there are no others.

    Args:
        model: a released model's name, or a path to an .onnx file, with or without a card.
        sources: data sets, each with its weight, independent of its size.
        split: of their people, which the model was not trained on.

    Returns:
        The calibration, evaluated on the other half.

    Raises:
        ModelError: the model has no heatmaps.
        DataError: a data set cannot be read or divided, or two have the same name.
    """
    session = PoseModel(model, "cpu")
    if session.output != HEATMAPS:
        raise ModelError(f"{session.file.path} has no heatmaps whose peaks could be calibrated")
    names = [str(source) for source in sources]
    if len(set(names)) < len(names):
        raise DataError(f"data sets need folders of different names, got {', '.join(names)}")
    people = {str(source): _people(source, split) for source in sources}
    flic_hips = not any(
        skeleton.knows_hips(sample.joints)
        for parts in people.values()
        for part in parts
        for sample in part
    )
    fitting, evaluated = [], {}
    for name, (half, other) in people.items():
        shown = [outcomes(half, view, session, flic_hips) for view in VIEWS.values()]
        fitting.append(Outcomes.of(shown))
        evaluated[name] = {
            title: outcomes(other, view, session, flic_hips) for title, view in VIEWS.items()
        }
    calibration = fit(fitting, [source.weight for source in sources])
    fitted_to = sum(len(half) for half, _ in people.values())
    result = CalibrationResult(calibration, fitted_to, evaluated)
    metadata.update_model(session.file, metadata.CALIBRATION, str(calibration), _note(result))
    return result


def _people(source: DataSource, split: str) -> tuple[list[Sample], list[Sample]]:
    """Two halves of a data set's people."""
    dataset = held_out.people(datasets.load(source.name, source.root), split)
    dataset.require_people(f"{source.root}, split {split!r},")
    return halves(dataset.samples, source)


def halves(samples: Sequence[Sample], source: DataSource) -> tuple[list[Sample], list[Sample]]:
    """Two halves of the people, divided by group: no film or photograph is in both.

    Raises:
        DataError: they are all of one group.
    """
    groups = sorted({sample.group for sample in samples})
    if len(groups) < 2:
        raise DataError(
            f"{source} has held-out people of {len(groups)} films or photographs; one half of them "
            "is for fitting and the other for evaluation, so expected two or more"
        )
    chosen = set(groups[::2])
    half = [sample for sample in samples if sample.group in chosen]
    return half, [sample for sample in samples if sample.group not in chosen]


def _note(result: CalibrationResult) -> dict[str, Any]:
    """The entry in the model's card."""
    before, after = result.errors(None), result.errors(result.calibration)
    return {
        "fitted_to": result.fitted_to,
        "expected_calibration_error_of_all": {
            "before": round(result.error(None), 4),
            "after": round(result.error(result.calibration), 4),
        },
        "expected_calibration_error": {
            name: {
                view: {"before": round(before[name][view], 4), "after": round(after[name][view], 4)}
                for view in after[name]
            }
            for name in after
        },
    }
