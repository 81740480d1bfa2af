import copy
import json
import re
import sys

import cv2
import pytest
from benchmarks import performance
from benchmarks.growing import knee
from benchmarks.growing.sweeps import Sweep
from benchmarks.growth import measure

from mobilepose_core.inference.runtime import model_file


def _model(name, ms, pck=None, **changes):
    return {
        "name": name, "runtime": "ONNX Runtime", "device": "cpu", "precision": "FP32",
        "ms": ms, "low": 0.9 * ms, "high": 1.1 * ms, "ms_1_thread": 2 * ms, "gmac": 0.5,
        "parameters": 2_160_000, "file_bytes": 8_600_000, "peak_mb": 110.0, "share_of_peak": 0.8,
        "pck": pck,
    } | changes  # fmt: skip


def _times(ms):
    return {"ms": ms, "low": 0.9 * ms, "high": 1.1 * ms}


INFERENCE = {
    "threads": 2,
    "machine": {"cpu": "Some CPU", "cores": 4, "gmacs": 81.0, "onnxruntime": "1.26"},
    "models": [
        _model("final", 8.6, {"mean": 97.1, "elbows": 97.9, "wrists": 94.4}),
        _model("small", 3.4, {"mean": 95.9, "elbows": 97.1, "wrists": 90.8}),
        _model("blazepose_full", 9.4, {"mean": None, "elbows": 97.2, "wrists": 94.4}),
        _model("densenet121", 71.0, peak_mb=None, share_of_peak=None),
        _model("final on cuda, 16 crops", 4.0, batch=16, images_per_second=4000.0),
    ],
    "pipe": [{"name": "final, whole pipeline", **_times(9.6)}],
    "missing": [{"name": "movenet_thunder", "reason": "not installed"}],
    "goals": [
        {"goal": "final <= blazepose_full", "ratio": 0.915, "met": True},
        {"goal": "small <= blazepose_lite", "ratio": 1.25, "met": False},
        {"goal": "finder <= movenet_thunder", "ratio": None, "met": None},
    ],
}
PIPE = {
    "threads": 2,
    "cases": [
        {
            "size": "640x480",
            "people": count,
            "pipe_ms": _times(9.5 * count),
            "network_ms": _times(9.0 * count),
            "added_ms": _times(0.5),
            "added_smoothed_ms": _times(0.6),
            "added_found_ms": _times(3.5),
            "stages_ms": {"cut": _times(0.2), "network": _times(9.0 * count)},
        }
        for count in (1, 8)
    ],
    "goals": [{"goal": "adds <= 1 ms", "ms": 0.5, "met": True}],
}

STARTUP = {
    key: {"median": value, "low": 0.9 * value, "high": 1.1 * value}
    for key, value in {
        "import_s": 0.4, "load_s": 0.3, "first_pose_s": 0.1, "start_s": 0.8, "memory_mb": 120.0,
    }.items()
} | {
    "node_memory_mb": 180.2,
    "goals": [{"goal": "import and first pose, s <= 2", "value": 0.8, "met": True}],
}  # fmt: skip


@pytest.fixture(scope="module")
def growth():
    """A real measurement of next to nothing."""
    calls = {x: lambda x=x: sum(range(2000 * x)) for x in (1, 2, 4)}
    sweep = Sweep("people", "People per frame", "people", {"final": calls}, item="pose")
    return {
        "threads": 2,
        "rounds": 5,
        "knee": knee.DEFINITION,
        "sweeps": [measure(sweep, rounds=5)],
    }


@pytest.fixture
def figures(growth):
    """What the programs printed, by program; a test may change it."""
    return copy.deepcopy(
        {"inference": INFERENCE, "growth": growth, "pipe": PIPE, "startup": STARTUP}
    )


@pytest.fixture
def write(tmp_path):
    """Writes the page of some figures in a new folder, and returns its path."""

    def write_page(figures):
        files = {program: tmp_path / f"{program}.json" for program in figures}
        for program, values in figures.items():
            files[program].write_text(f"a table\nfor people\n{json.dumps(values)}\n")
        return performance.write(files, tmp_path / "docs")

    return write_page


def test_the_page_has_every_model_and_every_goal_and_a_dash_for_what_is_not_known(write, figures):
    text = write(figures).read_text()

    for row in (
        "| `final` | ONNX Runtime | FP32 | 8.6 | 7.7 - 9.5 | 17.2 | 0.50 | 2.16 M | 8.6 MB | "
        "110 MB | 80% | 97.1 | 97.9 | 94.4 |",
        "| 80% | - | 97.2 | 94.4 |",
        "| 8.6 MB | - | - | - | - | - |",
        "- `movenet_thunder` was not measured: not installed",
        "| final <= blazepose_full | 0.92 | met |",
        "| small <= blazepose_lite | 1.25 | not met |",
        "| finder <= movenet_thunder | - | - |",
        "| final on cuda, 16 crops | FP32 | 16 | 4.00 | 3.6 - 4.4 | 4000 |",
        "| final, whole pipeline | 9.6 | 8.6 - 10.6 |",
    ):
        assert row in text
    assert "Some CPU with 4 cores, 2 threads" in text
    assert "81 GMAC/s" in text


def test_the_page_has_what_the_pipe_adds_in_each_case_and_its_goal(write, figures):
    text = write(figures).read_text()

    assert "| Median ms | 640x480, 1 person | 640x480, 8 people |" in text
    assert "| network alone | 9.00 | 72.00 |" in text
    assert "| stage: cut | 0.20 | 0.20 |" in text
    assert "| adds <= 1 ms | 0.50 ms | met |" in text


def test_the_page_has_how_soon_the_first_pose_is_there_and_what_memory_is_held(write, figures):
    text = write(figures).read_text()

    assert "| loading the models, s | 0.30 | 0.27 | 0.33 |" in text
    assert "| node's resident memory, MB | 180 | - | - |" in text
    assert "| import and first pose, s <= 2 | 0.80 | met |" in text


def test_the_page_has_each_sweep_with_its_line_and_what_a_knee_is(write, figures, growth):
    text = write(figures).read_text()

    (sweep,) = growth["sweeps"]
    assert "### People per frame" in text
    assert "| People per frame | final, ms | Quartiles | ms a pose | poses a second |" in text
    assert f"- {knee.in_words(sweep['series'][0], 'people')}" in text
    assert knee.DEFINITION in text


def test_every_plot_that_the_page_shows_lies_beside_it(write, figures):
    page = write(figures)

    plots = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text())
    assert plots == ["accuracy.png", "growth-people.png"]
    for plot in plots:
        assert cv2.imread(str(page.parent / plot)).std() > 5


@pytest.mark.parametrize(
    ("program", "part", "key"),
    [
        ("inference", "models", "gmac"),
        ("inference", "goals", "met"),
        ("growth", "sweeps", "series"),
        ("pipe", "cases", "added_ms"),
        ("startup", "goals", "met"),
    ],
)
def test_a_missing_figure_is_an_error_with_its_file_and_its_name(
    write, figures, program, part, key
):
    del figures[program][part][0][key]

    with pytest.raises(
        ValueError, match=rf"{program}.json lacks a value.*'{key}'.*benchmarks.{program} --json"
    ):
        write(figures)


def test_what_was_not_measured_in_this_run_is_said_to_be_so(write, figures):
    del figures["pipe"]

    text = write(figures).read_text()

    assert "whole pipeline | 9.50" not in text
    assert text.count(performance.ABSENT) == 1


def test_a_file_that_does_not_end_with_figures_is_refused(tmp_path, capsys, monkeypatch):
    file = tmp_path / "table.txt"
    file.write_text("nothing but a table\n")
    files = [f"--{program}={file}" for program in performance.SECTIONS]
    monkeypatch.setattr(sys, "argv", ["performance", *files, f"--out={tmp_path}"])

    assert performance.main() == 1

    assert "table.txt does not end with a line of JSON" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_an_error(tmp_path, capsys, monkeypatch):
    files = [f"--{program}={tmp_path / 'none.json'}" for program in performance.SECTIONS]
    monkeypatch.setattr(sys, "argv", ["performance", *files])

    assert performance.main() == 1

    assert "none.json" in capsys.readouterr().err


def test_the_words_of_the_page_ask_for_each_part_once():
    words = performance.TEMPLATE.read_text()

    asked = [name for sections in performance.SECTIONS.values() for name in sections]
    assert sorted(re.findall(r"\$\{(\w+)\}", words)) == sorted(asked)


class TestThePageInTheRepository:
    """`docs/performance.md` as it is."""

    @pytest.fixture
    def text(self):
        return (performance.DOCS / performance.PAGE).read_text()

    def test_it_names_every_released_model(self, text):
        for name in model_file.released_models():
            assert f"| `{name}` |" in text, f"{name} is missing: `make bench` writes the page anew"

    def test_it_holds_the_words_of_its_template(self, text):
        words = re.split(r"\$\{\w+\}", performance.TEMPLATE.read_text())
        for part in words:
            assert part in text, "the words were changed: `make bench` writes the page anew"

    def test_its_plots_lie_beside_it(self, text):
        plots = re.findall(r"!\[.*?\]\((.*?)\)", text)
        assert len(plots) == 6
        for plot in plots:
            assert (performance.DOCS / plot).is_file()
