import pytest

from mobilepose_core.cli import main


def status_of(arguments):
    """The exit status of a command."""
    try:
        return main(arguments)
    except SystemExit as ending:
        return ending.code


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        (["--save", "out.png"], 2, "out.png is not the name of a video"),
        (["--save", "out.txt"], 2, "out.txt is not the name of a video"),
        (["--save", "nowhere/out.avi"], 1, "there is no folder nowhere"),
        (["--model", "nope"], 1, "'nope' not found"),
        (["--finder", "nope.onnx"], 1, "'nope.onnx' not found; is its path right?"),
        (["--csv", "out.jsonl"], 2, "out.jsonl would be written twice"),
        (["--save", "out.mp4", "--csv", "./out.mp4"], 2, "out.mp4 would be written twice"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    film, tmp_path, monkeypatch, capsys, options, status, complaint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.jsonl").write_text("kept\n")

    assert status_of(["predict", str(film), *options, "--jsonl", "out.jsonl"]) == status

    output = capsys.readouterr()
    assert output.out == ""
    assert complaint in output.err
    assert (tmp_path / "out.jsonl").read_text() == "kept\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--smoothing-time", "-1"], "--smoothing-time: expected a number of 0 or more, got -1"),
        (["--csv", "-", "--json"], "cannot both be printed"),
        (["--json", "--jsonl", "out.jsonl"], "--jsonl: not allowed with argument --json"),
        (["--finder", "boxes"], "--finder is detector, full_frame or the path of a detector's "),
        (["--device", "gpu"], "--device: invalid choice: 'gpu' (choose from 'auto', 'cpu', "),
        (["--rotate", "45"], "--rotate: invalid choice: 45 (choose from 0, 90, 180, 270)"),
    ],
)
def test_wrong_usage_ends_with_status_two(film, capsys, options, complaint):
    with pytest.raises(SystemExit) as ending:
        main(["predict", str(film), *options])

    output = capsys.readouterr()
    assert (ending.value.code, output.out) == (2, "")
    assert complaint in output.err


@pytest.mark.parametrize("table", ["--csv", "--jsonl"])
def test_a_table_is_not_written_over_what_is_looked_at(photographs, capsys, table):
    photograph = photographs / "a.png"
    kept = photograph.read_bytes()

    assert status_of(["predict", str(photographs), table, str(photograph)]) == 2

    assert "a.png would be written over itself" in capsys.readouterr().err
    assert photograph.read_bytes() == kept


def test_an_input_that_is_not_there_stops_the_run_before_it_begins(photographs, capsys):
    assert main(["predict", str(photographs), "nowhere.mp4", "--json"]) == 1

    output = capsys.readouterr()
    assert output.out == ""
    assert "nowhere.mp4: no such file; expected a photograph" in output.err
