import json

import numpy as np
import pytest

from mobilepose_core.io.atomic import WriteError
from mobilepose_core.training.journal import HISTORY, Journal
from mobilepose_core.training.task import Validation

VALIDATION = Validation(0.5, {"pck@0.2": {"mean": 90.0}}, "")


def test_on_a_full_disk_the_history_keeps_its_lines(tmp_path, disk_full_after):
    journal = Journal(tmp_path)
    for step in range(20):
        journal.validation(step, 0.0, 0.0, 1e-3, None, VALIDATION)
    before = (tmp_path / HISTORY).read_bytes()

    with disk_full_after(len(before)), pytest.raises(WriteError, match=HISTORY):
        journal.validation(20, 0.0, 0.0, 1e-3, None, VALIDATION)

    assert (tmp_path / HISTORY).read_bytes() == before
    assert [json.loads(line)["step"] for line in before.splitlines()] == list(range(20))


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_goes_on_without_tensorboards_files(tmp_path, disk_full_after, caplog, capfd):
    journal = Journal(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)

    with disk_full_after(1000):
        for step in range(3):
            journal.pictures(step, {"found": noise})
        journal.close()

    (warning,) = caplog.messages
    assert "TensorBoard" in warning
    assert capfd.readouterr().err == ""


def test_a_run_begins_without_tensorboards_files(tmp_path, disk_full_after, caplog):
    with disk_full_after(0):
        journal = Journal(tmp_path)
    journal.validation(0, 0.0, 0.0, 1e-3, None, VALIDATION)
    journal.close()

    assert len(caplog.messages) == 1
    assert (tmp_path / HISTORY).is_file()


def _strict(line):
    return json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_figure_without_anybody_to_measure_is_null_in_the_history(tmp_path):
    nobody = Validation(0.5, {"exchanged": {"backs": float("nan")}}, "")

    Journal(tmp_path).validation(0, 0.0, 0.0, 1e-3, None, nobody)

    assert _strict((tmp_path / HISTORY).read_text())["exchanged"] == {"backs": None}


def test_a_history_goes_on_after_the_step_from_which_a_run_is_trained_again(tmp_path):
    journal = Journal(tmp_path)
    for step in (0, 10, 20):
        journal.validation(step, 0.0, 0.0, 1e-3, None, VALIDATION)

    journal.drop_after(10)
    journal.validation(20, 0.0, 0.0, 1e-3, None, VALIDATION)

    lines = (tmp_path / HISTORY).read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 10, 20]
