import csv
import os
import subprocess
import sys

import cv2
import pytest

from mobilepose_core.cli import main


def test_a_home_is_found_in_the_name_of_an_output(photographs, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert main(["predict", str(photographs / "a.png"), "--csv=~/a.csv", "--save=~/b.png"]) == 0

    assert (tmp_path / "a.csv").is_file()
    assert (tmp_path / "b.png").is_file()


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_names_that_are_no_utf_8_or_not_the_locales_end_nothing(tmp_path, astronaut, locale):
    """OpenCV's binding ends the process over such a name: a test of the process, not in it."""
    picture = cv2.imencode(".png", astronaut)[1].tobytes()
    folder = os.fsencode(tmp_path) + b"/stra\xdfe"
    os.mkdir(folder)
    for name in (b"a.png", b"b\xe9.png", "写.png".encode()):
        with open(folder + b"/" + name, "wb") as file:
            file.write(picture)
    with open(folder + b"/c\xe9.png", "wb") as file:
        file.write(b"no picture")
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    result = subprocess.run(
        [
            os.fsencode(sys.executable),
            *(b"-m", b"mobilepose_core.cli", b"predict", folder),
            *(b"--save", folder + b"/drawn\xe9", b"--csv", folder + b"/t\xe9.csv"),
        ],
        capture_output=True,
        env=environment,
        timeout=120,
    )

    assert result.returncode == 1, result.stderr
    assert rb"c\xe9.png: no picture of a known format" in result.stderr
    assert sorted(os.listdir(folder + b"/drawn\xe9")) == sorted(
        [b"a.png", b"b\xe9.png", "写.png".encode()]
    )
    with open(folder + b"/t\xe9.csv", encoding="utf-8", newline="") as file:
        sources = {row["source"].rpartition("/")[2] for row in csv.DictReader(file)}
    assert sources == {"a.png", r"b\xe9.png", "写.png"}


def test_a_model_of_any_name_is_loaded(photographs, tmp_path, red_model):
    named = tmp_path / os.fsdecode(b"mod\xe9le.onnx")
    red_model.rename(named)

    assert main(["predict", str(photographs / "a.png"), "--model", str(named)]) == 0
