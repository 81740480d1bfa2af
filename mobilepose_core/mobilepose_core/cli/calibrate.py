"""`mobilepose calibrate`: scores that are probabilities of being correct."""

from __future__ import annotations

import argparse

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_model_to_fit, add_split, sources


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "calibrate",
        help="calibrate a model's scores as probabilities",
        description="Fits the scores of a model, so that each is the probability that the joint is "
        "correct.",
    )
    add_model_to_fit(parser, "people that the model was not trained on")
    add_split(parser, "held-out")
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.evaluation.reliability import reliability, table
    from mobilepose_core.release.calibration import calibrate

    result = calibrate(options.model, sources(options.data), options.split)
    before, after = result.errors(None), result.errors(result.calibration)
    print(f"{options.model}: {result.calibration}, fitted to {result.fitted_to} people")
    print("expected calibration error on other people, before and after")
    for name, views in after.items():
        print(f"  {name}")
        for view, error in views.items():
            print(f"    {view:<9} {before[name][view]:.3f} {error:.3f}")
    print(f"  all of them {result.error(None):.3f} {result.error(result.calibration):.3f}")
    print(table(reliability(*result.all_outcomes().scored(result.calibration))))
    return 0
