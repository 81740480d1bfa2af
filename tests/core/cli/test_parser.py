"""The help of every command, and the names that its options take."""

import argparse
import typing
from pathlib import Path

import pytest

from mobilepose_core import datasets, framing, person_map
from mobilepose_core.cli import _parser, choices, main
from mobilepose_core.datasets import held_out
from mobilepose_core.inference.detection import person_detector
from mobilepose_core.inference.detection.finder_detector import MAX_FIND_SIZE, MIN_FIND_SIZE, SIZE
from mobilepose_core.inference.runtime import devices

CLI = Path(choices.__file__).parent

PLACEHOLDERS = {
    *("FILE", "FOLDER", "PATH", "FORMAT=FOLDER", "[FORMAT=]FOLDER", "INPUT", "RUN"),
    *("TOPIC", "[IMAGE=]TOPIC", "NODE", "ADDRESS"),
    *("MODEL", "CHECKPOINT", "FINDER", "NAME", "JOINT"),
    *("NUMBER", "COUNTS", "SCORE", "SHARE", "FACTOR", "RATE", "SPEED"),
    *("PIXELS", "CELLS", "SECONDS", "MINUTES", "HZ", "FRAMES", "TORSOS", "WIDTHxHEIGHT"),
}
"""What options call their values: one name for the same thing in all commands."""

FIND_SIZES = "--find-size: expected a multiple of 32 from 96 to 1280"

MANY = 6
"""Options that need no groups."""


def commands(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from list(commands(child)) or [child]


def shown(parser):
    return [
        action
        for action in parser._actions
        if action.help != argparse.SUPPRESS and "--help" not in action.option_strings
    ]


every_command = pytest.mark.parametrize(
    "command", list(commands(_parser())), ids=lambda parser: parser.prog
)


@every_command
def test_each_option_says_what_it_does_and_calls_its_value_as_others_do(command):
    for action in shown(command):
        assert action.help, action.option_strings
        if action.nargs != 0 and action.choices is None:
            assert action.metavar in PLACEHOLDERS, action.option_strings


@every_command
def test_many_options_are_in_groups_that_fit_a_screen(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    options = [action for action in shown(command) if action.option_strings]
    flat = [a for a in command._optionals._group_actions if a in options]

    assert len(options) <= MANY or flat == []
    longest = max(command.format_help().split("\n\n"), key=lambda part: part.count("\n"))
    assert longest.count("\n") <= 35


@every_command
def test_help_fits_80_columns(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    lines = command.format_help().splitlines()

    unbroken = ("{", " | ")  # argparse wraps neither choices nor alternatives
    assert [line for line in lines if len(line) > 80 and not any(u in line for u in unbroken)] == []


def test_choices_are_those_of_the_packages_that_know_them():
    from mobilepose_core.model import config

    assert set(choices.DATASETS) == set(datasets.LOADERS)
    assert choices.SPLITS[-1] == held_out.SPLIT
    assert choices.DEVICES == devices.DEVICES
    assert range(MIN_FIND_SIZE, MAX_FIND_SIZE + 1, person_map.MULTIPLE) == choices.FIND_SIZES
    assert choices.FIND_SIZE == SIZE
    assert choices.FINDERS == (person_detector.DETECTOR, person_detector.FULL_FRAME)
    assert set(choices.FRAMINGS) == set(framing.FRAMINGS)
    assert typing.get_args(config.Architecture) == choices.ARCHITECTURES
    assert choices.DECODERS == config.DECODERS
    assert choices.SKIPS == config.SKIPS
    assert choices.TRUNKS == config.TRUNKS


def test_help_texts_take_the_formats_from_one_place():
    texts = {path.name: path.read_text(encoding="utf-8") for path in CLI.glob("*.py")}

    assert [name for name, text in texts.items() if "lsp" in text] == ["choices.py"]


def test_alternatives_are_listed_in_plain_english():
    assert choices.listed(["a", "b", "c"]) == "a, b or c"
    assert choices.listed(["a", "b"]) == "a or b"
    assert choices.listed(["a"]) == "a"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("train --data flic=. --from-scratch --recipe x", "'refine_finder', 'refine_finder_all')"),
        ("train --data flic=. --from-scratch --skeleton x", "'upper_body_11', 'coco_17'"),
        ("train --data flic=. --from-scratch --input-size 100", "one of 32, 64, 96, ..., got 100"),
        ("train --data flic=. --from-scratch --kernel 4", "one of 3, 5, 7, ..., got 4"),
        ("train --data flic=. --from-scratch --streams 1,b", "such as 22,28,34, got 1,b"),
        ("train --data flic=. --from-scratch --resume", "not allowed with argument --from-scratch"),
        ("train --data flic=. --resume --overwrite", "give one of them"),
        ("train --data flic=. --from-scratch --config finder", "--empty FOLDER"),
        ("train --data flic=. --from-scratch --config split --empty .", "--config split"),
        ("train --data x=. --from-scratch", "with NAME one of flic, lsp, coco"),
        ("evaluate --data x=.", "FORMAT one of flic, lsp, coco, or a FOLDER, got x=."),
        ("evaluate --data flic=. --split all", "'val', 'test', 'held-out')"),
        ("evaluate --data . --metric oks --min-height 80", "--min-height is of pck"),
        ("evaluate --data . --metric oks --threshold 0.2", "--threshold is of pck"),
        ("evaluate --data . --metric oks --finder detector --followed", "leave --finder out"),
        ("evaluate --data . --metric oks --observer-centric", "--observer-centric is of pck"),
        ("evaluate --data flic=. --min-height -1", "expected a number of 0 or more, got -1"),
        ("evaluate --data flic=. --threshold 0", "expected a number above 0, got 0"),
        ("evaluate-finder", "give --data, --empty, or both"),
        ("evaluate-tracks --data . --backgrounds . --size 640", "such as 640x480, got 640"),
        ("predict a.jpg --find-size 100", f"{FIND_SIZES}, or 0 for the default, 256, got 100"),
        ("predict a.jpg --find-size 32", f"{FIND_SIZES}, or 0 for the default, 256, got 32"),
        ("predict a.jpg --find-size 4096", f"{FIND_SIZES}, or 0 for the default, 256, got 4096"),
        ("predict a.jpg --find-size 96 --finder full_frame", "leave it out with full_frame"),
        ("predict a.jpg --save ~nobody-of-this-name/a.png", "write the path in full"),
        ("predict a.jpg --csv ~nobody-of-this-name/a.csv", "write the path in full"),
        ("evaluate --data . --find-size 96 --finder full_frame", "leave it out with full_frame"),
        ("evaluate-finder --empty . --overlap 2", "expected a number above 0, up to 1, got 2"),
        ("evaluate-tracks --data . --backgrounds . --seed -1", "of 0 or more, got -1"),
        ("dataset show . --save sheet.txt", "sheet.txt has no ending of a picture format"),
        ("release run --name a --share 1", "expected a number above 0 and below 1, got 1"),
        ("release run --name a --share 0.3", "give --mean-with CHECKPOINT too"),
        ("release run --name a/b", "--name: the name of a model has letters, digits, '_', '.'"),
        ("release run --name=", "begins with none of the last three, got ''"),
        ("release run --name a --joints left_wrst", "--joints: joints ['left_wrst'] unknown"),
        ("export a.safetensors --out a.onnx --joints nose nose", "expected each joint once"),
        ("export a.safetensors --out a.onnx --joints body", "upper_body_11, coco_17 or all_19"),
        ("quantise final --name .final --data coco=.", "--name: the name of a model has letters"),
        ("quantise final --name final --data coco=.", "give --name another name"),
        ("calibrate a.onnx --data x=.", "with NAME one of flic, lsp, coco"),
        ("benchmark --rounds 1", "expected a whole number of 2 or more, got 1"),
        ("benchmark --nope", "mobilepose benchmark: unknown: --nope; see mobilepose benchmark"),
        ("nope", "'predict', 'view', 'bag'"),
        ("", "the following arguments are required: COMMAND; see mobilepose --help"),
    ],
)
def test_wrong_usage_ends_with_status_two_and_a_line_that_says_what_is_right(
    line, complaint, capsys
):
    with pytest.raises(SystemExit) as ending:
        main(line.split())

    output = capsys.readouterr()
    assert (ending.value.code, output.out) == (2, "")
    assert complaint in output.err
    assert output.err.count("\n") == 1


def test_the_version_is_the_packages(capsys):
    from mobilepose_core import __version__

    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"mobilepose {__version__}\n"
