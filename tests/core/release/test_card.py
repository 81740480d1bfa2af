import json
import shlex
import subprocess
from pathlib import Path

import pytest

from mobilepose_core.inference.runtime import model_file
from mobilepose_core.release import card


def write_model(folder, content):
    """A file that is no network, and the card that says which bytes it has."""
    path = folder / "tiny.onnx"
    path.write_bytes(content)
    card.write({"name": "tiny", "files": card.described([path])}, folder)
    return path


@pytest.fixture
def model(tmp_path):
    """The path of the model that is to be replaced, alone in its folder."""
    folder = tmp_path / "with a space"
    folder.mkdir()
    return write_model(folder, b"old")


def test_a_model_and_its_card_are_replaced_and_nothing_else_is_left(model):
    with card.replacing(model) as staged:
        write_model(staged, b"new")

    assert model.read_bytes() == b"new"
    assert model_file.find(model).card["files"]["tiny.onnx"]["bytes"] == 3
    assert sorted(path.name for path in model.parent.iterdir()) == ["tiny.json", "tiny.onnx"]


@pytest.mark.parametrize("name", ["v1.5", "final-int8", "mine_2", "größer"])
def test_a_name_that_can_be_part_of_a_files_name_is_taken(name):
    card.check_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", ".hidden", "-a", "a b", "a\n"])
def test_another_name_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(ValueError, match="the name of a model has letters, digits, "):
        card.check_name(name)


@pytest.mark.parametrize("name", ["", ".hidden", "a b"])
def test_a_model_without_a_name_is_not_replaced(tmp_path, name):
    with (
        pytest.raises(ValueError, match="the name of a model has letters, digits, "),
        card.replacing(tmp_path / f"{name}.onnx"),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def write_half(model):
    """Ends, as Ctrl-C ends it, where the new file is written and its card is not."""
    with card.replacing(model) as staged:
        (staged / model.name).write_bytes(b"new")
        assert model_file.find(model).path.read_bytes() == b"old"
        raise KeyboardInterrupt


def test_until_all_is_written_the_earlier_model_stays_as_it_was(model):
    with pytest.raises(KeyboardInterrupt):
        write_half(model)

    assert model_file.find(model).path.read_bytes() == b"old"
    assert sorted(path.name for path in model.parent.iterdir()) == ["tiny.json", "tiny.onnx"]


def interrupted_before_the_card(model, monkeypatch):
    """Replaces a model, and ends where its file is the new one and its card the old one."""
    move = Path.replace

    def fail_at_the_card(path, target):
        if path.suffix == ".json":
            raise OSError("the machine went down")
        return move(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail_at_the_card)
        with pytest.raises(OSError, match="went down"), card.replacing(model) as staged:
            write_model(staged, b"new")


def test_an_interrupted_replacement_is_reported_with_the_command_that_completes_it(
    model, monkeypatch
):
    interrupted_before_the_card(model, monkeypatch)

    with pytest.raises(ValueError, match="was interrupted") as refusal:
        model_file.find(model)

    command = str(refusal.value).split("`")[1]
    assert shlex.split(command)[0] == "mv"
    subprocess.run(command, shell=True, check=True)
    assert model_file.find(model).path.read_bytes() == b"new"


def test_a_replacement_that_was_interrupted_can_be_made_once_more(model, monkeypatch):
    interrupted_before_the_card(model, monkeypatch)

    with card.replacing(model) as staged:
        write_model(staged, b"newest")

    assert model_file.find(model).path.read_bytes() == b"newest"
    assert sorted(path.name for path in model.parent.iterdir()) == ["tiny.json", "tiny.onnx"]


def test_files_that_are_not_replaced_stay(model):
    weights = model.with_suffix(".safetensors")
    weights.write_bytes(b"weights")

    with card.replacing(model) as staged:
        write_model(staged, b"new")

    assert weights.read_bytes() == b"weights"


def test_a_card_says_checksum_and_size_of_each_file(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")

    entry = card.described([path])["abc"]

    # FIPS 180-2, appendix B.1.
    assert entry["sha256"].startswith("ba7816bf 8f01cfea 414140de".replace(" ", ""))
    assert entry["bytes"] == 3
    assert json.loads(card.write({"name": "abc"}, tmp_path).read_text()) == {"name": "abc"}
