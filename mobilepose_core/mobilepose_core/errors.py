"""The error hierarchy: classes name the cause, messages say what was expected and what to do."""

from __future__ import annotations


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
