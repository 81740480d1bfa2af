"""The error hierarchy: classes name the cause, messages say what was expected and what to do."""

from __future__ import annotations

import math
from numbers import Integral, Real


class MobilePoseError(ValueError):
    """An input that mobilepose cannot use."""


class ModelError(MobilePoseError):
    """A model: missing, damaged, or not usable for this purpose."""


class DataError(MobilePoseError):
    """Photographs, videos or annotations: missing, damaged, or in an unknown format."""


class FrameError(MobilePoseError):
    """A frame or an image message: damaged, or of the wrong shape, type or encoding."""


class DeviceError(MobilePoseError):
    """A device: unknown, or not usable on this machine."""


def check_number(name: str, value: object, least: float, most: float = math.inf) -> None:
    """Refuses what is no finite number within limits.

    Raises:
        MobilePoseError: it is not.
    """
    _check(name, value, Real, "number", least, most)


def check_count(name: str, value: object, least: int, most: float = math.inf) -> None:
    """Refuses what is no whole number within limits.

    Raises:
        MobilePoseError: it is not.
    """
    _check(name, value, Integral, "whole number", least, most)


def _check(name: str, value: object, kind: type, kind_name: str, least: float, most: float) -> None:
    is_of_kind = isinstance(value, kind) and not isinstance(value, bool)
    number = float(value) if is_of_kind and isinstance(value, Real) else math.nan
    if not math.isfinite(number) or not least <= number <= most:
        limits = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of {least:g} or more"
        raise MobilePoseError(f"{name} is a {kind_name} {limits}, got {value!r}")
