"""The configuration of a network, which is stored with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from mobilepose_core import skeleton
from mobilepose_core.framing import FRAMINGS, UPPER_BODY

Architecture = Literal["final", "baseline", "gap_removed", "split", "finder"]
ARCHITECTURES: tuple[str, ...] = get_args(Architecture)
Decoder = Literal["upsample_first", "block_first"]
DECODERS: tuple[str, ...] = get_args(Decoder)
Skips = Literal["separable", "depthwise"]
SKIPS: tuple[str, ...] = get_args(Skips)
TRUNKS: tuple[str, ...] = (
    "mobilenet",
    "squeezenet",
    "densenet-6-12-12-8",
    "densenet-6-12-12-16",
    "densenet-6-12-24-16",
)
"""MobileNet, and the trunks that the paper compares it with in the baseline."""

GREY = 128.0
"""Networks take `(rgb - GREY) / GREY`, so that zero padding is grey."""

MOBILENET_KERNEL = 3
"""Side of MobileNet's depthwise kernels, cells."""

STREAM_FILTERS: Mapping[str, int] = {
    "left_shoulder": 22,
    "left_elbow": 28,
    "left_wrist": 34,
    "right_shoulder": 22,
    "right_elbow": 28,
    "right_wrist": 34,
    "left_hip": 22,
    "right_hip": 22,
    "left_eye": 16,
    "right_eye": 16,
    "nose": 12,
    "left_ear": 12,
    "right_ear": 12,
    "left_knee": 24,
    "right_knee": 24,
    "left_ankle": 30,
    "right_ankle": 30,
    "flic_left_hip": 22,
    "flic_right_hip": 22,
}
"""Filters of each joint's stream in the Final model: difficult joints get more."""

UPPER_BODY_FILTERS = sum(STREAM_FILTERS[name] for name in skeleton.JOINTS)
"""Filters of the eleven joints of the upper body, 256 in total; other joints add theirs."""


@dataclass(frozen=True)
class ModelConfig:
    """The configuration of a network.

    Attributes:
        architecture: `final` outputs heatmaps; `finder`, the person detector, outputs boxes of the
            people in a frame; the others regress coordinates.
        width: multiplier of all filter counts, 1.0 is MobileNet 1.0.
        input_size: side of the crop, pixels, a multiple of 32; of `finder`, the side of a square
            with as many pixels as its input.
        trunk: of `baseline`; all other architectures use MobileNet.
        decoder: in `final` and `finder`, whether blocks 12 and 13 upsample before or after the
            convolution. The paper allows both readings; upsampling after it is as accurate and
            takes 20 % less time.
        skips: in `final` and `finder`, the block in skip connections: the paper's
            depthwise-pointwise block, or its depthwise half, which takes 12 % less time.
        streams: relative numbers of filters of the joints' streams, scaled to the layer's width.
            Empty for `STREAM_FILTERS`.
        kernel: side of the depthwise kernels at S / 16 in `final` and `finder`, cells, odd.
            MobileNet has 3; with 7 the receptive field of each joint covers the crop, for 5 % more
            time.
        joints: of the network's outputs, in order.
        heading: in `final`, whether the streams are conditioned on the way the person faces.
        presence: in `final`, whether the shared features are trained to tell people from others.
        framing: of `mobilepose_core.framing`: the part of a person that crops are fitted to.
        exact_streams: whether `streams` are filter counts at width 1.0, kept whatever their sum, as
            for some of a larger network's joints.
    """

    architecture: Architecture = "final"
    width: float = 1.0
    input_size: int = 224
    decoder: Decoder = "block_first"
    trunk: str = "mobilenet"
    streams: tuple[float, ...] = ()
    kernel: int = MOBILENET_KERNEL
    skips: Skips = "separable"
    joints: tuple[str, ...] = skeleton.JOINTS
    heading: bool = False
    presence: bool = False
    framing: str = UPPER_BODY
    exact_streams: bool = False

    def __post_init__(self) -> None:
        skeleton.of_joints(self.joints)
        if not self.streams:
            streams = tuple(STREAM_FILTERS[name] for name in self.joints)
            object.__setattr__(self, "streams", streams)
        if self.architecture not in ARCHITECTURES:
            raise ValueError(
                f"architecture {self.architecture!r} unknown; known: {', '.join(ARCHITECTURES)}"
            )
        if self.decoder not in DECODERS:
            raise ValueError(f"decoder {self.decoder!r} unknown; known: {', '.join(DECODERS)}")
        if self.skips not in SKIPS:
            raise ValueError(f"skips {self.skips!r} unknown; known: {', '.join(SKIPS)}")
        if self.trunk not in TRUNKS:
            raise ValueError(f"trunk {self.trunk!r} unknown; known: {', '.join(TRUNKS)}")
        if self.trunk != "mobilenet" and self.architecture != "baseline":
            raise ValueError(
                f"trunk {self.trunk!r} goes with architecture baseline only, "
                f"got {self.architecture!r}"
            )
        if not 0 < self.width <= 2:
            raise ValueError(f"width is a multiplier in (0, 2], got {self.width}")
        if self.input_size <= 0 or self.input_size % 32:
            raise ValueError(f"input_size is a positive multiple of 32, got {self.input_size}")
        if self.kernel < MOBILENET_KERNEL or self.kernel % 2 == 0:
            raise ValueError(f"kernel is an odd number from {MOBILENET_KERNEL}, got {self.kernel}")
        departures = (
            ("kernel", MOBILENET_KERNEL),
            ("skips", "separable"),
            ("heading", False),
            ("presence", False),
            ("framing", UPPER_BODY),
        )
        for name, of_the_paper in departures:
            value = getattr(self, name)
            if value != of_the_paper and self.architecture not in ("final", "finder"):
                raise ValueError(
                    f"{name} {value!r} goes with architectures final and finder only, "
                    f"got {self.architecture!r}"
                )
        for name in ("heading", "presence"):
            if getattr(self, name) and self.architecture == "finder":
                raise ValueError(f"{name} goes with architecture final only, got 'finder'")
        if self.framing not in FRAMINGS:
            raise ValueError(f"framing {self.framing!r} unknown; known: {', '.join(FRAMINGS)}")
        if self.framing != UPPER_BODY and self.architecture == "finder":
            raise ValueError("framing goes with architecture final only, got 'finder'")
        if FRAMINGS[self.framing].width(self.input_size) % 32:
            raise ValueError(
                f"input_size {self.input_size} with framing {self.framing!r} makes a width that is "
                "not a multiple of 32; take 256 or 128"
            )
        if len(self.streams) != len(self.joints) or min(self.streams) < 1:
            raise ValueError(
                f"streams needs {len(self.joints)} counts of at least 1, got {self.streams}"
            )

    def filters(self, count: int) -> int:
        """A filter count of MobileNet 1.0 at this width, at least 8."""
        return max(8, int(count * self.width))

    def stream_filters(self, total: int) -> tuple[int, ...]:
        """`streams` scaled so that the upper body's sum to `total` exactly, by largest remainder.

        Streams of other joint sets are scaled one by one, so that a joint keeps its filters when
        it is exported alone.
        """
        if self.exact_streams or self.joints != skeleton.JOINTS:
            scale = total / UPPER_BODY_FILTERS
            return tuple(max(1, round(share * scale)) for share in self.streams)
        exact = [share * total / sum(self.streams) for share in self.streams]
        counts = [max(1, int(value)) for value in exact]
        by_remainder = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
        for index in by_remainder[: total - sum(counts)]:
            counts[index] += 1
        return tuple(counts)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for a model card."""
        lists = {"streams": list(self.streams), "joints": list(self.joints)}
        return asdict(self) | lists

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelConfig:
        """The inverse of `to_dict`.

        Raises:
            ValueError: an unknown key, or a value out of range.
        """
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"model settings {unknown} unknown; known: {', '.join(sorted(known))}")
        settings = dict(values)
        for name in ("streams", "joints"):
            if name in settings:
                settings[name] = tuple(settings[name])
        return cls(**settings)
