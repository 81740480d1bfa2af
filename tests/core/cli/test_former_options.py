"""Options under the names of the last release: they work, warn, and are not in the help."""

import pytest

from mobilepose_core.cli import _parser, main
from mobilepose_core.cli.former_options import Renamed

FORMER = [
    (
        "predict a.jpg --weights small --smooth 0.1",
        "predict a.jpg --model small --smoothing-time 0.1",
    ),
    (
        "evaluate --dataset coco --root there --weights=small",
        "evaluate --data coco=there --model small",
    ),
    (
        "evaluate-finder --root=there --split val --dataset=lsp",
        "evaluate-finder --data lsp=there --split val",
    ),
    ("evaluate-finder --root there", "evaluate-finder --data there"),
    (
        "evaluate-tracks --people coco=there --backgrounds b --timeout 3",
        "evaluate-tracks --data coco=there --backgrounds b --track-timeout 3",
    ),
    ("report --root there", "report --data flic=there"),
    ("release run --name a --folder b", "release run --name a --out b"),
]


def parsed(line):
    options = vars(_parser().parse_args(line.split()))
    del options["parser"]
    return options


@pytest.mark.parametrize(("former", "now"), FORMER)
def test_a_former_option_does_what_its_new_name_does_and_warns(former, now, caplog):
    assert parsed(now) == parsed(now)
    assert caplog.messages == []

    assert parsed(former) == parsed(now)

    assert caplog.messages
    assert all(" is now --" in message for message in caplog.messages)


def test_the_warning_names_both_and_goes_to_standard_error(tmp_path, capsys):
    main(["evaluate", "--dataset", "flic", "--root", str(tmp_path), "--weights", "nope"])

    output = capsys.readouterr()
    assert output.out == ""
    model, data = (line for line in output.err.splitlines() if "is now" in line)
    assert f"mobilepose: --dataset --root is now --data flic={tmp_path}; the old name" in data
    assert "mobilepose: --weights is now --model; the old name" in model


def test_former_options_are_not_in_the_help(capsys):
    for command in ("predict", "evaluate", "evaluate-finder", "evaluate-tracks", "release"):
        with pytest.raises(SystemExit):
            main([command, "--help"])

    text = capsys.readouterr().out
    for name in ("--weights", "--dataset", "--root", "--people", "--timeout", "--folder"):
        assert f"{name} " not in text


@pytest.mark.parametrize("words", ["--root", "--root=", "--dataset flic"])
def test_half_of_a_former_pair_is_wrong_usage(words, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["evaluate", *words.split()])

    assert ending.value.code == 2


def test_a_data_set_named_by_the_former_option_of_dataset_check_is_that_one(flic, capsys):
    assert main(["dataset", "check", str(flic), "--dataset", "coco"]) == 1
    assert main(["dataset", "check", str(flic), "--dataset", "flic"]) == 0

    assert f"--dataset is now flic={flic}" in capsys.readouterr().err


def test_only_whole_names_are_translated():
    translate = Renamed("--weights", "--model")

    assert translate(["--weights=a", "--weights-of", "weights"]) == [
        "--model=a",
        "--weights-of",
        "weights",
    ]
