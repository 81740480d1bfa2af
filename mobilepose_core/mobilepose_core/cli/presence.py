"""`mobilepose presence`: a pose network that says whether somebody is there."""

from __future__ import annotations

import argparse

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import add_model_to_fit, path


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "presence", help="teach a model to tell people from what only looks like them"
    )
    add_model_to_fit(
        parser,
        "photographs it was trained on, as `mobilepose train` takes them for the finder, with "
        ",others=FILE where not everybody is annotated",
    )
    parser.add_argument(
        "--empty", type=path, required=True, help="folder of photographs without people"
    )
    parser.set_defaults(run=_run, extra="train")


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.presence import teach
    from mobilepose_core.training.sources import Source

    sources = [Source.parse(text) for text in options.data]
    judged = teach(options.model, sources, options.empty)
    print(
        f"{options.model}: of {judged.people} boxes of people held out and {judged.nobody} of "
        f"nobody, area under the curve {judged.before:.4f} by the finder alone, "
        f"{judged.after:.4f} with the model's presence"
    )
    return 0
