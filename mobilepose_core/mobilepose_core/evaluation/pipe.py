"""The report's sections on the whole pipeline: detection, poses, tracking, gestures.

Their figures are the lines that `mobilepose evaluate`, `evaluate-finder` and `evaluate-tracks`, and
`benchmarks.behaviour` and `benchmarks.peer_accuracy`, print with `--json`, collected in a file
beside the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mobilepose_core.errors import DataError
from mobilepose_core.evaluation.markdown import cell

FILE = "pipe.jsonl"

Line = Mapping[str, Any]

_HELD_OUT = "evaluate, held-out"
"""The section of `evaluate` on people whom training leaves out, with other networks beside ours."""

_OKS = "evaluate, oks"
"""The section of `evaluate --metric oks`."""

_SECTIONS: Sequence[tuple[str, str, str, Mapping[str, tuple[str, str]]]] = (
    (
        "evaluate-finder",
        "Detecting people",
        "Detections that the pose network has verified, as tracking starts with them. Recall "
        "counts people of at least a fifth of the photograph's height, who are annotated or "
        "detected by a teacher network; a detection matches from an IoU of 0.5.",
        {
            "finder": ("Detector", "{}"),
            "photographs_of": ("Photographs", "{}"),
            "people": ("People", "{:.0f}"),
            "recall": ("Recall", "{:.3f}"),
            "overlap": ("Mean IoU", "{:.2f}"),
            "false_per_frame": ("False positives per photograph", "{:.3f}"),
        },
    ),
    (
        "evaluate",
        "Poses in detected and tracked crops",
        "PCK@0.2 person-centric, in the crop of the annotation, of the verified detection, and of "
        "the joints found in a first crop (tracked crop); joints of missed people count as wrong. "
        "ECE: expected calibration error of the scores.",
        {
            "weights": ("Model", "{}"),
            "crop": ("Crop", "{}"),
            "photographs_of": ("People", "{}"),
            "mean": ("Mean", "{:.1f}"),
            "elbows": ("Elbows", "{:.1f}"),
            "wrists": ("Wrists", "{:.1f}"),
            "missed": ("Missed", "{}"),
            "ece": ("ECE", "{:.3f}"),
        },
    ),
    (
        _HELD_OUT,
        "Held-out people",
        "PCK@0.2, person-centric, over the joints that each model has, and the share of people "
        "whose left and right are swapped, in per cent; in films, the hips are FLIC's. The other "
        "networks, which were trained on other data, are given the annotated person too: BlazePose "
        "the torso, refined twice, MoveNet a square around all joints. In whole photographs "
        "(detector), all joints of people who are not detected count as wrong.",
        {
            "source": ("People", "{}"),
            "people": ("", "{}"),
            "weights": ("Model", "{}"),
            "crop": ("Crop", "{}"),
            "mean": ("Mean", "{:.1f}"),
            "shoulders": ("Shoulders", "{:.1f}"),
            "elbows": ("Elbows", "{:.1f}"),
            "wrists": ("Wrists", "{:.1f}"),
            "hips": ("Hips", "{:.1f}"),
            "knees": ("Knees", "{:.1f}"),
            "ankles": ("Ankles", "{:.1f}"),
            "exchanged_all": ("Swapped", "{:.1f}"),
            "exchanged_backs": ("... from behind", "{:.1f}"),
            "missed": ("Missed", "{}"),
            "ece": ("ECE", "{:.3f}"),
        },
    ),
    (
        _OKS,
        "COCO's metric",
        "Average precision and recall over object keypoint similarity (OKS) in per cent, on the "
        "joints that the model has, with COCO's tolerances: of poses in the annotated boxes, and "
        "of all poses in whole photographs (detector). Published tables are on COCO's 17 joints "
        "and its own validation set, small and hidden people included.",
        {
            "source": ("People", "{}"),
            "people": ("", "{}"),
            "weights": ("Model", "{}"),
            "joints": ("Joints", "{}"),
            "crop": ("Poses", "{}"),
            "ap": ("AP", "{:.1f}"),
            "ap50": ("AP50", "{:.1f}"),
            "ap75": ("AP75", "{:.1f}"),
            "ar": ("AR", "{:.1f}"),
        },
    ),
    (
        "evaluate-tracks",
        "Tracking people",
        "In videos composed of cutouts of people, who walk in front of backgrounds, cross, occlude "
        "each other, leave and return. Jitter is that of standing people, in torso lengths; lag is "
        "that of the smoothed joints of moving people, in frames.",
        {
            "finder": ("Detector", "{}"),
            "seed": ("Seed", "{}"),
            "person_seconds": ("Seconds of people", "{:.0f}"),
            "switches_per_100_person_seconds": ("ID switches in 100 s", "{:.2f}"),
            "misses": ("Misses", "{:.3f}"),
            "false_per_frame": ("False positives per frame", "{:.3f}"),
            "idf1": ("IDF1", "{:.3f}"),
            "pck": ("PCK@0.2", "{:.1f}"),
            "jitter": ("Jitter", "{:.4f}"),
            "jitter_smoothed": ("... smoothed", "{:.4f}"),
            "lag_smoothed_frames": ("Lag, smoothed", "{:.2f}"),
            "crops_per_person": ("Crops per person", "{:.2f}"),
            "finder_runs_per_frame": ("Detector runs per frame", "{:.2f}"),
        },
    ),
    (
        "behaviour",
        "Gestures",
        "Films of simulated joints have no images: no network was in it. Films of people cut out "
        "of photographs, whose arms are moved, are images. Precision is the share of right ones "
        "among gestures that are told in films with gestures; a false alarm is one that is told in "
        "a film without any. In photographs, marked by hand, each person counts by that photograph "
        "alone. [Behaviour](behaviour.md) has more, postures and positions too.",
        {
            "measured_on": ("Measured on", "{}"),
            "gesture": ("Gesture", "{}"),
            "made": ("Made", "{}"),
            "recall": ("Recall", "{:.2f}"),
            "precision": ("Precision", "{:.2f}"),
            "false_per_hour": ("False alarms per hour", "{:.0f}"),
        },
    ),
)
"""For each command, or some of its lines: title, explanation, and columns by key with formats."""


def read(path: Path) -> list[Line]:
    """The lines of a file; empty if there is no file.

    Raises:
        DataError: a line is not the output of one of the commands.
    """
    if not path.is_file():
        return []
    lines = []
    for number, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        try:
            line = json.loads(text)
            known = line["command"] in [section[0] for section in _SECTIONS]
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise DataError(
                f"{path}, line {number} is not what `mobilepose evaluate`, `evaluate-finder`, "
                "`evaluate-tracks`, `benchmarks.behaviour` or `benchmarks.peer_accuracy` prints "
                "with --json"
            )
        lines.append(line)
    return lines


def sections(lines: Sequence[Line]) -> list[tuple[str, str, list[str], list[list[str]]]]:
    """Title, explanation, table head and rows, for each section that has lines."""
    found = []
    for section, title, text, columns in _SECTIONS:
        mine = [row for line in lines if _section(line) == section for row in _rows(line)]
        if mine:
            rows = [
                [cell(line.get(key), form) for key, (_, form) in columns.items()] for line in mine
            ]
            found.append((title, text, [name for name, _ in columns.values()], rows))
    return found


def _section(line: Line) -> str:
    if line.get("metric") == "oks":
        return _OKS
    is_held_out = line["command"] == "evaluate" and line.get("split") == "held-out"
    return _HELD_OUT if is_held_out else str(line["command"])


def _rows(line: Line) -> list[Line]:
    """The rows of a table that a line makes: one, or one for each gesture."""
    if line["command"] != "behaviour":
        return [_described(line)]
    films = [(_film(one), one["gestures"]) for one in line.get("films", ())]
    puppets = [(_puppets(one), one["gestures"]) for one in line.get("puppets", ())]
    photographs = [
        (f"{one['people']} people in photographs, {one['joints']}", one["gestures"])
        for one in line.get("photographs", ())
    ]
    return [
        {"measured_on": source, "gesture": name.replace("_", " "), **figures}
        for source, gestures in (*films, *puppets, *photographs)
        for name, figures in gestures.items()
    ]


def _film(film: Line) -> str:
    depth = ", with depth" if film["depth"] else ""
    minutes, skeleton = film["minutes"], film["skeleton"]
    return f"films of simulated joints, {minutes:.0f} minutes, those of {skeleton}{depth}"


def _puppets(film: Line) -> str:
    minutes, people = film["minutes"], film["people"]
    return f"films of {people} people cut out, {minutes:.0f} minutes, {film['people from']}"


def _described(line: Line) -> Line:
    """A line with texts for its photographs and crops."""
    split, dataset = line.get("split"), line.get("source") or line.get("dataset")
    if height := line.get("min_height"):
        dataset = f"{dataset}, from {height:g} px"
    crop = line.get("finder", "")
    return {
        **line,
        "source": dataset,
        "photographs_of": f"{dataset}, {split}" if dataset else "without people",
        "crop": f"{crop}, tracked crop" if line.get("followed") else crop,
    }
