import json
import sys
import time
from functools import partial

import pytest
from benchmarks import growth
from benchmarks.growing import sweeps, untrained
from benchmarks.growing.knee import in_words
from benchmarks.growing.sweeps import Sweep

from mobilepose_core.inference.runtime import model_file

MODEL = "small-int8"
needs_small = pytest.mark.skipif(
    MODEL not in model_file.released_models(), reason=f"no released model {MODEL!r}"
)


def _points(measured):
    return [[point["label"] for point in series["points"]] for series in measured["series"]]


def test_every_size_of_every_series_is_measured_in_every_round_in_differing_order():
    called = []

    def call(name, x):
        called.append((name, x))
        time.sleep(0.001)

    series = {name: {x: partial(call, name, x) for x in (1, 2)} for name in ("wide", "narrow")}

    measured = growth.measure(Sweep("s", "Some", "things", series), rounds=20, warm_up=1)

    everyone = {(name, x) for name in series for x in series[name]}
    warm_up, counted = called[:4], called[4:]
    assert set(warm_up) == everyone
    assert counted[::2] == counted[1::2]
    orders = list(zip(*[iter(counted[::2])] * 4, strict=True))
    assert all(set(order) == everyone for order in orders)
    assert len(orders) == 20
    assert len(set(orders)) > 5
    assert _points(measured) == [["1", "2"], ["1", "2"]]
    for one in measured["series"]:
        for point in one["points"]:
            assert point["low"] <= point["ms"] <= point["high"]


@needs_small
class TestWithAModel:
    """Real sweeps, small ones."""

    def test_people_are_measured_and_found(self):
        measured = growth.measure(sweeps.people(MODEL, 1, (1, 2)), rounds=3, warm_up=1)

        assert _points(measured) == [["1", "2"]]
        assert all(point["ms"] > 0 for point in measured["series"][0]["points"])

    def test_cameras_have_threads_of_their_own_and_the_memory_of_each_is_printed(self):
        measured = growth.measure(sweeps.cameras(MODEL, 2, (1, 2)), rounds=3, warm_up=1)

        assert [one["name"] for one in measured["series"]] == [
            "2-thread networks",
            "1-thread networks",
        ]
        assert "MB of memory per additional camera" in measured["notes"][0]

    def test_image_sizes_are_those_of_pipe_and_finder(self):
        sizes = ((320, 240), (640, 480))

        measured = growth.measure(sweeps.image_sizes(MODEL, 1, sizes), rounds=3, warm_up=1)

        assert _points(measured) == [["320x240", "640x480"]] * 3
        assert [point["x"] for point in measured["series"][2]["points"]] == [0.0768, 0.3072]

    def test_the_program_ends_with_its_measurements_on_one_line_and_in_a_file(
        self, tmp_path, capsys, monkeypatch
    ):
        small = sweeps.people(MODEL, 1, (1, 2))
        for module, names in (
            (sweeps, ("people", "cameras", "image_sizes")),
            (untrained, ("widths", "work")),
        ):
            for name in names:
                monkeypatch.setattr(module, name, lambda *_: small)
        out = tmp_path / "new" / "growth.json"
        monkeypatch.setattr(sys, "argv", ["growth", "--rounds=3", "--json", f"--out={out}"])

        assert growth.main() == 0

        lines = capsys.readouterr().out.splitlines()
        printed = json.loads(lines[-1])
        assert printed == json.loads(out.read_text())
        assert len(printed["sweeps"]) == 5
        assert in_words(printed["sweeps"][0]["series"][0], "people") in lines


def test_untrained_networks_are_exported_and_run():
    sweep = untrained.widths(1, (0.25,), (32,))

    joints, *_ = sweep.series["32x32 input"][0.25]()
    (gmac,) = untrained.work(1, (0.25,), (32,)).series["32x32 input"]

    assert joints.shape == (1, 11, 2)
    # The whole network at 224x224 takes about 0.55 GMAC; convolutions go with both squares.
    assert gmac == pytest.approx(0.55 * 0.25**2 * (32 / 224) ** 2, rel=0.5)
    assert "accuracy is not measured" in sweep.notes[0]
