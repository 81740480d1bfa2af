import csv
import json
import re
import signal
import subprocess
import sys
from itertools import pairwise

import pytest
from astronaut_films import write_film

from mobilepose_core.io.sources import Video


@pytest.mark.parametrize(
    ("is_live", "number", "status"),
    [(False, signal.SIGINT, 130), (False, signal.SIGTERM, 143), (True, signal.SIGINT, 0)],
    ids=["a file", "a file and SIGTERM", "a live device"],
)
def test_what_was_written_is_whole_after_an_interrupt(tmp_path, astronaut, is_live, number, status):
    film = write_film(tmp_path / "film.avi", astronaut, 600)
    saved, table = tmp_path / "out.avi", tmp_path / "out.csv"
    name = "/dev/stdin" if is_live else str(film)
    command = [sys.executable, "-m", "mobilepose_core.cli", "predict", name, "--json"]
    wanted = ["--save", str(saved), "--csv", str(table)]
    with (
        film.open() as source,
        subprocess.Popen(
            [*command, *wanted],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(number)
        rest, complaints = process.communicate(timeout=60)

    assert process.returncode == status
    assert {path.name for path in tmp_path.iterdir()} == {film.name, saved.name, table.name}
    frames = [json.loads(line)["frame"] for line in [*lines, *rest.splitlines()]]
    assert 3 <= len(frames) < 600
    assert frames == list(range(len(frames)))
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row.values() for row in rows)
    assert abs(int(rows[-1]["frame"]) - frames[-1]) <= 1
    times = [frame.time for frame in Video(saved)]
    assert len(times) >= len(frames) or is_live
    assert all(later > earlier for earlier, later in pairwise(times))
    (summed_up,) = re.findall(r"(\d+) frames, 1 person", complaints)
    assert abs(int(summed_up) - len(frames)) <= 1
