"""YOLO11n-pose with random weights, to measure its speed.

Jocher and Qiu, "Ultralytics YOLO11", 2024, at its smallest scale: boxes and joints of all people in
one look at a frame. Written from the published shapes; suppression of double boxes is not included.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.peers.layers import convolution

SIZE = 640
"""Side of its input, pixels."""

JOINTS = 17
"""Joints of COCO."""

STRIDES = (8, 16, 32)

BINS = 16
"""Distances that each side of a box chooses among."""


class YoloPose(nn.Module):
    """Boxes, scores and joints of people at each cell of three grids.

    Shape:
        (N, 3, 640, 640) to (N, 8400, 56): box, score, and x, y and confidence of each joint.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            convolution(3, 16, 3, stride=2),
            convolution(16, 32, 3, stride=2),
            Branches(32, 64, inner=16),
            convolution(64, 64, 3, stride=2),
            Branches(64, 128, inner=32),
        )
        self.middle = nn.Sequential(
            convolution(128, 128, 3, stride=2), Branches(128, 128, inner=64, is_deep=True)
        )
        self.coarse = nn.Sequential(
            convolution(128, 256, 3, stride=2),
            Branches(256, 256, inner=128, is_deep=True),
            FastPooling(256),
            Attention(256),
        )
        self.middle_down = Branches(384, 128, inner=64)
        self.fine_down = Branches(256, 64, inner=32)
        self.to_middle = convolution(64, 64, 3, stride=2)
        self.middle_up = Branches(192, 128, inner=64)
        self.to_coarse = convolution(128, 128, 3, stride=2)
        self.coarse_up = Branches(384, 256, inner=128, is_deep=True)
        self.heads = nn.ModuleList(Head(channels) for channels in (64, 128, 256))
        for stride, cells in zip(STRIDES, self._cells(), strict=True):
            self.register_buffer(f"cells_{stride}", cells)

    @staticmethod
    def _cells() -> list[Tensor]:
        grids = []
        for stride in STRIDES:
            middle = torch.arange(SIZE // stride) + 0.5
            y, x = torch.meshgrid(middle, middle, indexing="ij")
            grids.append(torch.stack([x, y], -1).reshape(-1, 2))
        return grids

    def forward(self, images: Tensor) -> Tensor:
        """The people of all three grids."""
        fine = self.fine(images)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.middle_down(torch.cat([_doubled(coarse), middle], 1))
        fine = self.fine_down(torch.cat([_doubled(middle), fine], 1))
        middle = self.middle_up(torch.cat([self.to_middle(fine), middle], 1))
        coarse = self.coarse_up(torch.cat([self.to_coarse(middle), coarse], 1))
        found = [
            head(features, getattr(self, f"cells_{stride}"), stride)
            for head, features, stride in zip(
                self.heads, (fine, middle, coarse), STRIDES, strict=True
            )
        ]
        return torch.cat(found, 1)


class Head(nn.Module):
    """Decoded people of one grid."""

    bins: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        boxes, people, joints = 4 * BINS, 64, 3 * JOINTS
        self.boxes = nn.Sequential(
            convolution(channels, boxes, 3),
            convolution(boxes, boxes, 3),
            nn.Conv2d(boxes, boxes, 1),
        )
        self.people = nn.Sequential(
            convolution(channels, channels, 3, groups=channels),
            convolution(channels, people, 1),
            convolution(people, people, 3, groups=people),
            convolution(people, people, 1),
            nn.Conv2d(people, 1, 1),
        )
        self.joints = nn.Sequential(
            convolution(channels, joints, 3),
            convolution(joints, joints, 3),
            nn.Conv2d(joints, joints, 1),
        )
        self.register_buffer("bins", torch.arange(BINS, dtype=torch.float32))

    def forward(self, features: Tensor, cells: Tensor, stride: int) -> Tensor:
        """(N, cells, 56) in pixels of the input."""
        sides = self.boxes(features).flatten(2).unflatten(1, (4, BINS)).softmax(2)
        sides = (sides * self.bins.view(1, 1, BINS, 1)).sum(2).transpose(1, 2)
        first, last = cells - sides[..., :2], cells + sides[..., 2:]
        score = self.people(features).flatten(2).transpose(1, 2).sigmoid()
        joints = self.joints(features).flatten(2).transpose(1, 2).unflatten(2, (JOINTS, 3))
        places = (joints[..., :2] * 2 + (cells - 0.5).unsqueeze(1)) * stride
        confidences = joints[..., 2:].sigmoid()
        box = torch.cat([(first + last) / 2, last - first], 2) * stride
        return torch.cat([box, score, torch.cat([places, confidences], 3).flatten(2)], 2)


class Branches(nn.Module):
    """A block on half of `2 * inner` channels, joined with both halves (C3k2)."""

    def __init__(self, inside: int, outside: int, inner: int, is_deep: bool = False) -> None:
        super().__init__()
        self._inner = inner
        self.before = convolution(inside, 2 * inner, 1)
        self.block = DeepBlock(inner) if is_deep else Bottleneck(inner, inner // 2)
        self.behind = convolution(3 * inner, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        """All three, joined."""
        one, other = self.before(features).split(self._inner, 1)
        joined: Tensor = self.behind(torch.cat([one, other, self.block(other)], 1))
        return joined


class DeepBlock(nn.Module):
    """Two bottlenecks on half of the channels, beside the other half (C3k)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.main, self.beside = convolution(channels, half, 1), convolution(channels, half, 1)
        self.blocks = nn.Sequential(Bottleneck(half, half), Bottleneck(half, half))
        self.joined = convolution(channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Both halves, joined."""
        both = torch.cat([self.blocks(self.main(features)), self.beside(features)], 1)
        joined: Tensor = self.joined(both)
        return joined


class Bottleneck(nn.Module):
    """Two convolutions, added to their input."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.body = nn.Sequential(convolution(channels, inner, 3), convolution(inner, channels, 3))

    def forward(self, features: Tensor) -> Tensor:
        """The sum."""
        total: Tensor = features + self.body(features)
        return total


class FastPooling(nn.Module):
    """The features and their maxima over 5, 9 and 13 cells (SPPF)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = convolution(channels, channels // 2, 1)
        self.behind = convolution(channels // 2 * 4, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """All of them, joined."""
        found = [self.before(features)]
        for _ in range(3):
            found.append(F.max_pool2d(found[-1], 5, stride=1, padding=2))
        joined: Tensor = self.behind(torch.cat(found, 1))
        return joined


class Attention(nn.Module):
    """Attention of all cells to all others, on half of the channels (C2PSA)."""

    HEADS = 2

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self._half, self._key = half, half // self.HEADS // 2
        self.before = convolution(channels, 2 * half, 1)
        self.told = convolution(half, half + 2 * self._key * self.HEADS, 1, acts=False)
        self.places = convolution(half, half, 3, groups=half, acts=False)
        self.heard = convolution(half, half, 1, acts=False)
        self.further = nn.Sequential(
            convolution(half, 2 * half, 1), convolution(2 * half, half, 1, acts=False)
        )
        self.behind = convolution(2 * half, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Both halves, joined."""
        beside, x = self.before(features).split(self._half, 1)
        # Numbers in the exported graph: from nodes that compute shapes its work cannot be counted.
        height, width = map(int, x.shape[2:])
        sizes = [self._key, self._key, self._half // self.HEADS]
        told = self.told(x).reshape(-1, self.HEADS, sum(sizes), height * width)
        queries, keys, values = told.split(sizes, 2)
        weights = (queries.transpose(2, 3) @ keys * self._key**-0.5).softmax(-1)
        heard = (values @ weights.transpose(2, 3)).reshape(-1, self._half, height, width)
        heard = heard + self.places(values.reshape(-1, self._half, height, width))
        x = x + self.heard(heard)
        x = x + self.further(x)
        joined: Tensor = self.behind(torch.cat([beside, x], 1))
        return joined


def _doubled(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2.0)
