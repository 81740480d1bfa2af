"""Whole photographs for the person detector, kept small in memory, and their augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from mobilepose_core import crop, person_map
from mobilepose_core.datasets.scenes import Scene
from mobilepose_core.io import photo
from mobilepose_core.model import GREY
from mobilepose_core.training import lighting, placement
from mobilepose_core.training.stored_image import StoredImage
from mobilepose_core.typing import Float32Array, Float64Array, ImageArray

KEPT_SIDE = 480
"""Longer side of the stored photographs, pixels."""

QUALITY = 92
"""Of the JPEG that they are stored as: forty thousand photographs fit in two gigabytes."""

SHAPES = ((4, 3), (4, 3), (16, 9), (1, 1), (3, 4))
"""Aspect ratios of frames, one per batch; the first is the most common."""

MOSAIC = 0.25
"""Probability of a mosaic of four photographs: more and smaller people."""

FILLED = 0.7
"""Probability that the rest of a frame is filled with a photograph without people, not grey."""

PRESENT, ABSENT = 0.5, 0.2
"""Share of a person's box, or of their head and shoulders, inside the frame from which they are a
person, and share of both up to which they are background; in between, what the frame shows of the
box is an ignored region."""

CLOSE = 0.04
"""Share of the frame that a person's box covers from which they are never background."""

SMALLEST_PERSON = 12.0
"""Longer side of a box below which it is an ignored region, canvas pixels."""


@dataclass(frozen=True, eq=False)
class AnnotatedFrame:
    """A photograph or frame with the boxes of its people.

    Attributes:
        pixels: (H, W, 3) BGR.
        boxes: (N, 4) around people's joints, pixels.
        doubtful: (M, 4) regions to ignore: they may show people or not.
    """

    pixels: ImageArray
    boxes: Float32Array
    doubtful: Float32Array


@dataclass(frozen=True, eq=False)
class StoredFrame:
    """An annotated frame whose pixels are stored as JPEG.

    Attributes:
        image: the pixels.
        boxes, doubtful: as of `AnnotatedFrame`.
    """

    image: StoredImage
    boxes: Float32Array
    doubtful: Float32Array

    @classmethod
    def of(cls, frame: AnnotatedFrame) -> StoredFrame:
        """Stores a frame."""
        return cls(StoredImage.of(frame.pixels, QUALITY), frame.boxes, frame.doubtful)

    def opened(self) -> AnnotatedFrame:
        """The frame with its pixels."""
        return AnnotatedFrame(self.image.opened(), self.boxes, self.doubtful)


@dataclass
class AnnotatedFrames:
    """Photographs in memory.

    Attributes:
        frames: the photographs.
        unreadable: number of photographs that could not be decoded.
    """

    frames: list[StoredFrame] = field(default_factory=list)
    unreadable: int = 0

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True)
class FinderData:
    """Photographs for training or validation.

    Attributes:
        peopled: with people.
        samples_per_epoch: (N,) of each of them, may be fractions.
        empty: without people.
    """

    peopled: AnnotatedFrames
    samples_per_epoch: Float64Array
    empty: AnnotatedFrames


def keep(scenes: Sequence[Scene], title: str) -> AnnotatedFrames:
    """Reads photographs and scales them down, with a progress bar."""
    kept = AnnotatedFrames()
    for scene in tqdm(scenes, desc=title, unit="photo", leave=False):
        image = photo.read(scene.image)
        if image is None:
            kept.unreadable += 1
            continue
        scale = min(1.0, KEPT_SIDE / max(image.shape[:2]))
        width, height = (max(1, round(side * scale)) for side in image.shape[1::-1])
        smaller = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        matrix = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])
        frame = AnnotatedFrame(
            np.asarray(smaller, np.uint8),
            crop.transform_boxes(matrix, scene.boxes),
            crop.transform_boxes(matrix, scene.doubtful),
        )
        kept.frames.append(StoredFrame.of(frame))
    return kept


@dataclass(frozen=True)
class FrameBatch:
    """The inputs of the person detector, and the people in them.

    Attributes:
        images: (N, 3, H, W) RGB, `(rgb - 128) / 128`.
        people: (N, M, 4) boxes around people's joints, input pixels.
        is_there: (N, M) whether a row of `people` is a person.
        is_counted: (N, h, w) cells of the map that are not in ignored regions.
    """

    images: Tensor
    people: Tensor
    is_there: Tensor
    is_counted: Tensor


def batch_of(frames: Sequence[AnnotatedFrame], device: str = "cpu") -> FrameBatch:
    """A batch of frames of one size, whose sides are multiples of 32."""
    height, width = frames[0].pixels.shape[:2]
    most = max(len(frame.boxes) for frame in frames)
    people = np.zeros((len(frames), most, 4), np.float32)
    is_there = np.zeros((len(frames), most), bool)
    for number, frame in enumerate(frames):
        people[number, : len(frame.boxes)] = frame.boxes
        is_there[number, : len(frame.boxes)] = True
    is_counted = np.stack([person_map.outside(f.doubtful, width, height) for f in frames])
    pixels = torch.from_numpy(np.stack([frame.pixels[..., ::-1] for frame in frames]))
    return FrameBatch(
        images=(pixels.to(device).permute(0, 3, 1, 2).float() - GREY) / GREY,
        people=torch.from_numpy(people).to(device),
        is_there=torch.from_numpy(is_there).to(device),
        is_counted=torch.from_numpy(is_counted).to(device),
    )


def fitted(frame: AnnotatedFrame, size: int) -> AnnotatedFrame:
    """A frame warped to its canvas, without augmentation."""
    height, width = frame.pixels.shape[:2]
    canvas = person_map.canvas_of(width, height, size)
    boxes = canvas.from_image(frame.boxes)
    small = _longer_side(boxes) < SMALLEST_PERSON
    doubtful = np.concatenate([canvas.from_image(frame.doubtful), boxes[small]])
    return AnnotatedFrame(canvas.show(frame.pixels), boxes[~small], doubtful)


def changed(
    frame: AnnotatedFrame,
    fillers: Sequence[StoredFrame],
    width: int,
    height: int,
    colour: float,
    random: np.random.Generator,
) -> AnnotatedFrame:
    """A frame scaled, turned, shifted, mirrored and recoloured at random.

    Args:
        frame: a photograph.
        fillers: photographs without people, to fill the rest of the frame.
        width: of the result, pixels.
        height: of the result, pixels.
        colour: strength of brightness and contrast changes, 0 for none.
        random: the generator of all random numbers.
    """
    matrix = placement.drawn(frame.boxes, frame.pixels.shape[1::-1], (width, height), random)
    pixels = crop.warp(frame.pixels, matrix, width, height)
    if fillers and random.random() < FILLED:
        cover = np.full(frame.pixels.shape[:2], 255, np.uint8)
        covered = cv2.warpAffine(cover, matrix, (width, height))[..., None] > 127
        filler = fillers[int(random.integers(len(fillers)))].opened()
        across = crop.warp(filler.pixels, _cover(filler, width, height), width, height)
        pixels = np.where(covered, pixels, across)
    boxes, doubtful = _within(
        placement.moved(matrix, frame.boxes),
        placement.moved(matrix, placement.heads_of(frame.boxes)),
        crop.transform_boxes(matrix, frame.doubtful),
        width,
        height,
    )
    return AnnotatedFrame(lighting.changed(pixels, colour, random), boxes, doubtful)


def mosaic(frames: Sequence[AnnotatedFrame]) -> AnnotatedFrame:
    """A mosaic of four frames of one size."""
    height, width = frames[0].pixels.shape[:2]
    upper, lower = (np.hstack([f.pixels for f in pair]) for pair in (frames[:2], frames[2:]))
    corners = [(0, 0), (width, 0), (0, height), (width, height)]
    moves = [np.array([x, y, x, y], np.float32) for x, y in corners]
    return AnnotatedFrame(
        np.vstack([upper, lower]),
        np.concatenate([f.boxes + move for f, move in zip(frames, moves, strict=True)]),
        np.concatenate([f.doubtful + move for f, move in zip(frames, moves, strict=True)]),
    )


def _cover(frame: AnnotatedFrame, width: int, height: int) -> Float64Array:
    """The affine with which a photograph covers a frame."""
    rows, columns = frame.pixels.shape[:2]
    scale = max(width / columns, height / rows)
    return np.array(
        [
            [scale, 0, (width - 1) / 2 - scale * (columns - 1) / 2],
            [0, scale, (height - 1) / 2 - scale * (rows - 1) / 2],
        ]
    )


def _within(
    boxes: Float32Array, heads: Float32Array, doubtful: Float32Array, width: int, height: int
) -> tuple[Float32Array, Float32Array]:
    """Boxes of the people in a frame, cut off at its border as in annotated photographs.

    People of whom it shows little, and small ones, become ignored regions.
    """
    visible, share = _cut_off(boxes, width, height)
    share = np.maximum(share, _cut_off(heads, width, height)[1])
    is_close = _areas(visible) >= CLOSE * width * height
    there = (share >= PRESENT) & (_longer_side(visible) >= SMALLEST_PERSON)
    unsure = ~there & ((share > ABSENT) | is_close)
    return visible[there], np.concatenate([doubtful, visible[unsure]])


def _cut_off(boxes: Float32Array, width: int, height: int) -> tuple[Float32Array, Float32Array]:
    """The parts (N, 4) of boxes inside a frame, and their shares (N,) of the boxes."""
    border = np.array([width - 1, height - 1] * 2, np.float32)
    visible = np.clip(boxes, 0, border)
    return visible, np.asarray(_areas(visible) / np.maximum(_areas(boxes), 1e-6), np.float32)


def _areas(boxes: Float32Array) -> Float32Array:
    areas: Float32Array = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return areas


def _longer_side(boxes: Float32Array) -> Float32Array:
    sides: Float32Array = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    return sides
