"""The pictures of docs/examples.md: stick figures, what is told of them, and what the robot does.

python -m tools.example_pictures
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mobilepose_core.behaviour.body import Body
from mobilepose_core.behaviour.camera import Ground, Pinhole
from mobilepose_core.behaviour.person import Person, PersonState
from mobilepose_core.evaluation import stick_figure as figure
from mobilepose_core.evaluation.stick_figure import HANGING, Arm, StickFigure, optical, turned
from mobilepose_core.io.drawing import save
from mobilepose_core.skeleton import COCO_17
from mobilepose_core.typing import Float64Array, ImageArray

DOCS = Path(__file__).resolve().parents[1] / "docs"

WIDTH, HEIGHT, CAMERA_HEIGHT = 330, 250, 1.1
CAMERA = Pinhole.of_view(WIDTH, HEIGHT, 60)
RATE, SECONDS = 10, 1.5
"""Of the film in which each figure stands still, so that gestures are told."""

LEFT, RIGHT, MIDDLE = (60, 160, 60), (60, 60, 200), (120, 120, 120)
BLACK, GREY, BLUE, ORANGE = (0, 0, 0), (200, 200, 200), (180, 100, 30), (30, 120, 230)
"""Colours, BGR."""


@dataclass(frozen=True)
class Shown:
    """Somebody before the camera, m: so far ahead and to the left, turned by so many degrees."""

    ahead: float
    left: float = 0.0
    degrees: float = 0.0
    posture: str = figure.STANDING
    left_arm: Arm = HANGING
    right_arm: Arm = HANGING

    def places(self) -> dict[str, Float64Array]:
        """Joints in the optical frame, m."""
        joints = StickFigure().joints(self.posture, self.left_arm, self.right_arm)
        yaw = math.pi + math.radians(self.degrees)
        return optical(turned(joints, yaw, self.ahead, self.left), CAMERA_HEIGHT)

    def state(self) -> PersonState:
        """What is told of them, with depth and the ground."""
        places, person = self.places(), Person()
        points = CAMERA.project(np.array(list(places.values())))
        body = Body(dict(zip(places, points, strict=True)), dict.fromkeys(places, 0.9), places)
        ground = Ground(figure.up_of(0.0), CAMERA_HEIGHT)
        for step in range(round(RATE * SECONDS)):
            state = person.update(step / RATE, body, CAMERA, ground)
        return state


def main(folder: Path = DOCS) -> None:
    """Writes all pictures into a folder."""
    save(_greeting(), folder / "example-greet-raised-hand.png")
    save(_stopping(), folder / "example-stop-for-person-on-floor.png")
    save(_turning(), folder / "example-turn-to-speaker.png")
    save(_counting(), folder / "example-heat-map.png")
    save(_telling(), folder / "example-people-subscriber.png")


def _greeting() -> ImageArray:
    people = [Shown(3.0, 0.7, left_arm=figure.RAISED), Shown(3.0, -0.7, right_arm=figure.ON_PHONE)]
    robot = _page()
    for number, one in enumerate(people, 1):
        state = one.state()
        raised = [name for name in ("left", "right") if state.does(f"{name}_hand_raised")]
        _write(robot, f"person {number}: {raised[0] if raised else 'no'} hand raised", number)
        if raised:
            cv2.rectangle(robot, (14, 130), (250, 175), BLUE, 2, cv2.LINE_AA)
            _text(robot, f"Hello, person {number}!", (26, 160), BLUE, 0.65)
            _text(robot, "say", (14, 122), BLUE)
    return _beside(_view(people), robot)


def _stopping() -> ImageArray:
    people = [Shown(4.2, 1.0), Shown(3.2, -0.9, 90, figure.LYING)]
    robot = _page()
    for number, one in enumerate(people, 1):
        _write(robot, f"person {number}: {one.state().posture}", number)
    left, fast, zero = 30, 100, 200
    lies, seen_no_more, drives = 90, 190, 250
    _dashed(robot, (left, fast), (310, fast), GREY)
    _text(robot, "cmd_vel_in", (left, fast - 8), (150, 150, 150))
    speeds = [(left, fast), (lies, fast), (lies, zero), (drives, zero), (drives, fast), (310, fast)]
    cv2.polylines(robot, [np.array(speeds)], False, BLUE, 2, cv2.LINE_AA)
    _text(robot, "cmd_vel", (lies + 8, zero - 8), BLUE)
    cv2.arrowedLine(robot, (left, zero + 12), (310, zero + 12), BLACK, 1, cv2.LINE_AA, 0, 0.03)
    cv2.rectangle(robot, (lies, zero + 8), (seen_no_more, zero + 16), RIGHT, cv2.FILLED)
    _text(robot, "person on the floor", (lies - 20, zero + 34), RIGHT)
    _text(robot, "2 s", (seen_no_more + 18, zero - 8), BLACK)
    return _beside(_view(people), robot)


def _turning() -> ImageArray:
    people = [Shown(2.6, 1.0, 150), Shown(3.2, -0.9), Shown(4.4, 0.3)]
    robot, scale, base = _page(), 46, (WIDTH // 2, HEIGHT - 22)
    found = [one.state() for one in people]
    facing = [one.motion.place for one in found if one.does("facing") and one.motion is not None]
    target = min(facing, key=lambda place: math.hypot(place[0], place[2]))
    for state in found:
        assert state.motion is not None
        assert state.heading is not None
        spot = _above(state.motion.place, base, scale)
        is_target = state.motion.place is target
        colour = BLUE if is_target else MIDDLE
        cv2.circle(robot, spot, 8, colour, cv2.FILLED, cv2.LINE_AA)
        angle = state.heading.angle + math.atan2(-state.motion.place[0], state.motion.place[2])
        tip = (spot[0] + round(26 * math.sin(angle)), spot[1] + round(26 * math.cos(angle)))
        cv2.arrowedLine(robot, spot, tip, colour, 2, cv2.LINE_AA, 0, 0.35)
        if is_target:
            _dashed(robot, base, spot, BLUE)
    corners = np.array([(-12, 10), (12, 10), (0, -16)]) + base
    cv2.fillPoly(robot, [corners], BLACK, cv2.LINE_AA)
    speed = 1.5 * math.atan2(-target[0], target[2])
    start, end = sorted((-90.0, -90.0 - math.degrees(1.6 * speed)))
    cv2.ellipse(robot, base, (60, 60), 0, start, end, ORANGE, 2, cv2.LINE_AA)
    _text(robot, f"turns, {speed:.1f} rad/s", (WIDTH - 138, HEIGHT - 40), ORANGE)
    _text(robot, "from above", (10, 20), BLACK)
    return _beside(_view(people), robot)


def _counting() -> ImageArray:
    """One stands for three minutes within a step, another far away for 40 % of them."""
    draw, seconds = np.random.default_rng(3), np.zeros((20, 20))
    for _ in range(RATE * 180):
        for x, z, share in ((1.3, 3.2, 1.0), (-2.2, 6.4, 0.4)):
            x, z = draw.normal((x, z), 0.35)
            seconds[int(z // 0.5), int(x // 0.5) + 10] += share / RATE
    cells = np.flipud(seconds)[6:]
    heat = np.rint(255 * (1 - np.sqrt(cells / cells.max()))).astype(np.uint8)
    colours = np.asarray(cv2.applyColorMap(heat, cv2.COLORMAP_HOT), np.uint8)
    grid = cv2.resize(colours, (280, 196), interpolation=cv2.INTER_NEAREST)
    robot = _page()
    robot[28:224, 25:305] = grid
    cv2.rectangle(robot, (25, 28), (305, 224), BLACK, 1)
    cv2.fillPoly(robot, [np.array([(155, 224), (175, 224), (165, 212)])], BLACK, cv2.LINE_AA)
    _text(robot, f"heat_map.csv: {cells.max():.0f} s at most", (25, 20), BLACK)
    _text(robot, "camera", (182, 222), BLACK)
    _text(robot, "10 m", (143, 243), BLACK)
    people = [Shown(3.2, -1.3, 20), Shown(6.4, 2.2, -30)]
    return _beside(_view(people), robot)


def _telling() -> ImageArray:
    people = [Shown(3.0, 0.8, left_arm=figure.RAISED), Shown(3.6, -0.8, 40, figure.SITTING)]
    robot = np.full((HEIGHT, WIDTH + 60, 3), 30, np.uint8)
    for number, one in enumerate(people, 1):
        state = one.state()
        assert state.motion is not None
        x, _, z = state.motion.place
        made = [name for name in state.gestures if state.does(name)]
        lines = (f"person {number}: {state.posture}, x {x:.1f} m, z {z:.1f} m", ", ".join(made))
        for row, line in enumerate(lines):
            _text(robot, line, (12 + 30 * row, 20 + 50 * number + 22 * row), (230, 230, 230), 0.45)
    return _beside(_view(people), robot)


def _above(place: Float64Array, base: tuple[int, int], scale: int) -> tuple[int, int]:
    return base[0] + round(scale * float(place[0])), base[1] - round(scale * float(place[2]))


def _view(people: Sequence[Shown]) -> ImageArray:
    """The camera's image: figures with their numbers."""
    image = _page()
    horizon = round(CAMERA.cy)
    image[horizon:] = 240
    for number, one in enumerate(people, 1):
        places = one.places()
        spots = CAMERA.project(np.array(list(places.values())))
        points = dict(zip(places, spots, strict=True))
        for begin, end in COCO_17.edges:
            sides = {begin.split("_")[0], end.split("_")[0]} & {"left", "right"}
            colour = MIDDLE if len(sides) != 1 else LEFT if sides == {"left"} else RIGHT
            ends = [np.rint(8 * points[name]).astype(int).tolist() for name in (begin, end)]
            cv2.line(image, ends[0], ends[1], colour, 3, cv2.LINE_AA, 3)
        top = int(spots[:, 1].min()) - 8
        _text(image, str(number), (int(spots[:, 0].mean()) - 4, max(top, 16)), BLACK, 0.5)
    return image


def _page() -> ImageArray:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def _beside(view: ImageArray, robot: ImageArray) -> ImageArray:
    line = np.full((HEIGHT, 2, 3), 160, np.uint8)
    return np.asarray(np.hstack([view, line, robot]), np.uint8)


def _write(image: ImageArray, text: str, row: int) -> None:
    _text(image, text, (14, 10 + 22 * row), BLACK)


def _text(
    image: ImageArray,
    text: str,
    place: tuple[int, int],
    colour: tuple[int, int, int],
    size: float = 0.45,
) -> None:
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def _dashed(
    image: ImageArray, start: tuple[int, int], end: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    steps = np.linspace(start, end, 31).astype(int).tolist()
    for one, other in zip(steps[::2], steps[1::2], strict=False):
        cv2.line(image, one, other, colour, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
